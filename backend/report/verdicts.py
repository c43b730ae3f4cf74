"""Judgement rows → one verdict per prompt, sample and turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

ORDERS = ("candidate_first", "reference_first", "unordered")
ITEM = ["prompt_id", "candidate_id", "reference_id", "sample", "turn"]
COLUMNS = [*ITEM, "order", "attempt", "status", "preference"]  # of `judgements`, what verdicts are made from


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
    item = table.groupby(ITEM, sort=False).ngroup().to_numpy()  # numbered by where they come first
    items = int(item.max(initial=-1)) + 1
    slot = len(ORDERS) * item + pd.Index(ORDERS).get_indexer(pd.Index(table["order"]))
    asked, said = np.zeros((items, len(ORDERS)), dtype=bool), np.full((items, len(ORDERS)), np.nan)
    asked.flat[slot] = True
    read = ((table["status"] == "ok") & table["preference"].notna()).to_numpy()
    by_attempt = np.argsort(table["attempt"].to_numpy()[read], kind="stable")
    said.flat[slot[read][by_attempt]] = table["preference"].to_numpy()[read][by_attempt]  # the last one stays
    complete = (asked == ~np.isnan(said)).all(axis=1)
    said = said[complete]
    first = np.column_stack([said[:, 0], 1 - said[:, 1]])
    rows = table[ITEM].drop_duplicates()[complete].reset_index(drop=True)
    return Verdicts(
        rows.assign(
            preference=_mean(said), orders=(~np.isnan(said)).sum(axis=1), first=_mean(first),
            flipped=(said < 0.5).any(axis=1) & (said > 0.5).any(axis=1),
        ),
        items,
    )  # fmt: skip


def _mean(values: np.ndarray) -> np.ndarray:
    """The mean of what is there in each row; NaN where nothing is."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(there, values, 0).sum(axis=1) / there.sum(axis=1)


def with_lengths(rows: pd.DataFrame, candidate: np.ndarray, reference: np.ndarray) -> pd.DataFrame:
    """The rows of `Verdicts` with the lengths of both answers in characters, one each, as two columns more.

    `longer`: candidate − reference. `relative`: that, divided by the longer of the two; −1 to 1, 0 of two empty ones.
    """
    longer = candidate - reference
    return rows.assign(longer=longer, relative=longer / np.maximum(np.maximum(candidate, reference), 1))
