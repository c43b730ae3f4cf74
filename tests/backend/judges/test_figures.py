"""The official figures of a finished run, made anew from its tables, of all questions or without some."""

from __future__ import annotations

from backend.judges.figures import official
from backend.report.mt_bench import KNOWN_BAD
from backend.workspace import Workspace
from tests.graded import graded


def test_nothing_left_out_is_the_runs_own_figures_and_the_known_bad_ones_can_be_left_out(ws: Workspace) -> None:
    """Grades: 103 → 9 and none, 104 (known bad) → 1 and 2. All: (9 + 1 + 2) / 3; without 104: 9."""
    run = graded(ws, {"103": (9, None), "104": (1, 2)})
    found = official(ws, run)
    assert found is not None
    assert (found["turn_1"], found["turn_2"], found["average"]) == (5, 2, 4)
    assert (found["n"], found["n_failed"], found["categories"]) == (3, 1, {"math": 4})
    without = official(ws, run, KNOWN_BAD)
    assert without == {"turn_1": 9, "turn_2": None, "average": 9, "n": 1, "n_failed": 1, "n_duplicates": 0,
                       "categories": {"math": 9}}  # fmt: skip


def test_where_no_question_remains_there_are_no_figures(ws: Workspace) -> None:
    assert official(ws, graded(ws, {"104": (1, 2)}), KNOWN_BAD) is None
