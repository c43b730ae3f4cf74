"""Arena-Hard's files → battles: judgment rows of v0.1 and v2.0, and the battle rows that v0.1 writes.

Labels and what becomes of them follow `show_result.py` of both versions. A label counts once, a strong one (`>>`) as
often as its weight. In game 1 the baseline is A, in game 2 the model is A. Without a label, v0.1 drops the game and
v2.0 the question.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..errors import BadData
from ..files import Row
from ..files import field as column

Version = Literal["v0.1", "v2.0"]
# label → (points of A, is it strong)
_FIVE = {"A>>B": (1.0, True), "A>B": (1.0, False), "A=B": (0.5, False), "B>A": (0.0, False), "B>>A": (0.0, True)}
_MIRRORED = {"B<<A": (1.0, True), "B<A": (1.0, False), "B=A": (0.5, False), "A<B": (0.0, False), "A<<B": (0.0, True)}
_LABELS: dict[Version, dict[str, tuple[float, bool]]] = {"v0.1": _FIVE, "v2.0": _FIVE | _MIRRORED}
_WINNERS = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "tie (bothbad)": 0.5}


@dataclass(frozen=True)
class Battles:
    """Battles as columns of equal length n. `nulls` counts the games without a verdict of each model.

    `first`, `second`: int64[n], numbers of `models`; `points`: float64[n], 1, ½ or 0 for the first; `question`:
    int64[n], numbers of `questions`; `weight`: int64[n], how many battle rows of the official tool a row stands for.
    """

    models: list[str]
    questions: list[Hashable]
    first: np.ndarray
    second: np.ndarray
    points: np.ndarray
    question: np.ndarray
    weight: np.ndarray
    nulls: np.ndarray
    version: Version = "v0.1"


class _Numbers(dict[Any, int]):
    """Numbers names in the order in which they are first asked for."""

    def __missing__(self, name: Hashable) -> int:
        self[name] = len(self)
        return self[name]


@dataclass
class Rows:
    """Battles as they are read, one after the other."""

    models: _Numbers = field(default_factory=_Numbers)
    questions: _Numbers = field(default_factory=_Numbers)
    rows: list[tuple[int, int, float, int, int]] = field(default_factory=list)
    nulls: list[int] = field(default_factory=list)

    def add(self, first: str, second: str, points: float, question: Hashable, weight: int) -> None:
        """A game as the `weight` battles that it counts as."""
        self.rows.append((self.models[first], self.models[second], points, self.questions[question], weight))

    def add_null(self, *models: str) -> None:
        """A game of each of these models without a label."""
        self.nulls += [self.models[model] for model in models]

    def battles(self, version: Version) -> Battles:
        """All of them as arrays, models and questions by name: draws do not depend on the order in which they came."""
        parts = list(zip(*self.rows, strict=True)) or [()] * 5
        first, second, question, weight = (np.array(parts[at], np.int64) for at in (0, 1, 3, 4))
        models, place_of_model = _sorted(self.models)
        questions, place_of_question = _sorted(self.questions)
        return Battles(
            models=models,
            questions=questions,
            first=place_of_model[first],
            second=place_of_model[second],
            points=np.array(parts[2], np.float64),
            question=place_of_question[question],
            weight=weight,
            nulls=np.bincount(place_of_model[np.array(self.nulls, np.int64)], minlength=len(models)),
            version=version,
        )


def _sorted(names: Iterable[Any]) -> tuple[list[Any], np.ndarray]:
    """Names in an order of their own, and where each of those given has come to stand: int64[n]."""
    names = list(names)
    order = sorted(range(len(names)), key=lambda at: (str(type(names[at])), names[at]))
    return [names[at] for at in order], np.argsort(np.array(order, np.int64))


def from_battles(rows: Iterable[tuple[str, Row]]) -> Battles:
    """Rows {question_id, model_a, model_b, winner}: a battle each, of any two models; a null winner is a null game."""
    found = Rows()
    for place, row in rows:
        pair = column(row, "model_a", str, place), column(row, "model_b", str, place)
        winner = column(row, "winner", (str, type(None)), place)
        question = column(row, "question_id", (str, int), place)
        _differ(place, *pair)
        if winner is None:
            found.add_null(*pair)
        elif winner in _WINNERS:
            found.add(*pair, _WINNERS[winner], question, 1)
        else:
            raise BadData(f"{place}: the winner is {winner[:40]!r}; it must be one of {', '.join(_WINNERS)}, or null.")
    return found.battles("v0.1")


def from_judgments(
    rows: Iterable[tuple[str, Row]], baseline: str, weight: int = 3, category: str | None = None
) -> Battles:
    """Judgment rows of models against the baseline: {question_id, model, games} is v0.1, with `uid` instead v2.0.

    Rows that name another `baseline` or another `category` than is asked for are left out; BadData where none is left.
    """
    found, other, versions = Rows(), set[str](), set[Version]()
    for place, row in rows:
        mine = {"baseline": row.get("baseline", baseline), "category": row.get("category") if category else None}
        if mine != {"baseline": baseline, "category": category}:
            other.add(" and ".join(f"{name} {value!r}" for name, value in mine.items() if value is not None))
            continue
        versions.add("v2.0" if "uid" in row else "v0.1")
        if len(versions) > 1:
            raise BadData(f"{place} is of another version than the rows before (`uid` is v2.0); report them apart.")
        _judgment(found, place, row, baseline, weight, *versions)
    if not versions:
        raise BadData(
            f"no row is judged as asked; the rows have {'; '.join(sorted(other))[:150]}: choose one of these."
        )
    return found.battles(*versions)


def _judgment(found: Rows, place: str, row: Row, baseline: str, weight: int, version: Version) -> None:
    model = column(row, "model", str, place)
    question = column(row, "uid" if version == "v2.0" else "question_id", (str, int), place)
    games = column(row, "games", list, place)
    _differ(place, model, baseline)
    if len(games) != 2:
        raise BadData(
            f"{place} has {len(games)} games; it must have two: the baseline is A in the first, B in the second."
        )
    labels = [_LABELS[version].get(_label(game, place) or "") for game in games]
    for label, model_is_a in zip(labels, (False, True), strict=True):
        if label is None:
            found.add_null(model, baseline)
        elif version == "v0.1" or None not in labels:
            points, strong = label
            found.add(model, baseline, points if model_is_a else 1 - points, question, weight if strong else 1)


def _label(game: Any, place: str) -> str | None:
    if game is None:
        return None
    if not isinstance(game, dict):
        raise BadData(f"{place} holds a game that is no object; mend or remove the row.")
    label: str | None = column(game, "score", (str, type(None)), f"{place}, a game")
    return label


def _differ(place: str, one: str, other: str) -> None:
    if one == other:
        raise BadData(
            f"{place} lets {one[:60]!r} play against itself; mend or remove the row, or name another baseline."
        )
