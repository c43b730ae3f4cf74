"""`report alpaca`: annotations.json → win rates, raw and length-controlled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...report import alpaca_files
from ...report.alpaca import Questions, benchmark_order, summaries
from .. import Session, _calibration
from .._calibration import FILE
from .._flags import SeveralValues


@click.command(cls=SeveralValues)
@click.option("--annotations", "files", multiple=True, required=True, type=FILE, metavar="FILE…",
              help="One or more annotations.json (JSON or JSON Lines, also .gz).")  # fmt: skip
@click.option("--reference", type=FILE, help="The baseline's model_outputs.json: the order of the questions.")
@_calibration.options
@click.pass_obj
def alpaca(session: Session, files: tuple[Path, ...], reference: Path | None, difficulty: Path | None,
           gamed: Path | None, align: str, resamples: int) -> None:  # fmt: skip
    """AlpacaEval: win rates in percent, raw, at equal length and (with --difficulty and --gamed) length-controlled."""
    every = alpaca_files.read_annotations(files)
    questions = None
    if calibration := _calibration.read(difficulty, gamed):
        known = alpaca_files.read_instructions(reference) if reference else None
        order = known or benchmark_order(every, len(calibration.difficulty))
        questions = Questions(calibration, order, align == "position")
    rows = summaries(every, questions, resamples=resamples)
    session.show(rows, "\n".join(map(_text, rows)))


def _text(row: dict[str, Any]) -> str:
    raw = _rate(row["win_rate"], row["standard_error"])
    controlled = _rate(row["length_controlled_winrate"], row["lc_standard_error"])
    bounds = f", 95 % interval {row['lc_lower']:.2f} to {row['lc_upper']:.2f}" if row["lc_lower"] is not None else ""
    counts = f"{row['n_wins']} won, {row['n_draws']} drawn, {row['n_wins_base']} lost, {row['n_failed']} failed"
    line = f"{row['model']}: win rate {raw}; length-controlled {controlled}{bounds}; {counts}"
    return "\n  ".join([line, at_equal_length(row), *row["notes"], *row["length_notes"]])


def at_equal_length(row: dict[str, Any]) -> str:
    """The length-adjusted and the length-matched win rate in one line."""
    adjusted, matched = (_between(row, f"length_{name}") for name in ("adjusted", "matched"))
    return f"length-adjusted {adjusted}, length-matched {matched} of {row['length_matched_n']} answers"


def _between(row: dict[str, Any], name: str) -> str:
    rate, low, high = (row[f"{name}_{part}"] for part in ("winrate", "lower", "upper"))
    return "–" if rate is None else f"{rate:.2f} (95 % interval {low:.2f} to {high:.2f})"


def _rate(value: float | None, error: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" + (f" ± {error:.2f}" if error is not None else "")
