"""A page of pairs, or of answers, with their texts. Texts are read for the rows of the page only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from .database import Index


@dataclass(frozen=True)
class PairRow:
    """One pair with its texts. `prompt`: messages."""

    pair_id: int
    prompt: list[dict[str, str]]
    chosen: str
    rejected: str
    chosen_author: str
    rejected_author: str
    label_source: str


def size(index: Index, run: str) -> int:
    """The number of pairs of a load or pair run, or of a subset; those held out count as well."""
    table = "selected" if run.startswith("select") else "pairs"
    return int(index.rows(f"SELECT count(*) AS n FROM {table} WHERE run = ?", [run])[0]["n"])


def page(index: Index, run: str, *, offset: int = 0, limit: int = 10) -> list[PairRow]:
    """Some pairs of a run: of a subset in rank order, else in the order of the file."""
    if run.startswith("select"):
        query = "SELECT pair_id FROM selected WHERE run = ? ORDER BY rank LIMIT ? OFFSET ?"
    else:
        query = "SELECT pair_id FROM pairs WHERE run = ? LIMIT ? OFFSET ?"
    ids = [row["pair_id"] for row in index.rows(query, [run, limit, offset])]
    return by_id(index, run, ids)


def by_id(index: Index, run: str, pair_ids: Sequence[int] | np.ndarray) -> list[PairRow]:
    """These pairs of a run (or of the pool it was chosen from), in the order asked for."""
    ids = [int(i) for i in pair_ids]
    pool = inputs.owner(index.ws, run, "pairs")
    query = "SELECT * EXCLUDE (run) FROM pairs WHERE run = ? AND pair_id IN (SELECT unnest(?::UBIGINT[]))"
    pairs = {row["pair_id"]: row for row in index.rows(query, [pool, ids])}
    said = texts(index, pool, [row[side] for row in pairs.values() for side in ("chosen_id", "rejected_id")])
    asked = prompts(index, pool, [row["prompt_id"] for row in pairs.values()])
    return [_row(pairs[i], said, asked) for i in ids if i in pairs]


def _row(pair: dict[str, Any], said: dict[int, dict[str, Any]], asked: dict[int, Any]) -> PairRow:
    chosen, rejected = said[pair["chosen_id"]], said[pair["rejected_id"]]
    return PairRow(
        pair["pair_id"], asked[pair["prompt_id"]], chosen["response"], rejected["response"],
        chosen["author"], rejected["author"], pair["label_source"],
    )  # fmt: skip


def texts(index: Index, run: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """response_id → prompt_id, response, author, rating, sample of these responses of a run."""
    path = index.parquet(inputs.owner(index.ws, run, "responses"), "responses")
    query = """SELECT response_id, prompt_id, response, author, rating, sample FROM read_parquet(?)
        WHERE response_id IN ({})"""
    return {row["response_id"]: row for row in _some(index, query, path, ids)}


def answers(index: Index, run: str, ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """(prompt_id, sample) → what a run answered to these prompts."""
    path = index.parquet(inputs.owner(index.ws, run, "responses"), "responses")
    query = "SELECT prompt_id, sample, response FROM read_parquet(?) WHERE prompt_id IN ({})"
    return {(row["prompt_id"], row["sample"]): row["response"] for row in _some(index, query, path, ids)}


def prompts(index: Index, run: str, ids: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """prompt_id → messages of these prompts behind a run."""
    path = index.parquet(inputs.owner(index.ws, run, "prompts"), "prompts")
    query = "SELECT prompt_id, prompt FROM read_parquet(?) WHERE prompt_id IN ({})"
    return {row["prompt_id"]: row["prompt"] for row in _some(index, query, path, ids)}


def right_answers(index: Index, run: str, ids: Sequence[int]) -> dict[int, str | None]:
    """prompt_id → the benchmark's reference answer to these prompts behind a run, None where it has none."""
    path = index.parquet(inputs.owner(index.ws, run, "prompts"), "prompts")
    query = "SELECT prompt_id, reference FROM read_parquet(?) WHERE prompt_id IN ({})"
    return {row["prompt_id"]: row["reference"] for row in _some(index, query, path, ids)}


def _some(index: Index, query: str, path: str, ids: Sequence[int]) -> list[dict[str, Any]]:
    """A list of constants in the query lets the reader skip what does not match before it decodes texts."""
    wanted = ", ".join(str(int(i)) for i in dict.fromkeys(ids)) or "NULL"
    return index.rows(query.format(wanted), [path])
