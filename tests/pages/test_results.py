"""Results: win rates and the answers behind them."""

from __future__ import annotations

import re
import shutil

import pandas as pd
import pytest

from backend import tables
from backend.store import queries_results
from backend.workspace import Workspace
from pages.parts import length_frames, session
from tests.graded import graded
from tests.pages.conftest import Open, words
from tests.small_world import World

ANSWERS = "Answers"


def test_every_judge_run_has_its_win_rate_with_what_it_rests_on(page: Open, world: World) -> None:
    (row,) = page("results").dataframe[0].value.to_dict("records")
    assert (row["win rate"], row["low"], row["high"], row["verdicts"]) == (0.5, 0.4, 0.6, 16)
    assert [row[name] for name in ("items", "tied", "flipped", "missing")] == [20, 0.2, 0.2, 0.2]
    assert (row["verdict"], row["first preferred"]) == ("cannot tell", 0.625)
    assert row["words"] == 12.0


def test_an_official_win_rate_that_is_another_stands_beside_ours_with_the_reason(
    ws: Workspace, page: Open, world: World
) -> None:
    said = "Official: FastChat's win rate with half the ties"
    assert said not in words(page("results"))
    result = ws.result(world.judge)
    assert result
    result["summary"]["official"] = {"win_rate": 25.0, "win_rate_adjusted": 48.0}
    ws.write_json(ws.folder(world.judge) / "result.json", result)
    at = page("results")
    assert said in words(at)
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["win rate"], row["official"]) == (0.5, 0.48)


def test_two_answers_are_shown_with_both_verdicts(page: Open, world: World) -> None:
    shown = words(page("results", section=ANSWERS, outcome="flipped"))
    assert "the orders disagree" in shown
    assert "Candidate shown first" in shown
    assert "Reference shown first" in shown


def test_every_outcome_can_be_looked_at(page: Open, world: World) -> None:
    for outcome in queries_results.OUTCOMES:
        assert not page("results", section=ANSWERS, outcome=outcome).error


def test_graded_answers_are_shown_with_their_grades_and_the_conversation(ws: Workspace, page: Open) -> None:
    graded(ws, {"81": (7, 3.5), "82": (10, None)})
    shown = {outcome: words(page("results", section=ANSWERS, outcome=outcome))
             for outcome in ("all", "under the mean", "over the mean", "missing")}  # fmt: skip
    assert all(said in shown["all"] for said in ("grade 7", "grade 3.5", "Verdict", "what is 81 ?", "why ?"))
    assert "grade 3.5" in shown["under the mean"] and "grade 10" not in shown["under the mean"]
    assert "grade 10" in shown["over the mean"] and "grade 3.5" not in shown["over the mean"]
    assert "unparsable" in shown["missing"] and "grade 3.5" not in shown["missing"]
    assert "Candidate shown first" not in shown["all"]


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "Nothing is judged yet" in words(page("results"))


def test_a_study_is_shown_with_its_notes_and_where_its_numbers_come_from(
    ws: Workspace, page: Open, world: World
) -> None:
    study(ws, world, "best")
    at = page("results")
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["arm"], row["pairs"], row["items"]) == ("best", 12, 20)
    assert row["win rate %"] == 50.0
    assert re.fullmatch(r"\d+\.\d \(\d+\.\d to \d+\.\d\)", row["length-adjusted %"])
    assert "Length-adjusted: the win rate that a curve fitted to all answers has" in words(at)
    assert row["% missing"] == 20.0
    assert "Made up for a test." in words(at)
    assert "One training seed" in words(at)


def test_a_study_says_what_each_difference_allows_and_how_the_judge_behaved(
    ws: Workspace, page: Open, world: World
) -> None:
    """Two arms with the same verdicts on 16 prompts: 4 flips, 4 won, 4 lost, 4 ties, 4 missing."""
    study(ws, world, "best", "again")
    at = page("results")
    said = words(at)
    assert "**Cannot tell from best**: again +0.0" in said
    assert re.search(r"over 16 prompts and 1 training seed\. At this size a difference of \d+\.\d points", said)
    assert "of 40 items 20 % tied, 20 % flipped, 20 % missing" in said
    assert "the answer shown first is preferred 62.5 %" in said
    assert at.dataframe[0].value["% flipped"].tolist() == [20.0, 20.0]


def study(ws: Workspace, world: World, *arms: str) -> None:
    """A study whose arms all have the world's subset and verdicts."""
    plan = {
        "title": "Which third is best?",
        "steps": {},
        "each_arm": {"subset": {"kind": "select"}, "verdicts": {"kind": "judge"}},
        "arms": {arm: {} for arm in arms},
        "report": {"control": arms[0], "judge": "verdicts", "subset": "subset", "notes": "Made up for a test."},
    }
    cells = [
        {"name": name, "seed": 0, "arm": arm, "run": run}
        for arm in arms
        for name, run in (("subset", world.select), ("verdicts", world.judge))
    ]
    ws.write_json(ws.root / "studies" / "thirds.json", {"name": "thirds", "at": 0, "plan": plan, "cells": cells})


def test_a_long_reply_of_the_judge_can_be_read_to_its_end(ws: Workspace, page: Open, world: World) -> None:
    rows = ws.table(world.judge, "judgements").to_pandas()
    rows["explanation"], rows["completion_tokens"], rows["seconds"] = "so " * 2000 + "the end", 2001, 1.25
    ws.write_table(world.judge, "judgements", tables.build("judgements", rows.to_dict("records")))
    shown = words(page("results", section=ANSWERS))
    assert "the end" in shown
    assert "2,001 tokens · 1.2 s" in shown


def test_the_switch_shows_how_win_rates_move_at_equal_length(ws: Workspace, page: Open, world: World) -> None:
    """16 answers have a verdict, all of 12 words, and most of about the reference's length."""
    rows = queries_results.lengths(session.index(), world.judge)
    near = rows[(rows["candidate"] - rows["reference"]).abs() <= 0.2 * rows[["candidate", "reference"]].max(axis=1)]
    at = page("results", rate="length-matched")
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["raw"], row["rank"], row["verdicts"]) == (0.5, "1", len(near))
    assert row["win rate"] == pytest.approx(near["preference"].mean())
    assert row["low"] < row["win rate"] < row["high"] and "verdict" not in row
    assert "within 20 % of the reference's length" in words(at)
    (row,) = page("results", rate="length-adjusted").dataframe[0].value.to_dict("records")
    assert row["raw"] == 0.5 and row["verdicts"] == 16 and row["low"] < row["win rate"] < row["high"]


def test_ranks_are_within_a_judge_and_a_reference_and_rates_that_look_equal_share_one() -> None:
    """Of gpt the second and third move apart, the fourth has no rate; llama's only model is its first."""
    rates = pd.DataFrame(
        [("gpt", 0.5, 0.3), ("gpt", 0.25, 0.6), ("gpt", 0.250001, 0.2), ("gpt", 0.1, None), ("llama", 0.01, 0.01)],
        columns=["judge", "raw", "value"],
    ).assign(against="base")
    assert length_frames.ranks(rates) == ["1 → 2", "2 → 1", "2 → 3", None, "1"]
    assert length_frames.ranks(rates.assign(against=["a", "a", "b", "b", "b"]))[:3] == ["1 → 2", "2 → 1", "1"]


def test_a_run_shows_preference_by_length_with_what_it_was_counted_over(page: Open, world: World) -> None:
    at = page("results", curve=world.judge)
    assert "16 of 20 items have a verdict" in words(at) and "bins of about as many answers each" in words(at)


def test_where_the_answers_are_gone_the_page_says_so(ws: Workspace, page: Open, world: World) -> None:
    shutil.rmtree(ws.folder(world.candidate))
    at = page("results", rate="length-adjusted")
    assert "No length-adjusted or length-matched win rate" in words(at)


def test_grades_stand_under_benchmarks_with_and_without_known_bad_references(ws: Workspace, page: Open) -> None:
    """Question 104's reference answer is known to be wrong: all (9 + 8 + 1 + 2) / 4, without it 8.5."""
    run = graded(ws, {"103": (9, 8), "104": (1, 2)})
    assert "Nothing is compared yet: see Grades" in words(page("results"))
    every, closely = page("results", section="Benchmarks").dataframe
    assert every.value.to_dict("records")[0]["average grade"] == 5 and closely.value.columns.tolist() == [
        "all questions"
    ]
    for at in (
        page("results", section="Benchmarks", without_known_bad="true"),
        page("runs", run=run, without_known_bad="true"),
    ):
        both = next(f.value for f in at.dataframe if "without the 13" in f.value)
        assert both.loc["average grade"].to_dict() == {"all questions": "5.0", "without the 13": "8.5"}
        assert both.loc["counted"].to_dict() == {"all questions": "4", "without the 13": "2"}
