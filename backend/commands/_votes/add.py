"""`votes add`: one vote."""

from __future__ import annotations

from typing import get_args

import click

from ... import votes
from .. import Session


@click.command()
@click.argument("item")
@click.option("--prefer", type=click.Choice(tuple(votes.CHOICES)), required=True, help="What is preferred.")
@click.option("--author", required=True, help="Who votes.")
@click.option(
    "--shown-first", type=click.Choice(get_args(votes.Side)), help="Default: what the Review page shows first."
)
@click.pass_obj
def add(session: Session, item: str, prefer: str, author: str, shown_first: votes.Side | None) -> None:
    """Vote on ITEM, the `item` of a Review link: JUDGE_RUN.CANDIDATE.REFERENCE.

    A later vote on the same answers stands.
    """
    on = votes.named(session.workspace, item)
    vote = votes.cast(session.workspace, on, votes.CHOICES[prefer], author, shown_first)
    session.show(votes.rows(session.workspace, [vote])[0], f"{vote.author} prefers {prefer} on {item}")
