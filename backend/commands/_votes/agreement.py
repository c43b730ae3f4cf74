"""`votes agreement`: how far people agree with the judge, and with each other."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import click
import pandas as pd

from ... import judged, votes
from ...errors import BadInput
from ...report.estimate import Estimate
from ...report.people import People, people, voted_on
from ...report.raters import Agreement
from .. import Session


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def agreement(session: Session, runs: tuple[str, ...]) -> None:
    """How far the votes agree with the verdicts of these judge runs (default: all), and with each other."""
    ws = session.workspace
    tables = [judged.read(ws, run).assign(run=run) for run in judged.chosen(ws, runs) if ws.spec(run).reference]
    if not tables:
        raise BadInput("no answers are compared here; `python -m backend judge` compares them.")
    items = pd.concat(tables).rename(columns={"value": "preference"})
    given = votes.frame(votes.read(ws))
    seen = people(given[voted_on(given, items)] if runs else given, items)
    session.show(document(seen), text(seen))


def document(seen: People) -> dict[str, Any]:
    """The figures as JSON: shares 0 to 1, null where there is nothing to share."""
    return {
        "votes": seen.votes,
        "comparisons": seen.comparisons,
        "judge": _raters(seen.judge),
        "runs": {run: _raters(one) for run, one in seen.runs.items()},
        "authors": {name: _raters(one) for name, one in seen.each.items()},
        "people": _raters(seen.others),
        "first_preferred": _share(asdict(seen.first)),
    }


def _raters(one: Agreement) -> dict[str, Any]:
    return {"agree": _share(asdict(one.agree)), "decided": _share(asdict(one.decided)), "kappa": one.kappa}


def _share(estimate: dict[str, Any]) -> dict[str, Any]:
    names = {"value": "share", "low": "low", "high": "high", "items": "n"}
    found = {to: estimate[name] for name, to in names.items()}
    return {name: None if math.isnan(value) else value for name, value in found.items()}


def text(seen: People) -> str:
    """The figures in a few lines, each with what it is a share of."""
    several = seen.runs if len(seen.runs) > 1 else {}
    shown = [("with the judges" if several else "with the judge", seen.judge, "votes"),
             *(("  " + name, one, "votes") for name, one in (seen.each | several).items()),
             ("with each other", seen.others, "pairs of votes")]  # fmt: skip
    lines = [f"{seen.votes} votes on {seen.comparisons} comparisons"]
    for label, one, what in shown:
        kappa = "undefined" if one.kappa is None else f"{one.kappa:.2f}"
        lines.append(
            f"{label:<20} {_percent(one.agree, what)}; without ties {_percent(one.decided, what)}; kappa {kappa}"
        )
    return "\n".join([*lines, f"{'first preferred':<20} {_percent(seen.first, 'votes')}"])


def _percent(share: Estimate, what: str) -> str:
    if not share.items:
        return "no data"
    return f"{100 * share.value:.1f} % of {share.items} {what} ({100 * share.low:.1f} to {100 * share.high:.1f})"
