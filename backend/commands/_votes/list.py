"""`votes list`: the votes that stand."""

from __future__ import annotations

import time

import click

from ... import votes
from .. import Session


@click.command()
@click.option("--author", help="Only the votes of this person.")
@click.pass_obj
def list(session: Session, author: str | None) -> None:
    """List the votes that stand, oldest first: the last one of each person on each two answers."""
    rows = votes.rows(vote for vote in votes.read(session.workspace) if author in (None, vote.author))
    lines = [
        f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(row['at']))}  {row['author']:<16} {row['prefers']:<10} "
        f"candidate {row['candidate_id']}  reference {row['reference_id']}"
        for row in rows
    ]
    session.show(rows, "\n".join(lines) or "no votes; the Review page takes them, and `votes add`.")
