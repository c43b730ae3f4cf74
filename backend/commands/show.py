"""`show`: one run, its question, its answer and where it comes from."""

from __future__ import annotations

import json

import click

from .. import runs
from . import Session, progress_text
from .runs import row


@click.command()
@click.argument("run")
@click.pass_obj
def show(session: Session, run: str) -> None:
    """Show a run: its spec, status, result and lineage."""
    ws = session.workspace
    spec = ws.spec(run)
    document = {
        **row(ws, run),
        "spec": spec.model_dump(mode="json", exclude_none=True),
        "result": ws.result(run),
        "lineage": runs.lineage(ws, run)[1:],
    }
    lines = [f"{run}: {document['status']}"]
    if document["status"] == "running":
        lines.append(progress_text(ws, run))
    if document["status"] == "lost":
        lines.append(f"the job ended without a word; {runs.last_words(ws, run)} Launch it again to go on.")
    lines += [f"{part}: {json.dumps(document[part], indent=1, ensure_ascii=False)}" for part in ("spec", "result")]
    lines.append("made from: " + (", ".join(document["lineage"]) or "nothing but its source"))
    session.show(document, "\n".join(lines))
