from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backend.errors import BadData
from backend.files import placed_rows
from backend.report.mt_bench import Grade, Match, categories, grade, grade_table, is_match, match, match_table


def row(model: str, question: int, turn: int, score: object) -> Grade:
    return grade("here row 1", {"model": model, "question_id": question, "turn": turn, "score": score})


def games(*winners: tuple[str, str], models: tuple[str, str] = ("one", "two")) -> list[Match]:
    return [Match(*models, question, 1, pair) for question, pair in enumerate(winners)]


def test_means_by_hand() -> None:
    """Turn 1: (10 + 7) / 2; turn 2: 4; all rows: 21 / 3 and not the mean 6.25 of the turns."""
    (found,) = grade_table([row("m", 1, 1, 10), row("m", 2, 1, 7), row("m", 1, 2, 4), row("m", 2, 2, -1)])
    assert (found.turns, found.average) == ((8.5, 4), 7)
    assert (found.n, found.n_failed, found.n_duplicates, found.categories) == (3, 1, 0, None)


@pytest.mark.parametrize("failed", [-1, -1.0, None, float("nan")])
def test_a_failed_grade_is_counted_and_never_averaged(failed: float | None) -> None:
    (found,) = grade_table([row("m", 1, 1, 8), row("m", 2, 1, failed)])
    assert (found.average, found.n, found.n_failed) == (8, 1, 1)


def test_the_last_row_counts_even_where_it_failed() -> None:
    rows = [row("m", 1, 1, 3), row("m", 2, 1, 5), row("m", 1, 1, 9), row("m", 2, 1, -1), row("m", 1, 2, 1)]
    (last,) = grade_table(rows)
    assert (last.turns[0], last.n, last.n_failed, last.n_duplicates) == (9, 2, 1, 2)
    (every,) = grade_table(rows, duplicates="all")
    assert (every.turns[0], every.n, every.n_failed, every.n_duplicates) == (17 / 3, 4, 1, 2)


def test_models_stand_best_first_and_one_without_grades_last() -> None:
    rows = [row("none", 1, 1, -1), row("low", 1, 1, 2), row("high", 1, 1, 9)]
    found = grade_table(rows, {1: "math", 2: "coding"})
    assert [r.model for r in found] == ["high", "low", "none"]
    assert [r.categories for r in found] == [{"math": s, "coding": None} for s in (9, 2, None)]
    assert (found[2].turns[0], found[2].average, found[2].n, found[2].n_failed) == (None, None, 0, 1)


def test_a_match_needs_the_same_winner_in_both_games() -> None:
    won, lost, tied = ("model_1", "model_1"), ("model_2", "model_2"), ("tie", "tie")
    flip, half, other = ("model_1", "model_2"), ("tie", "model_1"), ("model_2", "tie")
    (found,) = match_table(games(won, won, lost, tied, flip, half, other, ("error", "model_1"), ("tie", "error")))
    assert (found.win, found.loss, found.tie, found.inconsistent, found.errors) == (2, 1, 4, 3, 2)
    assert (found.win_rate, found.win_rate_adjusted) == (100 * 2 / 7, 100 * 4 / 7)


def test_two_models_named_the_other_way_round_are_the_same_two() -> None:
    (found,) = match_table(
        [*games(("model_1", "model_1")), Match("two", "one", 7, 1, ("model_1", "model_1")),
         Match("two", "one", 8, 1, ("model_2", "model_2")), Match("two", "one", 9, 1, ("tie", "error"))]
    )  # fmt: skip
    assert (found.model_1, found.win, found.loss, found.errors) == ("one", 2, 1, 1)


def test_of_repeated_matches_the_last_counts() -> None:
    twice = [*games(("model_1", "model_1")), *games(("model_2", "model_2"))]
    assert [(r.win, r.loss) for r in match_table(twice)] == [(0, 1)]
    assert [(r.win, r.loss) for r in match_table(twice, "all")] == [(1, 1)]


def test_nothing_but_errors_is_no_rate() -> None:
    (found,) = match_table(games(("error", "error")))
    assert (found.win_rate, found.win_rate_adjusted, found.errors) == (None, None, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"score": "8"}, "'score' is \"8\""),
        ({"score": True}, "'score' is true"),
        ({"score": float("inf")}, "infinite"),
        ({"turn": 3}, "'turn' is 3"),
        ({"model": None}, "'model' is null"),
        ({"question_id": [1]}, "'question_id' is [1]"),
    ],
)
def test_a_row_that_is_no_grade_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadData) as error:
        grade("g.jsonl row 4", {"model": "m", "question_id": 1, "turn": 1, "score": 8, **change})
    assert "g.jsonl row 4" in str(error.value) and says in str(error.value)


def test_an_unknown_winner_and_a_missing_column_are_named() -> None:
    good = {"model_1": "a", "model_2": "b", "question_id": 1, "turn": 1, "g1_winner": "tie", "g2_winner": "A"}
    with pytest.raises(BadData, match="row 2: the winner is 'A'; it must be one of model_1"):
        match("p.jsonl row 2", good)
    with pytest.raises(BadData, match="row 2 has no 'score'"):
        grade("p.jsonl row 2", {"model": "m"})


def test_a_question_that_the_questions_file_lacks_is_named() -> None:
    with pytest.raises(BadData, match="question 2 is not in the questions file"):
        grade_table([row("m", 1, 1, 5), row("m", 2, 1, 5)], {1: "math"})


def official(rows: Sequence[Grade]) -> dict[str, list[float]]:
    """FastChat's table in pandas: rows at −1 dropped, mean by model, for both turns and for all rows."""
    frame = pd.DataFrame(
        [{"model": g.model, "turn": g.turn, "score": -1 if g.score is None else g.score} for g in rows]
    )
    frame = frame[frame["score"] != -1]
    means = [part.groupby("model")["score"].mean() for part in (frame[frame.turn == 1], frame[frame.turn == 2], frame)]
    return {model: [part[model] for part in means] for model in frame["model"].unique()}


def test_every_row_counted_is_the_official_table() -> None:
    chance = random.Random(0)
    rows = [
        row(model, chance.randrange(20), chance.choice([1, 2]), chance.choice([-1, *range(1, 11)]))
        for model in ("a", "b", "c")
        for _ in range(200)
    ]
    found = {r.model: [*r.turns, r.average] for r in grade_table(rows, duplicates="all")}
    assert found == {model: pytest.approx(means) for model, means in official(rows).items()}


def test_the_tables_printed_from_the_real_files(shared: Path) -> None:
    folder = shared / "mt_bench"
    rows = [grade(*placed) for placed in placed_rows(folder / "model_judgment" / "gpt-4_single.jsonl")]
    of = categories(placed_rows(folder / "question.jsonl"))
    for found in grade_table(rows, of):
        assert [*found.turns, found.average] == pytest.approx(official(rows)[found.model])
        assert (found.n, found.n_failed, found.n_duplicates) == (160, 0, 0)
        assert found.categories is not None and len(found.categories) == 8
        means = [mean for mean in found.categories.values() if mean is not None]
        assert sum(means) / 8 == pytest.approx(found.average)  # 20 rows each


def test_the_pair_table_of_the_real_file(shared: Path) -> None:
    """Against a count of the raw rows by the official rule, written out in another way."""
    rows = list(placed_rows(shared / "mt_bench" / "model_judgment" / "gpt-4_pair.jsonl"))
    assert all(is_match(raw) for _, raw in rows)
    pairs = [(raw["g1_winner"], raw["g2_winner"]) for _, raw in rows]
    read = [pair for pair in pairs if "error" not in pair]
    (found,) = match_table([match(*placed) for placed in rows])
    assert (found.win, found.loss) == tuple(read.count((name, name)) for name in ("model_1", "model_2"))
    assert found.win + found.loss + found.tie == len(read) and found.errors == len(pairs) - len(read)
    assert found.tie - found.inconsistent == read.count(("tie", "tie"))
