"""What a study showed: one row an arm, every number with its interval and what it was taken over.

Rows of arms that have not finished are there with what is known, so that the page can show a study while it runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow.compute as pc

from .. import inputs, runs
from ..errors import NotFound
from ..report.estimate import Cells, Estimate, cells, difference, estimate
from ..report.subset import Flipped, flipped, overlap
from ..report.verdicts import Verdicts, verdicts
from ..report.win_rate import WinRate, cells_of, win_rate
from ..workspace import Workspace
from .study import Study

T = TypeVar("T")


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
    against_control: Estimate | None = None  # difference in win rate, paired by prompt
    score: Estimate | None = None  # mean of the plan's score
    change: Estimate | None = None  # of the score since before preference training
    words: float | None = None  # mean length of an answer
    runs: dict[str, list[str]] = dataclasses.field(default_factory=dict)  # step → runs: where the numbers come from

    @property
    def verdict(self) -> str:
        """What the interval of the difference to the control allows to say."""
        gap = self.against_control
        if gap is None:
            return ""
        if gap.low > 0:
            return "better than the control"
        return "worse than the control" if gap.high < 0 else "cannot tell"


@dataclass(frozen=True)
class Report:
    """The table of a study and what must be said beside it."""

    title: str
    description: str
    control: str
    arms: list[Arm]
    start_score: Estimate | None
    notes: list[str]


def report(ws: Workspace, study: Study) -> Report:
    """The report of a study that has a `report` in its plan; NotFound where it has none."""
    plan = study.plan.report
    if plan is None:
        raise NotFound(f"study {study.name!r} has no report in its plan; add one to see its arms side by side.")
    reader = _Reader(ws, study)
    judged = {arm: reader.verdicts(arm) for arm in study.plan.arms}
    arms = [_arm(reader, arm, judged) for arm in study.plan.arms]
    start = reader.scores(plan.start_score, None)
    notes = [plan.notes.strip()] if plan.notes else []
    if len(study.plan.seed_list) == 1:
        notes.append(
            "One training seed: the intervals tell the chance of the prompts asked, not that of another training."
        )
    begun = None if start is None else estimate(start)
    return Report(study.plan.title, study.plan.description, plan.control, arms, begun, notes)


def _arm(reader: _Reader, name: str, judged: dict[str, dict[int, Verdicts]]) -> Arm:
    mine, control = judged[name], judged[reader.plan.control]
    both = sorted(mine.keys() & control.keys())
    score, start = reader.scores(reader.plan.score, name), reader.scores(reader.plan.start_score, None)
    same = score is not None and start is not None and score.sums.shape[0] == start.sums.shape[0]
    return Arm(
        name=name,
        seeds=sorted(mine),
        win=win_rate(list(mine.values())),
        against_control=(
            difference(cells_of([mine[s] for s in both]), cells_of([control[s] for s in both]))
            if both and name != reader.plan.control
            else None
        ),
        score=None if score is None else estimate(score),
        change=difference(score, start) if same and score and start else None,
        words=reader.words(name),
        runs=reader.runs(name),
        **reader.subset(name),
    )


class _Reader:
    """Reads the finished runs of a study; each table once."""

    def __init__(self, ws: Workspace, study: Study) -> None:
        assert study.plan.report
        self.ws, self.study, self.plan = ws, study, study.plan.report
        self.seeds = study.plan.seed_list
        self._subsets: dict[tuple[str, int], np.ndarray] = {}
        self._truths: dict[str, dict[int, float]] = {}

    def finished(self, step: str | None, arm: str | None) -> Iterable[tuple[int, str]]:
        """(seed, run) of a step, where the run has an answer."""
        for seed in self.seeds if step else ():
            run = self.study.run(step or "", seed, arm)
            if runs.status(self.ws, run) in ("finished", "incomplete"):
                yield seed, run

    def verdicts(self, arm: str) -> dict[int, Verdicts]:
        return {s: verdicts(self.ws.table(run, "judgements")) for s, run in self.finished(self.plan.judge, arm)}

    def scores(self, step: str | None, arm: str | None) -> Cells | None:
        """A measure of answers by seed and prompt."""
        return _or_none([self._score(run) for _, run in self.finished(step, arm)], cells)

    def _score(self, run: str) -> tuple[np.ndarray, np.ndarray]:
        said, values = inputs.responses(self.ws, self.ws.spec(run).responses), inputs.measurements(self.ws, run)
        at = inputs.positions(said["response_id"], values["response_id"])
        return said["prompt_id"].to_numpy()[at], values["value"].to_numpy()

    def words(self, arm: str) -> float | None:
        counts = [
            pc.list_value_length(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(said))).to_numpy()
            for _, run in self.finished(self.plan.judge, arm)
            for said in [inputs.responses(self.ws, self.ws.spec(run).candidate)["response"]]
        ]
        return _or_none(counts, lambda parts: float(np.concatenate(parts).mean()))

    def runs(self, arm: str) -> dict[str, list[str]]:
        steps = {self.plan.judge, self.plan.score, self.plan.subset} - {None}
        return {step: [run for _, run in self.finished(step, arm)] for step in sorted(filter(None, steps))}

    def subset(self, arm: str) -> dict[str, Any]:
        """pairs, share, flipped and overlap of the arm's subsets."""
        found = list(self.finished(self.plan.subset, arm))
        if not found:
            return {}
        facts = [runs.answer(self.ws, run) for _, run in found]
        other = dict(self.finished(self.plan.subset, self.plan.overlap)) if self.plan.overlap else {}
        shared = [overlap(self._ids(run), self._ids(other[seed])) for seed, run in found if seed in other]
        return {
            "pairs": float(np.mean([f["chosen"] for f in facts])),
            "share": float(np.mean([f["share"] for f in facts])),
            "flipped": self._flipped(found),
            "overlap": _or_none(shared, lambda parts: float(np.mean(parts))),
        }

    def _ids(self, run: str) -> np.ndarray:
        return self.ws.table(run, "selected", ["pair_id"])["pair_id"].to_numpy()

    def _flipped(self, found: list[tuple[int, str]]) -> Flipped | None:
        truths = dict(self.finished(self.plan.truth, None))
        sides = [self._sides(run, truths[seed]) for seed, run in found if seed in truths]
        return _or_none(sides, lambda parts: flipped(*(np.concatenate(side) for side in zip(*parts, strict=True))))

    def _sides(self, run: str, truth: str) -> tuple[np.ndarray, np.ndarray]:
        if truth not in self._truths:
            rows = inputs.measurements(self.ws, truth)
            known = zip(rows["response_id"].to_pylist(), rows["value"].to_pylist(), strict=True)
            self._truths[truth] = dict(known)
        values, pairs = self._truths[truth], inputs.pairs(self.ws, run)
        chosen, rejected = (
            np.array([values.get(i, np.nan) for i in pairs[f"{side}_id"].to_pylist()])
            for side in ("chosen", "rejected")
        )
        return chosen, rejected


def _or_none(parts: list[Any], of: Callable[[list[Any]], T]) -> T | None:
    return of(parts) if parts else None


def as_document(shown: Report) -> dict[str, Any]:
    """The report as plain JSON."""
    document = dataclasses.asdict(shown)
    for row, arm in zip(document["arms"], shown.arms, strict=True):
        row["verdict"] = arm.verdict
    return document


def as_text(shown: Report) -> str:
    """The table for a terminal; intervals are 95 %."""
    header = ("arm", "pairs", "flipped labels", "win rate against start", "against control", "change of score", "words")
    rows = [header, *(_cells(arm) for arm in shown.arms)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-" * len(lines[0]))
    first = next((arm.win for arm in shown.arms if arm.win), None)
    if first:
        rate = first.win_rate
        lines.append(
            f"\nWin rates over {rate.prompts} prompts, {rate.items} items, {rate.seeds} seed(s); 95 % intervals."
        )
    return "\n".join([shown.title, "", *lines, *shown.notes])


def _cells(arm: Arm) -> tuple[str, ...]:
    return (
        arm.name,
        "" if arm.pairs is None else f"{arm.pairs:,.0f}",
        "" if arm.flipped is None else f"{100 * arm.flipped.share.value:.0f} %",
        "" if arm.win is None else _percent(arm.win.win_rate),
        "" if arm.against_control is None else f"{_points(arm.against_control)} {arm.verdict}",
        "" if arm.change is None else f"{arm.change.value:+.2f} ({arm.change.low:+.2f} to {arm.change.high:+.2f})",
        "" if arm.words is None else f"{arm.words:.1f}",
    )


def _percent(of: Estimate) -> str:
    return f"{100 * of.value:.1f} % ({100 * of.low:.1f} to {100 * of.high:.1f})"


def _points(of: Estimate) -> str:
    return f"{100 * of.value:+.1f} ({100 * of.low:+.1f} to {100 * of.high:+.1f})"
