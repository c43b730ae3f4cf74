"""What every strategy promises, and each of them on numbers worked out by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import BadSpec
from backend.registry import Call
from backend.signals import Signals, signals
from backend.strategies import Chosen, choose, needed, strategies
from backend.strategies.dm_mul import CLAMP, stop

EVERY = strategies.names()


def pool(seed: int, size: int, missing: float = 0.0) -> Signals:
    """Random signals, with ties, a few pairs a prompt, and a share of values not measured."""
    chance = np.random.default_rng(seed)
    values = {name: np.round(chance.normal(0, 2, size), 1) for name in signals.names()}
    for value in values.values():
        value[chance.random(size) < missing] = np.nan
    ids = chance.permutation(10 * size)[:size].astype(np.uint64)
    return Signals(ids, (ids % max(1, size // 3)).astype(np.uint64), values)


def chosen(name: str, pool: Signals, budget: int | None = None, seed: int = 0, **args: Any) -> Chosen:
    whole = strategies[name].attributes.get("whole")
    return choose(strategies.call(name, **args), pool, None if whole else budget, seed)


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("name", EVERY)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 60), share=st.floats(0.01, 1))
def test_every_strategy_keeps_its_promises(name: str, seed: int, size: int, share: float) -> None:
    signals = pool(seed, size, missing=0.1 if size > 30 else 0.0)
    usable = np.logical_and.reduce(
        [np.isfinite(signals[n]) for n in needed(strategies.call(name))] or [np.ones(size, bool)]
    )
    budget = max(1, int(share * usable.sum()))
    first = chosen(name, signals, budget, seed)
    whole = strategies[name].attributes.get("whole")
    assert 1 <= len(first.pair_ids) <= (usable.sum() if whole else budget)
    assert len(set(first.pair_ids.tolist())) == len(first.pair_ids)
    assert np.isin(first.pair_ids, signals.pair_ids[usable]).all()
    assert first.notes.get("not_measured", 0) == size - usable.sum()
    shuffled = signals.take(np.random.default_rng(seed).permutation(size))
    np.testing.assert_array_equal(chosen(name, shuffled, budget, seed).pair_ids, first.pair_ids)


@pytest.mark.parametrize("name", EVERY)
def test_every_strategy_is_recorded_with_known_signals_and_explains_itself(name: str) -> None:
    call = strategies.call(name)
    assert set(needed(call)) <= set(signals.names())
    assert len(strategies[name].title) > 10 and "." in strategies[name].help


@pytest.mark.parametrize("name", [n for n in EVERY if not strategies[n].attributes.get("whole")])
def test_a_budget_that_does_not_fit_is_one_sentence(name: str) -> None:
    for budget in (0, 11):
        with pytest.raises(BadSpec, match=f"budget {budget} does not fit the pool of 10 pairs; choose .* from 1 to 10"):
            choose(strategies.call(name), pool(0, 10), budget, 0)
    with pytest.raises(BadSpec, match="needs a budget"):
        choose(strategies.call(name), pool(0, 10), None, 0)


def test_full_takes_no_budget_and_a_pool_without_measured_pairs_is_refused() -> None:
    with pytest.raises(BadSpec, match="takes the whole pool of 10 pairs; leave the budget out"):
        choose(strategies.call("full"), pool(0, 10), 5, 0)
    with pytest.raises(BadSpec, match=r"nothing to choose from: the pool has 0 pairs \(10 of 10 are not measured\)"):
        choose(strategies.call("dm_add"), pool(0, 10, missing=1.0), 1, 0)


def test_a_signal_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSpec, match="there is no signal 'pvr'; did you mean 'pvar'"):
        strategies.call("top", signal="pvr")
    bare = Signals(np.arange(3, dtype=np.uint64), np.arange(3, dtype=np.uint64), {})
    with pytest.raises(BadSpec, match="signal 'pvar' is not measured"):
        choose(strategies.call("high_pvar"), bare, 1, 0)


def of(**values: list[float]) -> Signals:
    size = len(next(iter(values.values())))
    return Signals(
        np.arange(size, dtype=np.uint64),
        np.arange(size, dtype=np.uint64) // 2,
        {k: np.array(v, float) for k, v in values.items()},
    )


def ids(chosen: Chosen) -> list[int]:
    return chosen.pair_ids.tolist()


def test_top_bottom_and_middle_of_a_signal() -> None:
    pool = of(external_margin=[3.0, -4, 0.5, -0.2, 9])
    assert ids(chosen("top", pool, 2)) == [4, 0]
    assert ids(chosen("bottom", pool, 2)) == [1, 3]
    assert set(ids(chosen("middle", pool, 2))) == {2, 3}
    beyond = chosen("middle", pool, 3)
    assert ids(beyond) == [3, 2, 0] and beyond.notes == {"within_width": 2, "beyond_width": 1}


def test_the_largest_are_the_same_by_partition_and_by_sorting() -> None:
    value = np.round(np.random.default_rng(1).normal(size=4000), 2)
    pool = of(external_margin=value.tolist())
    taken = value[chosen("top", pool, 100).pair_ids.astype(int)]
    np.testing.assert_array_equal(taken, np.sort(value)[::-1][:100])


def test_dm_add_ranks_by_the_raw_sum() -> None:
    pool = of(external_margin=[1.0, 5, 0], implicit_margin=[1.0, -4.5, 3])
    result = chosen("dm_add", pool, 2)
    assert (ids(result), result.values.tolist()) == ([2, 0], [3.0, 2.0])


def test_dm_mul_fuses_probabilities_as_equation_3() -> None:
    """M1 = -2, M2 = 2: P_ex = 0.75, 1, 0.5; P_im = 0.5, 0.25, 0.75. Fused: 0.75, (clamped 1), 0.75."""
    pool = of(external_margin=[1.0, 2, 0, -2], implicit_margin=[0.0, -1, 1, 2])
    result = chosen("dm_mul", pool, 4, upper_external=2, upper_implicit=2)
    by_pair = dict(zip(ids(result), result.values, strict=True))
    assert by_pair[0] == pytest.approx(0.75) and by_pair[2] == pytest.approx(0.75)
    p = (1 - CLAMP) * 0.25 / ((1 - CLAMP) * 0.25 + CLAMP * 0.75)
    assert by_pair[1] == pytest.approx(p)
    assert by_pair[3] == pytest.approx(0.5), "P = 0 beside P = 1 is undecided, not the best"
    assert ids(result)[0] == 1 and ids(result)[-1] == 3


def test_equal_probabilities_are_ordered_by_the_standardised_sum() -> None:
    pool = of(external_margin=[5.0, 9, -2], implicit_margin=[5.0, 6, -2])
    assert ids(chosen("dm_mul", pool, 2, upper_external=3, upper_implicit=3)) == [1, 0]


def test_probabilities_and_sums_that_tie_are_chosen_alike_whatever_the_row_order() -> None:
    """Margins (a, b) and (b, a) of equal spread: their standardised sums differ in the last digit at most."""
    chance = np.random.default_rng(0)
    for _ in range(20):
        one = np.round(chance.normal(3, 2, 60), 1)
        other = chance.permutation(one)
        pool = of(external_margin=[*one.tolist(), *other.tolist()], implicit_margin=[*other.tolist(), *one.tolist()])
        shuffled = pool.take(chance.permutation(120))
        first, second = (chosen("dm_mul", p, 21, upper_external=2, upper_implicit=2) for p in (pool, shuffled))
        assert ids(first) == ids(second)


def test_the_upper_bound_is_searched_as_in_the_authors_code() -> None:
    """Margins 0.0, 0.1 … 9.9: from int(9.9 / 1.5) = 6 on, fewer than 30 lie above 7; no tail is that sparse."""
    margin = np.arange(100) / 10
    assert stop(margin, "fewer_than_30", 1.5) == 7.0
    assert stop(margin, "fewer_than_range", 1.5) == 10.0
    assert stop(margin, "either", 1.5) == 7.0
    far = np.concatenate((margin, [60.0]))
    assert stop(far, "fewer_than_range", 2.0) == 30.0
    result = chosen("dm_mul", of(external_margin=margin.tolist(), implicit_margin=margin.tolist()), 5)
    assert result.notes["external_margin"] == {
        "M2": 7.0,
        "above_M2": 29,
        "fewer_than_30": 7.0,
        "fewer_than_range": 10.0,
    }
    assert result.notes["implicit_margin"]["M2"] == 7.0


def test_an_upper_bound_below_the_lower_is_refused() -> None:
    pool = of(external_margin=[-3.0, -4], implicit_margin=[1.0, 2])
    with pytest.raises(BadSpec, match="the upper bound of external_margin is -2, not above lower = -2"):
        chosen("dm_mul", pool, 1, upper_external=-2)


def test_high_pvar_takes_so_many_pairs_of_a_prompt() -> None:
    pool = of(pvar=[0.1, 0.1, 0.2, 0.2, 0.05, 0.05])
    assert set(ids(chosen("high_pvar", pool, 4))) == {0, 1, 2, 3}
    single = chosen("high_pvar", pool, 3, per_prompt=1)
    assert [i // 2 for i in ids(single)] == [1, 0, 2] and single.notes == {"prompts": 3}
    assert chosen("high_pvar", pool, 5, per_prompt=1).notes == {"prompts": 3, "fewer_than_budget": 2}


def test_low_gap_is_the_middle_of_the_ifd_margin() -> None:
    pool = of(ifd_margin=[0.05, -0.5, 0.2, -0.01])
    assert set(ids(chosen("low_gap", pool, 2))) == {0, 3}


def test_random_differs_with_the_seed_only() -> None:
    many = pool(0, 50)
    assert ids(chosen("random", many, 10, seed=1)) == ids(chosen("random", many, 10, seed=1))
    assert ids(chosen("random", many, 10, seed=1)) != ids(chosen("random", many, 10, seed=2))
    assert Call(name="random") == strategies.call("random")


def test_a_choice_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    none = lambda signals, budget, *, seed: Chosen(signals.pair_ids[:0])  # noqa: E731
    monkeypatch.setitem(strategies._members, "random", dataclasses.replace(strategies["random"], function=none))
    with pytest.raises(BadSpec, match="random chooses none of the 10 pairs; loosen its arguments"):
        choose(Call(name="random"), pool(0, 10), 3, 0)
