"""`judge pairwise`: any two files of answers to the same prompts, by Winnow's own pairwise judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import Session
from . import _benchmark, _two_files


@click.command()
@_two_files.OUTPUTS
@_two_files.REFERENCE
@_benchmark.options
@click.pass_obj
def pairwise(session: Session, outputs: Path, reference: Path, orders: str | None, **given: Any) -> None:
    """Labels A, B or neither; the win rate is the mean over items, in percent.

    --orders both (default), or official: one order per item, by chance.
    """
    _two_files.judge(session, "pairwise", outputs, reference, given, both_orders=orders != "official")
