"""`votes list`: the votes that stand."""

from __future__ import annotations

import textwrap
import time
from typing import Any

import click

from ... import votes
from .. import Session


@click.command()
@click.option("--author", help="Only the votes of this person.")
@click.pass_obj
def list(session: Session, author: str | None) -> None:
    """List the votes that stand, oldest first: the last one of each person on each two answers."""
    ws = session.workspace
    rows = votes.rows(ws, (vote for vote in votes.read(ws) if author in (None, vote.author)))
    session.show(rows, "\n".join(map(text, rows)) or "no votes; the Review page takes them, and `votes add`.")


def text(row: dict[str, Any]) -> str:
    """Who preferred what, when; below that the two sides, and the item in each judge run."""
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["at"]))
    prompt = " ".join((row["prompt"] or "(its prompt was deleted)").split())
    sides = f"{row['candidate']} against {row['reference']}" if row["items"] else "(its judge runs were deleted)"
    first = f"{at}  {row['author']:<16} {row['prefers']:<10} {textwrap.shorten(prompt, 70, placeholder=' …')}"
    return "\n    ".join([first, sides, *row["items"]])
