"""`run`: any question, as the JSON of its spec."""

from __future__ import annotations

import click

from .. import runs
from . import Session, _flags


@click.command()
@click.argument("spec", metavar="SPEC.json|-")
@click.option("--no-wait", is_flag=True, help="Return at once; `show` tells how far it is.")
@click.option("--title", help="A name for the run.")
@click.pass_obj
def run(session: Session, spec: str, no_wait: bool, title: str | None) -> None:
    """Run the question in a JSON file (or on standard input). An answered question returns its answer at once."""
    question = _flags.spec(spec)
    asked = runs.launch(session.workspace, question, title=title)
    if no_wait:
        status = runs.status(session.workspace, asked)
        session.show({"run": asked, "status": status}, f"{asked}: {status}")
        return
    facts = session.answer(asked)
    document = {"run": asked, "status": runs.status(session.workspace, asked), **facts}
    session.show(document, "\n".join([f"{asked}: {document['status']}", *(f"{k}: {v}" for k, v in facts.items())]))
