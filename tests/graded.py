"""A finished run of MT-Bench's judge with given grades, its questions and answers: for tests of figures and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend import sources, specs, tables
from backend.formats import formats
from backend.jobs import load
from backend.judges import judges
from backend.judges.figures import official
from backend.workspace import Workspace
from tests import tiny
from tests.small_world import finish

Both = tuple[float | None, float | None]


def questions(ws: Workspace, names: list[str]) -> str:
    """The load run of two-turn questions of mathematics with these names."""
    rows = [{"question_id": int(n), "category": "math", "turns": [f"what is {n} ?", "why ?"]} for n in names]
    path = ws.root / "question.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = sources.load_spec(sources.from_file(ws, path), formats.call("mt_bench"))
    facts = load.run(tiny.asked(ws, spec)).facts
    return finish(ws, spec, "MT-Bench", {}, facts)


def graded(ws: Workspace, grades: Mapping[str, Both]) -> str:
    """The judge run over one answer a turn; question → its two grades, None where there is none."""
    asked = questions(ws, list(grades))
    prompts = ws.table(asked, "prompts").to_pylist()
    spec = specs.GenerateSpec(prompts=asked, model=specs.LocalModel(sha256="b" * 64))
    said = [{"response_id": row["prompt_id"] // 2, "prompt_id": row["prompt_id"], "response": "so", "author": "m",
             "sample": 0} for row in prompts]  # fmt: skip
    answers = finish(ws, spec, "tuned", {"responses": tables.build("responses", said)}, {"responses": len(said)})
    judge = specs.JudgeSpec(candidate=answers, judge=judges.call("mt_bench", model="judge-1"))
    rows = []
    for row in prompts:
        turn = len(row["prompt"])
        grade, number = grades[row["source"]][turn - 1], row["prompt_id"] // 2
        rows.append({"prompt_id": row["prompt_id"], "candidate_id": number, "reference_id": number, "sample": 0,
                     "turn": turn, "order": "unordered", "attempt": 1, "grade": grade,
                     "status": "unparsable" if grade is None else "ok"})  # fmt: skip
    table = {"judgements": tables.build("judgements", rows)}
    finish(ws, judge, "tuned: mt_bench", table, {})
    return finish(ws, judge, "tuned: mt_bench", table, {"items": len(rows), "official": official(ws, judge.id)})
