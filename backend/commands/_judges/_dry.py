"""`--dry-run`: what a judge run would take and its first request, and nothing is asked."""

from __future__ import annotations

import json
from typing import Any

import click

from ...errors import BadSpec
from ...judges.preview import Preview, preview
from ...terms import Terms
from .. import Session, estimate


def show(session: Session, spec: Any, terms: Terms) -> None:
    """Prints estimate and request of a judge spec and ends the command. BadSpec where the judge asks no endpoint."""
    for run in spec.inputs:
        session.follow([run])
    found = preview(session.workspace, spec, terms)
    if found is None:
        raise BadSpec(f"{spec.judge.name} would send nothing: it asks no endpoint; just run it.")
    session.show(document(found), text(found))
    raise click.exceptions.Exit(0)


def document(found: Preview) -> dict[str, Any]:
    """Estimate and request as JSON; the request's parts are null where nothing would be sent."""
    first = found.first
    request = {
        "order": first and first.asked.order,
        "messages": first and first.messages,
        "settings": first and dict(first.settings),
    }
    return {**request, "estimate": estimate.document(found.forecast)}


def text(found: Preview) -> str:
    """Estimate and request for people."""
    parts = [estimate.judging(found.forecast)]
    if first := found.first:
        order = first.asked.order.replace("_", " ")
        parts += [f"First request ({order}), with {json.dumps(dict(first.settings))}:"]
        parts += [f"[{message['role']}]\n{message['content']}" for message in first.messages]
    return "\n\n".join(parts)
