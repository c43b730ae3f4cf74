"""What the judges of any two files share: one file of answers, and one of answers or of pairs to be beaten."""

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
from .alpaca import text as alpaca_text

OUTPUTS = click.option("--outputs", type=FILE, required=True, help="One answer a row, with its prompt.")
REFERENCE = click.option("--reference", type=FILE, required=True,
                         help="Another's answers to the same prompts, or pairs: then the chosen answers.")  # fmt: skip
PAIRS = ("dialogue", "instruction", "preference")


def judge(session: Session, name: str, outputs: Path, reference: Path, given: dict[str, Any], **arguments: Any) -> None:
    """Judges and shows the win rate with its interval. `given`: what `_benchmark.options` got."""
    ours, theirs = Files(form(outputs), outputs), Files(form(reference, *PAIRS), reference)
    found = _benchmark.judge(session, name, ours, theirs, given, **arguments)
    session.show(found, _benchmark.summary(found, text(found)))


def form(path: Path, *more: str) -> Call:
    """How the file's rows are read: prompt, answer and author in whatever columns they are; `more`: other formats."""
    found = detect(files.first_rows(path, files.suffix_of(path.name), 1))
    if found.call.name not in (formats["answers"].name, *more):
        raise BadData(
            f"{path.name} holds no single answers ({found.why}); a row needs a prompt, an answer and who gave it, for "
            "example instruction, output, generator."
        )
    return found.call


def text(found: dict[str, Any]) -> str:
    """The win rate, its interval and what it is of."""
    if found["win_rate"] is None:
        return f"no verdict, {found['n_failed']} missing"
    interval = f"({found['lower']:.2f} to {found['upper']:.2f} in 95 %)"
    return f"{alpaca_text(found)} {interval}, {found['flips']} order flips"
