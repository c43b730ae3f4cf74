"""`index`: brings the dashboard's index up to date, or makes it anew."""

from __future__ import annotations

import click

from ..store.database import open_index
from . import Session


@click.command()
@click.option("--rebuild", is_flag=True, help="Delete the index first. Nothing is only in the index.")
@click.pass_obj
def index(session: Session, rebuild: bool) -> None:
    """Bring the index of finished runs up to date; the dashboard does so by itself."""
    opened = open_index(session.workspace, rebuild=rebuild)
    counts = opened.counts()
    opened.close()
    rows = ", ".join(f"{number:,} {table}" for table, number in counts.items() if number and table != "runs")
    session.show(counts, f"{counts['runs']} ended runs are in the index: {rows or 'no rows'}.")
