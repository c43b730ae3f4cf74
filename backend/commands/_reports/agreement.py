"""`report agreement`: a judge against labels, and against itself in the other order."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ...files import placed_rows
from ...report import agreement as figures
from .. import Session
from ._table import table


@click.command()
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
              help="Rows {label, verdicts: [order 1, order 2]}; null is unreadable.")  # fmt: skip
@click.pass_obj
def agreement(session: Session, file: Path) -> None:
    """Accuracy in each order, agreement between the orders (share, Cohen's kappa), order flips, unreadable rows."""
    found = asdict(figures.agreement([figures.judged(place, row) for place, row in placed_rows(file)]))
    session.show(found, table([found]))
