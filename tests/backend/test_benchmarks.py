"""Benchmarks become one load run each: questions, and the answers to compare with where they have some."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend import benchmarks, sources
from backend.__main__ import run
from backend.benchmarks import BENCHMARKS
from backend.errors import BadSpec, NotFound
from backend.jobs import generate, judge, load
from backend.judges import judges
from backend.specs import GenerateSpec, JudgeSpec
from backend.workspace import Workspace
from tests import tiny
from tests.judge_server import by_length, says, served, weighs


def written(place: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = place / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def loaded(ws: Workspace, name: str, **local: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The prompts and responses of a benchmark's load run."""
    spec, _ = benchmarks.load_spec(ws, name, {part: sources.from_file(ws, path) for part, path in local.items()})
    load.run(tiny.asked(ws, spec))
    return ws.table(spec.id, "prompts").to_pylist(), ws.table(spec.id, "responses").to_pylist()


def test_alpaca_evals_questions_are_what_its_baseline_answered(ws: Workspace, tmp_path: Path) -> None:
    rows = [{"instruction": f"q{n}", "output": f"a{n}", "generator": "base", "dataset": "d"} for n in range(3)]
    prompts, responses = loaded(ws, "alpaca_eval", reference=written(tmp_path, "outputs.jsonl", rows))
    assert [row["prompt"][0]["content"] for row in prompts] == ["q0", "q1", "q2"]
    assert {(row["response"], row["author"]) for row in responses} == {(f"a{n}", "base") for n in range(3)}


def test_mt_benchs_turns_have_their_right_answers_beside_them(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [{"question_id": n, "category": "math", "turns": ["one ?", f"two {n} ?"]} for n in (101, 102)]
    right = [{"question_id": 102, "model_id": "gpt-4", "choices": [{"turns": ["r1", "r2"]}]}]
    files = {"questions": written(tmp_path, "q.jsonl", asked), "reference": written(tmp_path, "r.jsonl", right)}
    prompts, responses = loaded(ws, "mt_bench", **files)
    later = {row["source"]: row["reference"] for row in prompts if len(row["prompt"]) == 2}
    assert (len(prompts), responses, later) == (3, [], {"101": None, "102": "r2"})  # the first turn is the same text
    monkeypatch.setenv("WINNOW_OFFLINE", "1")
    prompts, _ = loaded(ws, "mt_bench", questions=files["questions"])
    assert {row["reference"] for row in prompts} == {None}, "right answers are not on the Hub, and may be left out"
    with pytest.raises(NotFound, match="the Hub is switched off"):
        loaded(ws, "mt_bench", reference=files["reference"])


def test_each_part_of_arena_hard_v2_is_against_its_own_baseline(ws: Workspace, tmp_path: Path) -> None:
    asked = [{"uid": f"u{n}", "category": c, "prompt": f"q{n}"}
             for n, c in enumerate(("hard_prompt", "creative_writing", "hard_prompt"))]  # fmt: skip
    said = [{"uid": f"u{n}", "model": "base", "messages": [{"content": {"answer": f"a{n}"}}]} for n in range(3)]
    files = {"questions": written(tmp_path, "q.jsonl", asked), "reference": written(tmp_path, "a.jsonl", said)}
    for name, expected in (("arena_hard_v2", {"a0", "a2"}), ("arena_hard_v2_creative", {"a1"}),
                           ("arena_hard_v01", {"a0", "a1", "a2"})):  # fmt: skip
        assert {row["response"] for row in loaded(ws, name, **files)[1]} == expected


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_names_judges_that_exist_and_what_to_cite(ws: Workspace, tmp_path: Path, name: str) -> None:
    of = BENCHMARKS[name]
    assert all(judge in judges.names() for judge in of.judges) and of.cite
    assert set(of.places) <= set(of.says)
    files = {part: sources.from_file(ws, written(tmp_path, f"{part}.jsonl", [{}])) for part in of.says}
    spec, _ = benchmarks.load_spec(ws, name, files)
    assert benchmarks.of_load(spec)[0] == of.judges[0]


def test_what_is_no_benchmark_or_no_file_of_it_is_said(
    ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadSpec, match="there is no benchmark 'mt_bensh'; did you mean 'mt_bench'"):
        benchmarks.named("mt_bensh")
    path = written(tmp_path, "q.jsonl", [{}])
    with pytest.raises(BadSpec, match="AlpacaEval 2 has its questions in one file"):
        benchmarks.load_spec(ws, "alpaca_eval", {"questions": sources.from_file(ws, path)})
    for words in (
        ["load"],
        ["load", "--questions", str(path)],
        ["load", str(path), "--benchmark", "mt_bench"],
    ):
        assert run([*words, "--workspace", str(ws.root)]) == 2
        assert "name a file, a Hub dataset, or a benchmark" in capsys.readouterr().err


def alpaca_files(place: Path) -> dict[str, Path]:
    rows = [{"instruction": f"q{n}", "output": "a" * 40, "generator": "base", "dataset": "d"} for n in range(4)]
    return {"reference": written(place, "outputs.jsonl", rows)}


def arena_files(place: Path) -> dict[str, Path]:
    asked = [{"uid": f"u{n}", "category": "hard_prompt", "prompt": f"q{n}"} for n in range(4)]
    said = [{"uid": f"u{n}", "model": "base", "messages": [{"content": {"answer": "a" * 40}}]} for n in range(4)]
    return {"questions": written(place, "q.jsonl", asked), "reference": written(place, "a.jsonl", said)}


@pytest.mark.parametrize(
    ("name", "material", "answer", "expected"),
    [
        ("alpaca_eval", alpaca_files, weighs(by_length), {"n_total": 4, "n_failed": 0, "n_wins": 0, "n_wins_base": 4}),
        ("arena_hard_v2", arena_files, lambda body: says("[[A=B]]"), {"score": 50.0, "n": 8, "n_null": 0}),
    ],
)
def test_a_models_own_answers_are_judged_against_the_benchmarks_baseline(
    ws: Workspace, tmp_path: Path, name: str, material: Any, answer: Any, expected: dict[str, Any]
) -> None:
    """A model of four tokens against answers of 40 characters, by the benchmark's own judge."""
    local = {part: sources.from_file(ws, path) for part, path in material(tmp_path).items()}
    spec, _ = benchmarks.load_spec(ws, name, local)
    load.run(tiny.asked(ws, spec))
    model = tiny.local_model(ws, tmp_path / "m")
    answers = GenerateSpec(prompts=spec.id, model=model, max_new_tokens=4)
    generate.run(tiny.asked(ws, answers))
    with served(answer) as server:
        call = judges.call(benchmarks.of_load(spec)[0], model="judge-1", endpoint=server.url)
        done = judge.run(tiny.asked(ws, JudgeSpec(candidate=answers.id, reference=spec.id, judge=call)))
    assert done.complete and {key: done.facts["official"][key] for key in expected} == expected
