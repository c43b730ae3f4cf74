"""MT-Bench's judgment rows, of single answers and of pairs: a judge run written as them, and they read.

FastChat (0e6d3e4), `llm_judge/common.py`. In game 1 `model_1` is assistant A, in game 2 `model_2` is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import files, verdicts
from ..errors import BadInput
from ..judges import Item, Order
from ..judges.mt_bench import NEED_RIGHT
from ..report import mt_bench as official
from ..workspace import Workspace
from . import NO_ANSWER, Key, Layout, Recorded, Said, failure, text_of
from .judgements import Judgement, judgements, preference_of, spec_of

GAMES: tuple[tuple[str, Order], ...] = (("g1", "candidate_first"), ("g2", "reference_first"))
SWAPPED: dict[Order, Order] = {"candidate_first": "reference_first", "reference_first": "candidate_first"}
POINTS = {"model_1": 1.0, "model_2": 0.0, "tie": 0.5}  # how far model_1 is preferred


def document(ws: Workspace, run: str) -> list[dict[str, Any]]:
    """Rows of `<judge>_single.jsonl` where answers are graded alone, else of `<judge>_pair.jsonl`; model_1: candidate.

    What the judge was sent is not kept: `user_prompt` is null. BadInput where a pair was not judged in both orders.
    """
    alone = spec_of(ws, run).reference is None
    at = float(ws.about(run).get("created") or 0)
    return [{**(_single(one) if alone else _pair(run, one)), "tstamp": at} for one in judgements(ws, run)]


def _single(one: Judgement) -> dict[str, Any]:
    ((_, row),) = one.rows.items() or [("unordered", {})]
    grade = row.get("grade") if row.get("status") == "ok" else None
    return {
        "question_id": _number(one.item), "model": one.candidate,
        "judge": [row.get("judge"), _template(one.item, "single-v1")], "user_prompt": None,
        "judgment": row.get("explanation") or (NO_ANSWER if grade is None else ""),
        "score": official.FAILED if grade is None else int(grade) if grade == int(grade) else grade,
        "turn": one.item.turn,
    }  # fmt: skip


def _pair(run: str, one: Judgement) -> dict[str, Any]:
    if one.rows.keys() - set(SWAPPED) or len(one.rows) == 1:
        raise BadInput(f"run {run} has verdicts in one order or none; MT-Bench's rows hold two games, one in each.")
    rows = {game: one.rows.get(order) for game, order in GAMES}
    by = next((row["judge"] for row in rows.values() if row and row["judge"]), None)
    return {
        "question_id": _number(one.item), "model_1": one.candidate, "model_2": one.reference,
        **{f"{game}_winner": _winner(preference_of(row)) for game, row in rows.items()},
        "judge": [by, _template(one.item, "pair-v2")],
        **{key: value for game, row in rows.items() for key, value in (
            (f"{game}_user_prompt", None), (f"{game}_judgment", (row or {}).get("explanation") or NO_ANSWER))},
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
        said = Said(
            failure(text) if one.score is None else "ok", grade=one.score, text=text, judge=_judge(row),
            differs=read is not None and read != one.score,
        )  # fmt: skip
        found.add((str(one.question), one.turn), {"unordered": said})
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
        found.add((str(match.question), match.turn), games)
    return found


def _game(row: files.Row, game: str, winner: str, mine: bool) -> Said:
    points, text = POINTS.get(winner), text_of(row.get(f"{game}_judgment"))
    read = verdicts.read("mtbench-pair", text).value if text else None
    names = ("model_1", "model_2") if game == "g1" else ("model_2", "model_1")
    told = dict(zip(("A", "B", "tie"), (*names, "tie"), strict=True)).get(str(read))
    return Said(
        failure(text) if points is None else "ok", None if points is None else points if mine else 1 - points,
        text=text, judge=_judge(row), differs=told is not None and told != winner,
    )  # fmt: skip


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
