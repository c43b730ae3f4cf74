"""Home: what is here and the next step."""

from __future__ import annotations

import pytest

from backend.specs import KINDS
from backend.workspace import Workspace
from tests.judged_world import questions
from tests.pages.conftest import Open, words
from tests.small_world import World


def test_an_empty_workspace_is_told_to_load_data(page: Open) -> None:
    assert "Load preference data" in words(page("home"))


def test_the_numbers_count_answered_runs(page: Open, world: World) -> None:
    numbers = {m.label: m.value for m in page("home").metric}
    assert numbers == {"Data": "1", "Measures": "3", "Subsets": "1", "Models": "1", "Answers": "2", "Verdicts": "1"}


def test_a_closed_loop_leads_to_the_results(page: Open, world: World) -> None:
    assert "see who won" in words(page("home"))


@pytest.mark.parametrize(("there", "step"), [
    (("load",), "Measure your data"),
    (("load", "measure", "select", "train", "generate"), "Judge the answers"),
    (("load", "generate"), "Judge the answers"),
    (("load", "judge"), "see who won"),
])  # fmt: skip
def test_the_next_step_follows_the_last_that_was_taken(
    ws: Workspace, page: Open, world: World, there: tuple[str, ...], step: str
) -> None:
    assert set(there) <= set(KINDS)
    for run in ws.run_ids():
        if not run.startswith(there):
            ws.folder(run).rename(ws.root / run)
    assert step in words(page("home"))


def test_prompts_without_pairs_are_there_to_be_answered(ws: Workspace, page: Open) -> None:
    questions(ws)
    assert "Let the models answer" in words(page("home"))
