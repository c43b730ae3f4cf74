"""`report`: the official tools' numbers from their own files. No server, no GPU, no network."""

from __future__ import annotations

import click

from . import Commands, _reports


class Reports(Commands):
    """Finds `backend/commands/_reports/<name>.py` when it is asked for."""

    package = _reports


@click.group(cls=Reports)
def report() -> None:
    """Win rates, grades and agreement from the files that AlpacaEval, MT-Bench and Arena-Hard write."""
