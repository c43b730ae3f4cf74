"""`judge runs`: verdicts on one run's answers against another's; what `judge` does where no benchmark is named."""

from __future__ import annotations

from typing import Any

import click

from ... import runs as all_runs
from ...judges import judges
from ...specs import parse
from .. import Session, _flags, _terms
from . import _local


@click.command(context_settings=_flags.ANY_FLAG, epilog=_flags.listing(judges))
@click.argument("candidate", metavar="CANDIDATE_RUN")
@click.argument("reference", metavar="[REFERENCE_RUN]", required=False)
@click.option("--judge", "name", required=True, help="One of the judges below; its own options are flags as well.")
@click.option("--seed", default=0, show_default=True)
@click.option("--title", help="A name for the run.")
@_local.options
@_terms.options
@click.pass_context
def runs(
    context: click.Context, candidate: str, reference: str | None, name: str, seed: int, title: str | None, **rest: Any
) -> None:
    """Compare the answers of CANDIDATE_RUN with those of REFERENCE_RUN. Run again, it asks only for what is missing."""
    session: Session = context.find_object(Session) or Session()
    ws, chosen = session.workspace, _flags.call(judges, name, context.args)
    title = title or str(chosen)
    at, there = (str(chosen.args.get(key) or "") for key in ("model", "endpoint"))
    model = _local.model(ws, at, there, rest)
    if not isinstance(model, str):
        chosen = judges.call(name, **{**chosen.args, "model": model})
    for run in filter(None, (candidate, reference)):
        ws.spec(run)
    spec = parse({"kind": "judge", "candidate": candidate, "reference": reference, "judge": chosen, "seed": seed})
    terms = _terms.of(ws, model, rest)
    run = all_runs.launch(ws, spec, {"title": title}, terms=terms)
    facts = session.answer(run)
    session.show({"run": run, "status": all_runs.status(ws, run), **facts}, f"{run}: {text(facts)}")


def text(facts: dict[str, Any]) -> str:
    """The verdicts in one line, what they allow to say, and what to know before believing them."""
    counts = f"{facts['judged']} of {facts['items']} items judged, {facts['missing']} missing"
    if "win_rate" not in facts:
        return counts
    rate, low, high = (100 * facts[name] for name in ("win_rate", "low", "high"))
    flips = f"{facts['flips']} order flips of {facts['both_orders']}, " if facts.get("both_orders") else ""
    line = f"win rate {rate:.1f} % ({low:.1f} to {high:.1f}), {facts['ties']} ties, {flips}{counts}"
    return "\n".join(filter(None, (line, facts.get("sentence"), *facts.get("notes", []))))
