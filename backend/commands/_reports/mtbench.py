"""`report mtbench`: grades and matches from MT-Bench's judgment rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ...files import placed_rows
from ...report import mt_bench
from .. import Session
from ._table import table

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--judgments", type=FILE, required=True, help="Rows of <judge>_single.jsonl or <judge>_pair.jsonl.")
@click.option("--questions", type=FILE, help="question.jsonl of the benchmark: adds the categories.")
@click.option("--duplicates", type=click.Choice(["last", "all"]), default="last", show_default=True,
              help="Which rows of the same question and turn count; `last` is by their order in the file.")  # fmt: skip
@click.pass_obj
def mtbench(session: Session, judgments: Path, questions: Path | None, duplicates: mt_bench.Duplicates) -> None:
    """Mean grades per turn, category and model; wins, losses, ties and order flips per two models."""
    rows = list(placed_rows(judgments))
    grades = [mt_bench.grade(place, row) for place, row in rows if not mt_bench.is_match(row)]
    matches = [mt_bench.match(place, row) for place, row in rows if mt_bench.is_match(row)]
    of = mt_bench.categories(placed_rows(questions)) if questions else None
    parts: list[list[dict[str, Any]]] = [
        [asdict(row) for row in mt_bench.grade_table(grades, of, duplicates)],
        [asdict(row) for row in mt_bench.match_table(matches, duplicates)],
    ]
    if duplicates == "last" and (left_out := mt_bench.repeated(matches)):
        click.echo(f"{left_out} repeated pair rows left out; --duplicates all counts them.", err=True)
    session.show(parts[0] + parts[1], "\n\n".join(table(part) for part in parts if part))
