"""Results: win rates and the answers behind them."""

from __future__ import annotations

from backend.store import queries_results
from tests.pages.conftest import Open, words
from tests.small_world import World


def test_every_judge_run_has_its_win_rate_with_what_it_rests_on(page: Open, world: World) -> None:
    (row,) = page("results").dataframe[0].value.to_dict("records")
    assert (row["win rate"], row["low"], row["high"], row["answers"]) == (0.5, 0.4, 0.6, 20)
    assert (row["ties"], row["order flips"], row["missing"]) == (0.4, 0.2, 0.2)
    assert row["words"] == 12.0


def test_two_answers_are_shown_with_both_verdicts(page: Open, world: World) -> None:
    shown = words(page("results", outcome="order flip"))
    assert "the orders disagree" in shown
    assert "Candidate shown first" in shown
    assert "Reference shown first" in shown


def test_every_outcome_can_be_looked_at(page: Open, world: World) -> None:
    for outcome in queries_results.OUTCOMES:
        assert not page("results", outcome=outcome).error


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "Nothing is judged yet" in words(page("results"))
