"""`judge mtbench`: MT-Bench answer rows, graded one by one or matched against another model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...formats import formats
from ...judges.figures import official
from .. import Session, _left_out
from . import _benchmark
from ._benchmark import FILE, Files


@click.command()
@click.option("--answers", "--outputs", "answers", type=FILE, required=True, help="The model's answer rows.")
@click.option("--questions", type=FILE, required=True, help="The benchmark's question.jsonl.")
@click.option("--reference", type=FILE, help="The reference answers for mathematics, reasoning and coding.")
@click.option("--against", type=FILE, help="Another model's answer rows: both are compared, in both orders.")
@_left_out.options
@_benchmark.options
@click.pass_obj
def mtbench(
    session: Session, answers: Path, questions: Path, reference: Path | None, against: Path | None,
    without_known_bad: bool, leave_out: Path | None, **given: Any,
) -> None:  # fmt: skip
    """MT-Bench: a grade from 1 to 10 for every answer and turn; with --against wins, losses and ties.

    --orders: both orders of a match are the official protocol.
    """
    form = formats.call("mt_bench")
    blocks = list(_left_out.wanted(without_known_bad, leave_out))
    ours, *theirs = (Files(form, path, questions, reference) for path in (answers, against) if path)
    judge = "mt_bench_pair" if theirs else "mt_bench"
    found = _benchmark.judge(session, judge, ours, theirs[0] if theirs else None, given)
    if theirs:
        found = {"model_1": found["model"], "model_2": found["baseline"], **found}
    lines = [text(found)]
    for block, heading, ids in blocks:
        rest = found[block] = official(session.workspace, found["run"], ids)
        lines.append(f"{heading}: {text({**found, **rest}) if rest else 'none remains'}")
    session.show(found, _benchmark.summary(found, "\n".join(lines)))


def text(found: dict[str, Any]) -> str:
    """The figures in one line."""
    if "win" in found:
        counts = f"{found['win']} won, {found['tie']} tied ({found['inconsistent']} by order), {found['loss']} lost"
        return f"against {found['baseline']} {counts}, {found['errors']} missing"
    names = [name for name in found if name.startswith("turn_")]
    parts = [f"{name.replace('_', ' ')} {_grade(found[name])}" for name in names]
    return f"{', '.join(parts)}, average {_grade(found['average'])} of {found['n']}, {found['n_failed']} missing"


def _grade(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
