"""`demo`: the bundled sample study, headless."""

from __future__ import annotations

from pathlib import Path

import click

from ..studies.study import launch_study
from . import Session
from .study import finish

PLAN = Path(__file__).parent.parent.parent / "data" / "sample" / "study.yaml"


@click.command()
@click.pass_obj
def demo(session: Session) -> None:
    """Run the sample study and print its table: some minutes the first time, at once afterwards."""
    finish(session, launch_study(session.workspace, PLAN))
