"""MT-Bench's tables: grades of single answers, and matches of two models, from its judgment rows or from our verdicts.

The rules are FastChat's (`fastchat/llm_judge/show_result.py`; Zheng et al. 2023, sections 3.1 and 3.4). Unlike there,
failed judgments and repeated rows are counted and shown: the official table drops the first without a word and averages
the second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

from ..errors import BadData
from ..files import Row, field

Question = int | str
Duplicates = Literal["last", "all"]
FAILED = -1  # what the official parser stores where it finds no grade
WINNERS = ("model_1", "model_2", "tie", "error")
# Questions whose reference answer (gpt-4.jsonl) is wrong in at least one turn: vetted by hand in lm-sys/FastChat's pull
# request 3158; of 104 issue 3053 says so too.
KNOWN_BAD = frozenset(map(str, (104, 105, 109, 111, 113, 114, 120, 122, 124, 125, 126, 128, 130)))
_SWAPPED = {"model_1": "model_2", "model_2": "model_1"}


@dataclass(frozen=True)
class Grade:
    """A judge's grade of one answer; None where it could not be read."""

    model: str
    question: Question
    turn: int
    score: float | None


@dataclass(frozen=True)
class Match:
    """The winners of both games on one question and turn; in game 2 the answers were exchanged."""

    model_1: str
    model_2: str
    question: Question
    turn: int
    winners: tuple[str, str]


Judgment = TypeVar("Judgment", Grade, Match)


@dataclass(frozen=True)
class Grades:
    """A model's mean grades: by turn (two at least), over all rows, by category; None where there are none.

    `n` grades are averaged; `n_failed` rows have none; `n_duplicates` rows repeat a question and turn.
    """

    model: str
    turns: tuple[float | None, ...]
    average: float | None
    n: int
    n_failed: int
    n_duplicates: int
    categories: dict[str, float | None] | None

    def row(self) -> dict[str, Any]:
        """The row that is printed: the turns as `turn_1`, `turn_2`, …"""
        return {
            "model": self.model,
            **{f"turn_{turn}": mean for turn, mean in enumerate(self.turns, start=1)},
            "average": self.average,
            "n": self.n,
            "n_failed": self.n_failed,
            "n_duplicates": self.n_duplicates,
            "categories": self.categories,
        }


@dataclass(frozen=True)
class Record:
    """Matches between two models from `model_1`'s side; rates in percent of win + loss + tie.

    `tie` holds every match without a winner in both games, as the official tool counts it; `inconsistent` of them are
    no true ties: their games ended differently. Matches with an unreadable game are `errors` and in no other count.
    """

    model_1: str
    model_2: str
    win: int
    loss: int
    tie: int
    inconsistent: int
    errors: int
    win_rate: float | None
    win_rate_adjusted: float | None

    def row(self) -> dict[str, Any]:
        """The row that is printed."""
        return asdict(self)


def is_match(row: Row) -> bool:
    """Whether a judgment row compares two models."""
    return "g1_winner" in row or "model_1" in row


def grade(place: str, row: Row) -> Grade:
    """A row of `model_judgment/<judge>_single.jsonl`; BadData where it is none."""
    score = field(row, "score", (int, float, type(None)), place)
    if score is not None and math.isinf(score):
        raise BadData(f"{place}: 'score' is infinite; mend or remove the row.")
    failed = score is None or score == FAILED or math.isnan(score)
    return Grade(field(row, "model", str, place), *_asked(place, row), None if failed else float(score))


def match(place: str, row: Row) -> Match:
    """A row of `model_judgment/<judge>_pair.jsonl`; BadData where it is none."""
    models = field(row, "model_1", str, place), field(row, "model_2", str, place)
    winners = field(row, "g1_winner", str, place), field(row, "g2_winner", str, place)
    for winner in winners:
        if winner not in WINNERS:
            raise BadData(f"{place}: the winner is {winner[:40]!r}; it must be one of {', '.join(WINNERS)}.")
    return Match(*models, *_asked(place, row), winners)


def categories(rows: Iterable[tuple[str, Row]]) -> dict[Question, str]:
    """The category of each question, from the rows of `question.jsonl`."""
    return {field(row, "question_id", (int, str), at): field(row, "category", str, at) for at, row in rows}


def grade_table(
    grades: Sequence[Grade], of: Mapping[Question, str | None] | None = None, duplicates: Duplicates = "last"
) -> list[Grades]:
    """Every model's means, best first. With `last`, the last row of a question and turn in file order counts.

    The average is the mean of all rows, not of the two turns' means. BadData where `of` lacks a question.
    """
    unknown = {g.question for g in grades} - of.keys() if of is not None else set()
    if unknown:
        raise BadData(f"question {min(unknown, key=str)!r} is not in the questions file; give this benchmark's own.")
    models = dict.fromkeys(g.model for g in grades)
    rows = [_grades(model, [g for g in grades if g.model == model], of, duplicates) for model in models]
    return sorted(rows, key=lambda row: -math.inf if row.average is None else row.average, reverse=True)


def match_table(matches: Sequence[Match], duplicates: Duplicates = "last") -> list[Record]:
    """A record per two models, the strongest adjusted win rate first. Rows that name the two models the other way
    round belong to the same record. Repeated rows as in `grade_table`.
    """
    together: dict[frozenset[str], list[Match]] = {}
    for one in matches:
        together.setdefault(frozenset((one.model_1, one.model_2)), []).append(one)
    rows = [_record([_seen_from(part[0].model_1, one) for one in part], duplicates) for part in together.values()]
    return sorted(rows, key=lambda row: -1 if row.win_rate_adjusted is None else row.win_rate_adjusted, reverse=True)


def without(items: Sequence[Judgment], left_out: Collection[str]) -> list[Judgment]:
    """The grades or matches on other questions than those, which are named as text."""
    return [item for item in items if str(item.question) not in left_out]


def repeated(items: Sequence[Grade] | Sequence[Match]) -> int:
    """How many rows repeat a question and turn of the same model, or of the same two models."""
    return len(items) - len({_key(item) for item in items})


def _asked(place: str, row: Row) -> tuple[Question, int]:
    turn = field(row, "turn", int, place)
    if turn not in (1, 2):
        raise BadData(f"{place}: 'turn' is {turn}; MT-Bench has turns 1 and 2: mend or remove the row.")
    return field(row, "question_id", (int, str), place), turn


def _key(item: Grade | Match) -> tuple[object, ...]:
    models = (item.model,) if isinstance(item, Grade) else (item.model_1, item.model_2)
    return frozenset(models), item.question, item.turn


def _grades(model: str, rows: list[Grade], of: Mapping[Question, str | None] | None, duplicates: Duplicates) -> Grades:
    counted = list({_key(g): g for g in rows}.values()) if duplicates == "last" else rows
    good = [g for g in counted if g.score is not None]
    return Grades(
        model=model,
        turns=tuple(_mean(g for g in good if g.turn == turn) for turn in range(1, 1 + max(2, *(g.turn for g in rows)))),
        average=_mean(good),
        n=len(good),
        n_failed=len(counted) - len(good),
        n_duplicates=repeated(rows),
        categories=None if of is None else _by_category(good, of),
    )


def _by_category(grades: list[Grade], of: Mapping[Question, str | None]) -> dict[str, float | None]:
    names = dict.fromkeys(name for name in of.values() if name is not None)
    return {name: _mean(g for g in grades if of[g.question] == name) for name in names}


def _mean(grades: Iterable[Grade]) -> float | None:
    scores = [g.score for g in grades if g.score is not None]
    return math.fsum(scores) / len(scores) if scores else None


def _seen_from(model: str, one: Match) -> Match:
    if one.model_1 == model:
        return one
    first, second = (_SWAPPED.get(winner, winner) for winner in one.winners)
    return Match(one.model_2, one.model_1, one.question, one.turn, (first, second))


def _record(rows: list[Match], duplicates: Duplicates) -> Record:
    counted = list({_key(one): one for one in rows}.values()) if duplicates == "last" else rows
    read = [one.winners for one in counted if "error" not in one.winners]
    win, loss = read.count(("model_1", "model_1")), read.count(("model_2", "model_2"))
    tie = len(read) - win - loss
    return Record(
        model_1=rows[0].model_1,
        model_2=rows[0].model_2,
        win=win,
        loss=loss,
        tie=tie,
        inconsistent=sum(first != second for first, second in read),
        errors=len(counted) - len(read),
        win_rate=100 * win / len(read) if read else None,
        win_rate_adjusted=100 * (win + tie / 2) / len(read) if read else None,
    )
