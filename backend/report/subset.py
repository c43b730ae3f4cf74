"""What a subset of pairs contains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .estimate import Estimate, share


@dataclass(frozen=True)
class Flipped:
    """How many labels of a subset are the wrong way round by a measure that knows better."""

    share: Estimate  # of the pairs whose two sides differ
    wrong: int
    equal: int  # pairs whose sides are equally good: neither right nor wrong
    unknown: int  # pairs that the truth does not cover


def flipped(chosen: np.ndarray, rejected: np.ndarray) -> Flipped:
    """From the true values of the chosen and the rejected side of each pair (NaN: unknown)."""
    known = np.isfinite(chosen) & np.isfinite(rejected)
    wrong, equal = int((chosen < rejected)[known].sum()), int((chosen == rejected)[known].sum())
    return Flipped(share(wrong, int(known.sum()) - equal), wrong, equal, int((~known).sum()))


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Share of `one`'s pairs that are in `other` as well; NaN for an empty subset."""
    return float(np.isin(one, other).mean()) if len(one) else float("nan")
