"""`judge alpaca`: model_outputs.json against a baseline's, by AlpacaEval's protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...formats import formats
from .. import Session
from . import _benchmark
from ._benchmark import FILE, Files


@click.command()
@click.option("--outputs", type=FILE, required=True, help="The model's model_outputs.json.")
@click.option("--reference", type=FILE, required=True, help="The baseline's model_outputs.json.")
@click.option("--reply", type=click.Choice(["token", "ranking"]), default="token", show_default=True,
              help="token: log-probs of m and M; ranking: AlpacaEval 1's list, with its template.")  # fmt: skip
@_benchmark.options
@click.pass_obj
def alpaca(session: Session, outputs: Path, reference: Path, reply: str, orders: str | None, **given: Any) -> None:
    """AlpacaEval 2: the log-probs of m and M; identical answers are ties without a call.

    --orders official (default): one order per instruction, by AlpacaEval's rule.
    """
    ours, theirs = (Files(formats.call("answers"), path) for path in (outputs, reference))
    found = _benchmark.judge(session, "alpaca_eval", ours, theirs, given, both_orders=orders == "both", reply=reply)
    session.show(found, _benchmark.summary(found, text(found)))


def text(found: dict[str, Any]) -> str:
    """The win rate in one line."""
    if found["win_rate"] is None:
        return "no verdict"
    return (
        f"win rate {found['win_rate']:.2f} %, {found['n_wins']} won, {found['n_draws']} drawn, "
        f"{found['n_wins_base']} lost, {found['n_failed']} failed"
    )
