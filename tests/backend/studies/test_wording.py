"""What a study's report says in words, on made-up arms."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest
from pydantic import ValidationError

from backend.report.compare import compare
from backend.report.estimate import Estimate
from backend.report.judge_bias import judge_bias
from backend.report.spread import Spread
from backend.report.verdicts import Verdicts
from backend.report.win_rate import WinRate
from backend.studies.plan import ReportPlan
from backend.studies.report import Arm, Report
from backend.studies.wording import as_document, as_text, findings, judge_line, sizes


def gap(value: float, error: float, floor: float = 0.0, seeds: int = 1) -> Estimate:
    return Estimate(value, value - 2 * error, value + 2 * error, 100, 100, seeds, Spread(error, 99, floor))


def shown(**gaps: Estimate) -> Report:
    """A report of arms with these differences to `random`; each has won 60 of 100 items, 10 of them missing."""
    win = WinRate(gap(0.6, 0.02), 100, won=47, tied=9, flipped=4, lost=30, missing=10)
    said = compare(gaps, "random")
    arms = [Arm(name, [0], win=win, against_control=found, comparison=said[name]) for name, found in gaps.items()]
    return Report("A study", "", "random", [Arm("random", [0], win=win), *arms], None, ["A note."])


def test_arms_are_named_under_what_may_be_said_of_them_the_largest_first() -> None:
    report = shown(a=gap(0.1, 0.01), b=gap(0.2, 0.01), c=gap(-0.2, 0.01), d=gap(0.0, 0.005), e=gap(0.03, 0.03))
    found = dict(findings(report))
    assert list(found) == ["Better than random", "No worse than random within 2 points", "Worse than random",
                           "Cannot tell from random"]  # fmt: skip
    assert found["Better than random"] == ["b +20.0", "a +10.0"]
    assert found["Cannot tell from random"][0].startswith("e +3.0 (about ")
    assert "b +20.0, a +10.0" in as_text(report) and "A note." in as_text(report)


def test_the_size_of_the_study_is_said_with_its_correction() -> None:
    """One comparison: (1.9842 + 0.8453) · 0.01 is 2.8 points."""
    assert sizes(shown(a=gap(0.1, 0.01))) == (
        "In points of win rate, over 100 prompts and 1 training seed. "
        "At this size a difference of 2.8 points is found four times in five."
    )
    assert "corrected for 2 comparisons (Holm)" in sizes(shown(a=gap(0.1, 0.01), b=gap(0.1, 0.02)))
    assert "More training seeds would tell more" in sizes(shown(a=gap(0.05, 0.04, floor=0.039, seeds=3)))
    assert sizes(shown()) == ""


def test_the_judge_is_described_with_denominators() -> None:
    rows = pd.DataFrame({"prompt_id": range(20), "preference": 0.5, "flipped": True, "orders": 2,
                         "first": 1.0, "longer": 3})  # fmt: skip
    report = dataclasses.replace(shown(), judge=judge_bias([Verdicts(rows, 20)]))
    line = judge_line(report)
    assert line.startswith("The judge: of 100 items 9 % tied, 4 % flipped, 10 % missing; ")
    assert "the answer shown first is preferred 100.0 %" in line


def test_a_document_is_plain_json_with_worst_cases() -> None:
    report = shown(a=gap(0.1, float("nan")))
    document = json.loads(json.dumps(as_document(report), allow_nan=False))
    assert document["arms"][1]["against_control"]["spread"]["error"] is None
    assert document["arms"][1]["win"]["bounds"] == pytest.approx([0.54, 0.64])
    worst = dataclasses.replace(report.arms[1], worst_case=(-0.1, 0.1))
    assert "a: between -10.0 and +10.0 if all" in as_text(dataclasses.replace(report, arms=[report.arms[0], worst]))


def test_the_margin_of_no_worse_is_a_share() -> None:
    assert ReportPlan(control="a", delta=0.05).delta == 0.05
    with pytest.raises(ValidationError, match="delta"):
        ReportPlan(control="a", delta=2)
