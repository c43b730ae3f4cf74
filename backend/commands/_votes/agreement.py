"""`votes agreement`: how far people agree with the judge, and with each other."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import click
import pandas as pd

from ... import votes
from ...errors import BadInput
from ...judged import judge_runs
from ...report.people import People, people
from ...report.raters import Agreement
from ...report.verdicts import verdicts
from .. import Session


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def agreement(session: Session, runs: tuple[str, ...]) -> None:
    """How far the votes agree with the verdicts of these judge runs (default: all), and with each other."""
    ws = session.workspace
    wanted = runs or judge_runs(ws)
    tables = [verdicts(ws.table(run, "judgements")).rows for run in wanted]
    if not tables:
        raise BadInput("nothing is judged here; `python -m backend judge` compares answers.")
    judged = pd.concat(tables)
    given = votes.frame(votes.read(ws))
    given = given[given["candidate_id"].isin(judged["candidate_id"])] if runs else given
    seen = people(given, judged)
    session.show(document(seen), text(seen))


def document(seen: People) -> dict[str, Any]:
    """The figures as JSON: shares 0 to 1, null where there is nothing to share."""
    return {
        "votes": seen.votes,
        "comparisons": seen.comparisons,
        "judge": _raters(seen.judge),
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
    """The figures in a few lines."""
    shown = [("with the judge", seen.judge), *(("  " + name, one) for name, one in seen.each.items()),
             ("with each other", seen.others)]  # fmt: skip
    lines = [f"{seen.votes} votes on {seen.comparisons} comparisons"]
    for label, one in shown:
        kappa = "undefined" if one.kappa is None else f"{one.kappa:.2f}"
        lines.append(f"{label:<18} {_percent(one.agree)}; without ties {_percent(one.decided)}; kappa {kappa}")
    return "\n".join([*lines, f"{'first preferred':<18} {_percent(seen.first)}"])


def _percent(share: Any) -> str:
    if not share.items:
        return "no data"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f}, n = {share.items})"
