"""`report verdicts`: what judge runs of a workspace say, by candidate, category and turn, and who beats whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import click
import pandas as pd

from ... import judged
from ...errors import BadInput
from ...judged import Contest
from ...report.estimate import Estimate
from ...report.outcomes import OUTCOMES, outcomes
from ...report.slices import Slice, slices
from ...report.win_fractions import win_fractions
from ...workspace import Workspace
from .. import Session
from ._table import table


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def verdicts(session: Session, runs: tuple[str, ...]) -> None:
    """Win rates or mean grades of these judge runs (default: all), whole and by category; with --json every two too.

    Runs stand together where one judge compared them with one reference, or graded them.
    """
    ws = session.workspace
    found = judged.contests(ws, judged.chosen(ws, runs))
    if not found:
        raise BadInput("nothing is judged here; `python -m backend judge` compares answers.")
    documents = [document(ws, contest) for contest in found]
    session.show(documents, "\n\n".join(map(text, documents)))


def document(ws: Workspace, of: Contest) -> dict[str, Any]:
    """A contest as JSON: preferences and shares 0 to 1, grades as they are; null where there is nothing to say."""
    items = {name: {seed: judged.read(ws, run) for seed, run in by_seed.items()} for name, by_seed in of.runs.items()}
    direct = {
        pair: {seed: judged.read(ws, run) for seed, run in by_seed.items()} for pair, by_seed in of.direct.items()
    }
    rows = [_candidate(name, list(by_seed.values()), of.reference is None) for name, by_seed in items.items()]
    fractions = [
        {"row": f.row, "column": f.column, **_estimate(f.share), "ties": f.ties, "direct": f.direct}
        for f in win_fractions(items, of.reference, direct)
    ]
    rows.sort(key=lambda row: -math.inf if row["value"] is None else -row["value"])
    return {"judge": of.judge, "against": of.reference, "candidates": rows, "fractions": fractions}


def _candidate(name: str, by_seed: Sequence[pd.DataFrame], graded: bool) -> dict[str, Any]:
    whole, categories, turns = (slices(by_seed, by, graded=graded) for by in (None, "category", "turn"))
    parts = {"categories": {part.name: _slice(part) for part in categories}}
    parts |= {"turns": {part.name: _slice(part) for part in turns}} if len(turns) > 1 else {}
    return {"name": name, **_slice(whole[0]), **({} if graded else outcomes(by_seed)), **parts}


def _slice(part: Slice) -> dict[str, Any]:
    return {**_estimate(part.mean), "missing": part.missing}


def _estimate(of: Estimate | None) -> dict[str, Any]:
    if of is None:
        return {"value": None, "low": None, "high": None, "n": 0}
    ends = (None if math.isnan(end) else end for end in (of.low, of.high))
    return {"value": of.value, **dict(zip(("low", "high"), ends, strict=True)), "n": of.items}


def text(found: dict[str, Any]) -> str:
    """The candidates as a table, and their turns and categories as another; shares in percent."""
    against, scale = found["against"], 100 if found["against"] else 1
    heading = f"{found['judge']} against {against}, in percent" if against else f"graded by {found['judge']}"
    whole = [{"candidate": row["name"], **_scaled(row, scale)} for row in found["candidates"]]
    parts = [
        {"candidate": row["name"], "part": f"turn {name}" if kind == "turns" else name, **_scaled(part, scale)}
        for row in found["candidates"]
        for kind in ("turns", "categories")
        for name, part in row.get(kind, {}).items()
    ]
    return "\n\n".join([f"{heading}\n{table(whole)}", *([table(parts)] if parts else [])])


def _scaled(row: dict[str, Any], scale: int) -> dict[str, Any]:
    """Its figures without its parts."""
    scaled = {name: None if row[name] is None else scale * row[name] for name in ("value", "low", "high")}
    return scaled | {name: row[name] for name in ("n", *OUTCOMES) if name in row}
