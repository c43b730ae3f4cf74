"""`report benchmarks`: the official figures of a workspace's judge runs, as Results shows them."""

from __future__ import annotations

from typing import Any

import click

from ... import judged
from ...errors import BadInput
from ...judges import length_controlled
from ...judges.figures import TITLES, benchmark
from .. import Session
from ._table import table


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def benchmarks(session: Session, runs: tuple[str, ...]) -> None:
    """What AlpacaEval, MT-Bench and Arena-Hard make of these judge runs (default: all), recorded ones too.

    AlpacaEval's length-controlled win rate is there where the workspace knows its two calibration files: from Results,
    Benchmarks, or `judge alpaca --difficulty --gamed`.
    """
    ws = session.workspace
    specs = {run: ws.spec(run) for run in judged.chosen(ws, runs)}
    of = {run: name for run, spec in specs.items() if (name := benchmark(spec.judge.name))}
    if not of:
        raise BadInput("no benchmark is judged here; `judge alpaca|mtbench|arena` judges one, `judge recorded` reads.")
    names, sides = judged.judge_names(ws, specs), judged.side_names(ws, specs)
    rows = [
        {"benchmark": TITLES[name], "model": sides[run][0], "baseline": sides[run][1], "judge": names[run],
         **length_controlled.figures(ws, run, of), "run": run}
        for name in TITLES for run in of if of[run] == name
    ]  # fmt: skip
    parts = ([row for row in rows if row["benchmark"] == title] for title in TITLES.values())
    session.show(rows, "\n\n".join(f"{part[0]['benchmark']}\n{table(_narrow(part))}" for part in parts if part))


def _narrow(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that hold one word or number in some row."""
    names = dict.fromkeys(name for row in rows for name in row)  # runs of old have fewer
    kept = [name for name in names if any(isinstance(row.get(name), str | int | float) for row in rows)]
    return [{name: row.get(name) for name in kept if name != "benchmark"} for row in rows]
