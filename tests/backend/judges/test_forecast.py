"""What judging would take, against what it then takes."""

from __future__ import annotations

import pytest

from backend.errors import BadSpec
from backend.judges import Desk, judges
from backend.judges.forecast import forecast
from backend.judges.items import items
from backend.judges.pairwise import QUESTION, SYSTEM
from backend.registry import Call
from backend.specs import JudgeSpec
from backend.terms import Price, Terms
from backend.workspace import Workspace
from tests import small_world
from tests.judge_server import longer, served


def question(world: small_world.World, url: str, **args: object) -> JudgeSpec:
    call = judges.call("pairwise", model="judge-1", endpoint=url, **args)
    return JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=call)


def test_calls_tokens_and_money_are_those_of_the_run(ws: Workspace) -> None:
    """Characters of our own wording and of both answers, each shown in both orders, four a token; 50 tokens a reply."""
    world = small_world.build(ws)
    price = Price(input=1e6, output=2e6)  # a dollar a token, two for replies
    with served(longer) as server:
        spec = question(world, server.url, max_tokens=50)
        found = forecast(ws, spec, Terms(price_in=price.input, price_out=price.output))
        assert found and server.bodies == []
        sent = sum(
            len(SYSTEM) + len(QUESTION.format(question=one.prompt[0]["content"], answer_a=a, answer_b=b))
            for one in items(ws, spec, alone=False)[0]
            for a, b in ((one.candidate, one.reference), (one.reference, one.candidate))
        )
        assert (found.verdicts, found.calls) == (2 * found.answers, 2 * found.answers)
        assert (found.prompt_tokens, found.reply_tokens) == (sent // 4, 50 * found.calls)
        assert found.price == price and found.cost == pytest.approx(found.prompt_tokens + 2 * found.reply_tokens)


def test_what_is_known_takes_no_call_and_without_a_price_there_is_no_cost(ws: Workspace) -> None:
    world = small_world.build(ws)
    with served(longer) as server:
        one_order = question(world, server.url, both_orders=False)
        before = forecast(ws, one_order, Terms())
        assert before and before.cost is None and before.price is None
        _ask(ws, one_order)
        after, both = forecast(ws, one_order, Terms()), forecast(ws, question(world, server.url), Terms())
    assert after and both and (after.calls, after.prompt_tokens) == (0, 0)
    assert both.calls == both.verdicts - before.verdicts, "the other order is still to be asked"


def test_a_judge_without_an_endpoint_has_no_forecast(ws: Workspace) -> None:
    world = small_world.build(ws)
    spec = JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=Call(name="gold"))
    assert forecast(ws, spec, Terms()) is None


def test_a_question_that_cannot_be_asked_has_none_either(ws: Workspace) -> None:
    world = small_world.build(ws)
    with pytest.raises(BadSpec, match="'ftp://x' is no URL"):
        forecast(ws, question(world, "ftp://x"), Terms())


def _ask(ws: Workspace, spec: JudgeSpec) -> None:
    from backend.judges import Asked, orders

    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    found, _ = items(ws, spec, alone=False)
    asked = [Asked(item, order) for item in found for order in orders(member, arguments, item, spec.seed)]
    list(member.function(asked, Desk(ws), **arguments))
