"""`judge arena`: Arena-Hard answer rows against a baseline's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ... import files
from ...formats import formats
from .. import Session
from . import _benchmark
from ._benchmark import FILE, Files


@click.command()
@click.option("--answers", "--outputs", "answers", type=FILE, required=True, help="The model's answer rows.")
@click.option("--reference", type=FILE, required=True, help="The baseline's answer rows.")
@click.option("--questions", type=FILE, required=True, help="The benchmark's question.jsonl.")
@click.option("--rules", type=click.Choice(["v0.1", "v2.0"]),
              help="Whose labels and score (default: v0.1 where the questions have clusters).")  # fmt: skip
@_benchmark.options
@click.pass_obj
def arena(session: Session, answers: Path, reference: Path, questions: Path, rules: str | None, **given: Any) -> None:
    """Arena-Hard: five labels in two games; the score is the win probability against the baseline.

    --orders: the two games, one in each order, are the official protocol.
    """
    judge = "arena_hard_v01" if (rules or _rules(questions)) == "v0.1" else "arena_hard_v2"
    ours, theirs = (Files(formats.call("arena_hard"), path, questions) for path in (answers, reference))
    found = _benchmark.judge(session, judge, ours, theirs, given)
    score = "–" if found["score"] is None else f"{found['score']:.2f}"
    text = f"score {score} against {found['baseline']} ({found['n']} battles, {found['n_null']} games without a label)"
    session.show(found, _benchmark.summary(found, text))


def _rules(questions: Path) -> str:
    first = files.first_rows(questions, files.suffix_of(questions.name), 1)
    return "v0.1" if "cluster" in first[0] else "v2.0"
