"""`judge tldr`: summaries against those that people wrote, by the protocol of the DPO paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import Session
from . import _benchmark, _two_files


@click.command()
@_two_files.OUTPUTS
@_two_files.REFERENCE
@click.option("--wording", type=click.Choice(["concise", "simple"]), default="concise", show_default=True,
              help="concise: the paper's (C); simple: (S), by which judges prefer longer summaries.")  # fmt: skip
@_benchmark.options
@click.pass_obj
def tldr(session: Session, outputs: Path, reference: Path, wording: str, orders: str | None, **given: Any) -> None:
    """Which summary of a post is better, A or B; the win rate is over items, in percent.

    --orders official (default): one order per item, by chance, as in Rafailov et al. (2023); both asks twice.
    """
    _two_files.judge(session, "tldr", outputs, reference, given, both_orders=orders == "both", wording=wording)
