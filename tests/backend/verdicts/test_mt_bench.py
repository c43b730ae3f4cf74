"""MT-Bench's grade and winner: the official odd corners, and every recorded judgement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import Unreadable
from backend.verdicts import mt_bench


def recorded(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of every recorded file of this kind."""
    for path in sorted((shared / "mt_bench" / "model_judgment").glob(f"*{name}.jsonl")):
        with path.open("rb") as file:
            yield from map(json.loads, file)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Rating: [[7]]", 7),
        ("First [[3]], on reflection [[9]]", 3),
        ("See note [1]. Rating: [[8.5]]", 8.5),
        ("Rating: [6]. Before: [2]", 6),
        ("[[15]]", 15),
        ("[[0]]", 0),
        ("[[5.]]", 5),
        ("[[10/10]] [4]", 4),
    ],
)
def test_the_first_double_bracket_counts_else_the_first_single_one(text: str, grade: float) -> None:
    assert mt_bench.grade(text) == grade


def test_a_whole_number_stays_one() -> None:
    assert [json.dumps(mt_bench.grade(text)) for text in ("[[7]]", "[[7.0]]")] == ["7", "7.0"]


@pytest.mark.parametrize("text", ["Rating: 7", "[[-3]]", "[[8/10]]", "[[ 8 ]]", "[[seven]]", "$ERROR$"])
def test_a_text_without_a_grade_has_none(text: str) -> None:
    with pytest.raises(Unreadable, match="no grade"):
        mt_bench.grade(text)


@pytest.mark.parametrize("text", ["[[08]] [7]", "[[٣]]", f"[[{'9' * 400}.]]", f"[[{'9' * 9999}]]"])
def test_a_number_that_python_cannot_read_is_no_grade(text: str) -> None:
    with pytest.raises(Unreadable, match="no number that Python reads"):
        mt_bench.grade(text)


@pytest.mark.parametrize(
    ("text", "winner"),
    [
        ("My verdict: [[A]]", "A"),
        ("[[B]]", "B"),
        ("[[C]]", "tie"),
        ("[[C]] or rather [[B]] or [[A]]", "A"),
        ("[[C]] or rather [[B]]", "B"),
        ("[[[A]]]", "A"),
    ],
)
def test_the_winner_is_the_first_label_of_the_alphabet_that_occurs(text: str, winner: str) -> None:
    assert mt_bench.winner(text) == winner


@pytest.mark.parametrize("text", ["[A]", "[[a]]", "[[ A ]]", "[[A>B]]", "[[8,7]]", "$ERROR$"])
def test_a_text_without_a_label_has_no_winner(text: str) -> None:
    with pytest.raises(Unreadable, match="none of"):
        mt_bench.winner(text)


def test_every_recorded_grade_is_read(shared: Path) -> None:
    rows = list(recorded(shared, "_single"))
    assert rows and [mt_bench.grade(row["judgment"]) for row in rows] == [row["score"] for row in rows]


def test_every_recorded_winner_is_read(shared: Path) -> None:
    """Game 2 shows the answers the other way round; what the official tool could not read, we cannot either."""
    names = {1: {"A": "model_1", "B": "model_2", "tie": "tie"}, 2: {"A": "model_2", "B": "model_1", "tie": "tie"}}

    def read(text: str, game: int) -> str:
        try:
            return names[game][mt_bench.winner(text)]
        except Unreadable:
            return "error"

    rows = list(recorded(shared, "_pair"))
    assert rows
    for game in (1, 2):
        seen = [read(row[f"g{game}_judgment"], game) for row in rows]
        assert seen == [row[f"g{game}_winner"] for row in rows]
