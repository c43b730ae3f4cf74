"""Finished judge runs, written directly: answers under several judges, and graded conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from backend import tables
from backend.registry import Call
from backend.specs import FileSource, GenerateSpec, HubModel, JudgeSpec, LoadSpec
from backend.workspace import Workspace
from tests import tiny

CATEGORIES = ("writing", "math")


def questions(ws: Workspace, count: int = 4, turns: int = 1) -> str:
    """A load run of prompts: categories by turns; a second turn's prompt holds the first."""
    rows = []
    for n in range(count):
        for turn in range(1, turns + 1):
            asked = [{"role": "user", "content": f"question {n}, turn {t}"} for t in range(1, turn + 1)]
            rows.append({"prompt_id": tables.prompt_id(asked), "prompt": asked, "category": CATEGORIES[n % 2]})
    source = FileSource(sha256=f"{count:032x}{turns:032x}", suffix="jsonl")
    spec = LoadSpec(source=source, format=Call(name="prompts"))
    return tiny.finished(ws, spec, prompts=tables.build("prompts", rows))


def answers(ws: Workspace, asked: str, title: str, seed: int) -> str:
    """A generate run: one answer to each prompt."""
    spec = GenerateSpec(prompts=asked, model=HubModel(repo="a/b", revision="c"), seed=seed)
    rows = [
        {"response_id": 1000 * seed + n, "prompt_id": prompt, "response": f"{title} {n}", "author": "m", "sample": 0}
        for n, prompt in enumerate(ws.table(asked, "prompts")["prompt_id"].to_pylist())
    ]
    run = tiny.finished(ws, spec, {"responses": len(rows)}, responses=tables.build("responses", rows))
    ws.write_json(ws.folder(run) / "about.json", {"title": title, "created": float(seed)})
    return run


def judge(ws: Workspace, call: Call, candidate: str, reference: str | None, values: Sequence[float | None], *,
          side: Literal["chosen", "rejected"] | None = None, by: str | None = None,
          **summary: object) -> str:  # fmt: skip
    """A judge run: a preference (or, without a reference, a grade) for each answer; None where it was unreadable.

    `by`: who judged, as rows say it.
    """
    ours, theirs = (ws.table(run, "responses").to_pylist() for run in (candidate, reference or candidate))
    prompts = {row["prompt_id"]: row for row in ws.table(ws.spec(candidate).prompts, "prompts").to_pylist()}
    what = "preference" if reference else "grade"
    rows = [
        {"prompt_id": mine["prompt_id"], "candidate_id": mine["response_id"], "reference_id": other["response_id"],
         "sample": 0, "turn": len(prompts[mine["prompt_id"]]["prompt"]), "order": "unordered", "attempt": 1,
         "status": "unparsable" if value is None else "ok", what: value, "judge": by}
        for mine, other, value in zip(ours, theirs, values, strict=True)
    ]  # fmt: skip
    read = [value for value in values if value is not None]
    facts = {"items": len(rows), "judged": len(read), "missing": len(rows) - len(read)}
    if reference and read:
        facts |= {"win_rate": sum(read) / len(read), "low": 0.0, "high": 1.0}
    spec = JudgeSpec(candidate=candidate, reference=reference, reference_side=side, judge=call)
    run = tiny.finished(ws, spec, {**facts, **summary}, judgements=tables.build("judgements", rows))
    title = f"{ws.about(candidate)['title']} by {call.name}"
    ws.write_json(ws.folder(run) / "about.json", {"title": title, "created": 0.0})
    return run


def pairwise(model: str, port: int = 1) -> Call:
    """A judge behind an endpoint."""
    return Call(name="pairwise", args={"model": model, "endpoint": f"http://localhost:{port}/v1"})
