"""Judges: verdicts on a candidate's answer against a reference's.

A member gets what is still to be asked and the workspace, and yields one judgement row per attempt. The attribute
`ordered` says whether it shows two answers in an order; then it is asked once in each (`both_orders`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..registry import Family, Member

judges = Family("judge", __name__)

Order = Literal["candidate_first", "reference_first", "unordered"]
Row = dict[str, Any]  # of the judgements table


class Item(NamedTuple):
    """Two answers to one prompt."""

    prompt_id: int
    candidate_id: int
    reference_id: int
    sample: int
    prompt: list[Mapping[str, str]]
    candidate: str
    reference: str


class Asked(NamedTuple):
    """An item in one order, and how many attempts were made before."""

    item: Item
    order: Order
    attempts: int = 0


def orders(member: Member, arguments: Mapping[str, Any], item: Item, seed: int) -> list[Order]:
    """The orders in which a judge is asked about an item; a single one is drawn by the seed."""
    if not member.attributes.get("ordered"):
        return ["unordered"]
    both: list[Order] = ["candidate_first", "reference_first"]
    if arguments["both_orders"]:
        return both
    from ..tables import content_id

    return [both[content_id("order", seed, item.prompt_id, item.candidate_id) % 2]]


def row(asked: Asked, status: str, preference: float | None = None, **more: Any) -> Row:
    """A judgement row. `preference` is how far the candidate is preferred, 0 to 1, whatever the order."""
    item = asked.item
    return {
        "prompt_id": item.prompt_id, "candidate_id": item.candidate_id, "reference_id": item.reference_id,
        "sample": item.sample, "turn": 1, "order": asked.order, "attempt": asked.attempts + 1, "status": status,
        "preference": preference, **more,
    }  # fmt: skip


def by_value(candidate: float, reference: float, tie: float) -> float:
    """1, 0, or 1/2 where the two differ by no more than `tie`."""
    gap = candidate - reference
    return 0.5 if abs(gap) <= tie else float(gap > 0)
