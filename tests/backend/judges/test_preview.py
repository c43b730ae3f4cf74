"""What a judge run would take and send first, and how a reply would be read, without asking."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from backend import specs, tables
from backend.errors import BadSpec
from backend.judges import Asked, Desk, judges, orders
from backend.judges.items import items
from backend.judges.pairwise import QUESTION, SYSTEM
from backend.judges.preview import Forecast, Request, preview
from backend.registry import Call
from backend.terms import Price, Terms
from backend.workspace import Workspace
from tests import small_world, tiny
from tests.judge_server import longer, served

NOWHERE = "http://127.0.0.1:9/v1"


def first(ws: Workspace, spec: specs.JudgeSpec) -> Request | None:
    found = preview(ws, spec)
    return found and found.first


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
    found = first(ws, question(ws, judge))
    assert found
    words = "\n".join(message["content"] for message in found.messages)
    assert "why ?" in words and "mine" in words and ("good" in words or found.asked.order == "unordered")
    assert "temperature" in found.settings and not (ws.root / "replies").exists()


def test_a_reply_is_read_in_terms_of_the_candidate(ws: Workspace) -> None:
    found = first(ws, question(ws, "pairwise"))
    assert found and found.asked.order == "candidate_first"
    assert found.reads("so [[A]]") == "the candidate is preferred"
    assert found.reads("so [[B]]") == "the reference is preferred" and found.reads("[[C]]") == "a tie"
    assert found.reads('{"winner": "x"}').startswith("cannot be read: the reply must hold one of")


def test_a_completion_as_json_is_read_with_its_log_probs(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("{answer_a} {answer_b}")
    given = {"prompts": ws.adopt(tmp_path / "t.txt"), "reply": "token", "first": "1", "second": "2"}
    found = first(ws, question(ws, "custom", **given))
    top = [{"token": "1", "logprob": math.log(0.6)}, {"token": "2", "logprob": math.log(0.2)}]
    reply = {"choices": [{"message": {"content": "1"}, "logprobs": {"content": [{"token": "1", "top_logprobs": top}]}}]}
    assert found and found.reads(json.dumps(reply)) == "the candidate is preferred, by 0.750 of 1"


def test_where_nothing_is_sent_there_is_nothing_to_show(ws: Workspace) -> None:
    found = preview(ws, question(ws, "pairwise", ours="good"))
    assert found and found.first is None, "identical answers are ties without a call"
    assert (found.forecast.answers, found.forecast.identical, found.forecast.calls) == (1, 1, 0)
    spec = question(ws, "pairwise").model_copy(update={"judge": Call(name="gold", args={"tie": 0.25})})
    assert preview(ws, spec) is None


def test_a_template_that_cannot_be_filled_is_said(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("{answer_a}")
    for ours in ("mine", "good"):  # also where the only answer is the reference's own
        with pytest.raises(BadSpec, match=r"does not hold \{answer_b\}"):
            preview(ws, question(ws, "custom", ours=ours, prompts=ws.adopt(tmp_path / "t.txt")))


@pytest.mark.parametrize("ours", ["mine", "good"])
def test_a_template_that_one_question_of_many_cannot_fill_is_said_and_nothing_is_asked(
    ws: Workspace, tmp_path: Path, ours: str
) -> None:
    """Two questions, the second without a category: whichever comes first, and identical answers or not."""
    (tmp_path / "t.txt").write_text("{category} {answer_a} {answer_b}")
    spec = question(ws, "custom", ours=ours, prompts=ws.adopt(tmp_path / "t.txt"))
    member = judges["custom"]
    (item,) = items(ws, spec, alone=False).judged
    asked = [Asked(item._replace(category=category), "candidate_first") for category in ("math", None)]
    for order in (asked, asked[::-1]):
        with pytest.raises(BadSpec, match=r"asks for \{category\}, but a question has none"):
            next(member.function(order, Desk(ws), **member.bind(spec.judge.args)))


def of_world(world: small_world.World, url: str, **args: object) -> specs.JudgeSpec:
    call = judges.call("pairwise", model="judge-1", endpoint=url, **args)
    return specs.JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=call)


def test_calls_tokens_and_money_are_those_of_the_run(ws: Workspace) -> None:
    """Characters of our own wording and of both answers, each shown in both orders, four a token; 50 tokens a reply."""
    world = small_world.build(ws)
    price = Price(input=1e6, output=2e6)  # a dollar a token, two for replies
    with served(longer) as server:
        spec = of_world(world, server.url, max_tokens=50)
        seen = preview(ws, spec, Terms(price_in=price.input, price_out=price.output))
        assert seen and server.bodies == []
        found = seen.forecast
        sent = sum(
            len(SYSTEM) + len(QUESTION.format(question=one.prompt[0]["content"], answer_a=a, answer_b=b))
            for one in items(ws, spec, alone=False).judged
            for a, b in ((one.candidate, one.reference), (one.reference, one.candidate))
        )
        assert (found.verdicts, found.calls) == (2 * found.answers, 2 * found.answers)
        assert (found.prompt_tokens, found.reply_tokens) == (sent // 4, 50 * found.calls)
        assert found.price == price and found.cost == pytest.approx(found.prompt_tokens + 2 * found.reply_tokens)


def test_what_is_known_takes_no_call_and_without_a_price_there_is_no_cost(ws: Workspace) -> None:
    world = small_world.build(ws)
    with served(longer) as server:
        one_order = of_world(world, server.url, both_orders=False)
        before = _forecast(ws, one_order)
        assert before.cost is None and before.price is None
        _ask(ws, one_order)
        after, both = _forecast(ws, one_order), _forecast(ws, of_world(world, server.url))
    assert (after.calls, after.prompt_tokens) == (0, 0)
    assert both.calls == both.verdicts - before.verdicts, "the other order is still to be asked"


def test_a_limit_takes_the_first_prompts_and_grows_without_asking_again(ws: Workspace) -> None:
    world = small_world.build(ws)
    with served(longer) as server:
        whole, five, six = (of_world(world, server.url).model_copy(update={"limit": n}) for n in (None, 5, 6))
        assert "limit" not in whole.canonical() and len({whole.id, five.id, six.id}) == 3
        every, first, _ = (items(ws, spec, alone=False) for spec in (whole, five, six))
        assert first.judged == every.judged[:5] and first.beyond == len(every.judged) - 5 == 15
        _ask(ws, five)
        found = _forecast(ws, six)
    assert (found.answers, found.of, found.verdicts, found.calls) == (6, 20, 12, 2), "five are known in both orders"


def test_a_judge_without_an_endpoint_has_no_forecast(ws: Workspace) -> None:
    world = small_world.build(ws)
    spec = specs.JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=Call(name="gold"))
    assert preview(ws, spec) is None


def test_a_question_that_cannot_be_asked_has_none_either(ws: Workspace) -> None:
    world = small_world.build(ws)
    with pytest.raises(BadSpec, match="'ftp://x' is no URL"):
        preview(ws, of_world(world, "ftp://x"))


def _forecast(ws: Workspace, spec: specs.JudgeSpec) -> Forecast:
    found = preview(ws, spec)
    assert found
    return found.forecast


def _ask(ws: Workspace, spec: specs.JudgeSpec) -> None:
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    found = items(ws, spec, alone=False).judged
    asked = [Asked(item, order) for item in found for order in orders(member, arguments, item, spec.seed)]
    list(member.function(asked, Desk(ws), **arguments))
