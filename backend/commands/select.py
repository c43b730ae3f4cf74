"""`select`: a strategy and a budget → a subset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .. import runs
from ..errors import BadSpec, nearest
from ..signals import ROLES
from ..specs import parse
from ..strategies import strategies
from . import Session, _flags


@click.command(context_settings=_flags.ANY_FLAG, epilog=_flags.listing(strategies))
@click.argument("pairs", metavar="RUN")
@click.option("--strategy", required=True, help="One of the strategies below; its own options are flags as well.")
@click.option("--budget", type=click.IntRange(1), help="Number of pairs.")
@click.option("--measure", "measures", multiple=True, metavar="ROLE=RUN", help="A measure run and what it stands for.")
@click.option("--seed", default=0, show_default=True)
@click.option("--title", help="A name for the run.")
@click.pass_context
def select(
    context: click.Context,
    pairs: str,
    strategy: str,
    budget: int | None,
    measures: Sequence[str],
    seed: int,
    title: str,
) -> None:
    """Choose pairs of a load or pair RUN."""
    session: Session = context.find_object(Session) or Session()
    chosen = _flags.call(strategies, strategy, context.args)
    session.workspace.spec(pairs)
    fields: dict[str, Any] = {"pairs": pairs, "strategy": chosen, "budget": budget, "seed": seed}
    spec = parse({"kind": "select", **fields, "measurements": roles(measures)})
    run = runs.launch(session.workspace, spec, {"title": str(chosen)}, title=title)
    facts = session.answer(run)
    notes = "".join(f"\n{name}: {note}" for name, note in facts["notes"].items())
    session.show({"run": run, **facts}, f"{run}: {facts['chosen']} of {facts['pool']} pairs by {chosen}{notes}")


def roles(measures: Sequence[str]) -> dict[str, str]:
    """`ROLE=RUN` options as a mapping; BadSpec where a role is unknown."""
    found = dict(given.partition("=")[::2] for given in measures)
    for role, run in found.items():
        if role not in ROLES or not run:
            raise BadSpec(f"--measure {role}={run} must be ROLE=RUN; {nearest(role, ROLES)}")
    return found
