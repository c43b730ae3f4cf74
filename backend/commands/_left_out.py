"""The options that leave questions out: figures without them are shown beside those of all questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ..errors import BadData
from ..report.mt_bench import KNOWN_BAD

# The name of the block of figures, what is left out in words, and the questions as text.
Block = tuple[str, str, frozenset[str]]


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; a command gets `without_known_bad` and `leave_out` and hands them to `wanted`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wanted(without_known_bad: bool, leave_out: Path | None) -> Iterator[Block]:
    """What is left out, one block for each option given."""
    if without_known_bad:
        yield "without_known_bad", f"Without the {len(KNOWN_BAD)} questions whose reference answer is wrong", KNOWN_BAD
    if leave_out:
        ids = frozenset(leave_out.read_text(encoding="utf-8-sig").split())
        if not ids:
            raise BadData(f"{leave_out.name} names no question; write one question id per line.")
        yield "without_left_out", f"Without the {len(ids)} questions of {leave_out.name}", ids


_OPTIONS = (
    click.option("--without-known-bad", is_flag=True,
                 help="Also the figures without the 13 questions whose reference answer is known to be wrong."),
    click.option("--leave-out", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
                 help="Also the figures without the questions whose ids stand in this file, one per line."),
)  # fmt: skip
