"""Judges: verdicts on a candidate's answer against a reference's, or on an answer alone.

A member gets what is still to be asked and the desk, and yields one judgement row per attempt. Its attributes:

ordered   it shows two answers in an order: it is asked once in each, unless its argument `both_orders` is off
single    of an ordered one: the order in which it is asked when `both_orders` is off (default: drawn by the seed)
alone     it grades the candidate's answers one by one; there is no reference
figures   what the official tool makes of the verdicts: `def figures(judged) -> dict`, a list of `Judged` in
cautions  what to know before believing them: `def cautions(judged) -> Iterator[str]`
recorded  the layout of the file in which it looks its verdicts up (`exchange.Layout`): that says items and orders
reads     of one whose replies the user describes: arguments → how a reply is read, as the answers were shown
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ..errors import BadSpec
from ..registry import Family, Member
from ..specs import ModelRef
from ..terms import Terms
from ..workspace import Workspace

judges = Family("judge", __name__)

Order = Literal["candidate_first", "reference_first", "unordered"]
Row = dict[str, Any]  # of the judgements table
JudgeModel = str | ModelRef  # its name at an endpoint, or a model that the run itself serves


class Item(NamedTuple):
    """Two answers to one prompt; where the prompt is a later turn, what came before it."""

    prompt_id: int
    candidate_id: int
    reference_id: int
    sample: int
    prompt: list[Mapping[str, str]]
    candidate: str
    reference: str
    earlier: tuple[tuple[str, str], ...] = ()  # (candidate, reference): the answers to the turns before
    category: str | None = None
    right: tuple[str | None, ...] = ()  # the benchmark's reference answers, turn by turn
    question: str | None = None  # the benchmark's name of the question

    @property
    def turn(self) -> int:
        """1, or the number of the turn in a conversation."""
        return len(self.earlier) + 1


class Asked(NamedTuple):
    """An item in one order, and how many attempts were made before."""

    item: Item
    order: Order
    attempts: int = 0

    @property
    def shown(self) -> tuple[list[str], list[str]]:
        """The answers of both sides, turn by turn, in the order in which the judge sees them."""
        sides = zip(*self.item.earlier, (self.item.candidate, self.item.reference), strict=True)
        candidate, reference = map(list, sides)
        return (reference, candidate) if self.order == "reference_first" else (candidate, reference)

    def preferred(self, first: float) -> float:
        """How far the candidate is preferred, where the answer shown first is preferred so far."""
        return 1 - first if self.order == "reference_first" else first


class Judged(NamedTuple):
    """An item, and for every order it was to be asked in the verdict's row, None where there is none."""

    item: Item
    rows: dict[Order, Row | None]

    @property
    def preference(self) -> float | None:
        """The mean over the orders; None where one of them has no verdict."""
        found = [row["preference"] for row in self.rows.values() if row is not None]
        return sum(found) / len(found) if len(found) == len(self.rows) else None


def judged_by(rows: Iterable[Row], wanted: Iterable[tuple[Item, Sequence[Order]]]) -> list[Judged]:
    """The items with the last readable row of each order in which they were to be asked."""
    known = {(row["candidate_id"], row["reference_id"], row["order"]): row for row in rows if row["status"] == "ok"}
    return [
        Judged(item, {order: known.get((item.candidate_id, item.reference_id, order)) for order in theirs})
        for item, theirs in wanted
    ]


class Place(NamedTuple):
    """Where a model answers: the base URL (None: the hosted API), its name there, the key (None: the terms say)."""

    url: str | None
    model: str
    key: str | None = None


def _nobody(model: ModelRef) -> Place:
    raise BadSpec("a local model is served by a judge run only; launch one.")


@dataclass(frozen=True)
class Desk:
    """Where a judge works: the workspace with what was said before, the terms of this launch, what it will take."""

    ws: Workspace
    terms: Terms = field(default_factory=Terms)
    estimate: dict[str, Any] = field(default_factory=dict)  # filled in before the first call
    dry: bool = False  # only the estimate: nobody is asked
    looked: list[Any] | None = None  # where nothing is to be asked: what would be, (asked, `asking.Way`)
    serve: Callable[[ModelRef], Place] = _nobody  # starts a local model's server; it lives as long as the run


def orders(member: Member, arguments: Mapping[str, Any], item: Item, seed: int) -> list[Order]:
    """The orders in which a judge is asked about an item; a single one is the member's rule, or drawn by the seed."""
    if not member.attributes.get("ordered"):
        return ["unordered"]
    both: list[Order] = ["candidate_first", "reference_first"]
    if arguments.get("both_orders", True):
        return both
    if rule := member.attributes.get("single"):
        return [rule(item)]
    from ..tables import content_id

    return [both[content_id("order", seed, item.prompt_id, item.candidate_id) % 2]]


def row(asked: Asked, status: str, preference: float | None = None, **more: Any) -> Row:
    """A judgement row. `preference` is how far the candidate is preferred, 0 to 1, whatever the order."""
    item = asked.item
    return {
        "prompt_id": item.prompt_id, "candidate_id": item.candidate_id, "reference_id": item.reference_id,
        "sample": item.sample, "turn": item.turn, "order": asked.order, "attempt": asked.attempts + 1,
        "status": status, "preference": preference, **more,
    }  # fmt: skip


def by_value(candidate: float, reference: float, tie: float) -> float:
    """1, 0, or 1/2 where the two differ by no more than `tie`."""
    gap = candidate - reference
    return 0.5 if abs(gap) <= tie else float(gap > 0)
