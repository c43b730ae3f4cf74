"""`judge runs`: verdicts on one run's answers against another's; what `judge` does where no benchmark is named."""

from __future__ import annotations

from typing import Any

import click

from ... import runs as all_runs
from ...judges import judges
from ...report.outcomes import OUTCOMES
from ...specs import parse
from .. import Session, _flags, _terms
from ..estimate import stopped
from . import _benchmark, _dry, _local


@click.command(context_settings=_flags.ANY_FLAG, epilog=_flags.listing(judges))
@click.argument("candidate", metavar="CANDIDATE_RUN")
@click.argument("reference", metavar="[REFERENCE_RUN]", required=False)
@click.option("--judge", "name", required=True, help="One of the judges below; its own options are flags as well.")
@click.option("--reference-side", type=click.Choice(["chosen", "rejected"]),
              help="Of a reference that holds pairs: the side to be beaten.")  # fmt: skip
@click.option("--prompts", "--template", "prompts", help="A template file, or the sha256 of one that is known.")
@_benchmark.LIMIT
@_benchmark.DRY_RUN
@click.option("--seed", default=0, show_default=True)
@_benchmark.TITLE
@_local.options
@_terms.options
@click.pass_context
def runs(
    context: click.Context, candidate: str, reference: str | None, name: str, reference_side: str | None,
    prompts: str | None, limit: int | None, dry_run: bool, seed: int, title: str | None, **rest: Any,
) -> None:  # fmt: skip
    """Compare the answers of CANDIDATE_RUN with those of REFERENCE_RUN. Run again, it asks only for what is missing."""
    session: Session = context.find_object(Session) or Session()
    ws = session.workspace
    extra = [*context.args, *(["--prompts", _benchmark.template(ws, prompts)] if prompts else [])]
    chosen = _flags.call(judges, name, extra)
    default = str(chosen)
    at, there = (str(chosen.args.get(key) or "") for key in ("model", "endpoint"))
    model = _local.model(ws, at, there, rest)
    if not isinstance(model, str):
        chosen = judges.call(name, **{**chosen.args, "model": model})
    for run in filter(None, (candidate, reference)):
        ws.spec(run)
    spec = parse({"kind": "judge", "candidate": candidate, "reference": reference, "reference_side": reference_side,
                  "judge": chosen, "limit": limit, "seed": seed})  # fmt: skip
    terms = _terms.of(ws, model, rest)
    if dry_run:
        _dry.show(session, spec, terms)
    run = all_runs.launch(ws, spec, {"title": default}, title=title, terms=terms)
    facts = session.answer(run)
    session.show({"run": run, "status": all_runs.status(ws, run), **facts}, f"{run}: {text(facts)}")


def text(facts: dict[str, Any]) -> str:
    """The verdicts in one line, what they allow to say, and what to know before believing them."""
    counts = f"{facts['judged']} of {facts['items']} items judged, {facts['missing']} missing"
    first, guess = stopped(facts), _benchmark.estimate(facts.get("estimate"))
    if "won" not in facts:
        return "\n".join(filter(None, (first, counts, guess)))
    rate, low, high = (100 * facts[name] for name in ("win_rate", "low", "high"))
    ended = ", ".join(f"{facts[name]} {name}" for name in OUTCOMES)
    line = f"win rate {rate:.1f} % ({low:.1f} to {high:.1f}); of {facts['items']} items {ended}"
    known = (*facts.get("notes", []), *facts.get("length_notes", []))
    lines = (first, line, at_equal_length(facts), facts.get("sentence"), guess, *known)
    return "\n".join(filter(None, lines))


def at_equal_length(facts: dict[str, Any]) -> str:
    """The win rates that leave length out of account; nothing for a run from before there were any."""
    rates = [
        f"{name.replace('_', '-')} {100 * facts[name]:.1f} % ({100 * facts[name + '_low']:.1f} to "
        f"{100 * facts[name + '_high']:.1f})"
        for name in ("length_adjusted", "length_matched")
        if facts.get(name) is not None
    ]
    return f"{', '.join(rates)}; {facts['length_matched_n']} answers are of about equal length" if rates else ""
