"""What a judge run's summary says of length, from real calls."""

from __future__ import annotations

from typing import Any

import pytest

from backend import specs
from backend.commands._judges.runs import text
from backend.jobs import judge
from backend.judges import judges
from backend.workspace import Workspace
from tests import tiny
from tests.backend.jobs.test_judge import answers
from tests.judge_server import longer, served


def judged(ws: Workspace, lengths: list[int]) -> dict[str, Any]:
    """Answers of these lengths beside ones of 50 characters, before a judge that takes the longer one."""
    questions = [f"question {number}" for number in range(len(lengths))]
    ours = answers(ws, ["a" * length for length in lengths], "ours", questions)
    theirs = answers(ws, ["b" * 50] * len(lengths), "theirs", questions)
    with served(longer) as server:
        call = judges.call("pairwise", model="judge-1", endpoint=server.url)
        job = tiny.asked(ws, specs.JudgeSpec(candidate=ours, reference=theirs, judge=call))
        ws.write_json(job.folder / "terms.json", {"retries": 1, "concurrency": 4})
        return dict(judge.run(job).facts)


def test_a_judge_that_takes_the_longer_answer_is_seen_through(ws: Workspace) -> None:
    """20 of 30 longer. 45 to 60 characters are within a fifth of 50: 5 lost and 10 won."""
    facts = judged(ws, [*range(20, 25), *range(45, 50), *range(51, 61), *range(90, 100)])
    assert facts["win_rate"] == pytest.approx(2 / 3)
    assert facts["length_adjusted_low"] < 0.5 < facts["length_adjusted_high"]
    assert facts["length_adjusted"] < facts["win_rate"] - 0.05
    assert (facts["length_matched"], facts["length_matched_n"]) == (pytest.approx(2 / 3), 15)
    assert facts["length_matched_low"] < 2 / 3 < facts["length_matched_high"]
    assert facts["length_notes"] == []
    said = text(facts)
    assert "length-adjusted " in said and "length-matched 66.7 % (" in said and "; 15 answers are of about" in said


def test_why_there_is_no_rate_at_equal_length_is_said(ws: Workspace) -> None:
    facts = judged(ws, [100] * 12)
    assert (facts["length_adjusted"], facts["length_matched"], facts["length_matched_n"]) == (None, None, 0)
    adjusted, matched = facts["length_notes"]
    assert adjusted == "No length-adjusted win rate: every answer is won, whatever its length."
    assert matched.startswith("No length-matched win rate: answers to 0 prompts are within 20 % of the reference's")
    assert adjusted in text(facts)
