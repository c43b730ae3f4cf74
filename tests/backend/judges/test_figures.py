"""The official figures of a finished run, made anew from its tables, of all questions or without some."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.judges.figures import official, win_rate
from backend.report.mt_bench import KNOWN_BAD
from backend.workspace import Workspace
from tests.backend.exchange.recordings import conversations, imported, match, written
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


def test_where_the_official_win_rate_is_another_it_stands_beside_ours_with_the_reason() -> None:
    """Two matches, a win and a win in one game only: (1 + ¾) / 2 by us, (1 + ½) / 2 by FastChat."""
    found = win_rate({"win_rate": 0.875, "official": {"win": 1, "win_rate": 50.0, "win_rate_adjusted": 75.0}})
    assert found and found.share == 0.75 and "a win and a tie are ½ there and ¾ in our win rate" in found.why
    scored = win_rate({"win_rate": 0.6, "official": {"score": 70.0}})
    assert scored and scored.share == 0.7 and "a much better answer as three" in scored.why


def test_an_official_win_rate_that_is_ours_needs_no_reason() -> None:
    assert win_rate({"win_rate": 0.75, "official": {"win_rate_adjusted": 75.0}}) == (0.75, "")
    assert win_rate({"win_rate": 0.6, "official": {"win_rate": 60.0, "n_wins": 3}}) == (0.6, "")


@pytest.mark.parametrize(
    "facts", [{}, {"win_rate": 0.5}, {"win_rate": 0.5, "official": {"score": None}}, {"official": {"average": 7.0}}]
)
def test_without_an_official_win_rate_nothing_stands_beside_ours(facts: dict) -> None:
    assert win_rate(facts) is None


def test_the_figures_of_recorded_matches_are_made_anew_in_the_orders_of_their_file(
    ws: Workspace, tmp_path: Path
) -> None:
    """82 is won in both games, 83 flips, 84 has an unreadable game; without 82 nothing is won."""
    rows = [match(1, 1, "model_1", "model_1"), match(2, 1, "model_1", "model_2"), match(3, 1, "model_1", "error")]
    ((one, found),) = imported(ws, written(tmp_path, "pair.jsonl", rows), *conversations(tmp_path, "ours", "theirs"))
    figures = official(ws, one.spec.id)
    assert figures == found.facts["official"]
    assert [figures[name] for name in ("win", "tie", "inconsistent", "errors")] == [1, 1, 1, 1]
    rest = official(ws, one.spec.id, {"82"})
    assert rest and [rest[name] for name in ("win", "tie", "inconsistent", "errors")] == [0, 1, 1, 1]
