"""`estimate`: what measuring or judging would cost, before it is done."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from .. import devices, runs
from ..errors import BadSpec
from ..judges.preview import Forecast, preview
from ..specs import EstimateSpec, JudgeSpec, MeasureSpec
from . import Session, _flags, duration


@click.command()
@click.argument("spec", metavar="SPEC.json|-")
@click.pass_obj
def estimate(session: Session, spec: str) -> None:
    """What the run in a JSON file would take. Measuring: tokens, time and memory on this machine, in a few seconds.

    Judging: calls, tokens and, where the workspace's prices.json has the judge's price, money at most.
    """
    question = _flags.spec(spec)
    if isinstance(question, JudgeSpec):
        _judging(session, question)
        return
    if not isinstance(question, MeasureSpec):
        raise BadSpec(f"only measure and judge runs can be estimated, and this is a {question.kind} run; just run it.")
    asked = EstimateSpec(of=question, machine=devices.machine())
    run = runs.launch(session.workspace, asked, {"title": f"Estimate: {question.measure}"})
    facts = session.answer(run)
    session.show({"run": run, "machine": asked.machine, **facts}, f"{words(facts)} On {asked.machine}.")


def _judging(session: Session, spec: JudgeSpec) -> None:
    found = preview(session.workspace, spec)
    if found is None:
        raise BadSpec(f"the judge {spec.judge.name!r} asks no endpoint and costs no calls; just run it.")
    session.show(document(found.forecast), judging(found.forecast))


def document(found: Forecast) -> dict[str, Any]:
    """A forecast of judging as JSON."""
    return dataclasses.asdict(found) | {"price": found.price and found.price.model_dump()}


def judging(found: Forecast) -> str:
    """A forecast of judging in a sentence or two."""
    if found.identical == found.answers:
        return (
            f"All {found.answers:,} answers are the same text as the reference's: every verdict is a tie, and nothing "
            "is asked. Choose another reference."
        )
    known = found.verdicts - found.calls
    without = f" ({known:,} need none: known already, alike, or identical answers)" if known else ""
    answers = f"{found.answers:,} {f'of {found.of:,} ' * (found.of > found.answers)}answers"
    calls = f"{found.calls:,} calls for {found.verdicts:,} judgements (one for each order) on {answers}{without}"
    tokens = f"about {found.prompt_tokens:,} prompt tokens and at most {found.reply_tokens:,} of replies"
    if found.served:
        return (
            f"{calls}: {tokens}. No money: vLLM serves the judge on this machine, for this run alone. Starting it "
            "takes a minute or several; how long the rest takes shows once it runs."
        )
    if found.price is None or found.cost is None:
        where = "the workspace's prices.json, on the page Judge under *How fast, at what price*"
        return f"{calls}: {tokens}. No price is known for this judge; add it to {where}."
    price = f"${found.price.input:g} and ${found.price.output:g} a million"
    return f"{calls}: {tokens}, at most ${found.cost:,.2f} at {price}. Retries come on top."


def stopped(facts: dict[str, Any]) -> str:
    """What ended the asking, and what the figures are therefore of; nothing where all was asked."""
    if "ended_by" not in facts:
        return ""
    left = facts["failures"].get("not_asked", 0)
    of = f"{facts['judged']:,} of {facts['items']:,} items"
    return f"Stopped: {facts['ended_by']} What follows is of {of}; {left:,} judgements were not asked for."


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
