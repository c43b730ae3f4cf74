"""What a judge's verdicts say about the judge: order flips, a liking for the first place, a liking for length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .estimate import Estimate, cells, estimate, share
from .verdicts import Verdicts

BINS = 5


@dataclass(frozen=True)
class LengthBin:
    """Items whose answers differ in length alike: candidate − reference, from `low` to `high`, both included."""

    low: float
    high: float
    win_rate: Estimate  # of the candidate


@dataclass(frozen=True)
class JudgeBias:
    """A judge's habits over all its readable verdicts of a study; None where the verdicts cannot show them."""

    items: int
    flips: Estimate | None  # share of the items read in both orders
    first: Estimate | None  # how far the answer shown first is preferred; ½ is no bias
    longer: Estimate | None  # how far the longer answer is preferred, over items whose lengths differ
    by_length: list[LengthBin]

    @property
    def first_place(self) -> str:
        """A warning where the interval of `first` leaves ½ out, else empty."""
        if self.first is None or self.first.low <= 0.5 <= self.first.high:
            return ""
        place = "first" if self.first.value > 0.5 else "second"
        return f"The judge prefers the answer shown {place}, whichever it is; a single order would be misleading."


def judge_bias(by_seed: Sequence[Verdicts], *, bins: int = BINS) -> JudgeBias | None:
    """The habits of a judge; None without a readable verdict.

    Verdicts on several candidates may stand in one `Verdicts`. A column `longer` (candidate's length − reference's)
    in their rows adds what length does.
    """
    rows = [v.rows for v in by_seed]
    everything = pd.concat(rows) if rows else pd.DataFrame()
    if everything.empty:
        return None
    both = int((everything["orders"] == 2).sum())
    has_length = "longer" in everything
    return JudgeBias(
        items=len(everything),
        flips=share(int(everything["flipped"].sum()), both) if both else None,
        first=position_bias(rows),
        longer=longer_preferred(rows) if has_length else None,
        by_length=by_length(rows, bins) if has_length else [],
    )


def position_bias(by_seed: Sequence[pd.DataFrame]) -> Estimate | None:
    """The mean preference for the answer shown first, ties half; None where no order was shown.

    Over items read in both orders, where each answer stood first once: whichever is better, ½ is expected of a judge
    that looks at the answers only (Zheng et al. 2023, section 3.3). Where there are none, over those read in one order.
    """
    twice = [rows[rows["orders"] == 2] for rows in by_seed]
    rows = twice if any(len(part) for part in twice) else list(by_seed)
    return _mean([(part["prompt_id"], part["first"]) for part in (r[r["first"].notna()] for r in rows)])


def longer_preferred(by_seed: Sequence[pd.DataFrame]) -> Estimate | None:
    """The mean preference for the longer answer, ties half, over items whose answers differ in length."""
    parts = [rows[rows["longer"] != 0] for rows in by_seed]
    return _mean([
        (part["prompt_id"], part["preference"].where(part["longer"] > 0, 1 - part["preference"])) for part in parts
    ])  # fmt: skip


def by_length(by_seed: Sequence[pd.DataFrame], bins: int = BINS, *, by: str = "longer") -> list[LengthBin]:
    """The candidate's win rate in bins of the length difference that hold about as many items each.

    `by`: `longer` (characters) or `relative` (`verdicts.with_lengths`). Equal differences are never split, so that
    there may be fewer bins than asked for.
    """
    lengths = np.concatenate([rows[by].to_numpy(float) for rows in by_seed])
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, bins + 1), method="higher"))
    found = []
    for number in range(max(1, len(edges) - 1)):
        parts = [rows[_bin(edges, rows[by]) == number] for rows in by_seed]
        rate = _mean([(part["prompt_id"], part["preference"]) for part in parts])
        inside = np.concatenate([part[by].to_numpy(float) for part in parts])
        if rate:
            found.append(LengthBin(float(inside.min()), float(inside.max()), rate))
    return found


def _bin(edges: np.ndarray, values: pd.Series) -> np.ndarray:
    """The bin of each value: above its lower edge, up to its upper one; the first has both."""
    return np.maximum(np.searchsorted(edges, values.to_numpy(float), side="left") - 1, 0)


def _mean(by_seed: Sequence[tuple[pd.Series, pd.Series]]) -> Estimate | None:
    there = [(ids.to_numpy(), values.to_numpy(float)) for ids, values in by_seed if len(ids)]
    return estimate(cells(there), bounded=True) if there else None
