"""How a subset overlaps with the others of its pool."""

from __future__ import annotations

from typing import Any

import numpy as np

from .database import Index


def overlaps(index: Index, pairs: str, pair_ids: np.ndarray) -> list[dict[str, Any]]:
    """run, pairs, shared, `of this one` (share of the given pairs), `by chance` (what a random subset would share).

    One row for each saved subset of the same pool, the most similar first.
    """
    query = """
        WITH mine AS (SELECT unnest(?::UBIGINT[]) AS pair_id),
             pool AS (SELECT count(*) AS size FROM pairs WHERE run = ? AND split IS DISTINCT FROM 'held_out')
        SELECT s.run, count(*) AS pairs, count(m.pair_id) AS shared,
               count(m.pair_id) / greatest((SELECT count(*) FROM mine), 1) AS "of this one",
               count(*) / greatest((SELECT size FROM pool), 1) AS "by chance"
        FROM selected s JOIN runs r ON r.run = s.run AND json_extract_string(r.spec, '$.pairs') = ?
        LEFT JOIN mine m ON m.pair_id = s.pair_id
        GROUP BY s.run ORDER BY "of this one" DESC, s.run"""
    return index.rows(query, [pair_ids.tolist(), pairs, pairs])
