"""`judge recorded`: verdicts that another tool recorded become judge runs; nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ... import runs, sources
from ...exchange import importing
from ...exchange.importing import Import
from .. import Session, _flags
from .._reports._table import table
from . import _benchmark
from ._benchmark import FILE

RUN = re.compile(r"(?:(?P<name>.+)=)?(?P<run>[a-z]+-[0-9a-f]{12})")
SHOWN = ("judged", "missing", "status", "run")


@click.command(cls=_flags.SeveralValues)
@click.option("--annotations", "--judgments", "--llm-comparator", "verdicts", multiple=True, required=True, type=FILE,
              metavar="FILE…", help="Recorded verdicts, one or more files of any of these tools.")  # fmt: skip
@click.option("--answers", "--outputs", multiple=True, metavar="FILE|RUN…",
              help="MT-Bench, Arena-Hard: everybody's answers, the baseline's too; also NAME=RUN.")  # fmt: skip
@click.option("--questions", type=FILE, help="MT-Bench, Arena-Hard: question.jsonl, beside files of answers.")
@click.option("--baseline", help="Arena-Hard: whose answers the models were compared with, where it is not plain.")
@click.pass_obj
def recorded(
    session: Session, verdicts: Sequence[Path], answers: Sequence[str], questions: Path | None, baseline: str | None
) -> None:
    """Verdicts on file as judge runs, one for every two models: Results, Review, votes and exports work on them.

    Files are AlpacaEval's annotations.json, LLM Comparator's document, or judgment rows of MT-Bench or Arena-Hard. The
    latter hold no answers: in the official folder (model_judgment/ beside model_answer/ and question.jsonl) they are
    found, elsewhere name them.
    """
    ws = session.workspace
    known = {name: run for name, run in (_run(session, one) for one in answers) if run}
    places = [Path(one) for one in answers if not RUN.fullmatch(one)]
    given = [sources.from_file(ws, path) for path in (*places, *([questions] if questions else []))]
    found = [one for path in verdicts for one in importing.recordings(ws, sources.from_file(ws, path))]
    made, left = importing.imports(ws, found, importing.beside(ws, given, known), baseline)
    rows = _made(session, made)
    lines = [table([_line(row) for row in rows])]
    lines += [f"{row['run']}: {note}" for row in rows for note in row["notes"]]
    session.show([*rows], "\n".join([*lines, *left]))
    for note in left if session.json else ():
        click.echo(note, err=True)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    what, figure = importing.figure(row)
    return {"model": row["model"], "baseline": row["baseline"], "figure": figure, "is": what,
            **{name: row[name] for name in SHOWN}}  # fmt: skip


def _run(session: Session, given: str) -> tuple[str, str | None]:
    match = RUN.fullmatch(given)
    if not match:
        return given, None
    return match["name"] or importing.authors(session.workspace, match["run"]), match["run"]


def _made(session: Session, made: Sequence[Import]) -> list[dict[str, Any]]:
    """Loads the answers, then makes all judge runs: their figures, one row each."""
    ws = session.workspace
    loads = {spec.id: (title, spec) for one in made for title, spec in one.loads.items()}
    _benchmark.loaded(session, list(loads.values()))
    judged = [runs.launch(ws, one.spec, {"title": one.title}, start=False) for one in made]
    runs.wake_queue(ws)
    session.follow(judged)
    return [_row(session, one, run) for one, run in zip(made, judged, strict=True)]


def _row(session: Session, one: Import, run: str) -> dict[str, Any]:
    ws = session.workspace
    facts = session.answer(run)
    names = {"model": one.recording.candidate, "baseline": one.reference}
    kept = {key: facts[key] for key in ("items", "judged", "missing", "failures", "cost", "notes")}
    return {**names, **facts.get("official", {}), "run": run, "status": runs.status(ws, run), **kept}
