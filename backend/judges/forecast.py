"""What a judge run would take, before anybody is asked: calls, tokens and money."""

from __future__ import annotations

from dataclasses import dataclass

from ..specs import JudgeSpec
from ..terms import Price, Terms
from ..workspace import Workspace
from . import Asked, Desk, judges, orders
from .items import items


@dataclass(frozen=True)
class Forecast:
    """What a launch takes if nothing fails. Verdicts that are known and identical answers take no call.

    `prompt_tokens` is taken from characters, four a token; `reply_tokens` is the most that the judge may write; `cost`,
    in US dollars, is of both, and None where `price` is.
    """

    answers: int
    verdicts: int
    calls: int
    prompt_tokens: int
    reply_tokens: int
    price: Price | None
    cost: float | None


def forecast(ws: Workspace, spec: JudgeSpec, terms: Terms) -> Forecast | None:
    """None for judges that ask no endpoint. BadData, BadSpec as the run itself would raise."""
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    if "endpoint" not in arguments:
        return None
    found, _ = items(ws, spec, alone=bool(member.attributes.get("alone")))
    asked = [Asked(item, order) for item in found for order in orders(member, arguments, item, spec.seed)]
    desk = Desk(ws, terms, dry=True)
    for _ in member.function(asked, desk, **arguments):
        pass
    return Forecast(len(found), len(asked), price=terms.price(ws, arguments["model"]), **desk.estimate)
