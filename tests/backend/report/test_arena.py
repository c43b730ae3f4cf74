from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from backend.errors import BadSpec
from backend.files import placed_rows
from backend.report import bradley_terry
from backend.report.arena import Standing, leaderboard, outcomes, scores
from backend.report.arena_files import Battles, from_battles

WINNERS = {1.0: "model_a", 0.0: "model_b", 0.5: "tie"}


def fought(*rows: tuple[str, str, float, int], nulls: int = 0) -> Battles:
    """(model a, model b, points of a, question)."""
    battles = [{"question_id": q, "model_a": a, "model_b": b, "winner": WINNERS[p]} for a, b, p, q in rows]
    nothing = {"question_id": 0, "model_a": "silent", "model_b": "base", "winner": None}
    return from_battles([("row", row) for row in (*battles, *[nothing] * nulls)])


def by_model(found: list[Standing]) -> dict[str, Standing]:
    return {row.model: row for row in found}


def test_scores_by_hand_whichever_column_holds_the_baseline() -> None:
    """m: 2 wins, 1 tie, 1 loss of 4 = 62.5; k lost its only battle = 0."""
    found = leaderboard(
        fought(
            ("base", "m", 0, 1), ("m", "base", 1, 2), ("base", "m", 0.5, 3), ("m", "base", 0, 4), ("base", "k", 1, 1)
        ),
        "base",
    )
    assert [(r.model, r.score, r.n) for r in found] == [("m", 62.5, 4), ("base", 50, 5), ("k", 0, 1)]
    assert (found[1].lower, found[1].upper) == (50, 50)


def test_a_model_without_a_verdict_has_no_score_and_stands_last() -> None:
    found = leaderboard(fought(("m", "base", 0, 1), nulls=2), "base")
    assert found[-1] == Standing("silent", None, None, None, 0, 2)
    assert by_model(found)["base"].n_null == 2
    nothing = leaderboard(fought(nulls=1), "base")
    assert [(r.model, r.score) for r in nothing] == [("base", 50), ("silent", None)]


def test_the_mean_score_is_the_bradley_terry_fit() -> None:
    """The closed form against the fit of the same draws, where everybody meets only the baseline."""
    chance = np.random.default_rng(0)
    rows = [(f"m{chance.integers(5)}", "base", float(chance.choice([0, 0.5, 1])), int(q)) for q in range(400)]
    battles = fought(*rows)
    seen, anchor = outcomes(battles), battles.models.index("base")
    counts = chance.multinomial(400, seen.counts / 400, 20)
    wins = np.zeros((20, 6, 6))
    for cell, (one, other, points) in enumerate(zip(seen.first, seen.second, seen.points, strict=True)):
        wins[:, one, other] += points * counts[:, cell]
        wins[:, other, one] += (1 - points) * counts[:, cell]
    strengths = bradley_terry.fit(wins)
    fitted = 100 * expit(strengths - strengths[:, [anchor]])
    assert scores(seen, counts, 6, anchor) == pytest.approx(np.where(np.arange(6) == anchor, 50, fitted), abs=1e-6)


def test_models_that_never_met_the_baseline_are_compared_through_others() -> None:
    """m beats the baseline 3 : 1 and k beats m 3 : 1: k's odds against the baseline are 9, so 90 %."""
    rows = [("m", "base", p, q) for q, p in enumerate((1.0, 1, 1, 0))] + [
        ("k", "m", p, q) for q, p in enumerate((1.0, 0, 1, 1))
    ]
    found = by_model(leaderboard(fought(*rows, ("x", "y", 1, 9)), "base"))
    assert found["k"].score == pytest.approx(90) and found["m"].score == pytest.approx(75)
    assert (found["x"].score, found["x"].lower, found["x"].n) == (None, None, 1)


def test_one_question_has_no_interval_and_rows_have_one() -> None:
    rows = [("m", "base", float(p), 1) for p in (1, 0, 1, 1, 0)]
    questions, drawn = (by_model(leaderboard(fought(*rows), "base", resample=r))["m"] for r in ("questions", "rows"))
    assert (questions.lower, questions.upper) == (60, 60)
    assert drawn.lower is not None and drawn.upper is not None and drawn.lower < 60 < drawn.upper


def test_the_same_seed_gives_the_same_interval() -> None:
    battles = fought(*[("m", "base", float(q % 3 == 0), q) for q in range(60)])
    assert leaderboard(battles, "base", seed=1) == leaderboard(battles, "base", seed=1)
    assert leaderboard(battles, "base", seed=1) != leaderboard(battles, "base", seed=2)


def test_a_baseline_that_never_fought_is_named() -> None:
    with pytest.raises(BadSpec, match="no battle of the baseline 'bass'; did you mean 'base'"):
        leaderboard(fought(("m", "base", 1, 1)), "bass")


@pytest.mark.parametrize(("resample", "low", "high"), [("questions", 0.91, 0.98), ("rows", 0.60, 0.90)])
def test_question_intervals_hold_the_truth_as_often_as_they_say_and_row_intervals_do_not(
    resample: str, low: float, high: float
) -> None:
    """400 studies of 80 questions, both games alike and a third of the verdicts strong; the true score is known."""
    chance, held = np.random.default_rng(4), 0
    for _ in range(400):
        liked, strong = chance.beta(1.2, 1, 80), np.where(chance.random(80) < 1 / 3, 3, 1)
        points = np.repeat((chance.random(80) < liked).astype(float), 2)
        question, zeros = np.repeat(np.arange(80), 2), np.zeros(160, np.int64)
        battles = Battles(
            ["m", "base"], list(range(80)), zeros, zeros + 1, points, question, np.repeat(strong, 2), zeros[:2]
        )
        found = by_model(leaderboard(battles, "base", rounds=200, resample=resample))["m"]  # type: ignore[arg-type]
        assert found.lower is not None and found.upper is not None
        held += found.lower <= 100 * 1.2 / 2.2 <= found.upper
    assert low <= held / 400 <= high


def test_the_published_table(shared: Path) -> None:
    folder = shared / "arena_hard"
    battles = from_battles(placed_rows(folder / "battles_v0.1.jsonl.gz"))
    printed = list(csv.DictReader((folder / "leaderboard_v0.1.csv").open(encoding="utf-8")))
    baseline = next(row["model"] for row in printed if row["rating_q025"] == row["rating_q975"])
    official = by_model(leaderboard(battles, baseline, resample="rows", rounds=1000))
    ours = by_model(leaderboard(battles, baseline, rounds=1000))
    assert official.keys() == {row["model"] for row in printed}
    for row in printed:
        found, wide = official[row["model"]], ours[row["model"]]
        assert found.score == pytest.approx(float(row["score"]), abs=0.005 + 1e-9)
        # The printed quantiles are of 100 draws: their own error is about half a point.
        assert [found.lower, found.upper] == pytest.approx(
            [float(row["rating_q025"]), float(row["rating_q975"])], abs=1
        )
        if row["model"] != baseline:
            assert 1.5 < (wide.upper - wide.lower) / (found.upper - found.lower) < 2  # type: ignore[operator]
