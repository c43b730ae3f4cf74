"""How far people's votes agree with a judge, and with each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .estimate import Estimate, share
from .raters import Agreement, agreement

COMPARED = ["candidate_id", "reference_id"]


@dataclass(frozen=True)
class People:
    """What people's votes show. `first`: how often they prefer the answer shown first, ties left out."""

    votes: int
    comparisons: int
    judge: Agreement
    each: dict[str, Agreement]  # by author, against the judge
    others: Agreement
    first: Estimate


def people(votes: pd.DataFrame, verdicts: pd.DataFrame) -> People:
    """From the table `votes` (those that stand) and one row per judged item (`report.verdicts.Verdicts.rows`).

    An item that several judge runs judged counts once for each; two people count once for each comparison of both.
    """
    both = votes.merge(verdicts[[*COMPARED, "preference"]], on=COMPARED, suffixes=("", "_judge"))
    decided = votes[votes["preference"] != 0.5]
    first = (decided["preference"] > 0.5) == (decided["shown_first"] == "candidate")
    return People(
        votes=len(votes),
        comparisons=len(votes[COMPARED].drop_duplicates()),
        judge=_with_judge(both),
        each={str(name): _with_judge(part) for name, part in both.groupby("author")},
        others=_each_other(votes),
        first=share(int(first.sum()), len(first)),
    )


def _with_judge(both: pd.DataFrame) -> Agreement:
    """A judge's preference is a mean over orders: a tie is a half but for rounding, as the win rate counts it."""
    judge = both["preference_judge"].to_numpy(dtype=float)
    return agreement(both["preference"].to_numpy(dtype=float), np.where(np.isclose(judge, 0.5), 0.5, judge))


def _each_other(votes: pd.DataFrame) -> Agreement:
    """Every two people's votes on the same answers, the raters in the order of their names."""
    found: list[tuple[float, float]] = []
    for _, group in votes.sort_values("author").groupby(COMPARED, sort=False):
        found += combinations(group["preference"].tolist(), 2)
    one, other = np.array(found, dtype=float).reshape(-1, 2).T
    return agreement(one, other)
