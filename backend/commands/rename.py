"""`rename`: another name for a run."""

from __future__ import annotations

import click

from .. import runs
from . import Session


@click.command()
@click.argument("run")
@click.argument("title")
@click.pass_obj
def rename(session: Session, run: str, title: str) -> None:
    """Give a run another name; pages and reports show it. Its id, made from its question, stays."""
    runs.rename(session.workspace, run, title)
    session.show({"run": run, "title": title.strip()}, f"{run}: {title.strip()}")
