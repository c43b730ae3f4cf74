"""Home: what is here and the next step."""

from __future__ import annotations

import pytest

from backend.specs import KINDS
from backend.workspace import Workspace
from tests.pages.conftest import Open, words
from tests.small_world import World


def test_an_empty_workspace_is_told_to_load_data(page: Open) -> None:
    assert "Load preference data" in words(page("home"))


def test_the_numbers_count_answered_runs(page: Open, world: World) -> None:
    numbers = {m.label: m.value for m in page("home").metric}
    assert numbers == {"Data": "1", "Measures": "3", "Subsets": "1", "Models": "1", "Answers": "2", "Verdicts": "1"}


def test_a_closed_loop_leads_to_the_results(page: Open, world: World) -> None:
    assert "see which subset won" in words(page("home"))


@pytest.mark.parametrize(("missing", "step"), [("measure", "Measure your data"), ("judge", "Judge the answers")])
def test_the_next_step_is_the_first_that_is_missing(
    ws: Workspace, page: Open, world: World, missing: str, step: str
) -> None:
    assert missing in KINDS
    for run in ws.run_ids():
        if run.startswith(missing):
            ws.folder(run).rename(ws.root / run)
    assert step in words(page("home"))
