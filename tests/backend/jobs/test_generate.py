from __future__ import annotations

from pathlib import Path

import pytest

from backend import specs
from backend.errors import BadData, BadSpec
from backend.jobs import generate
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
