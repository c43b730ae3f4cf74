"""`run`: any question, as the JSON of its spec."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import runs
from ..errors import NotFound
from ..specs import parse
from . import Session


@click.command()
@click.argument("spec", metavar="SPEC.json|-")
@click.option("--no-wait", is_flag=True, help="Return at once; `show` tells how far it is.")
@click.option("--title", help="A name for the run.")
@click.pass_obj
def run(session: Session, spec: str, no_wait: bool, title: str | None) -> None:
    """Run the question in a JSON file (or on standard input). An answered question returns its answer at once."""
    if spec == "-":
        text = sys.stdin.read()
    elif Path(spec).is_file():
        text = Path(spec).read_text(encoding="utf-8")
    else:
        raise NotFound(f"there is no file {spec!r}; give a spec as JSON, as every page shows it.")
    question = parse(text)
    asked = runs.launch(session.workspace, question, {"title": title} if title else None)
    if no_wait:
        status = runs.status(session.workspace, asked)
        session.show({"run": asked, "status": status}, f"{asked}: {status}")
        return
    facts = session.answer(asked)
    document = {"run": asked, "status": runs.status(session.workspace, asked), **facts}
    session.show(document, "\n".join([f"{asked}: {document['status']}", *(f"{k}: {v}" for k, v in facts.items())]))
