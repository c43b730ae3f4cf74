"""`estimate`: what measuring would cost here, before it is done."""

from __future__ import annotations

from typing import Any

import click

from .. import devices, runs
from ..errors import BadSpec
from ..specs import EstimateSpec, MeasureSpec
from . import Session, _flags, duration


@click.command()
@click.argument("spec", metavar="SPEC.json|-")
@click.pass_obj
def estimate(session: Session, spec: str) -> None:
    """Tokens, time and memory that the measure run in a JSON file would take on this machine. Takes a few seconds."""
    question = _flags.spec(spec)
    if not isinstance(question, MeasureSpec):
        raise BadSpec(f"only measure runs can be estimated, and this is a {question.kind} run; just run it.")
    asked = EstimateSpec(of=question, machine=devices.machine())
    run = runs.launch(session.workspace, asked, {"title": f"Estimate: {question.measure}"})
    facts = session.answer(run)
    session.show({"run": run, "machine": asked.machine, **facts}, f"{words(facts)} On {asked.machine}.")


def words(facts: dict[str, Any]) -> str:
    """An estimate in two sentences."""
    if not facts.get("tokens"):
        return f"Nothing to compute: all {facts['responses']:,} responses are known, or need no model."
    known = facts["reused"] + facts["known"]
    parts = ", ".join(f"{name} {duration(facts[name])}" for name in ("reading", "loading", "computing"))
    speed = f"{facts['tokens_per_second']:,.0f} a second ({facts['gflops']:,.0f} GFLOP/s)"
    return (
        f"About {duration(facts['seconds'])}: {parts} for {facts['tokens']:,} tokens at {speed}; "
        f"{facts['memory'] / 2**30:.1f} GiB of memory. "
        f"{known:,} of {facts['texts'] + facts['reused']:,} texts are known already."
    )
