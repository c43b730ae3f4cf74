"""What a judge will be sent, before money is spent, and how a reply of it would be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Unreadable, sentence
from ..specs import JudgeSpec
from ..workspace import Workspace
from . import Asked, Desk, Order, judges, orders
from .asking import Messages, Way
from .items import items

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


def preview(ws: Workspace, spec: JudgeSpec) -> Preview | None:
    """The first request that a judge run makes; None where it makes none. BadSpec, BadData where it could not run."""
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    if "endpoint" not in arguments:
        return None
    found, _ = items(ws, spec, alone=bool(member.attributes.get("alone")))
    asked = [Asked(item, order) for item in found for order in orders(member, arguments, item, spec.seed)]
    looked: list[tuple[Asked, Way]] = []
    for _ in member.function(asked, Desk(ws, looked=looked), **arguments):
        pass
    if not looked:
        return None
    ((one, way),) = looked
    return Preview(one.order, way.messages(one), way.settings, way, one)


def _choice(reply: str) -> Any:
    """A recorded completion, or words."""
    try:
        document = json.loads(reply)
    except (ValueError, RecursionError):
        document = None
    recorded = isinstance(document, dict) and document.keys() & {"choices", "message", "logprobs"}
    return document if recorded else {"text": reply}
