from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend import benchmarks, inputs, sources, specs
from backend.errors import BadData, BadSpec
from backend.formats import formats
from backend.jobs import generate, load
from backend.models import generating
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i}", "yes", "no") for i in range(10)]


def question(ws: Workspace, place: Path, **settings: object) -> specs.GenerateSpec:
    fixed = {"prompts": tiny.pool(ws, PAIRS, held_out=4), "model": tiny.local_model(ws, place / "m"), "samples": 2}
    return specs.GenerateSpec(**{**fixed, "max_new_tokens": 8, **settings})


def test_every_prompt_gets_its_samples_by_the_models_name(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path)
    facts = generate.run(tiny.asked(ws, spec)).facts
    rows = ws.table(spec.id, "responses").to_pandas()
    assert (facts["prompts"], facts["responses"], facts["mean_tokens"] <= 8) == (10, 20, True)
    assert sorted(rows.groupby("prompt_id")["sample"].apply(tuple)) == [(0, 1)] * 10
    assert set(rows["author"]) == {f"m@{spec.model.sha256[:8]}"}


def test_only_held_out_prompts_or_the_first_few(ws: Workspace, tmp_path: Path) -> None:
    assert generate.run(tiny.asked(ws, question(ws, tmp_path, split="held_out"))).facts["prompts"] == 4
    assert generate.run(tiny.asked(ws, question(ws, tmp_path, split="train", limit=5))).facts["prompts"] == 5


def test_a_run_goes_on_from_its_last_batch_with_the_same_answers(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generating, "BATCH", 6)
    spec = question(ws, tmp_path, temperature=1.0)
    generate.run(tiny.asked(ws, spec))
    whole = ws.table(spec.id, "responses")
    kept = ws.read_lines(ws.folder(spec.id) / "answers.jsonl")
    assert len(kept) == 4
    (ws.folder(spec.id) / "answers.jsonl").unlink()
    for row in kept[:2]:
        ws.append(ws.folder(spec.id) / "answers.jsonl", row)
    generate.run(tiny.asked(ws, spec))
    assert len(ws.read_lines(ws.folder(spec.id) / "answers.jsonl")) == 4
    assert ws.table(spec.id, "responses").equals(whole)


def test_temperature_zero_gives_the_same_answer_twice(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path, temperature=0.0)
    generate.run(tiny.asked(ws, spec))
    texts = ws.table(spec.id, "responses").to_pandas().groupby("prompt_id")["response"]
    assert (texts.nunique() == 1).all()


def test_what_cannot_be_asked_is_one_sentence(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match="the model has room for 512; choose max_new_tokens"):
        generate.run(tiny.asked(ws, question(ws, tmp_path, max_new_tokens=600)))
    empty = question(ws, tmp_path, prompts=tiny.pool(ws, PAIRS), split="held_out")
    with pytest.raises(BadData, match="no prompts in split 'held_out'"):
        generate.run(tiny.asked(ws, empty))


def conversations(ws: Workspace, count: int) -> str:
    """A load run of two-turn questions, writing and math by turns."""
    rows = [
        {"question_id": n, "category": ("writing", "math")[n % 2], "turns": [f"say {n}", "again ?"]}
        for n in range(count)
    ]
    path = ws.root / "question.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = sources.load_spec(sources.from_file(ws, path), formats.call("mt_bench"))
    summary = load.run(tiny.asked(ws, spec))
    ws.write_json(ws.folder(spec.id) / "result.json", {"outcome": "finished", "summary": summary.facts})
    return spec.id


def said(ws: Workspace, spec: specs.GenerateSpec) -> dict[str, str]:
    """The user's messages so far → the answer."""
    asked = {row["prompt_id"]: row["prompt"] for row in inputs.prompts(ws, spec.id).to_pylist()}
    rows = ws.table(spec.id, "responses").to_pylist()
    return {" | ".join(m["content"] for m in asked[row["prompt_id"]]): row["response"] for row in rows}


def test_a_second_turn_is_asked_after_the_models_own_first_answer(ws: Workspace, tmp_path: Path) -> None:
    """What was generated for the second turn is what the model says to question, own answer, question."""
    attentive = tiny.local_model(ws, tmp_path / "attentive", initializer_range=0.5)
    spec = question(ws, tmp_path, prompts=conversations(ws, 3), samples=1, temperature=0.0, model=attentive)
    facts = generate.run(tiny.asked(ws, spec)).facts
    found = said(ws, spec)
    assert (facts["prompts"], facts["responses"], len(found)) == (6, 6, 6)
    for n in range(3):
        messages = [
            {"role": "user", "content": f"say {n}"},
            {"role": "assistant", "content": found[f"say {n}"]},
            {"role": "user", "content": "again ?"},
        ]
        whole = [generating.Asked(messages, 0.0)]
        ((_, _, (alone,)),) = generating.answers(spec, ws.adopted(spec.model.sha256), whole, {})
        assert found[f"say {n} | again ?"] == alone.text
    assert len({found[f"say {n} | again ?"] for n in range(3)}) > 1, "the first answers make a difference"


def test_a_conversation_goes_on_after_a_kill_between_its_turns(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path, prompts=conversations(ws, 4), temperature=1.0)
    generate.run(tiny.asked(ws, spec))
    whole, kept = ws.table(spec.id, "responses"), ws.folder(spec.id) / "answers.jsonl"
    first, second = ws.read_lines(kept)
    kept.unlink()
    ws.append(kept, first)
    generate.run(tiny.asked(ws, spec))
    assert ws.table(spec.id, "responses").equals(whole) and ws.read_lines(kept) == [first, second]


def test_a_limit_counts_conversations(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path, prompts=conversations(ws, 4), samples=1, limit=3)
    assert generate.run(tiny.asked(ws, spec)).facts["prompts"] == 6
    assert sum(" | " in asked for asked in said(ws, spec)) == 3


def test_temperature_by_category_is_mt_benchs(ws: Workspace, tmp_path: Path) -> None:
    """Mathematics is greedy, so its samples are the same; writing is sampled at 0.7, so they differ."""
    spec = question(ws, tmp_path, prompts=conversations(ws, 4), samples=3, temperature="by_category")
    generate.run(tiny.asked(ws, spec))
    category = {row["prompt_id"]: row["category"] for row in inputs.prompts(ws, spec.id).to_pylist()}
    rows = ws.table(spec.id, "responses").to_pandas()
    different = rows.groupby("prompt_id")["response"].nunique()
    assert {count for prompt, count in different.items() if category[prompt] == "math"} == {1}
    assert min(count for prompt, count in different.items() if category[prompt] == "writing") > 1
    assert benchmarks.temperature("stem") == 0.1 and benchmarks.temperature(None) == 0.7
    with pytest.raises(BadSpec, match="temperature"):
        specs.parse({**spec.model_dump(), "temperature": "by_colour"})
