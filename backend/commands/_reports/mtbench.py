"""`report mtbench`: grades and matches from MT-Bench's judgment rows."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from ...files import placed_rows
from ...report import mt_bench
from .. import Session, _left_out
from ._table import table

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Rows = list[dict[str, Any]]


@click.command()
@click.option("--judgments", type=FILE, required=True, help="Rows of <judge>_single.jsonl or <judge>_pair.jsonl.")
@click.option("--questions", type=FILE, help="question.jsonl of the benchmark: adds the categories.")
@click.option("--duplicates", type=click.Choice(["last", "all"]), default="last", show_default=True,
              help="Which rows of the same question and turn count; `last` is by their order in the file.")  # fmt: skip
@_left_out.options
@click.pass_obj
def mtbench(
    session: Session, judgments: Path, questions: Path | None, duplicates: mt_bench.Duplicates, **given: Any
) -> None:
    """Mean grades per turn, category and model; wins, losses, ties and order flips per two models."""
    rows = list(placed_rows(judgments))
    grades = [mt_bench.grade(place, row) for place, row in rows if not mt_bench.is_match(row)]
    matches = [mt_bench.match(place, row) for place, row in rows if mt_bench.is_match(row)]
    of = mt_bench.categories(placed_rows(questions)) if questions else None

    def tables(left_out: Collection[str] = ()) -> tuple[Rows, Rows]:
        graded = mt_bench.grade_table(mt_bench.without(grades, left_out), of, duplicates)
        matched = mt_bench.match_table(mt_bench.without(matches, left_out), duplicates)
        return [one.row() for one in graded], [one.row() for one in matched]

    if duplicates == "last" and (repeated := mt_bench.repeated(matches)):
        click.echo(f"{repeated} repeated pair rows left out; --duplicates all counts them.", err=True)
    graded, matched = tables()
    text = [table(part) for part in (graded, matched) if part]
    for block, heading, ids in _left_out.wanted(**given):
        rest = tables(ids)
        graded, matched = (
            _beside(all_rows, part, block) for all_rows, part in zip((graded, matched), rest, strict=True)
        )
        text += [f"{heading}:", *(table(part) for part in rest if part)]
    session.show(graded + matched, "\n\n".join(text))


def _beside(rows: Rows, rest: Rows, block: str) -> Rows:
    """The rows, each with the figures of the same models in the other table in a block; None where there are none."""
    of = {frozenset(_models(row).values()): row for row in rest}
    found = ((row, of.get(frozenset(_models(row).values()))) for row in rows)
    return [{**row, block: other and {n: v for n, v in other.items() if n not in _models(row)}} for row, other in found]


def _models(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("model", "model_1", "model_2") if name in row}
