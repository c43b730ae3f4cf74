"""Select: a strategy, a budget, what it chooses, and the run that saves it."""

from __future__ import annotations

import pytest

from backend import inputs, runs, specs, tables
from backend.registry import Call
from backend.strategies import strategies
from backend.workspace import Workspace
from tests import tiny
from tests.pages.conftest import Open, button, words
from tests.small_world import World


@pytest.mark.parametrize("name", strategies.names())
def test_every_strategy_has_a_form_and_a_preview(page: Open, world: World, name: str) -> None:
    at = page("select", strategy=name)
    assert not at.warning
    assert strategies[name].title in words(at)


def test_the_budget_is_a_number_of_pairs_with_its_percentage(page: Open, world: World) -> None:
    at = page("select", strategy="top")
    at.slider(key="budget").set_value(9).run()
    assert "**9 of 36 pairs: 25.0%**" in words(at)


def test_saving_gives_what_the_preview_showed(ws: Workspace, page: Open, world: World) -> None:
    at = page("select", strategy="dm_add", budget="12")
    before = set(ws.run_ids())
    button(at, "Save the subset").click().run()  # type: ignore[attr-defined]
    (run,) = set(ws.run_ids()) - before
    runs.wait(ws, [run])
    assert runs.answer(ws, run)["chosen"] == 12
    assert set(ws.spec(run).measurements) == {"reward", "policy_logprob", "reference_logprob"}
    at.run()
    overlap = next(d.value for d in at.dataframe if "of this one" in d.value)
    assert overlap["of this one"].iloc[0] == 1.0


def test_measures_that_a_strategy_does_not_read_are_left_out_of_the_question(page: Open, world: World) -> None:
    at = page("select", strategy="random")
    command = next(code.value for code in at.code if "select" in code.value)
    assert '"measurements":{}' in command


def test_a_strategy_whose_signal_is_not_measured_says_so(page: Open, world: World) -> None:
    at = page("select", strategy="dm_mul", policy_logprob="none")
    assert "implicit_margin, which is not measured on these pairs" in words(at)
    assert "or choose its measure runs above" in words(at), "there are some, none is chosen"


def test_where_nothing_is_measured_nothing_above_is_pointed_at(ws: Workspace, page: Open, world: World) -> None:
    for run in (world.reward, world.policy, world.reference):
        runs.delete(ws, run)
    at = page("select", strategy="dm_mul")
    (said,) = [info.value for info in at.info]
    assert said.endswith("not measured on these pairs: measure it on the Explore page.")


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "There are no pairs yet" in words(page("select"))


def test_a_budget_for_a_larger_pool_becomes_the_whole_of_a_smaller_one(page: Open, world: World) -> None:
    at = page("select", strategy="top", budget="30")
    assert "**30 of 36 pairs" in words(at)
    at = page("select", strategy="top", budget="500")
    assert not at.exception


def test_where_the_truth_is_measured_the_share_of_wrong_labels_is_shown(
    ws: Workspace, page: Open, world: World
) -> None:
    said = ws.table(world.load, "responses")["response_id"].to_pylist()
    truth = {number: float((7 * place) % 11) for place, number in enumerate(said)}
    spec = specs.MeasureSpec(responses=world.load, measure=Call(name="rating"))
    rows = {"response_id": list(truth), "value": list(truth.values())}
    run = tiny.finished(ws, spec, measurements=tables.build("measurements", rows))
    pairs = inputs.pairs(ws, world.load).to_pylist()
    gaps = [truth[p["chosen_id"]] - truth[p["rejected_id"]] for p in pairs]
    wrong = sum(gap < 0 for gap in gaps) / sum(gap != 0 for gap in gaps)
    at = page("select", strategy="full", truth=run)
    assert f"Labels the wrong way round: **{wrong:.1%}**" in words(at)
