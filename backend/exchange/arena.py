"""Arena-Hard's judgment rows, v0.1 and v2.0: a judge run written as them, and they read.

In game 1 the baseline is A, in game 2 the model is (`gen_judgment.py` of both versions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import files, verdicts
from ..errors import BadData, BadInput
from ..judges import Item, Order
from ..judges.arena_hard import FIRST
from ..verdicts.arena import LABELS, LABELS_V2
from ..workspace import Workspace
from . import NO_ANSWER, Key, Layout, Recorded, Said, failure, text_of
from .judgements import Judgement, judgements, preference_of, spec_of

GAMES: tuple[Order, Order] = ("reference_first", "candidate_first")
SCALE = {FIRST[label]: label for label in LABELS}
JUDGES = {"arena_hard_v01": "v0.1", "recorded_arena_v01": "v0.1", "arena_hard_v2": "v2.0", "recorded_arena_v2": "v2.0"}


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """A row for each question, with both games, in the version of the judge.

    What the judge was sent is not kept: `user_prompt` and `prompt` are null. BadInput where another judge was asked.
    """
    judge = spec_of(ws, run, pairs=True).judge.name
    if judge not in JUDGES:
        raise BadInput(f"run {run} was judged by {judge!r}; only Arena-Hard's judges give its labels of five steps.")
    write = _v01 if JUDGES[judge] == "v0.1" else _v2
    return [write(one) for one in judgements(ws, run)]


def _v01(one: Judgement) -> dict[str, Any]:
    games = [{"user_prompt": None, "judgment": text, "score": label} for text, label in _games(one)]
    return {"question_id": _name(one.item), "model": one.candidate, "judge": _by(one), "games": games}


def _v2(one: Judgement) -> dict[str, Any]:
    games = [{"score": label, "judgment": {"answer": text}, "prompt": None} for text, label in _games(one)]
    return {
        "uid": _name(one.item), "category": one.item.category, "judge": _by(one), "model": one.candidate,
        "baseline": one.reference, "games": games,
    }  # fmt: skip


def _games(one: Judgement) -> list[tuple[str, str | None]]:
    """Text and label of both games; a preference is of the candidate, a label of the answer shown first."""
    found = []
    for order in GAMES:
        row = one.rows.get(order)
        given = preference_of(row)
        first = None if given is None else 1 - given if order == "reference_first" else given
        found.append(((row or {}).get("explanation") or NO_ANSWER, None if first is None else SCALE[first]))
    return found


def _name(item: Item) -> str:
    return item.question or f"{item.prompt_id:016x}"


def _by(one: Judgement) -> str | None:
    return next((row["judge"] for row in one.rows.values() if row["judge"]), None)


def _read(rows: Sequence[tuple[str, files.Row]], *, name: str, kind: str, labels: Sequence[str]) -> Recorded:
    """Two games for each question."""
    found = Recorded()
    for place, row in rows:
        games = files.field(row, "games", list, place)
        if len(games) != 2:
            raise BadData(f"{place} has {len(games)} games; it must have two, the baseline being A in the first.")
        judge = row["judge"] if isinstance(row.get("judge"), str) else None
        said = {order: _said(game, order, judge, kind, labels) for order, game in zip(GAMES, games, strict=True)}
        found.add((str(files.field(row, name, (str, int), place)),), said)
    return found


def _said(game: Any, order: Order, judge: str | None, kind: str, labels: Sequence[str]) -> Said:
    game = game if isinstance(game, dict) else {}
    text = text_of(game.get("judgment"))
    read = verdicts.read(kind, text).value if text else None
    label = game.get("score") if game.get("score") in labels else None
    first = None if label is None else FIRST[label]
    return Said(
        failure(text) if first is None else "ok",
        None if first is None else 1 - first if order == "reference_first" else first,
        text=text,
        judge=judge,
        differs=read is not None and FIRST[str(read)] != first,
    )


def _sides(place: str, row: files.Row) -> tuple[str, str | None]:
    baseline = row.get("baseline")
    return files.field(row, "model", str, place), baseline if isinstance(baseline, str) else None


def _key(item: Item) -> Key:
    return (str(item.question),)


def _layout(judge: str, name: str, kind: str, labels: Sequence[str]) -> Layout:
    is_row: Callable[[files.Row], bool] = lambda row: {"games", name} <= row.keys()  # noqa: E731
    return Layout(judge, is_row, _sides, partial(_read, name=name, kind=kind, labels=labels), _key)


V01 = _layout("recorded_arena_v01", "question_id", "arena-v0.1", LABELS)
V2 = _layout("recorded_arena_v2", "uid", "arena-v2", LABELS_V2)
