"""On which share of the prompts one candidate is preferred over another, for every two of them.

Candidates that were judged against one reference are compared through it: on a prompt the one is preferred over the
other where the judge prefers it more over the reference. This is no verdict on the two: a judge that sees them side by
side may say otherwise (preferences need not be transitive), and a judge of few labels ties often. Where it did see them
side by side, that counts instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .estimate import Estimate, cells, estimate
from .outcomes import EQUAL

BySeed = Mapping[int, pd.DataFrame]  # training seed → judged items, as `backend.judged.read` gives them
KEYS = ["prompt_id", "sample", "turn"]
HALF = 0.5  # a preference for neither


@dataclass(frozen=True)
class Fraction:
    """`share` of the prompts on which `row` is preferred over `column`, ties half.

    `direct`: a judge compared the two. `neither`: share of the prompts on which neither is preferred.
    """

    row: str
    column: str
    share: Estimate
    neither: float
    direct: bool

    @property
    def mirrored(self) -> Fraction:
        """The same from the other side."""
        low, high = 1 - self.share.high, 1 - self.share.low
        share = Estimate(1 - self.share.value, low, high, self.share.prompts, self.share.items, self.share.seeds)
        return Fraction(self.column, self.row, share, self.neither, self.direct)


def win_fractions(candidates: Mapping[str, BySeed], reference: str | None = None,
                  direct: Mapping[tuple[str, str], BySeed] | None = None) -> list[Fraction]:  # fmt: skip
    """Every two candidates in both directions, and each against the reference, as far as they share prompts.

    `reference`: its name, None where the values are grades. `direct`: verdicts of the same judge on two of them.
    """
    direct = direct or {}
    found = list(_indirect(candidates, direct))
    seen = {(name, reference): items for name, items in candidates.items()} if reference else {}
    for (row, column), items in direct.items():
        if (row, column) not in seen and (column, row) not in seen:  # judged both ways round: the first counts
            seen[row, column] = items
    found += [_fraction(*pair, _parts(items), direct=True) for pair, items in seen.items() if _judged(items)]
    return [one for fraction in found for one in (fraction, fraction.mirrored)]


def _judged(items: BySeed) -> bool:
    return any(rows["value"].notna().any() for rows in items.values())


def _indirect(candidates: Mapping[str, BySeed], direct: Mapping[tuple[str, str], BySeed]) -> Iterator[Fraction]:
    values = {name: {seed: _values(rows) for seed, rows in items.items()} for name, items in candidates.items()}
    for row, column in combinations(candidates, 2):
        if (row, column) in direct or (column, row) in direct:
            continue
        parts = [_difference(values[row][s], values[column][s]) for s in values[row] if s in values[column]]
        if any(len(rows) for rows in parts):
            yield _fraction(row, column, parts, direct=False)


def _values(rows: pd.DataFrame) -> pd.DataFrame:
    """`value` and `question` by item, of those with a verdict."""
    read = rows[rows["value"].notna()]
    return read.set_index(KEYS)[["value", "question"]].sort_index()


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Items that both have, with how much further the one is preferred over the reference."""
    both = one.join(other["value"].rename("value_other"), how="inner").reset_index()
    return both.assign(ahead=both["value"] - both["value_other"])


def _parts(items: BySeed) -> list[pd.DataFrame]:
    return [rows[rows["value"].notna()].assign(ahead=rows["value"] - HALF) for rows in items.values()]


def _fraction(row: str, column: str, by_seed: list[pd.DataFrame], *, direct: bool) -> Fraction:
    """From items with `ahead`: a prompt is won where their sum is positive."""
    prompts = [part.groupby("prompt_id", sort=True).agg(ahead=("ahead", "sum"), question=("question", "first"))
               for part in by_seed if len(part)]  # fmt: skip
    won = [(p["question"].to_numpy(), _won(p["ahead"].to_numpy())) for p in prompts]
    neither = np.concatenate([values == HALF for _, values in won])
    return Fraction(row, column, estimate(cells(won), bounded=True), float(neither.mean()), direct)


def _won(ahead: np.ndarray) -> np.ndarray:
    return np.where(np.abs(ahead) < EQUAL, HALF, (ahead > 0).astype(float))
