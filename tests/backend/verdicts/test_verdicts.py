"""Reading any reply: a value or a reason, never an exception."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from backend.verdicts import PARSERS, Verdict, read, replies

WORDS = ["choices", "message", "content", "text", "tool_calls", "function", "arguments", "answer"]
WORDS += ["logprobs", "top_logprobs", "token", "logprob", "m", "M"]
WORDS += ["ordered_models", "model", "rank", "model_1", "[[A]]", "[[7]]", "[[A>B]]"]


def anything(chance: random.Random, depth: int = 6) -> Any:
    """A JSON document of the words that parsers look for, in places where they are not expected."""
    kind = chance.randrange(6) if depth else chance.randrange(3)
    if kind > 2:
        inside = [anything(chance, depth - 1) for _ in range(chance.randrange(3))]
        return inside if kind == 3 else {chance.choice(WORDS): part for part in inside}
    return chance.choice((None, True, -1.5, 2, float("nan"))) if kind == 0 else chance.choice(WORDS)


@pytest.mark.parametrize("kind", PARSERS)
def test_any_document_gives_a_value_or_a_reason(kind: str) -> None:
    chance = random.Random(0)
    for document in (anything(chance) for _ in range(3000)):
        for reply in (document, json.dumps(document), str(document)):
            verdict = read(kind, reply, "Name a bird.")
            assert (verdict.value is None) == bool(verdict.reason)


@pytest.mark.parametrize(
    "reply",
    [
        "[[A]]",
        {"text": "[[A]]"},
        {"choices": [{"message": {"role": "assistant", "content": "[[A]]"}}]},
        {"message": {"content": "", "function_call": {"arguments": "[[A]]"}}},
        {"message": {"content": "I call.", "tool_calls": [{"function": {"arguments": "[[A]]"}}]}},
        {"answer": "[[A]]"},
    ],
)
def test_the_text_is_found_in_every_layout(reply: Any) -> None:
    assert replies.text(reply) == "[[A]]"


@pytest.mark.parametrize("reply", [None, 3, "", {}, [], {"choices": []}, {"message": {"content": None}}])
def test_a_reply_without_text_says_so(reply: Any) -> None:
    assert "no text" in str(read("mtbench-pair", reply).reason)


def test_an_instruction_turns_only_preferences() -> None:
    questions = [f"Question {number}?" for number in range(50)]
    ranking = "[{'model': 'model_1', 'rank': 1}]"
    assert {read("alpaca-ranking", ranking, question).value for question in questions} == {1.0, 2.0}
    assert read("alpaca-ranking", ranking) == Verdict(1.0)
    assert {read("mtbench-single", "[[1.0]]", question).value for question in questions} == {1.0}


def test_an_instruction_that_is_no_text_is_a_reason() -> None:
    assert "surrogate" in str(read("alpaca-ranking", "[{'model': 'model_1', 'rank': 1}]", "\ud800").reason)
