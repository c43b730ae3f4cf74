"""`runs`: what has been asked in this workspace."""

from __future__ import annotations

import time
from typing import Any, get_args

import click

from .. import runs as all_runs
from ..specs import KINDS
from ..workspace import Workspace
from . import Session


def row(ws: Workspace, run: str) -> dict[str, Any]:
    """One run as a row: id, kind, status, title, seconds, created."""
    result, about = ws.result(run) or {}, ws.about(run)
    return {
        "run": run,
        "kind": run.split("-")[0],
        "status": all_runs.status(ws, run),
        "title": about.get("title"),
        "created": about.get("created"),
        "seconds": result.get("seconds"),
        "error": result.get("error"),
    }


@click.command()
@click.option("--kind", type=click.Choice(KINDS), help="Only runs of this kind.")
@click.option("--status", type=click.Choice(get_args(all_runs.Status)), help="Only runs with this status.")
@click.pass_obj
def runs(session: Session, kind: str | None, status: str | None) -> None:
    """List the runs of the workspace, oldest first."""
    rows = [row(session.workspace, run) for run in session.workspace.run_ids()]
    rows = [r for r in rows if kind in (None, r["kind"]) and status in (None, r["status"])]
    rows.sort(key=lambda r: r["created"] or 0)
    lines = [_line(r) for r in rows] or ["no runs; `python -m backend load FILE` loads data, `… demo` runs the sample."]
    session.show(rows, "\n".join(lines))


def _line(r: dict[str, Any]) -> str:
    age = f"{(time.time() - r['created']) / 60:6.0f} min ago" if r["created"] else " " * 14
    took = f"{r['seconds']:8.1f} s" if r["seconds"] is not None else " " * 10
    return f"{r['run']:<22} {r['status']:<10} {took} {age}  {r['title'] or ''}".rstrip()
