"""`--dry-run`: the first request of a judge run, and nothing is asked."""

from __future__ import annotations

import json
from typing import Any

import click

from ...errors import BadSpec
from ...judges.preview import Preview, preview
from .. import Session


def show(session: Session, spec: Any) -> None:
    """Prints the request of a judge spec and ends the command. BadSpec where the judge asks nothing."""
    for run in spec.inputs:
        session.follow([run])
    found = preview(session.workspace, spec)
    if found is None:
        raise BadSpec(f"{spec.judge.name} would send nothing: it asks no endpoint, or all answers are identical.")
    session.show(document(found), text(found))
    raise click.exceptions.Exit(0)


def document(found: Preview) -> dict[str, Any]:
    """The request as JSON."""
    return {"order": found.order, "messages": found.messages, "settings": dict(found.settings)}


def text(found: Preview) -> str:
    """The request for people."""
    parts = [f"[{message['role']}]\n{message['content']}" for message in found.messages]
    order = found.order.replace("_", " ")
    return "\n\n".join([f"First request ({order}), with {json.dumps(dict(found.settings))}:", *parts])
