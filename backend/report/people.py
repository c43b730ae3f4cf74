"""How far people's votes agree with judges, and with each other."""

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
    """What people's votes show. A vote is one observation, however many judge runs compared its two answers.

    `first`: how often they prefer the answer shown first, ties left out.
    """

    votes: int
    comparisons: int
    judge: Agreement  # where several runs judged, with the mean of what they say
    runs: dict[str, Agreement]  # by judge run, of the votes on what it judged
    each: dict[str, Agreement]  # by author, as `judge`
    others: Agreement  # over pairs of votes
    first: Estimate


def voted_on(votes: pd.DataFrame, items: pd.DataFrame) -> np.ndarray:
    """bool[votes]: which votes are on answers that these items compare."""
    found = votes[COMPARED].merge(items[COMPARED].drop_duplicates(), on=COMPARED, how="left", indicator=True)
    return found["_merge"].eq("both").to_numpy()


def people(votes: pd.DataFrame, verdicts: pd.DataFrame) -> People:
    """From the table `votes` (those that stand) and one row per item of each judge run.

    `verdicts`: run, candidate_id, reference_id, preference (0–1, NaN without a verdict). Two people count once for
    each comparison of both.
    """
    both = votes.merge(verdicts[["run", *COMPARED, "preference"]], on=COMPARED, suffixes=("", "_judge"))
    both["preference_judge"] = _side(both["preference_judge"].to_numpy(dtype=float))
    judged = both.groupby([*COMPARED, "author"], as_index=False)[["preference", "preference_judge"]].mean()
    decided = votes[votes["preference"] != 0.5]
    first = (decided["preference"] > 0.5) == (decided["shown_first"] == "candidate")
    return People(
        votes=len(votes),
        comparisons=len(votes[COMPARED].drop_duplicates()),
        judge=_with_judge(judged),
        runs={str(run): _with_judge(part) for run, part in both.groupby("run")},
        each={str(name): _with_judge(part) for name, part in judged.groupby("author")},
        others=_each_other(votes),
        first=share(int(first.sum()), len(first)),
    )


def _side(preference: np.ndarray) -> np.ndarray:
    """1 for the candidate, 0 for the reference, ½ for a tie: a mean over orders is one at a half but for rounding."""
    return np.asarray((np.sign(np.where(np.isclose(preference, 0.5), 0, preference - 0.5)) + 1) / 2)


def _with_judge(judged: pd.DataFrame) -> Agreement:
    return agreement(*(judged[name].to_numpy(dtype=float) for name in ("preference", "preference_judge")))


def _each_other(votes: pd.DataFrame) -> Agreement:
    """Every two people's votes on the same answers, the raters in the order of their names."""
    found: list[tuple[float, float]] = []
    for _, group in votes.sort_values("author").groupby(COMPARED, sort=False):
        found += combinations(group["preference"].tolist(), 2)
    one, other = np.array(found, dtype=float).reshape(-1, 2).T
    return agreement(one, other)
