"""Before anybody is asked: what judging would take, what would be sent first, and how a reply would be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import Unreadable, sentence
from ..specs import JudgeSpec
from ..terms import Price, Terms
from ..workspace import Workspace
from . import Asked, Desk, judges, orders
from .asking import Messages, Way
from .items import items

WORDS = {1.0: "the candidate is preferred", 0.5: "a tie", 0.0: "the reference is preferred"}


@dataclass(frozen=True)
class Request:
    """The first request of a judge run."""

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
    """What is known before anybody is asked. `first`: None where every answer is the reference's own text."""

    forecast: Forecast
    first: Request | None


def preview(ws: Workspace, spec: JudgeSpec, terms: Terms | None = None) -> Preview | None:
    """What a judge run takes and asks first; None for judges that ask no endpoint.

    BadSpec, BadData where it could not run: also where a template cannot be filled for one of the questions.
    """
    member, terms = judges[spec.judge.name], terms or Terms()
    arguments = member.bind(spec.judge.args)
    if "endpoint" not in arguments:
        return None
    found, _, beyond = items(ws, spec, alone=bool(member.attributes.get("alone")))
    asked = [Asked(item, order) for item in found for order in orders(member, arguments, item, spec.seed)]
    desk = Desk(ws, terms, dry=True)
    for _ in member.function(asked, desk, **arguments):
        pass
    identical = len({one.item[:4] for one in asked if one.identical})
    price = terms.price(ws, arguments["model"]) if isinstance(arguments["model"], str) else None
    forecast = Forecast(len(found), len(found) + beyond, identical, len(asked), price=price, **desk.estimate)
    return Preview(forecast, desk.first and Request(*desk.first))


def _choice(reply: str) -> Any:
    """A recorded completion, or words."""
    try:
        document = json.loads(reply)
    except (ValueError, RecursionError):
        document = None
    recorded = isinstance(document, dict) and document.keys() & {"choices", "message", "logprobs"}
    return document if recorded else {"text": reply}
