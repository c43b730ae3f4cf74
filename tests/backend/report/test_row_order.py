"""No figure depends on the order in which a file lists its rows, not even its seeded bootstrap interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backend.report import arena, style_control
from backend.report.alpaca import Annotations, Questions, summaries
from backend.report.arena_files import Battles, from_battles, from_judgments
from backend.report.estimate import cells, difference, estimate
from backend.report.judge_bias import by_length, judge_bias
from backend.report.length_adjusted import at_equal_length, difference_at_equal_length
from backend.report.length_control import Calibration
from backend.report.slices import slices
from backend.report.verdicts import Verdicts
from backend.report.win_fractions import win_fractions
from backend.report.win_rate import difference_of, win_rate

ROWS = 90  # on 60 questions: every second one has two
QUESTIONS = 60
Order = Sequence[int]


def verdicts() -> pd.DataFrame:
    """Preferences as a judge by log-probs gives them: their sum depends on its order."""
    chance = np.random.default_rng(7)
    question = np.concatenate([np.arange(QUESTIONS), np.arange(0, QUESTIONS, 2)]).astype(np.uint64)
    value = chance.uniform(size=ROWS)
    longer = chance.integers(-300, 300, ROWS)
    return pd.DataFrame({
        "prompt_id": question, "question": question, "sample": np.arange(ROWS) // QUESTIONS, "turn": 1,
        "preference": value, "value": value, "first": 1 - value, "orders": 2, "flipped": value > 0.9,
        "longer": longer, "relative": longer / 600, "category": np.where(question % 3, "writing", "math"),
    })  # fmt: skip


def annotations(order: Order) -> Annotations:
    rows = verdicts().iloc[list(order)]
    said = ["y" * (400 + n) for n in rows["longer"]]
    asked = [f"question {n}" for n in rows["prompt_id"]]
    return Annotations(
        "m", "b", "f", 1 + rows["preference"].to_numpy(), tuple(asked), ("x" * 400,) * len(rows), tuple(said)
    )


def battles(order: Order) -> Battles:
    """Every model against the baseline on every question, decided by chance."""
    chance = np.random.default_rng(3)
    rows = [
        {"question_id": n, "model": model, "games": [{"score": label} for label in chance.choice(LABELS, 2)]}
        for model in ("one", "two", "three") for n in range(ROWS // 3)
    ]  # fmt: skip
    return from_judgments([(f"row {n}", rows[n]) for n in order], "base")


def any_battles(order: Order) -> Battles:
    chance = np.random.default_rng(4)
    pairs = [chance.choice(["base", "one", "two", "three"], 2, replace=False) for _ in range(ROWS)]
    rows = [
        {"question_id": n % 20, "model_a": a, "model_b": b, "winner": chance.choice(["model_a", "model_b", "tie"])}
        for n, (a, b) in enumerate(pairs)
    ]
    return from_battles([(f"row {n}", rows[n] | {"winner": str(rows[n]["winner"])}) for n in order])


LABELS = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
CHANCE = np.random.default_rng(5)
KNOWN = Questions(
    Calibration(*(CHANCE.normal(size=n) for n in (QUESTIONS, 40, 40)), CHANCE.uniform(size=40)),
    tuple(f"question {n}" for n in range(QUESTIONS)),
)
STYLES = {
    (model, n): tuple(CHANCE.integers(1, 500, 4).tolist())
    for model in ("base", "one", "two", "three") for n in range(ROWS)
}  # fmt: skip


def judged(order: Order) -> pd.DataFrame:
    return verdicts().iloc[list(order)]


def parts(order: Order) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same verdicts as two training seeds have them."""
    other = judged(order).assign(preference=lambda rows: rows["preference"] ** 2)
    return judged(order), other


FIGURES: dict[str, Callable[[Order], Any]] = {
    "a mean": lambda order: estimate(
        cells([(p["prompt_id"].to_numpy(), p["value"].to_numpy()) for p in parts(order)]), bounded=True
    ),
    "a difference": lambda order: difference(
        *(cells([(p["prompt_id"].to_numpy(), p["preference"].to_numpy())]) for p in parts(order))
    ),
    "win rate": lambda order: win_rate([Verdicts(p, ROWS) for p in parts(order)]),
    "difference of win rates": lambda order: difference_of(*([Verdicts(p, ROWS)] for p in parts(order))),
    "at equal length": lambda order: at_equal_length(parts(order)),
    "a difference at equal length": lambda order: difference_at_equal_length(*([p] for p in parts(order))),
    "judge bias": lambda order: judge_bias([Verdicts(judged(order), ROWS)]),
    "by length": lambda order: by_length([judged(order)], by="relative"),
    "categories": lambda order: slices([judged(order)], "category"),
    "grades": lambda order: slices([judged(order).assign(value=lambda rows: 1 + 9 * rows["value"])], graded=True),
    "win fractions": lambda order: win_fractions(
        {"one": {0: judged(order)}, "two": {0: judged(order).assign(value=lambda rows: rows["value"] ** 2)}}, "base"
    ),
    "AlpacaEval": lambda order: summaries([annotations(order)], KNOWN, resamples=20),
    "Arena-Hard": lambda order: arena.leaderboard(battles(order), "base"),
    "Arena-Hard, rows": lambda order: arena.leaderboard(battles(order), "base", resample="rows"),
    "Arena-Hard, any pairing": lambda order: arena.leaderboard(any_battles(order), "base"),
    "style control": lambda order: style_control.leaderboard(battles(order), "base", STYLES, rounds=10),
    "style control, rows": lambda order: style_control.leaderboard(
        battles(order), "base", STYLES, rounds=10, resample="rows"
    ),
}


@pytest.mark.parametrize("figure", FIGURES)
@settings(max_examples=4, deadline=None, phases=[Phase.generate])  # which of the orders fails is of no interest
@given(seed=st.integers(0, 2**32))
def test_any_order_of_the_rows_gives_the_same_figures_to_the_bit(figure: str, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(ROWS).tolist()
    assert exact(FIGURES[figure](order)) == exact(FIGURES[figure](range(ROWS)))


def exact(found: Any) -> str:
    """Every bit of it, arrays included."""
    with np.printoptions(floatmode="unique", threshold=10**9):
        return repr(found)
