"""Small files of recorded verdicts in the neighbours' layouts, and their import without processes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend import jobs, sources
from backend.exchange import importing
from backend.exchange.importing import Import
from backend.jobs import judge, load
from backend.verdicts.alpaca import is_candidate_first
from backend.workspace import Workspace
from tests import tiny

Rows = list[dict[str, Any]]
QUESTIONS: Rows = [{"question_id": 81 + n, "category": ("writing", "math")[n % 2], "turns": [f"q{n}", "and?"]}
                   for n in range(4)]  # fmt: skip
ARENA: Rows = [{"uid": f"u{n}", "category": "hard", "prompt": f"p{n}\u2028"} for n in range(4)]


def written(place: Path, name: str, rows: Any) -> Path:
    path = place / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps(rows) if name.endswith(".json") else "".join(json.dumps(row) + "\n" for row in rows))
    return path


def imported(
    ws: Workspace, verdicts: Path, *beside: Path, runs: Mapping[str, str] | None = None, baseline: str | None = None
) -> list[tuple[Import, jobs.Summary]]:
    """Every run that a file becomes, with what it found."""
    found = importing.recordings(ws, sources.from_file(ws, verdicts))
    given = importing.beside(ws, [sources.from_file(ws, path) for path in beside], runs or {})
    made, _ = importing.imports(ws, found, given, baseline)
    for spec in {spec.id: spec for one in made for spec in one.loads.values()}.values():
        load.run(tiny.asked(ws, spec))
    return [(one, judge.run(tiny.asked(ws, one.spec))) for one in made]


def official(one: tuple[Import, jobs.Summary]) -> dict[str, Any]:
    return dict(one[1].facts["official"])


def annotation(n: int, preference: float | None, *, raw: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "dataset": "d", "instruction": f"say {n}", "output_1": f"base {n}", "generator_1": "base",
        "output_2": f"ours {n}", "generator_2": "ours", "annotator": "judge-1", "preference": preference,
        "raw_completion": raw, **more,
    }  # fmt: skip


def completion(n: int, preference: float, *, official_order: bool = True) -> dict[str, Any]:
    """A ranking that says so of the answers as they are shown, in AlpacaEval's order or the baseline always first."""
    shown = 3 - preference if official_order and is_candidate_first(f"say {n}") else preference
    ranks = [{"model": "model_1", "rank": int(shown)}, {"model": "model_2", "rank": int(3 - shown)}]
    return {"message": {"content": str(ranks)}}


def grade(n: int, turn: int, score: float, text: str | None = None, model: str = "ours") -> dict[str, Any]:
    return {"question_id": 81 + n, "model": model, "judge": ["gpt-4", "single-v1"], "user_prompt": "…",
            "judgment": text or f"[[{score}]]", "score": score, "turn": turn, "tstamp": 1.5}  # fmt: skip


def match(n: int, turn: int, first: str, second: str, models: tuple[str, str] = ("ours", "theirs")) -> dict[str, Any]:
    def text(winner: str, names: Sequence[str]) -> str:
        labels = {names[0]: "[[A]]", names[1]: "[[B]]", "tie": "[[C]]", "error": "$ERROR$"}
        return labels[winner]

    return {
        "question_id": 81 + n, "model_1": models[0], "model_2": models[1], "g1_winner": first, "g2_winner": second,
        "judge": ["gpt-4", "pair-v2"], "g1_user_prompt": "…", "g1_judgment": text(first, ("model_1", "model_2")),
        "g2_user_prompt": "…", "g2_judgment": text(second, ("model_2", "model_1")), "turn": turn, "tstamp": 1.5,
    }  # fmt: skip


def battle(n: int, first: str | None, second: str | None, version: str, model: str = "ours") -> dict[str, Any]:
    """Labels of both games as shown: the baseline is A in the first."""
    texts = ["no label" if label is None else f"so: [[{label}]]" for label in (first, second)]
    if version == "v0.1":
        games = [{"user_prompt": "…", "judgment": text, "score": label}
                 for text, label in zip(texts, (first, second), strict=True)]  # fmt: skip
        return {"question_id": f"u{n}", "model": model, "judge": "gpt-4", "games": games}
    games = [{"score": label, "judgment": {"answer": text}, "prompt": []}
             for text, label in zip(texts, (first, second), strict=True)]  # fmt: skip
    return {"uid": f"u{n}", "category": "hard", "judge": "gpt-4", "model": model, "baseline": "base", "games": games}


def conversations(place: Path, *models: str) -> list[Path]:
    """Answers of models to both turns of `QUESTIONS`, and the questions."""
    files = [written(place, "question.jsonl", QUESTIONS)]
    for model in models:
        rows = [{"question_id": q["question_id"], "answer_id": "x", "model_id": model, "tstamp": 1.0,
                 "choices": [{"index": 0, "turns": [f"{model} {q['question_id']} {t}" for t in (1, 2)]}]}
                for q in QUESTIONS]  # fmt: skip
        files.append(written(place, f"{model}.jsonl", rows))
    return files


def arena_answers(place: Path, *models: str) -> list[Path]:
    """Answers of models to `ARENA` in the layout of v2.0, and the questions."""
    files = [written(place, "arena-question.jsonl", ARENA)]
    for model in models:
        rows = [{"uid": q["uid"], "model": model, "messages": [
                 {"role": "assistant", "content": {"answer": f"{model} on {q['uid']}"}}]} for q in ARENA]  # fmt: skip
        files.append(written(place, f"arena-{model}.jsonl", rows))
    return files


def calibration(place: Path, questions: int = 40) -> tuple[Path, Path]:
    """AlpacaEval's two calibration files for so many questions."""
    difficulty, gamed = place / "difficulty.csv", place / "gamed.csv"
    lines = [f"{n},{n % 5 - 2}" for n in range(questions)]
    difficulty.write_text("\n".join(["index,instruction_difficulty", *lines]))
    lines = [f"{0.3 + 0.4 * (n % 2)},{1 - n % 2 * 2},{n % 5 - 2}" for n in range(questions)]
    gamed.write_text("\n".join(["preference,std_delta_len,instruction_difficulty", *lines]))
    return difficulty, gamed
