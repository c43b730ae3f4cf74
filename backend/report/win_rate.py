"""Verdicts → win rate: the mean preference, with how all items ended beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .estimate import Cells, Estimate, cells, difference, estimate
from .outcomes import outcomes
from .verdicts import Verdicts


@dataclass(frozen=True)
class WinRate:
    """The win rate of a candidate over the items of all seeds that have a verdict; how all `items` ended, each once."""

    win_rate: Estimate
    items: int
    won: int
    tied: int
    flipped: int
    lost: int
    missing: int

    @property
    def bounds(self) -> tuple[float, float]:
        """The win rate if every missing item were lost, and if every one were won."""
        judged = self.win_rate.value * (self.items - self.missing)
        return judged / self.items, (judged + self.missing) / self.items

    @property
    def over_half(self) -> Estimate:
        """The win rate less ½: how far the candidate is ahead of what it is judged against."""
        rate = self.win_rate
        return replace(rate, value=rate.value - 0.5, low=rate.low - 0.5, high=rate.high - 0.5)


def difference_of(one: Sequence[Verdicts], other: Sequence[Verdicts], *, seed: int = 0) -> Estimate | None:
    """The win rate of one less that of the other, both against the same answers, paired by prompt and seed.

    None where they share no prompt with a verdict.
    """
    mine, theirs = cells_of(one), cells_of(other)
    if not np.isin(mine.prompt_ids, theirs.prompt_ids).any():
        return None
    return difference(mine, theirs, bounded=True, seed=seed)


def cells_of(by_seed: Sequence[Verdicts]) -> Cells:
    """The preferences by seed and prompt."""
    return cells([(v.rows["prompt_id"].to_numpy(), v.rows["preference"].to_numpy()) for v in by_seed])


def win_rate(by_seed: Sequence[Verdicts], *, seed: int = 0) -> WinRate | None:
    """The win rate over the verdicts of one or several training seeds; None where no item has a verdict."""
    if not sum(len(v.rows) for v in by_seed):
        return None
    rows, items = [v.rows.assign(value=v.rows["preference"]) for v in by_seed], sum(v.items for v in by_seed)
    return WinRate(estimate(cells_of(by_seed), bounded=True, seed=seed), items, **outcomes(rows, items))
