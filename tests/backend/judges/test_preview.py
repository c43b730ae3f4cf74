"""The first request of a judge run, and how a reply to it would be read, without asking."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from backend import specs, tables
from backend.errors import BadSpec
from backend.judges import judges
from backend.judges.preview import preview
from backend.registry import Call
from backend.workspace import Workspace
from tests import tiny

NOWHERE = "http://127.0.0.1:9/v1"


def question(ws: Workspace, judge: str, ours: str = "mine", **given: Any) -> specs.JudgeSpec:
    data = tiny.pool(ws, [("why ?", "good", "bad")])
    spec = specs.GenerateSpec(prompts=data, model=specs.HubModel(repo="some/model", revision="1"))
    (prompt,) = ws.table(data, "prompts")["prompt_id"].to_pylist()
    rows = [{"response_id": 1, "prompt_id": prompt, "response": ours, "author": "m", "sample": 0}]
    mine = tiny.finished(ws, spec, responses=tables.build("responses", rows))
    side = None if judges[judge].attributes.get("alone") else "chosen"
    call = judges.call(judge, model="m", endpoint=NOWHERE, **given)
    return specs.JudgeSpec(candidate=mine, reference=side and data, reference_side=side, judge=call)


@pytest.mark.parametrize(
    "judge", ["alpaca_eval", "arena_hard_v2", "hh", "mt_bench", "mt_bench_pair", "pairwise", "tldr"]
)
def test_every_judge_that_asks_shows_both_answers_and_asks_nothing(ws: Workspace, judge: str) -> None:
    found = preview(ws, question(ws, judge))
    assert found
    words = "\n".join(message["content"] for message in found.messages)
    assert "why ?" in words and "mine" in words and ("good" in words or found.order == "unordered")
    assert "temperature" in found.settings and not (ws.root / "replies").exists()


def test_a_reply_is_read_in_terms_of_the_candidate(ws: Workspace) -> None:
    found = preview(ws, question(ws, "pairwise"))
    assert found and found.order == "candidate_first"
    assert found.reads("so [[A]]") == "the candidate is preferred"
    assert found.reads("so [[B]]") == "the reference is preferred" and found.reads("[[C]]") == "a tie"
    assert found.reads('{"winner": "x"}').startswith("cannot be read: the reply must hold one of")


def test_a_completion_as_json_is_read_with_its_log_probs(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("{answer_a} {answer_b}")
    given = {"prompts": ws.adopt(tmp_path / "t.txt"), "reply": "token", "first": "1", "second": "2"}
    found = preview(ws, question(ws, "custom", **given))
    top = [{"token": "1", "logprob": math.log(0.6)}, {"token": "2", "logprob": math.log(0.2)}]
    reply = {"choices": [{"message": {"content": "1"}, "logprobs": {"content": [{"token": "1", "top_logprobs": top}]}}]}
    assert found and found.reads(json.dumps(reply)) == "the candidate is preferred, by 0.750 of 1"


def test_where_nothing_is_sent_there_is_nothing_to_show(ws: Workspace) -> None:
    assert preview(ws, question(ws, "pairwise", ours="good")) is None, "identical answers are ties without a call"
    spec = question(ws, "pairwise").model_copy(update={"judge": Call(name="gold", args={"tie": 0.25})})
    assert preview(ws, spec) is None


def test_a_template_that_cannot_be_filled_is_said(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("{answer_a}")
    with pytest.raises(BadSpec, match=r"does not hold \{answer_b\}"):
        preview(ws, question(ws, "custom", prompts=ws.adopt(tmp_path / "t.txt")))
