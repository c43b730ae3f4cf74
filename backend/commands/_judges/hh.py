"""`judge hh`: responses to dialogues against those that people chose, by the protocol of the DPO paper."""

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
def hh(session: Session, outputs: Path, reference: Path, orders: str | None, **given: Any) -> None:
    """Which response is more helpful, A or B; the win rate is over items, in percent.

    --reference may be the HH file itself: its chosen responses. --orders official (default): one order per item, by
    chance, as in Rafailov et al. (2023); both asks twice.
    """
    _two_files.judge(session, "hh", outputs, reference, given, both_orders=orders == "both")
