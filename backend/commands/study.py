"""`study`: a plan file, from its first run to its table."""

from __future__ import annotations

from pathlib import Path

import click

from .. import runs
from ..studies.report import report
from ..studies.study import Study, launch_study
from ..studies.wording import as_document, as_text
from . import Session


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--no-wait", is_flag=True, help="Return at once; the same command later goes on where the runs are.")
@click.pass_obj
def study(session: Session, plan: Path, no_wait: bool) -> None:
    """Run a PLAN (YAML): only runs that are not yet answered cost time."""
    launched = launch_study(session.workspace, plan)
    if no_wait:
        document = {"study": launched.name, "cells": [vars(cell) for cell in launched.cells]}
        session.show(document, f"{len(launched.runs)} runs launched; `python -m backend runs` shows them.")
    else:
        finish(session, launched)


def finish(session: Session, launched: Study) -> None:
    """Follows a study to its end and prints its table; JobFailed names the first run that failed."""
    session.follow(launched.runs)
    for run in launched.runs:
        runs.answer(session.workspace, run)
    if launched.plan.report is None:
        session.show({"study": launched.name, "runs": launched.runs}, f"{len(launched.runs)} runs finished.")
        return
    shown = report(session.workspace, launched)
    session.show(as_document(shown), as_text(shown))
