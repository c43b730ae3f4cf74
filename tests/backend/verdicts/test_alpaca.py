"""AlpacaEval's parsers and its order of answers: worked examples, odd corners, and every recorded judgement."""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import Unreadable
from backend.verdicts import alpaca

Alternatives = list[tuple[str, float]]


def completion(*tokens: Alternatives) -> dict[str, Any]:
    """A choice of a chat completion, as annotation files record it."""
    content = [{"token": "?", "top_logprobs": [{"token": t, "logprob": p} for t, p in token]} for token in tokens]
    return {"index": 0, "logprobs": {"content": content}, "message": {"role": "assistant", "content": "?"}}


def recorded(shared: Path) -> Iterator[dict[str, Any]]:
    """Every recorded annotation with its completion."""
    for path in sorted((shared / "alpaca_eval").glob("*/annotations.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from (row for row in json.load(file) if row.get("raw_completion"))


def test_the_preference_is_the_share_of_the_second_token_plus_one() -> None:
    """P(m) = 0.6, P(M) = 0.2, the rest is ignored: 2 − 0.6 / 0.8 = 1.25."""
    one = completion([("m", math.log(0.6)), ("M", math.log(0.2)), ("Both", math.log(0.2))])
    assert alpaca.logprob(one) == pytest.approx(1.25, abs=1e-12)


@pytest.mark.parametrize(
    ("alternatives", "value"),
    [
        ([("Neither", -0.1), ("m", -9.0)], 1.0),
        ([("Neither", -0.1), ("M", -9.0)], 2.0),
        ([("m", -2000.0), ("M", -2000.0)], 1.5),
        ([("m", -5000.0), ("M", 0.0)], 2.0),
        ([("m", -math.inf), ("M", -3.0)], 2.0),
        ([(" m", 0.0), ("m", -4.0), ("M", -4.0)], 1.5),
    ],
)
def test_a_token_outside_the_alternatives_counts_nothing(alternatives: Alternatives, value: float) -> None:
    assert alpaca.logprob(completion(alternatives)) == value


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion([("Both", -0.1), (" m", -1.0)]), "neither 'm' nor 'M'"),
        (completion([]), "neither 'm' nor 'M'"),
        (completion([("m", -0.1)], [("M", -0.1)]), "2 tokens"),
        (completion(), "no log-probs"),
        ({"logprobs": None, "message": {"content": "m"}}, "no log-probs"),
        ({"logprobs": {"content": [{"token": "m", "logprob": 0.0}]}}, "no log-probs"),
        (completion([("m", -math.inf), ("M", -math.inf)]), "probability 0"),
        (completion([("m", math.nan), ("M", -1.0)]), "log-prob of 'm' is nan"),
        (completion([("m", "high"), ("M", -1.0)]), "log-prob of 'm' is 'high'"),  # type: ignore[list-item]
        ("m", "no log-probs"),
    ],
)
def test_a_reply_that_names_no_answer_says_why(reply: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        alpaca.logprob(reply)


def test_the_log_probs_are_found_in_every_recorded_layout() -> None:
    choice = completion([("m", math.log(0.25)), ("M", math.log(0.75))])
    layouts = [choice, {"object": "chat.completion", "choices": [choice]}, json.dumps(choice), str(choice)]
    assert [alpaca.logprob(layout) for layout in layouts] == [pytest.approx(1.75)] * 4


@pytest.mark.parametrize(
    ("reply", "rank"),
    [
        ("[{'model': 'model_1', 'rank': 1}, {'model': 'model_2', 'rank': 2}]", 1),
        ("[\n    {'model': 'model_2', 'rank': 1},\n    {'model': 'model_1', 'rank': 2}\n]\n", 2),
        ([{"model": "model_1", "rank": 2}, {"model": "model_2", "rank": 1}], 2),
        ("[{'model': 'model_1', 'rank': 1}, {'model': 'model_1', 'rank': 2}]", 1),
        ("[{'model': 'model_1', 'rank': 2}, {'model': 'model_2', 'rank': 2}]", 2),
        ({"ordered_models": [{"model": "m", "rank": 2}, {"model": "M", "rank": 1}]}, 2),
        ('{"is_sure": true, "ordered_models": [{"model": "model_1", "rank": 2}]}', 2),
        ("{'why': None, 'ordered_models': [{'model': 'model_1', 'rank': 1}]}", 1),
        ('Here:\n```json\n{"ordered_models": [{"model": "M", "rank": 1}, {"model": "m", "rank": 2}]}\n```', 2),
    ],
)
def test_the_rank_of_the_first_model_is_the_preference(reply: Any, rank: int) -> None:
    assert alpaca.ranking(reply) == rank


def test_the_ranking_of_a_function_call_is_its_arguments() -> None:
    call = {"function": {"arguments": '{"ordered_models": [{"model": "model_1", "rank": 2}]}'}}
    assert alpaca.ranking({"choices": [{"message": {"content": None, "tool_calls": [call]}}]}) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Here: [{'model': 'model_1', 'rank': 1}]", "nothing else"),
        ("```\n[{'model': 'model_1', 'rank': 1}]\n```", "nothing else"),
        ("{'model': 'model_1', 'rank': 1}", "nothing else"),
        ("[{'model': 'model_1', 'rank': 1}, {'rank': 2}]", "nothing else"),
        ("[{'model': 'm', 'rank': 1}, {'model': 'M', 'rank': 2}]", "does not rank"),
        ("[]", "does not rank"),
        ("[{'model': 'model_1', 'rank': 3}]", "is 3"),
        ("[{'model': 'model_1', 'rank': '1'}]", "is '1'"),
        ("[{'model': 'model_1'}]", "is None"),
        ("", "no text"),
    ],
)
def test_anything_but_a_ranking_says_why(reply: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        alpaca.ranking(reply)


def test_the_order_is_the_official_draw_seeded_with_the_instruction() -> None:
    """The seed is the text `is_switched_outputs` + instruction + `0`; the first draw is below ½ for False."""
    for instruction in ("", "Name three birds.", "Nenne drei Vögel.\u2028"):
        first_draw = random.Random("is_switched_outputs" + instruction + "0").random()
        assert alpaca.is_candidate_first(instruction) == (first_draw >= 0.5)


def test_turning_a_preference_twice_gives_it_back() -> None:
    questions = [f"Question {number}?" for number in range(200)]
    for preference in (1.0, 1.25, 1.5, 2.0):
        turned = [alpaca.reordered(preference, question) for question in questions]
        assert set(turned) == {preference, 3 - preference}
        assert [alpaca.reordered(p, q) for p, q in zip(turned, questions, strict=True)] == [preference] * 200


def test_every_recorded_completion_gives_the_stored_preference(shared: Path) -> None:
    errors = [
        abs(alpaca.reordered(alpaca.logprob(row["raw_completion"]), row["instruction"]) - row["preference"])
        for row in recorded(shared)
    ]
    assert len(errors) > 1000 and max(errors) < 1e-9


def test_the_official_order_exchanges_406_of_the_805_instructions(shared: Path) -> None:
    instructions = {row["instruction"] for row in recorded(shared)}
    assert (len(instructions), sum(map(alpaca.is_candidate_first, instructions))) == (805, 406)
