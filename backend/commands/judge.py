"""`judge`: verdicts on one run's answers against another's."""

from __future__ import annotations

from typing import Any

import click

from .. import runs
from ..judges import judges
from ..specs import parse
from . import Session, _flags


@click.command(context_settings=_flags.ANY_FLAG, epilog=_flags.listing(judges))
@click.argument("candidate", metavar="CANDIDATE_RUN")
@click.argument("reference", metavar="REFERENCE_RUN")
@click.option("--judge", "name", required=True, help="One of the judges below; its own options are flags as well.")
@click.option("--seed", default=0, show_default=True)
@click.option("--title", help="A name for the run.")
@click.pass_context
def judge(context: click.Context, candidate: str, reference: str, name: str, seed: int, title: str | None) -> None:
    """Compare the answers of CANDIDATE_RUN with those of REFERENCE_RUN. Run again, it asks only for what is missing."""
    session: Session = context.find_object(Session) or Session()
    chosen = _flags.call(judges, name, context.args)
    for run in (candidate, reference):
        session.workspace.spec(run)
    fields = {"candidate": candidate, "reference": reference, "judge": chosen, "seed": seed}
    spec = parse({"kind": "judge", **fields})
    run = runs.launch(session.workspace, spec, {"title": title or str(chosen)})
    facts = session.answer(run)
    session.show({"run": run, "status": runs.status(session.workspace, run), **facts}, f"{run}: {text(facts)}")


def text(facts: dict[str, Any]) -> str:
    """The verdicts in one line, and what they allow to say in another."""
    counts = f"{facts['judged']} of {facts['items']} items judged, {facts['missing']} missing"
    if "win_rate" not in facts:
        return counts
    rate, low, high = (100 * facts[name] for name in ("win_rate", "low", "high"))
    flips = f"{facts['flips']} order flips of {facts['both_orders']}, " if facts.get("both_orders") else ""
    line = f"win rate {rate:.1f} % ({low:.1f} to {high:.1f}), {facts['ties']} ties, {flips}{counts}"
    return "\n".join(filter(None, (line, facts.get("sentence"), facts.get("warning"))))
