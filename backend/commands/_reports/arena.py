"""`report arena`: Arena-Hard's leaderboard from judgment or battle rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import click

from ...errors import BadSpec
from ...files import placed_rows
from ...report import arena as figures
from ...report import style_control as styled
from ...report.answer_style import from_answers
from ...report.arena_files import Battles, from_battles, from_judgments
from .. import Session
from ._table import table

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Of the official interval, over rows; ours, over questions, is always of 95 %.
OFFICIAL_LEVEL = {"v0.1": 0.95, "v2.0": 0.90}


@click.command()
@click.option("--battles", type=FILE, multiple=True, help="Rows {question_id, model_a, model_b, winner}.")
@click.option(
    "--judgments", type=FILE, multiple=True, help="Rows of model_judgment/<judge>/<model>.jsonl; may be repeated."
)
@click.option("--baseline", required=True, help="The model that stands at 50.")
@click.option("--style-control", is_flag=True, help="Length and markdown held at their mean (v2.0); needs --answers.")
@click.option(
    "--answers", type=FILE, multiple=True, help="Rows {uid, model, metadata} of all models, the baseline's too."
)
@click.option("--category", help="Only judgment rows of this category (v2.0).")
@click.option("--weight", type=click.IntRange(1), default=3, show_default=True, help="Battles of a strong label.")
@click.option("--rounds", type=click.IntRange(1), default=100, show_default=True, help="Bootstrap draws.")
@click.option("--resample", type=click.Choice(["rows", "questions"]), default="questions", show_default=True,
              help="What is drawn; `rows` is the official interval (95 % for v0.1, 90 % for v2.0).")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.pass_obj
def arena(
    session: Session, battles: Sequence[Path], judgments: Sequence[Path], baseline: str, style_control: bool,
    answers: Sequence[Path], category: str | None, weight: int, rounds: int, resample: figures.Resample, seed: int,
) -> None:  # fmt: skip
    """Win probability against the baseline, with a bootstrap interval over questions."""
    if style_control != bool(answers):
        raise BadSpec("--style-control and --answers belong together: the styles are read from the answer files.")
    seen = _battles(battles, judgments, baseline, weight, category)
    level = OFFICIAL_LEVEL[seen.version] if resample == "rows" else figures.LEVEL
    drawing: figures.Drawing = {"rounds": rounds, "resample": resample, "seed": seed, "level": level}
    rows = _styled(seen, baseline, answers, drawing) if answers else _plain(seen, baseline, drawing)
    session.show(rows, table(rows))


def _plain(battles: Battles, baseline: str, drawing: figures.Drawing) -> list[dict[str, Any]]:
    return [asdict(row) for row in figures.leaderboard(battles, baseline, **drawing)]


def _styled(battles: Battles, baseline: str, answers: Sequence[Path], drawing: figures.Drawing) -> list[dict[str, Any]]:
    style = from_answers(chain.from_iterable(map(placed_rows, answers)))
    found, effects = styled.leaderboard(battles, baseline, style, **drawing)
    return [asdict(row) | {"coefficients": effects} for row in found]


def _battles(
    battles: Sequence[Path], judgments: Sequence[Path], baseline: str, weight: int, category: str | None
) -> Battles:
    if bool(battles) == bool(judgments):
        raise BadSpec("give either --battles or --judgments: the files that the leaderboard is made from.")
    rows = chain.from_iterable(map(placed_rows, battles or judgments))
    return from_battles(rows) if battles else from_judgments(rows, baseline, weight, category)
