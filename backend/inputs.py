"""What a run reads: tables of other runs, found by following specs and joined by ids.

prompts      the load run at the root
responses    a load or generate run
pairs        a load or pair run; of a select run: its rows of the pool, in rank order
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import BadSpec
from .workspace import Workspace

CUT = "cut.json"  # of a measure run: the ids of the responses that the length limit cut
HELD_OUT = "held_out"  # the value of pairs.split for pairs that must not be selected or trained on


def owner(ws: Workspace, run: str, table: str) -> str:
    """The run that holds a table, reached from `run` by following the spec; BadSpec where none does."""
    spec = ws.spec(run)
    onward: dict[tuple[str, str], Any] = {
        ("select", "pairs"): lambda: spec.pairs,
        ("select", "responses"): lambda: spec.pairs,
        ("select", "prompts"): lambda: spec.pairs,
        ("pair", "responses"): lambda: spec.responses,
        ("pair", "prompts"): lambda: spec.responses,
        ("generate", "prompts"): lambda: spec.prompts,
    }
    if (ws.folder(run) / f"{table}.parquet").exists():
        return run
    if (spec.kind, table) in onward:
        return owner(ws, onward[spec.kind, table](), table)
    raise BadSpec(f"run {run} has no {table}: choose a run of another kind, or wait until it has finished.")


def prompts(ws: Workspace, run: str) -> pa.Table:
    """The prompts behind a run."""
    return ws.table(owner(ws, run, "prompts"), "prompts")


def responses(ws: Workspace, run: str) -> pa.Table:
    """The responses of a run, or of the pool it was made from."""
    return ws.table(owner(ws, run, "responses"), "responses")


def pairs(ws: Workspace, run: str, *, held_out: bool | None = False) -> pa.Table:
    """The pairs of a run: without those held out (False), only those (True), or all (None)."""
    spec = ws.spec(run)
    if spec.kind == "select":
        pool, chosen = pairs(ws, spec.pairs, held_out=None), ws.table(run, "selected")
        return pool.take(positions(pool["pair_id"], chosen["pair_id"]))
    rows = ws.table(owner(ws, run, "pairs"), "pairs")
    if held_out is None:
        return rows
    aside = pc.fill_null(pc.equal(rows["split"], HELD_OUT), False)
    return rows.filter(aside if held_out else pc.invert(aside))


def measurements(ws: Workspace, run: str) -> pa.Table:
    """The measurements of a measure run."""
    return ws.table(run, "measurements")


def cut_responses(ws: Workspace, run: str) -> np.ndarray:
    """The ids of the responses that a measure run cut at its length limit: uint64[n]."""
    return np.array((ws.read_json(ws.folder(run) / CUT) or {"responses": []})["responses"], dtype=np.uint64)


def positions(keys: Any, wanted: Any) -> np.ndarray:
    """Where each wanted id stands among the keys; BadSpec where one is missing."""
    keys, wanted = np.asarray(keys, dtype=np.uint64), np.asarray(wanted, dtype=np.uint64)
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys, wanted, sorter=order)
    found = order[np.minimum(at, len(keys) - 1)] if len(keys) else np.zeros(len(wanted), dtype=np.int64)
    missing = len(wanted) if not len(keys) else int((keys[found] != wanted).sum())
    if missing:
        raise BadSpec(f"{missing} of {len(wanted)} ids are not in the other run: the two belong to different data.")
    return found


def texts(ws: Workspace, run: str, rows: pa.Table | None = None) -> pa.Table:
    """pair_id, prompt (messages), chosen, rejected (texts) of the pairs of a run, or of the given rows of it."""
    rows = pairs(ws, run) if rows is None else rows
    asked, said = prompts(ws, run), responses(ws, run)
    columns = {
        "pair_id": rows["pair_id"],
        "prompt": asked["prompt"].take(positions(asked["prompt_id"], rows["prompt_id"])),
    }
    for side in ("chosen", "rejected"):
        columns[side] = said["response"].take(positions(said["response_id"], rows[f"{side}_id"]))
    return pa.table(columns)
