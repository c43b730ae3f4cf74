"""MT-Bench's judgment rows, of single answers and of pairs: a judge run written as them, and they read.

FastChat (0e6d3e4), `llm_judge/common.py`. In game 1 `model_1` is assistant A, in game 2 `model_2` is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .. import files, verdicts
from ..errors import BadInput
from ..judges import Item, Order, Row, preview
from ..judges.asking import Messages
from ..judges.mt_bench import NEED_RIGHT
from ..report import mt_bench as official
from ..workspace import Workspace
from . import NO_ANSWER, Key, Layout, Recorded, Said, failed, text_of
from .judgements import Judgement, judgements, originals, preference_of, spec_of

GAMES: tuple[tuple[str, Order], ...] = (("g1", "candidate_first"), ("g2", "reference_first"))
SWAPPED: dict[Order, Order] = {"candidate_first": "reference_first", "reference_first": "candidate_first"}
POINTS = {"model_1": 1.0, "model_2": 0.0, "tie": 0.5}  # how far model_1 is preferred


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """Rows of `<judge>_single.jsonl` where answers are graded alone, else of `<judge>_pair.jsonl`; model_1: candidate.

    `user_prompt` is what the judge was sent (`preview.requests`). BadInput where a pair was not judged in both orders.
    """
    spec = spec_of(ws, run)
    if (rows := originals(ws, run, SINGLE, PAIR)) is not None:
        return rows
    at, sent = float(ws.about(run).get("created") or 0), preview.requests(ws, spec)
    write = partial(_single, sent) if spec.reference is None else partial(_pair, sent, run)
    return [{**write(one), "tstamp": at} for one in judgements(ws, run)]


def _asked(sent: Mapping[str, Messages], row: Row | None) -> str | None:
    """What stood in the request beside the system's words."""
    messages = sent.get(row["request"]) if row else None  # no row: it was never asked
    return messages[-1]["content"] if messages else None


def _single(sent: Mapping[str, Messages], one: Judgement) -> dict[str, Any]:
    row: Row = next(iter(one.rows.values()), {})
    grade = row.get("grade") if row.get("status") == "ok" else None
    return {
        "question_id": _number(one.item), "model": one.candidate,
        "judge": [row.get("judge"), _template(one.item, "single-v1")], "user_prompt": _asked(sent, row),
        "judgment": row.get("explanation") or (NO_ANSWER if grade is None else ""),
        "score": official.FAILED if grade is None else int(grade) if grade == int(grade) else grade,
        "turn": one.item.turn,
    }  # fmt: skip


def _pair(sent: Mapping[str, Messages], run: str, one: Judgement) -> dict[str, Any]:
    if one.rows.keys() - set(SWAPPED) or len(one.rows) == 1:
        raise BadInput(f"run {run} has verdicts in one order or none; MT-Bench's rows hold two games, one in each.")
    rows = {game: one.rows.get(order) for game, order in GAMES}
    by = next((row["judge"] for row in rows.values() if row and row["judge"]), None)
    return {
        "question_id": _number(one.item), "model_1": one.candidate, "model_2": one.reference,
        **{f"{game}_winner": _winner(preference_of(row)) for game, row in rows.items()},
        "judge": [by, _template(one.item, "pair-v2")],
        **{key: value for game, row in rows.items() for key, value in (
            (f"{game}_user_prompt", _asked(sent, row)),
            (f"{game}_judgment", (row or {}).get("explanation") or NO_ANSWER))},
        "turn": one.item.turn,
    }  # fmt: skip


def _winner(preference: float | None) -> str:
    if preference is None:
        return "error"
    return "tie" if preference == 0.5 else "model_1" if preference > 0.5 else "model_2"


def _number(item: Item) -> int | str:
    name = item.question or f"{item.prompt_id:016x}"
    return int(name) if name.isdecimal() else name


def _template(item: Item, plain: str) -> str:
    """The template that FastChat takes for such a question and turn."""
    name = f"{plain.split('-')[0]}-math-v1" if item.category in NEED_RIGHT else plain
    return name + ("-multi-turn" if item.turn > 1 else "")


def _read_single(rows: Sequence[tuple[str, files.Row]]) -> Recorded:
    """A grade for each question and turn; −1 and null are none."""
    found = Recorded()
    for place, row in rows:
        one, text = official.grade(place, row), text_of(row.get("judgment"))
        read = verdicts.read("mtbench-single", text).value if text else None
        said = (
            failed(text, f"the score {row['score']}", _judge(row))
            if one.score is None
            else Said("ok", grade=one.score, text=text, judge=_judge(row))
        )
        differs = read is not None and read != one.score
        found.add((str(one.question), one.turn), row, {"unordered": replace(said, differs=differs)})
    return found


def _read_pairs(rows: Sequence[tuple[str, files.Row]]) -> Recorded:
    """Two games for each question and turn, the candidate being `model_1` of the first row."""
    found = Recorded()
    for place, row in rows:
        match = official.match(place, row)
        mine = match.model_1 == rows[0][1]["model_1"]
        games = {
            order if mine else SWAPPED[order]: _game(row, game, winner, mine)
            for (game, order), winner in zip(GAMES, match.winners, strict=True)
        }
        found.add((str(match.question), match.turn), row, games)
    return found


def _game(row: files.Row, game: str, winner: str, mine: bool) -> Said:
    points, text = POINTS.get(winner), text_of(row.get(f"{game}_judgment"))
    read = verdicts.read("mtbench-pair", text).value if text else None
    names = ("model_1", "model_2") if game == "g1" else ("model_2", "model_1")
    told = dict(zip(("A", "B", "tie"), (*names, "tie"), strict=True)).get(str(read))
    if points is None:
        return failed(text, f"the winner {winner!r}", _judge(row))
    preference, differs = points if mine else 1 - points, told is not None and told != winner
    return Said("ok", preference, text=text, judge=_judge(row), differs=differs)


def _judge(row: files.Row) -> str | None:
    judge = row.get("judge")
    return str(judge[0]) if isinstance(judge, list) and judge and judge[0] else None


def _key(item: Item) -> Key:
    return str(item.question), item.turn


def _models(place: str, row: files.Row) -> tuple[str, str | None]:
    match = official.match(place, row)
    return match.model_1, match.model_2


SINGLE = Layout(
    "recorded_mt_bench", lambda row: {"score", "turn", "model"} <= row.keys() and not official.is_match(row),
    lambda place, row: (official.grade(place, row).model, None), _read_single, _key,
)  # fmt: skip
PAIR = Layout("recorded_mt_bench_pair", lambda row: "g1_winner" in row, _models, _read_pairs, _key)
