"""Judgement rows → one verdict per prompt, sample and turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

ITEM = ["prompt_id", "candidate_id", "reference_id", "sample", "turn"]


@dataclass(frozen=True)
class Verdicts:
    """One row per judged item, and how many items have no verdict.

    `rows`: the item's ids, `preference` (0–1, the mean over the orders it was shown in, how far the candidate is
    preferred), `flipped` (the orders disagree about the winner), `orders` (how many it was shown in) and `first`
    (0–1, how far the answer shown first is preferred; NaN where no order was shown).
    """

    rows: pd.DataFrame
    items: int

    @property
    def missing(self) -> int:
        """Items without a readable verdict in every order they were asked in."""
        return self.items - len(self.rows)


def verdicts(judgements: pa.Table | pd.DataFrame) -> Verdicts:
    """The last readable attempt of each order counts; an item counts when every order it was asked in has one."""
    table = judgements.to_pandas() if isinstance(judgements, pa.Table) else judgements
    asked = table.groupby([*ITEM, "order"], sort=False).size().groupby(level=ITEM, sort=False).size()
    read = table[(table["status"] == "ok") & table["preference"].notna()].sort_values("attempt", kind="stable")
    last = read.groupby([*ITEM, "order"], sort=False)["preference"].last()
    grouped = last.groupby(level=ITEM, sort=False)
    order = last.index.get_level_values("order")
    first = last.where(order == "candidate_first", 1 - last).where(order != "unordered")
    rows = pd.DataFrame(
        {"preference": grouped.mean(), "low": grouped.min(), "high": grouped.max(), "orders": grouped.size(),
         "first": first.groupby(level=ITEM, sort=False).mean()}
    )  # fmt: skip
    rows = rows[rows["orders"] == asked.reindex(rows.index)].reset_index()
    rows["flipped"] = (rows["low"] < 0.5) & (rows["high"] > 0.5)
    return Verdicts(rows.drop(columns=["low", "high"]), len(asked))


def with_lengths(rows: pd.DataFrame, candidate: np.ndarray, reference: np.ndarray) -> pd.DataFrame:
    """The rows of `Verdicts` with the lengths of both answers in characters, one each, as two columns more.

    `longer`: candidate − reference. `relative`: that, divided by the longer of the two; −1 to 1, 0 of two empty ones.
    """
    longer = candidate - reference
    return rows.assign(longer=longer, relative=longer / np.maximum(np.maximum(candidate, reference), 1))
