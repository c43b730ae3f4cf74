"""What a judge is sent, built from the question alone: before anybody is asked, and again for exports.

Before: what judging would take, what would be sent first, and how a reply would be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput, Unreadable, sentence
from ..registry import Member
from ..specs import JudgeSpec
from ..terms import Price, Terms
from ..workspace import Workspace
from . import Asked, Desk, Order, judges
from .asking import Messages, Way, name_of, replies_of, request_name
from .items import wanted

WORDS = {1.0: "the candidate is preferred", 0.5: "a tie", 0.0: "the reference is preferred"}


@dataclass(frozen=True)
class Preview:
    """The first request of a judge run."""

    order: Order
    messages: Messages
    settings: Mapping[str, Any]
    way: Way
    asked: Asked

    def reads(self, reply: str) -> str:
        """How a reply to this request is read, in words; a completion as JSON is read as such."""
        try:
            found = self.way.read(_choice(reply), self.asked)
        except Unreadable as problem:
            return f"cannot be read: {sentence(problem)}"
        if "grade" in found:
            return f"grade {found['grade']:g}"
        value = found["preference"]
        return WORDS.get(value, f"the candidate is preferred, by {value:.3f} of 1")


@dataclass(frozen=True)
class Forecast:
    """What a launch takes if nothing fails. Verdicts that are known and identical answers take no call.

    `prompt_tokens` is taken from characters, four a token; `reply_tokens` is the most that the judge may write; `cost`,
    in US dollars, is of both, and None where `price` is. `served`: the judge runs here, and costs none.
    """

    answers: int
    verdicts: int
    calls: int
    prompt_tokens: int
    reply_tokens: int
    price: Price | None
    cost: float | None
    served: bool = False


@dataclass(frozen=True)
class _Question:
    """A judge that asks an endpoint, and everything it would be asked about."""

    member: Member
    arguments: dict[str, Any]
    asked: list[Asked]
    answers: int

    def run(self, desk: Desk) -> None:
        for _ in self.member.function(self.asked, desk, **self.arguments):
            pass


def preview(ws: Workspace, spec: JudgeSpec) -> Preview | None:
    """The first request that a judge run makes; None where it makes none. BadSpec, BadData where it could not run."""
    looked = _looked(ws, spec)
    if not looked:
        return None
    one, way = looked[0]
    return Preview(one.order, way.messages(one), way.settings, way, one)


def requests(ws: Workspace, spec: JudgeSpec) -> dict[str, Messages]:
    """The messages of every request of a judge run by its name, which stands in the run's rows as `request`.

    A row whose name is not among them was sent something else: other words of ours, then, or a template that is gone.
    """
    try:
        looked = _looked(ws, spec)
        judge = _judge(ws, spec) if looked else {}
        return {request_name(judge, way, one): way.messages(one) for one, way in looked}
    except BadInput:
        return {}


def choices(ws: Workspace, spec: JudgeSpec) -> Callable[[str], Any]:
    """Request name → the first choice of the completion; None where the judge's replies are kept no longer."""
    if "endpoint" not in judges[spec.judge.name].arguments.model_fields:
        return lambda name: None
    try:
        replies = replies_of(ws, _judge(ws, spec))
    except BadInput:
        return lambda name: None
    return lambda name: (replies.find(name) or {}).get("choice")


def _judge(ws: Workspace, spec: JudgeSpec) -> dict[str, str]:
    arguments = judges[spec.judge.name].bind(spec.judge.args)
    return name_of(ws, arguments["model"], arguments["endpoint"])


def _looked(ws: Workspace, spec: JudgeSpec) -> list[tuple[Asked, Way]]:
    looked: list[tuple[Asked, Way]] = []
    if question := _question(ws, spec):
        question.run(Desk(ws, looked=looked))
    return looked


def forecast(ws: Workspace, spec: JudgeSpec, terms: Terms) -> Forecast | None:
    """What a judge run takes; None for judges that ask no endpoint. BadSpec, BadData where it could not run."""
    question = _question(ws, spec)
    if question is None:
        return None
    desk, model = Desk(ws, terms, dry=True), question.arguments["model"]
    question.run(desk)
    price = terms.price(ws, model) if isinstance(model, str) else None
    return Forecast(question.answers, len(question.asked), price=price, **desk.estimate)


def _question(ws: Workspace, spec: JudgeSpec) -> _Question | None:
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    if "endpoint" not in arguments:
        return None
    found = wanted(ws, spec).items
    asked = [Asked(item, order) for item, orders in found for order in orders]
    return _Question(member, arguments, asked, len(found))


def _choice(reply: str) -> Any:
    """A recorded completion, or words."""
    try:
        document = json.loads(reply)
    except (ValueError, RecursionError):
        document = None
    recorded = isinstance(document, dict) and document.keys() & {"choices", "message", "logprobs"}
    return document if recorded else {"text": reply}
