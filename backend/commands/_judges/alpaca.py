"""`judge alpaca`: model_outputs.json against a baseline's, by AlpacaEval's protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...formats import formats
from ...judges import length_controlled
from .. import Session, _calibration
from .._calibration import Align
from .._reports.alpaca import at_equal_length
from . import _benchmark
from ._benchmark import FILE, Files


@click.command()
@click.option("--outputs", type=FILE, required=True, help="The model's model_outputs.json.")
@click.option("--reference", type=FILE, required=True, help="The baseline's model_outputs.json.")
@click.option("--reply", type=click.Choice(["token", "ranking"]), default="token", show_default=True,
              help="token: log-probs of m and M; ranking: AlpacaEval 1's list, with its template.")  # fmt: skip
@_calibration.options
@_benchmark.options
@click.pass_obj
def alpaca(session: Session, outputs: Path, reference: Path, reply: str, orders: str | None, difficulty: Path | None,
           gamed: Path | None, align: Align, resamples: int, **given: Any) -> None:  # fmt: skip
    """AlpacaEval 2: the log-probs of m and M; identical answers are ties without a call.

    --orders official (default): one order per instruction, by AlpacaEval's rule. With --difficulty and --gamed the
    length-controlled win rate as well; the workspace keeps both files for Results and `report benchmarks`.
    """
    ws = session.workspace
    if setting := _calibration.setting(ws, difficulty, gamed, align):  # before anything is asked: a file may be wrong
        length_controlled.keep(ws, setting)
    ours, theirs = (Files(formats.call("answers"), path) for path in (outputs, reference))
    found = _benchmark.judge(session, "alpaca_eval", ours, theirs, given, both_orders=orders == "both", reply=reply)
    figures, notes = length_controlled.length_controlled(ws, found["run"], setting, resamples=resamples)
    found |= figures | {"length_notes": [*notes, *found.get("length_notes", [])]}
    session.show(found, _benchmark.summary(found, "\n".join([text(found), *found["length_notes"]])))


def text(found: dict[str, Any]) -> str:
    """The win rate in one line."""
    if found["win_rate"] is None:
        return "no verdict"
    counts = (
        f"{found['n_wins']} won, {found['n_draws']} drawn, {found['n_wins_base']} lost, {found['n_failed']} missing"
    )
    controlled, low, high = (found.get(key) for key in ("length_controlled_winrate", "lc_lower", "lc_upper"))
    bounds = "" if low is None else f" (95 % interval {low:.2f} to {high:.2f})"
    rates = [
        f"win rate {found['win_rate']:.2f} %",
        *([f"length-controlled {controlled:.2f} %{bounds}"] if controlled is not None else []),
        *([at_equal_length(found)] if "length_matched_n" in found else []),  # runs of old have none
    ]
    return f"{'; '.join(rates)}; {counts}"
