"""Every signal on numbers small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import signals as family
from backend import specs, tables
from backend.errors import BadSpec
from backend.registry import Call
from backend.signals import Measured, signals
from backend.signals.pvar import variance_by_group
from backend.workspace import Workspace
from tests import tiny


def pool(**values: list[float]) -> Measured:
    """Two prompts: the first with answers 0, 1, 2 and the pairs 0>1 and 2>0, the second with 3, 4 and 3>4."""
    return Measured(
        chosen=np.array([0, 2, 3]), rejected=np.array([1, 0, 4]), prompts=np.array([7, 7, 7, 9, 9]),
        characters=np.array([10.0, 4, 6, 5, 5]), values={k: np.array(v) for k, v in values.items()},
        tokens={k: np.array([2.0, 4, 2, 1, 0]) for k in values},
    )  # fmt: skip


def value(name: str, measured: Measured) -> list[float]:
    return signals[name].function(measured).tolist()


REWARDS = [1.0, 0.0, -1.0, 2.0, 2.0]


def test_margins_are_chosen_minus_rejected() -> None:
    assert value("external_margin", pool(reward=REWARDS)) == [1, -2, 0]
    assert value("length_difference", pool()) == [6, -4, 0]


def test_the_implicit_margin_is_a_difference_of_differences_without_beta() -> None:
    measured = pool(policy_logprob=[-5.0, -9, -6, -1, -2], reference_logprob=[-6.0, -7, -6, -1, -1])
    assert value("implicit_margin", measured) == [1 - (-2), 0 - 1, 0 - (-1)]


def test_the_ifd_margin_is_unknown_where_one_side_is() -> None:
    margins = value("ifd_margin", pool(ifd=[0.5, 1.5, 1.0, np.nan, 1.0]))
    assert margins[:2] == pytest.approx([-1.0, 0.5])
    assert np.isnan(margins[2])


def test_pvar_is_the_mean_squared_distance_from_a_half_over_unordered_pairs() -> None:
    """Prompt 7: sigmoid(1) - 1/2 = 0.231059 twice and sigmoid(2) - 1/2 = 0.380797: (2 * 0.053388 + 0.145006) / 3."""
    assert value("pvar", pool(reward=REWARDS)) == pytest.approx([0.0839275, 0.0839275, 0.0], abs=1e-6)


def test_with_two_answers_pvar_sees_only_the_size_of_the_gap() -> None:
    gaps = np.array([0.3, 2.0])
    rewards = np.array([0, gaps[0], gaps[1], 0])
    expected = (1 / (1 + np.exp(-gaps)) - 0.5) ** 2
    np.testing.assert_allclose(variance_by_group(rewards, np.array([0, 0, 1, 1]), 2), expected)


def test_pvar_of_rewards_that_are_very_far_apart_is_a_quarter() -> None:
    assert variance_by_group(np.array([-4000.0, -2000, 0]), np.zeros(3, int), 1)[0] == pytest.approx(0.25)


def test_pvar_is_unbiased_in_the_number_of_answers() -> None:
    """Rewards from N(0, 1.5): the mean estimate from 2, 4 and 8 answers is the same."""
    chance = np.random.default_rng(0)
    means = []
    for size in (2, 4, 8):
        rewards = chance.normal(0, 1.5, 40_000 * size)
        means.append(variance_by_group(rewards, np.repeat(np.arange(40_000), size), 40_000).mean())
    assert np.ptp(means) < 0.002


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=7), st.floats(-100, 100))
def test_pvar_lies_between_0_and_a_quarter_and_ignores_order_and_offset(rewards: list[float], offset: float) -> None:
    group = np.zeros(len(rewards), dtype=int)
    one = variance_by_group(np.array(rewards), group, 1)[0]
    other = variance_by_group(np.array(rewards[::-1]) + offset, group, 1)[0]
    assert 0 <= one <= 0.25
    assert other == pytest.approx(one, abs=1e-9)


def test_the_reward_gap_is_best_minus_worst_and_unmeasured_answers_do_not_count() -> None:
    assert value("reward_gap", pool(reward=[1.0, np.nan, -1, 2, 2])) == [2, 2, 0]
    assert np.isnan(value("reward_gap", pool(reward=[np.nan, np.nan, np.nan, 2, 2]))[0])
    assert np.isnan(value("pvar", pool(reward=[1.0, np.nan, np.nan, 2, 2]))[0])


@pytest.mark.parametrize("name", signals.names())
def test_every_signal_needs_known_roles_and_gives_one_number_a_pair(name: str) -> None:
    needs = signals[name].attributes["needs"]
    assert set(needs) <= set(family.ROLES)
    result = signals[name].function(pool(**dict.fromkeys(needs, REWARDS)))
    assert result.shape == (3,) and result.dtype == np.float64


def measured_run(ws: Workspace, responses: str, values: dict[str, Any]) -> str:
    said = {r["response"]: r["response_id"] for r in ws.table(responses, "responses").to_pylist()}
    rows = {"response_id": [said[t] for t in values], "value": list(values.values())}
    spec = specs.MeasureSpec(responses=responses, measure=Call(name="rating", args={"n": len(values)}))
    return tiny.finished(ws, spec, measurements=tables.build("measurements", rows))


def test_signals_of_a_run_join_measurements_by_response_and_leave_out_held_out_pairs(ws: Workspace) -> None:
    run = tiny.pool(ws, [("a", "good", "bad"), ("b", "fine", "poor"), ("c", "x", "y")], held_out=1)
    measure = measured_run(ws, run, {"bad": -1.0, "good": 2.0, "fine": 5.0})
    result = family.compute(ws, run, {"reward": measure})
    assert len(result) == 2
    np.testing.assert_array_equal(result["external_margin"], [3.0, np.nan])
    assert set(result.values) == {"external_margin", "pvar", "reward_gap", "length_difference"}
    with pytest.raises(BadSpec, match="add a measure run for the role policy_logprob and reference_logprob"):
        result["implicit_margin"]


def test_measurements_of_other_data_and_unknown_roles_are_refused(ws: Workspace) -> None:
    run, other = tiny.pool(ws, [("a", "good", "bad")]), tiny.pool(ws, [("z", "one", "two")])
    with pytest.raises(BadSpec, match="belongs to other data"):
        family.compute(ws, run, {"reward": measured_run(ws, other, {"one": 1.0})})
    with pytest.raises(BadSpec, match="did you mean 'reward'"):
        family.compute(ws, run, {"rewards": run})


def test_a_measure_that_cannot_stand_for_a_role_is_refused(ws: Workspace) -> None:
    run = tiny.pool(ws, [("a", "good", "bad")])
    rating = measured_run(ws, run, {"good": 1.0})
    with pytest.raises(
        BadSpec, match="cannot stand for the role 'policy_logprob': it is 'rating'; choose a measure run of"
    ):
        family.compute(ws, run, {"policy_logprob": rating})
