"""`votes withdraw`: takes a vote back."""

from __future__ import annotations

import click

from ... import votes
from .. import Session


@click.command()
@click.argument("item")
@click.option("--author", required=True, help="Whose vote.")
@click.pass_obj
def withdraw(session: Session, item: str, author: str) -> None:
    """Take the last vote of a person on ITEM back; an earlier one of theirs stands again."""
    vote = votes.withdraw(session.workspace, votes.named(session.workspace, item), author)
    session.show(votes.rows(session.workspace, [vote])[0], f"the vote of {vote.author} on {item} is withdrawn")
