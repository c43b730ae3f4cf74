"""`logs`: what a run's job printed."""

from __future__ import annotations

import click

from .. import runs
from ..workspace import Workspace
from . import Session


@click.command()
@click.argument("run")
@click.option("--lines", default=50, show_default=True, help="How many lines of the end.")
@click.pass_obj
def logs(session: Session, run: str, lines: int) -> None:
    """Print the end of a run's log."""
    runs.status(session.workspace, run)  # says so where there is no such run
    found = tail(session.workspace, run, lines)
    session.show({"run": run, "lines": found}, "\n".join(found).rstrip() or f"run {run} has printed nothing.")


def tail(ws: Workspace, run: str, lines: int) -> list[str]:
    """The last lines of a run's log; none where it has printed nothing."""
    path = ws.folder(run) / "log.txt"
    return path.read_text(errors="replace").split("\n")[-lines - 1 :] if path.exists() else []
