"""Runs that were judged here, as the official files: what the judge was sent, what it replied, in which order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend import sources
from backend.exchange import importing, writing
from backend.jobs import judge, load
from backend.judges import judges
from backend.specs import JudgeSpec
from backend.workspace import Workspace
from tests import tiny
from tests.backend.exchange import recordings as rec
from tests.judge_server import Answer, by_length, says, served, weighs

Reply = Callable[[dict[str, Any]], Answer]


def judged(ws: Workspace, files: list[Path], name: str, reply: Reply, **more: Any) -> tuple[str, list[dict[str, Any]]]:
    """A judge run over answers of files, `ours` against the other's if there is one, and the bodies it sent."""
    loads = importing.beside(ws, [sources.from_file(ws, path) for path in files], {}).answers
    for spec in loads.values():
        load.run(tiny.asked(ws, spec))
    ours, *theirs = (spec.id for spec in loads.values())
    with served(reply) as server:
        call = judges.call(name, model="judge-1", endpoint=server.url, **more)
        spec = JudgeSpec(candidate=ours, reference=next(iter(theirs), None), judge=call)
        judge.run(tiny.asked(ws, spec))
        return spec.id, server.bodies


def exported(ws: Workspace, run: str, name: writing.Name) -> rec.Rows:
    content = writing.content(ws, run, name)
    return json.loads(content) if name == "alpaca" else [json.loads(line) for line in content.splitlines()]


def test_mt_benchs_rows_hold_the_prompt_of_each_grade(ws: Workspace, tmp_path: Path) -> None:
    run, bodies = judged(ws, rec.conversations(tmp_path, "ours"), "mt_bench", lambda _: says("[[7]]"))
    rows = exported(ws, run, "mt-bench")
    assert len(rows) == 8
    assert {row["user_prompt"] for row in rows} == {body["messages"][1]["content"] for body in bodies}
    assert all(f"ours {row['question_id']} {row['turn']}" in row["user_prompt"] for row in rows)
    names = {(row["question_id"], row["turn"]): row["judge"] for row in rows}
    assert names[81, 1] == ["judge-1", "single-v1"] and names[81, 2] == ["judge-1", "single-v1-multi-turn"]
    assert names[82, 1] == ["judge-1", "single-math-v1"]


def test_mt_benchs_pairs_hold_the_prompt_of_each_game(ws: Workspace, tmp_path: Path) -> None:
    files = rec.conversations(tmp_path, "ours", "theirs")
    run, _ = judged(ws, files, "mt_bench_pair", lambda _: says("[[A]]"))
    for row in exported(ws, run, "mt-bench"):
        first, second = row["g1_user_prompt"], row["g2_user_prompt"]
        assert first.index("ours") < first.index("theirs") and second.index("theirs") < second.index("ours")


@pytest.mark.parametrize(("name", "column"), [("arena_hard_v01", "user_prompt"), ("arena_hard_v2", "prompt")])
def test_arenas_games_hold_what_was_sent(ws: Workspace, tmp_path: Path, name: str, column: str) -> None:
    run, bodies = judged(ws, rec.arena_answers(tmp_path, "ours", "base"), name, lambda _: says("so [[A>B]]"))
    sent = [game[column] for row in exported(ws, run, "arena") for game in row["games"]]
    messages = [body["messages"] for body in bodies]
    assert sorted(map(str, sent)) == sorted(str(m if column == "prompt" else m[-1]["content"]) for m in messages)


def test_a_prompt_that_cannot_be_built_again_is_null(ws: Workspace, tmp_path: Path) -> None:
    """The template is gone, or no longer what its name says: what stands there now was not sent."""
    template = tmp_path / "judge_prompts.jsonl"
    single = {"system_prompt": "s", "prompt_template": "{question} {answer}"}
    turns = {"system_prompt": "s", "prompt_template": "{question_1} {answer_1} {question_2} {answer_2}"}
    kinds = (("single-v1", single), ("single-v1-multi-turn", turns))
    rec.written(tmp_path, template.name, [{"name": name, **words} for name, words in kinds])
    files = rec.conversations(tmp_path, "ours")
    run, _ = judged(ws, files, "mt_bench", lambda _: says("[[7]]"), prompts=ws.adopt(template))
    sent = {(row["question_id"], row["turn"]): row["user_prompt"] for row in exported(ws, run, "mt-bench")}
    assert (sent[81, 1], sent[81, 2]) == ("q0 ours 81 1", "q0 ours 81 1 and? ours 81 2")
    template.write_text("other words")
    assert all(row["user_prompt"] is None for row in exported(ws, run, "mt-bench"))


def answers(ws: Workspace, place: Path) -> list[str]:
    """The load runs of six answers of `ours` and of `base`; the last two are alike."""
    rows = [rec.annotation(n, 1.5, output_2=f"base {n}" if n == 5 else f"ours {n}" * (n + 1)) for n in range(6)]
    ((one, _),) = rec.imported(ws, rec.written(place, "annotations.json", rows))
    return [one.spec.candidate, one.spec.reference or ""]


@pytest.mark.parametrize("kept", [True, False])
def test_annotations_come_back_in_the_order_shown(ws: Workspace, tmp_path: Path, kept: bool) -> None:
    """`kept`: whether the replies are; without them the completion is its words, and the order is what the row says."""
    ours, theirs = answers(ws, tmp_path)
    with served(weighs(by_length)) as server:
        call = judges.call("alpaca_eval", model="judge-1", endpoint=server.url)
        spec = JudgeSpec(candidate=ours, reference=theirs, judge=call)
        judge.run(tiny.asked(ws, spec))
    if not kept:
        shutil.rmtree(ws.root / "replies")
    rows = {row["instruction"]: row for row in exported(ws, spec.id, "alpaca")}
    assert {row["dataset"] for row in rows.values()} == {"d"}
    assert rows["say 5"]["raw_completion"] is None and rows["say 5"]["preference"] == 1.5
    assert all(row["time_per_example"] > 0 for name, row in rows.items() if name != "say 5")
    completions = [row["raw_completion"] for name, row in rows.items() if name != "say 5"]
    assert all(("logprobs" in one) if kept else one in ("m", "M") for one in completions)
    ((again, summary),) = rec.imported(ws, rec.written(tmp_path, "again.json", list(rows.values())))
    assert not any("something else" in note or "order" in note for note in summary.facts["notes"])
    assert verdicts(ws, again.spec.id) == verdicts(ws, spec.id)


def test_of_both_orders_the_mean_is_written_and_no_order(ws: Workspace, tmp_path: Path) -> None:
    ours, theirs = answers(ws, tmp_path)
    with served(weighs(by_length)) as server:
        call = judges.call("alpaca_eval", model="judge-1", endpoint=server.url, both_orders=True)
        spec = JudgeSpec(candidate=ours, reference=theirs, judge=call)
        judge.run(tiny.asked(ws, spec))
    rows = exported(ws, spec.id, "alpaca")
    assert {(row["raw_completion"], row["is_switched_outputs"]) for row in rows} == {(None, None)}
    ((again, _),) = rec.imported(ws, rec.written(tmp_path, "again.json", rows))
    assert {order for _, _, order, _ in verdicts(ws, again.spec.id)} == {"unordered"}


def verdicts(ws: Workspace, run: str) -> list[tuple[Any, ...]]:
    return sorted((row["candidate_id"], row["reference_id"], row["order"], round(row["preference"], 12))
                  for row in ws.table(run, "judgements").to_pylist())  # fmt: skip
