"""`judge pairwise`: any two files of answers to the same prompts, by Winnow's own pairwise judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ... import files
from ...errors import BadData
from ...formats import formats
from ...formats.detection import detect
from ...registry import Call
from .. import Session
from . import _benchmark
from ._benchmark import FILE, Files
from .alpaca import text


@click.command()
@click.option("--outputs", type=FILE, required=True, help="One answer a row, with its prompt.")
@click.option("--reference", type=FILE, required=True, help="Another's answers to the same prompts.")
@_benchmark.options
@click.pass_obj
def pairwise(session: Session, outputs: Path, reference: Path, orders: str | None, **given: Any) -> None:
    """Labels A, B or neither; the win rate is the mean over items, in percent.

    --orders both (default), or official: one order per item, by chance.
    """
    ours, theirs = (Files(_form(path), path) for path in (outputs, reference))
    found = _benchmark.judge(session, "pairwise", ours, theirs, given, both_orders=orders != "official")
    session.show(found, _benchmark.summary(found, f"{text(found)}, {found['flips']} order flips"))


def _form(path: Path) -> Call:
    """How the file's rows are read: prompt, answer and author in whatever columns they are."""
    found = detect(files.first_rows(path, files.suffix_of(path.name), 1))
    if found.call.name != formats["answers"].name:
        raise BadData(
            f"{path.name} holds no single answers ({found.why}); a row needs a prompt, an answer and who gave it, for "
            "example instruction, output, generator."
        )
    return found.call
