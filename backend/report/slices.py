"""The mean verdict or grade over slices of the judged items: categories, turns, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .estimate import Estimate, cells, estimate

LOWEST, HIGHEST = 1.0, 10.0  # grades, as MT-Bench has them


@dataclass(frozen=True)
class Slice:
    """Items of one category or turn. `mean` is taken over those with a verdict; None where none has one."""

    name: str
    mean: Estimate | None
    items: int
    missing: int


def slices(by_seed: Sequence[pd.DataFrame], by: str | None = None, *, graded: bool = False) -> list[Slice]:
    """One slice for every value of the column `by`, in their order; one of everything where `by` is None.

    `by_seed`: the items of each training seed with `value` (NaN: no verdict) and `question`. `graded`: the values
    are grades, not preferences. The bootstrap draws questions, so that all turns of a conversation stay together.
    """
    if by is None:
        return [_slice("all", by_seed, graded)]
    names = sorted({name for rows in by_seed for name in rows[by].dropna().unique()})
    return [_slice(str(name), [rows[rows[by] == name] for rows in by_seed], graded) for name in names]


def _slice(name: str, by_seed: Sequence[pd.DataFrame], graded: bool) -> Slice:
    read = [rows[rows["value"].notna()] for rows in by_seed]
    items, known = (sum(len(rows) for rows in parts) for parts in (by_seed, read))
    values = [(rows["question"].to_numpy(), rows["value"].to_numpy(float)) for rows in read if len(rows)]
    mean = (_grade(values) if graded else estimate(cells(values), bounded=True)) if values else None
    return Slice(name, mean, items, items - known)


def _grade(by_seed: list[tuple[np.ndarray, np.ndarray]]) -> Estimate:
    """A mean of grades. Its interval ends at 1 and 10, and grades that are all the same leave room for another one.

    Where a judge has a scale of its own, the interval has no ends.
    """
    span = HIGHEST - LOWEST
    shares = [(ids, (values - LOWEST) / span) for ids, values in by_seed]
    bounded = all(((part >= 0) & (part <= 1)).all() for _, part in shares)
    found = estimate(cells(shares), bounded=bounded)
    value, low, high = (LOWEST + span * end for end in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high, spread=None)
