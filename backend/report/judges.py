"""How far judges agree: about the order of the models that they judged, and item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from .agreement import kappa
from .estimate import Estimate, share
from .raters import RankAgreement, agreement, rank_agreement
from .verdicts import ITEM

NEAR = 1.0  # grades that differ by no more


@dataclass(frozen=True)
class JudgePair:
    """Two judges on the same items.

    `against`: what the candidates were compared with, None where both judges grade. `agree`: share of the items on
    which both say the same (candidate, reference or tie; the same grade). `near`: the same where neither says tie; of
    grades, the share that differ by at most one. `kappa`: Cohen's, over what `agree` counts. `unread`: items that one
    of the two has no verdict on. `scores`: candidate, one, other, items: the mean value by each judge over the items
    that both read.
    """

    one: str
    other: str
    against: str | None
    ranks: RankAgreement
    agree: Estimate
    near: Estimate
    kappa: float | None
    unread: int
    scores: pd.DataFrame


def judge_pairs(judged: Mapping[str, pd.DataFrame]) -> list[JudgePair]:
    """Every two judges that judged the same candidates against the same reference, or graded the same answers.

    `judged`: by judge the items with their ids, `value` (NaN: no verdict), `candidate` and `against` (None: a grade).
    """
    return [pair for one, other in combinations(judged, 2) for pair in _pairs(one, other, judged[one], judged[other])]


def _pairs(one: str, other: str, mine: pd.DataFrame, theirs: pd.DataFrame) -> Iterator[JudgePair]:
    """An item that a judge was asked about in several runs counts with its mean."""
    values = [rows.groupby(ITEM, sort=False).agg({"value": "mean", "candidate": "first", "against": "first"})
              for rows in (mine, theirs)]  # fmt: skip
    both = values[0].join(values[1]["value"].rename("value_other"), how="inner").reset_index()
    for against, items in both.groupby("against", sort=False, dropna=False):
        yield _pair(one, other, None if pd.isna(against) else str(against), items)


def _pair(one: str, other: str, against: str | None, items: pd.DataFrame) -> JudgePair:
    read = items.dropna(subset=["value", "value_other"])
    found = read.groupby("candidate").agg(one=("value", "mean"), other=("value_other", "mean"), items=("value", "size"))
    ranks = rank_agreement(found["one"].to_numpy(), found["other"].to_numpy())
    return JudgePair(
        one, other, against, ranks, *(_verdicts(read) if against else _grades(read)),
        unread=len(items) - len(read), scores=found.reset_index(),
    )  # fmt: skip


def _verdicts(read: pd.DataFrame) -> tuple[Estimate, Estimate, float | None]:
    found = agreement(read["value"].to_numpy(), read["value_other"].to_numpy())
    return found.agree, found.decided, found.kappa


def _grades(read: pd.DataFrame) -> tuple[Estimate, Estimate, float | None]:
    apart = (read["value"] - read["value_other"]).abs()
    equal, near = int((apart == 0).sum()), int((apart <= NEAR).sum())
    pairs = list(zip(read["value"].tolist(), read["value_other"].tolist(), strict=True))
    return share(equal, len(read)), share(near, len(read)), kappa(pairs)
