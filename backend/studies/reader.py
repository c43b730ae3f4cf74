"""Reads what a study's finished runs hold: verdicts, scores and subsets by arm and seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from .. import inputs, runs
from ..report.estimate import Cells, cells
from ..report.subset import Flipped, flipped, overlap
from ..report.verdicts import COLUMNS, Verdicts, verdicts, with_lengths
from ..workspace import Workspace
from .study import Study

T = TypeVar("T")


class Reader:
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
        """By seed; the rows have the lengths of both answers (`with_lengths`)."""
        return {seed: self._verdicts(run) for seed, run in self.finished(self.plan.judge, arm)}

    def _verdicts(self, run: str) -> Verdicts:
        found, spec = verdicts(self.ws.table(run, "judgements", COLUMNS)), self.ws.spec(run)
        candidate, reference = (
            self._characters(answers, found.rows[f"{side}_id"])
            for side, answers in (("candidate", spec.candidate), ("reference", spec.reference))
        )
        items = max(found.items, runs.answer(self.ws, run).get("items", 0))  # some were never asked about
        return Verdicts(with_lengths(found.rows, candidate, reference), items)

    def _characters(self, run: str, wanted: pd.Series) -> np.ndarray:
        said = inputs.responses(self.ws, run)
        counts = pc.utf8_length(said["response"]).to_numpy().astype(np.int64)
        return counts[inputs.positions(said["response_id"], wanted)]

    def scores(self, step: str | None, arm: str | None) -> Cells | None:
        """A measure of answers by seed and prompt."""
        return _or_none([self._score(run) for _, run in self.finished(step, arm)], cells)

    def _score(self, run: str) -> tuple[np.ndarray, np.ndarray]:
        said, values = inputs.responses(self.ws, self.ws.spec(run).responses), inputs.measurements(self.ws, run)
        at = inputs.positions(said["response_id"], values["response_id"])
        return said["prompt_id"].to_numpy()[at], values["value"].to_numpy()

    def words(self, arm: str) -> float | None:
        """Mean number of words of an answer."""
        counts = [
            pc.list_value_length(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(said))).to_numpy()
            for _, run in self.finished(self.plan.judge, arm)
            for said in [inputs.responses(self.ws, self.ws.spec(run).candidate)["response"]]
        ]
        return _or_none(counts, lambda parts: float(np.concatenate(parts).mean()))

    def runs(self, arm: str) -> dict[str, list[str]]:
        """Step → runs: where the numbers come from."""
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
