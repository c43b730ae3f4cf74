"""What a study showed: one row an arm, every number with its interval and what it was taken over.

Rows of arms that have not finished are there with what is known, so that the page can show a study while it runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ..errors import NotFound
from ..report.compare import Comparison, compare
from ..report.estimate import Estimate, difference, estimate
from ..report.judge_bias import JudgeBias, judge_bias
from ..report.length_adjusted import AtEqualLength, at_equal_length, difference_at_equal_length
from ..report.subset import Flipped
from ..report.verdicts import Verdicts
from ..report.win_rate import WinRate, difference_of, win_rate
from ..workspace import Workspace
from .reader import Reader
from .study import Study

BySeed = Mapping[int, Verdicts]
Difference = Callable[[Sequence[Verdicts], Sequence[Verdicts]], Estimate | None]


@dataclass(frozen=True)
class Arm:
    """One row of the table. None: not asked for in the plan, or not finished."""

    name: str
    seeds: list[int]  # those whose verdicts are there
    pairs: float | None = None  # mean over seeds
    share: float | None = None  # of the pool
    flipped: Flipped | None = None
    overlap: float | None = None  # share of this arm's pairs that are in the arm named by `report.overlap`
    win: WinRate | None = None  # against the answers before preference training
    at_equal_length: AtEqualLength | None = None  # the same if its answers were as long as those
    against_control: Estimate | None = None  # difference in win rate, paired by prompt
    comparison: Comparison | None = None  # what that difference allows to say, among all arms
    adjusted_against_control: Estimate | None = None  # the difference if all answers were as long as those
    adjusted_comparison: Comparison | None = None  # what that allows to say, corrected among all arms as well
    worst_case: tuple[float, float] | None = None  # the difference with all missing verdicts against it, and for it
    score: Estimate | None = None  # mean of the plan's score
    change: Estimate | None = None  # of the score since before preference training
    words: float | None = None  # mean length of an answer
    runs: dict[str, list[str]] = dataclasses.field(default_factory=dict)  # step → runs: where the numbers come from

    @property
    def verdict(self) -> str:
        """What the difference to the control allows to say, in two or three words."""
        return self.comparison.words if self.comparison else ""

    @property
    def adjusted_verdict(self) -> str:
        """The same at equal length."""
        return self.adjusted_comparison.words if self.adjusted_comparison else ""


@dataclass(frozen=True)
class Report:
    """The table of a study and what must be said beside it."""

    title: str
    description: str
    control: str
    arms: list[Arm]
    start_score: Estimate | None
    notes: list[str]
    judge: JudgeBias | None = None  # the judge's habits, over all arms


def report(ws: Workspace, study: Study) -> Report:
    """The report of a study that has a `report` in its plan; NotFound where it has none."""
    plan = study.plan.report
    if plan is None:
        raise NotFound(f"study {study.name!r} has no report in its plan; add one to see its arms side by side.")
    reader = Reader(ws, study)
    judged = {arm: reader.verdicts(arm) for arm in study.plan.arms}
    found, adjusted = (_gaps(judged, plan.control, of) for of in (difference_of, _at_equal_length))
    said, said_adjusted = (compare(gaps, plan.control, delta=plan.delta) for gaps in (found, adjusted))
    rows = {arm: _arm(reader, arm, judged[arm]) for arm in study.plan.arms}
    arms = [
        dataclasses.replace(
            row, against_control=found.get(arm), comparison=said.get(arm),
            adjusted_against_control=adjusted.get(arm), adjusted_comparison=said_adjusted.get(arm),
            worst_case=_worst_case(row.win, rows[plan.control].win) if arm in found else None,
        )
        for arm, row in rows.items()
    ]  # fmt: skip
    start = reader.scores(plan.start_score, None)
    judge = judge_bias(_pooled(judged))
    return Report(
        study.plan.title, study.plan.description, plan.control, arms, None if start is None else estimate(start),
        _notes(plan.notes, len(study.plan.seed_list), judge), judge,
    )  # fmt: skip


def _gaps(judged: Mapping[str, BySeed], control: str, of: Difference) -> dict[str, Estimate]:
    """The difference of each other arm to the control, over the seeds that both have."""
    theirs, found = judged[control], {}
    for arm, mine in judged.items():
        both = sorted(mine.keys() & theirs.keys())
        gap = of([mine[seed] for seed in both], [theirs[seed] for seed in both]) if arm != control else None
        if gap:
            found[arm] = gap
    return found


def _at_equal_length(one: Sequence[Verdicts], other: Sequence[Verdicts]) -> Estimate | None:
    return difference_at_equal_length([v.rows for v in one], [v.rows for v in other])


def _worst_case(mine: WinRate | None, control: WinRate | None) -> tuple[float, float] | None:
    """None where no verdict is missing."""
    if mine is None or control is None or not mine.missing + control.missing:
        return None
    return mine.bounds[0] - control.bounds[1], mine.bounds[1] - control.bounds[0]


def _pooled(judged: Mapping[str, BySeed]) -> list[Verdicts]:
    """The verdicts of all arms, by seed."""
    seeds = sorted({seed for by_seed in judged.values() for seed in by_seed})
    parts = [[by_seed[seed] for by_seed in judged.values() if seed in by_seed] for seed in seeds]
    return [Verdicts(pd.concat([v.rows for v in part]), sum(v.items for v in part)) for part in parts]


def _notes(written: str, seeds: int, judge: JudgeBias | None) -> list[str]:
    notes = [written.strip()] if written else []
    if seeds == 1:
        notes.append(
            "One training seed: the intervals tell the chance of the prompts asked, not that of another training."
        )
    return notes + ([judge.first_place] if judge and judge.first_place else [])


def _arm(reader: Reader, name: str, mine: BySeed) -> Arm:
    score, start = reader.scores(reader.plan.score, name), reader.scores(reader.plan.start_score, None)
    same = score is not None and start is not None and score.sums.shape[0] == start.sums.shape[0]
    return Arm(
        name=name,
        seeds=sorted(mine),
        win=win_rate(list(mine.values())),
        at_equal_length=at_equal_length([v.rows for v in mine.values()]) if mine else None,
        score=None if score is None else estimate(score),
        change=difference(score, start) if same and score and start else None,
        words=reader.words(name),
        runs=reader.runs(name),
        **reader.subset(name),
    )
