from __future__ import annotations

from typing import Any

import pytest

from backend.errors import BadData
from backend.report.arena_files import Battles, from_battles, from_judgments


def judgment(*scores: str | None, question: str = "q", model: str = "m", **extra: Any) -> dict[str, Any]:
    return {"question_id": question, "model": model, "games": [{"score": score} for score in scores], **extra}


def v2(row: dict[str, Any]) -> dict[str, Any]:
    return {"uid": row["question_id"], **{name: value for name, value in row.items() if name != "question_id"}}


def read(*rows: dict[str, Any], **options: Any) -> Battles:
    return from_judgments([(f"j row {i}", row) for i, row in enumerate(rows, 1)], "base", **options)


def of_model(found: Battles) -> list[tuple[float, int]]:
    """(points of the model, weight), with the model always first."""
    assert [found.models[i] for i in found.first] == ["m"] * len(found.first)
    return list(zip(found.points.tolist(), found.weight.tolist(), strict=True))


@pytest.mark.parametrize(
    ("label", "as_b", "as_a"),
    [
        ("A>>B", (0, 3), (1, 3)),
        ("A>B", (0, 1), (1, 1)),
        ("A=B", (0.5, 1), (0.5, 1)),
        ("B>A", (1, 1), (0, 1)),
        ("B>>A", (1, 3), (0, 3)),
    ],
)
def test_the_model_is_b_in_the_first_game_and_a_in_the_second(label: str, as_b: object, as_a: object) -> None:
    assert of_model(read(judgment(label, label))) == [as_b, as_a]
    assert of_model(read(v2(judgment(label, label)))) == [as_b, as_a]


@pytest.mark.parametrize(
    ("mirrored", "label"), [("B<<A", "A>>B"), ("B<A", "A>B"), ("B=A", "A=B"), ("A<B", "B>A"), ("A<<B", "B>>A")]
)
def test_mirrored_labels_are_read_by_version_2_only(mirrored: str, label: str) -> None:
    assert of_model(read(v2(judgment(mirrored, label)))) == of_model(read(v2(judgment(label, label))))
    old = read(judgment(mirrored, label))
    assert (len(old.points), old.nulls.tolist()) == (1, [1, 1])


def test_a_null_game_costs_the_game_in_version_1_and_the_question_in_version_2() -> None:
    rows = [judgment("A>B", None, question="q1"), judgment(None, None, question="q2"), judgment("A=B", "A>>B")]
    old, new = read(*rows), read(*map(v2, rows))
    assert of_model(old) == [(0, 1), (0.5, 1), (1, 3)]
    assert of_model(new) == [(0.5, 1), (1, 3)]
    assert old.nulls.tolist() == new.nulls.tolist() == [3, 3]
    assert (old.version, new.version) == ("v0.1", "v2.0")


def test_a_game_may_be_missing_altogether_and_the_weight_is_chosen() -> None:
    row = judgment("A>>B", "A>>B", question="q1")
    found = read({**row, "games": [None, row["games"][1]]}, weight=5)
    assert of_model(found) == [(1, 5)] and found.nulls.tolist() == [1, 1]


def test_rows_against_another_baseline_or_of_another_category_are_left_out() -> None:
    rows = [judgment("A>B", "A>B", question=q, baseline=b, category=c)
            for q, b, c in (("1", "base", "hard"), ("2", "base", "creative"), ("3", "other", "hard"))]  # fmt: skip
    assert read(*rows).questions == ["1", "2"]
    assert read(*rows, category="hard").questions == ["1"]
    with pytest.raises(BadData, match="no row is judged as asked; the rows have baseline 'other'"):
        read(rows[2])


def test_battles_are_read_with_null_winners_counted() -> None:
    row = {"question_id": 1, "model_a": "base", "model_b": "m"}
    winners = ["model_a", "model_b", "tie", "tie (bothbad)", None]
    found = from_battles([("b row", {**row, "winner": winner}) for winner in winners])
    assert (found.points.tolist(), found.weight.tolist()) == ([1, 0, 0.5, 0.5], [1, 1, 1, 1])
    assert (found.models, found.nulls.tolist()) == (["base", "m"], [1, 1])


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (judgment("A>B"), "j row 1 has 1 games"),
        (judgment("A>B", "A>B", model="base"), "lets 'base' play against itself"),
        ({"model": "m", "games": []}, "has no 'question_id'"),
        ({**judgment(), "games": ["A>B", "A>B"]}, "holds a game that is no object"),
        ({**judgment(), "games": [{"score": 1}, {"score": None}]}, "'score' is 1"),
        ({**judgment(), "games": [{"verdict": "A>B"}, None]}, "has no 'score'"),
    ],
)
def test_a_row_that_is_no_judgment_is_named(row: dict[str, Any], says: str) -> None:
    with pytest.raises(BadData, match=says):
        read(row)


def test_versions_are_not_mixed_and_winners_are_known() -> None:
    with pytest.raises(BadData, match="j row 2 is of another version"):
        read(judgment("A>B", "A>B"), v2(judgment("A>B", "A>B")))
    with pytest.raises(BadData, match="the winner is 'm'"):
        from_battles([("b row 1", {"question_id": 1, "model_a": "base", "model_b": "m", "winner": "m"})])
