"""How judged items ended, each counted once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

EQUAL = 1e-9  # means of two orders that differ by rounding are the same
OUTCOMES = ("won", "tied", "flipped", "lost", "missing")


def outcomes(by_seed: Sequence[pd.DataFrame], items: int = 0) -> dict[str, int]:
    """Items by outcome, from `value` (NaN: no verdict) and `flipped` of all training seeds.

    `flipped`: the orders disagree about the winner, whatever their mean; `tied` are the others whose mean is a half.
    `items`: how many there should be, where some were never asked about; they are missing too.
    """
    value = np.concatenate([rows["value"].to_numpy(float) for rows in by_seed])
    flipped = np.concatenate([rows["flipped"].to_numpy(bool) for rows in by_seed])
    tied = np.abs(value - 0.5) < EQUAL
    kinds = np.select([np.isnan(value), flipped, tied, value > 0.5], [4, 2, 1, 0], 3)
    counts = np.bincount(kinds, minlength=len(OUTCOMES))
    counts[4] += max(0, items - len(value))
    return dict(zip(OUTCOMES, counts.tolist(), strict=True))
