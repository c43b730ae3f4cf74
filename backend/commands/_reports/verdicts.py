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
from ...judges import figures
from ...report.estimate import Estimate
from ...report.outcomes import OUTCOMES, outcomes
from ...report.slices import Slice, slices
from ...report.win_fractions import win_fractions
from ...workspace import Workspace
from .. import Session
from ._table import table

COUNTED = "n: items with a verdict; won to missing: every item once."


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
    rows = [_candidate(name, list(items[name].values()), [_facts(ws, run) for run in of.runs[name].values()],
                       of.reference is None) for name in of.runs]  # fmt: skip
    fractions = [
        {"row": f.row, "column": f.column, **_estimate(f.share), "neither": f.neither, "direct": f.direct}
        for f in win_fractions(items, of.reference, direct)
    ]
    rows.sort(key=lambda row: -math.inf if row["value"] is None else -row["value"])
    return {"judge": of.judge, "against": of.reference, "candidates": rows, "fractions": fractions}


def _facts(ws: Workspace, run: str) -> dict[str, Any]:
    facts: dict[str, Any] = (ws.result(run) or {}).get("summary", {})
    return facts


def _candidate(
    name: str, by_seed: Sequence[pd.DataFrame], facts: Sequence[dict[str, Any]], graded: bool
) -> dict[str, Any]:
    whole, categories, turns = (slices(by_seed, by, graded=graded) for by in (None, "category", "turn"))
    parts = {"categories": {part.name: _slice(part) for part in categories}}
    parts |= {"turns": {part.name: _slice(part) for part in turns}} if len(turns) > 1 else {}
    if graded:
        return {"name": name, **_slice(whole[0]), **parts}
    found = figures.win_rate(facts[0]) if len(facts) == 1 else None
    official = {"official": found and found.share, "official_is": (found and found.why) or None}
    ended = outcomes(by_seed, sum(one.get("items", 0) for one in facts))
    return {"name": name, **_slice(whole[0]), **official, **ended, **parts}


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
    why = sorted({row["official_is"] for row in found["candidates"] if row.get("official_is")})
    names = ("value", "low", "high", *(["official"] if why else []))
    whole = [{"candidate": row["name"], **_scaled(row, scale, names)} for row in found["candidates"]]
    parts = [
        {"candidate": row["name"], "part": f"turn {name}" if kind == "turns" else name, **_scaled(part, scale)}
        for row in found["candidates"]
        for kind in ("turns", "categories")
        for name, part in row.get(kind, {}).items()
    ]
    told = [COUNTED, *(f"official: {one}" for one in why)] if against else []
    return "\n\n".join(["\n".join([heading, table(whole), *told]), *([table(parts)] if parts else [])])


def _scaled(row: dict[str, Any], scale: int, names: Sequence[str] = ("value", "low", "high")) -> dict[str, Any]:
    """Its figures without its parts."""
    scaled = {name: None if row[name] is None else scale * row[name] for name in names}
    return scaled | {name: row[name] for name in ("n", *OUTCOMES) if name in row}
