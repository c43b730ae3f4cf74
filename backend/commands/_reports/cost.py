"""`report cost`: what the verdicts of a workspace took, as Results shows it."""

from __future__ import annotations

from typing import Any

import click

from ... import judged
from ...errors import BadInput
from ...judges.figures import spending
from .. import Session
from ._table import table

SHOWN = ("verdicts", "missing", "calls", "estimated_calls", "cost", "estimated_cost", "cost_of_1000", "prompt_tokens",
         "completion_tokens", "run")  # fmt: skip


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def cost(session: Session, runs: tuple[str, ...]) -> None:
    """Calls, tokens and US dollars of these judge runs (default: all); of recorded ones what was paid then."""
    ws = session.workspace
    rows = []
    for run in judged.chosen(ws, runs):
        result = ws.result(run) or {}
        if took := spending(ws.spec(run).judge.name, result.get("summary", {})):
            rows.append(
                {"name": ws.about(run).get("title") or run, **took, "seconds": result.get("seconds"), "run": run}
            )
    if not rows:
        raise BadInput("no judge here asked an endpoint; reward models and the sample's gold reward cost only time.")
    session.show(rows, f"{table([_line(row) for row in rows])}\n{_sum(rows)}")


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], **{name: row[name] for name in SHOWN}}


def _sum(rows: list[dict[str, Any]]) -> str:
    priced = [row for row in rows if row["cost"] is not None]
    cost, filed = (sum(row["cost"] for row in of) for of in (priced, [row for row in priced if row["recorded"]]))
    unpriced = len(rows) - len(priced)
    parts = (
        f"{sum(row['calls'] or 0 for row in rows):,} calls, {cost:.2f} US dollars",
        f"{filed:.2f} of it paid before, as recorded" if filed else "",
        f"{unpriced} without a price" if unpriced else "",
    )
    return "; ".join(filter(None, parts))
