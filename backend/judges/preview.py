"""What a judge is sent, built from the question alone: before anybody is asked, and again for exports.

Before: what judging would take, what would be sent first, and how a reply would be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import BadInput, Unreadable, sentence
from ..specs import JudgeSpec
from ..terms import Price, Terms
from ..workspace import Workspace
from . import Asked, Desk, judges
from .asking import Messages, Way, name_of, replies_of, request_name
from .items import wanted

WORDS = {1.0: "the candidate is preferred", 0.5: "a tie", 0.0: "the reference is preferred"}


@dataclass(frozen=True)
class Request:
    """A request of a judge run."""

    asked: Asked
    way: Way

    @property
    def messages(self) -> Messages:
        """What is sent."""
        return self.way.messages(self.asked)

    @property
    def settings(self) -> Mapping[str, Any]:
        """How it is sent."""
        return self.way.settings

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

    `answers` of `of` are judged: fewer where there is a limit; `identical` of them are the reference's own text.
    `prompt_tokens` is taken from characters, four a token; `reply_tokens` is the most that the judge may write; `cost`,
    in US dollars, is of both, and None where `price` is. `served`: the judge runs here, and costs none.
    """

    answers: int
    of: int
    identical: int
    verdicts: int
    calls: int
    prompt_tokens: int
    reply_tokens: int
    price: Price | None
    cost: float | None
    served: bool = False


class Preview(NamedTuple):
    """What is known before anybody is asked. `requests`: none where every answer is the reference's own text."""

    forecast: Forecast
    requests: list[Request]

    @property
    def first(self) -> Request | None:
        """The first request."""
        return next(iter(self.requests), None)


def preview(ws: Workspace, spec: JudgeSpec, terms: Terms | None = None) -> Preview | None:
    """What a judge run takes and asks first; None for judges that ask no endpoint.

    BadSpec, BadData where it could not run: also where a template cannot be filled for one of the questions.
    """
    member, terms = judges[spec.judge.name], terms or Terms()
    arguments = member.bind(spec.judge.args)
    if "endpoint" not in arguments:
        return None
    found, _, beyond, _ = wanted(ws, spec)
    asked = [Asked(item, order) for item, orders in found for order in orders]
    desk = Desk(ws, terms, dry=True)
    for _ in member.function(asked, desk, **arguments):
        pass
    identical = len({one.item[:4] for one in asked if one.identical})
    price = terms.price(ws, arguments["model"]) if isinstance(arguments["model"], str) else None
    forecast = Forecast(len(found), len(found) + beyond, identical, len(asked), price=price, **desk.estimate)
    return Preview(forecast, [Request(*one) for one in desk.requests])


def requests(ws: Workspace, spec: JudgeSpec) -> dict[str, Messages]:
    """The messages of every request of a judge run by its name, which stands in the run's rows as `request`.

    A row whose name is not among them was sent something else: other words of ours, then, or a template that is gone.
    """
    try:
        found = preview(ws, spec)
        sent = [(one.way, one.messages) for one in found.requests] if found else []
        judge = _judge(ws, spec) if sent else {}
        return {request_name(judge, way, messages): messages for way, messages in sent}
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


def _choice(reply: str) -> Any:
    """A recorded completion, or words."""
    try:
        document = json.loads(reply)
    except (ValueError, RecursionError):
        document = None
    recorded = isinstance(document, dict) and document.keys() & {"choices", "message", "logprobs"}
    return document if recorded else {"text": reply}
