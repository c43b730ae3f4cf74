"""Arena-Hard's judgment rows, v0.1 and v2.0: a judge run written as them, and they read.

In game 1 the baseline is A, in game 2 the model is (`gen_judgment.py` of both versions).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .. import files, verdicts
from ..errors import BadData, BadInput
from ..judges import Item, Order, preview
from ..judges.arena_hard import FIRST
from ..judges.asking import Messages
from ..verdicts.arena import LABELS, LABELS_V2
from ..workspace import Workspace
from . import NO_ANSWER, Key, Layout, Recorded, Said, failed, text_of
from .judgements import Judgement, judgements, originals, preference_of, spec_of

GAMES: tuple[Order, Order] = ("reference_first", "candidate_first")
SCALE = {FIRST[label]: label for label in LABELS}
JUDGES = {"arena_hard_v01": "v0.1", "recorded_arena_v01": "v0.1", "arena_hard_v2": "v2.0", "recorded_arena_v2": "v2.0"}


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """A row for each question, with both games, in the version of the judge.

    `user_prompt` and `prompt` are what the judge was sent (`preview.requests`). BadInput where another judge was asked.
    """
    spec = spec_of(ws, run, pairs=True)
    judge = spec.judge.name
    if judge not in JUDGES:
        raise BadInput(f"run {run} was judged by {judge!r}; only Arena-Hard's judges give its labels of five steps.")
    if (rows := originals(ws, run, V01, V2)) is not None:
        return rows
    write, sent = _v01 if JUDGES[judge] == "v0.1" else _v2, preview.requests(ws, spec)
    return [write(one, sent) for one in judgements(ws, run)]


def _v01(one: Judgement, sent: Mapping[str, Messages]) -> dict[str, Any]:
    games = [{"user_prompt": asked and asked[-1]["content"], "judgment": text, "score": label}
             for text, label, asked in _games(one, sent)]  # fmt: skip
    return {"question_id": _name(one.item), "model": one.candidate, "judge": _by(one), "games": games}


def _v2(one: Judgement, sent: Mapping[str, Messages]) -> dict[str, Any]:
    games = [
        {"score": label, "judgment": {"answer": text}, "prompt": asked} for text, label, asked in _games(one, sent)
    ]
    return {
        "uid": _name(one.item), "category": one.item.category, "judge": _by(one), "model": one.candidate,
        "baseline": one.reference, "games": games,
    }  # fmt: skip


def _games(one: Judgement, sent: Mapping[str, Messages]) -> list[tuple[str, str | None, Messages | None]]:
    """Text and label of both games, and what was sent; a preference is of the candidate, a label of what came first."""
    found = []
    for order in GAMES:
        row = one.rows.get(order)
        given = preference_of(row)
        first = None if given is None else 1 - given if order == "reference_first" else given
        label = None if first is None else SCALE[first]
        found.append(((row or {}).get("explanation") or NO_ANSWER, label, sent.get(row["request"]) if row else None))
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
        found.add((str(files.field(row, name, (str, int), place)),), row, said)
    return found


def _said(game: Any, order: Order, judge: str | None, kind: str, labels: Sequence[str]) -> Said:
    game = game if isinstance(game, dict) else {}
    text = text_of(game.get("judgment"))
    read = verdicts.read(kind, text).value if text else None
    label = game.get("score") if game.get("score") in labels else None
    if label is None:
        said = failed(text, f"the score {json.dumps(game.get('score'), ensure_ascii=False)}", judge)
        return replace(said, differs=read is not None)
    first = FIRST[label]
    preference = 1 - first if order == "reference_first" else first
    return Said("ok", preference, text=text, judge=judge, differs=read is not None and FIRST[str(read)] != first)


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
