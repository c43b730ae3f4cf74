"""`cancel`: end a waiting or running run."""

from __future__ import annotations

import click

from .. import runs
from . import Session


@click.command()
@click.argument("run")
@click.pass_obj
def cancel(session: Session, run: str) -> None:
    """Ask a run to save what it has and stop; end its processes if it does not."""
    status = runs.cancel(session.workspace, run)
    session.show({"run": run, "status": status}, f"{run}: {status}")
