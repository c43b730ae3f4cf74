"""`votes`: people's verdicts beside the judges'."""

from __future__ import annotations

import click

from . import Commands, _votes


class Votes(Commands):
    """Finds `backend/commands/_votes/<name>.py` when it is asked for."""

    package = _votes


@click.group(cls=Votes)
def votes() -> None:
    """Vote on judged answers; see how far people agree with the judge; make preference pairs of votes."""
