"""What is compared with what: the sides of a reference's pairs."""

from __future__ import annotations

import pytest

from backend import specs, tables
from backend.errors import BadData, BadSpec
from backend.judges.items import items
from backend.registry import Call
from backend.workspace import Workspace
from tests import tiny
from tests.graded import graded

PAIRS = [("one", "good", "bad"), ("two", "fine", "poor"), ("two", "better", "poor"), ("one", "good", "worse")]


def answers(ws: Workspace, data: str, samples: int = 1) -> str:
    spec = specs.GenerateSpec(prompts=data, model=specs.HubModel(repo="some/model", revision="1"), samples=samples)
    prompts = ws.table(data, "prompts")["prompt_id"].to_pylist()
    rows = [
        {
            "response_id": 10 * n + sample,
            "prompt_id": prompt,
            "response": f"mine {sample}",
            "author": "m",
            "sample": sample,
        }
        for n, prompt in enumerate(prompts)
        for sample in range(samples)
    ]
    return tiny.finished(ws, spec, responses=tables.build("responses", rows))


def question(candidate: str, reference: str | None, side: str | None) -> specs.JudgeSpec:
    return specs.JudgeSpec.model_validate(
        {"candidate": candidate, "reference": reference, "reference_side": side, "judge": Call(name="hh")}
    )


@pytest.mark.parametrize(
    ("side", "texts"), [("chosen", ["better", "fine", "good"]), ("rejected", ["bad", "poor", "worse"])]
)
def test_a_side_of_pairs_is_what_is_to_be_beaten_each_different_answer_once(
    ws: Workspace, side: str, texts: list[str]
) -> None:
    data = tiny.pool(ws, PAIRS)
    found, without, _ = items(ws, question(answers(ws, data), data, side), alone=False)
    assert sorted(item.reference for item in found) == texts and without == 0
    assert len({(item.candidate_id, item.reference_id) for item in found}) == 3


def test_every_sample_meets_every_answer_of_the_side(ws: Workspace) -> None:
    data = tiny.pool(ws, PAIRS)
    found, *_ = items(ws, question(answers(ws, data, samples=2), data, "chosen"), alone=False)
    assert len(found) == 6 and {item.sample for item in found} == {0, 1}


def test_without_a_side_pairs_are_refused_and_the_way_out_is_named(ws: Workspace) -> None:
    data = tiny.pool(ws, PAIRS)
    with pytest.raises(BadData, match="Of a reference that holds pairs one side can be chosen"):
        items(ws, question(answers(ws, data), data, None), alone=False)


def test_a_side_of_what_holds_no_pairs_is_refused(ws: Workspace) -> None:
    data = tiny.pool(ws, PAIRS)
    mine = answers(ws, data)
    with pytest.raises(BadSpec, match="has no pairs"):
        items(ws, question(mine, answers(ws, data, samples=2), "chosen"), alone=False)
    with pytest.raises(ValueError, match="without a reference there is no 'chosen' side"):
        question(mine, None, "chosen")


def test_questions_without_a_side_keep_their_ids() -> None:
    assert "reference_side" not in question("load-000000000000", "load-000000000001", None).canonical()


def test_a_limit_counts_conversations_and_keeps_their_turns_together(ws: Workspace) -> None:
    """Three questions of two turns each: the first two in the order of their first turns' ids, whole."""
    spec = ws.spec(graded(ws, {"103": (9, 8), "104": (7, 6), "105": (5, 4)}))
    every = items(ws, spec, alone=True).judged
    firsts = sorted((item.prompt_id, item.question) for item in every if item.turn == 1)
    found = items(ws, spec.model_copy(update={"limit": 2}), alone=True)
    assert {(item.question, item.turn) for item in found.judged} == {(q, t) for _, q in firsts[:2] for t in (1, 2)}
    assert (len(found.judged), found.without, found.beyond) == (4, 0, 2)
