"""The official figures of a finished judge run, of all its questions or without some, and where ours are others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ..workspace import Workspace
from . import judged_by, judges, orders
from .items import items

FIGURES = {  # of what `official` holds, the first that is found
    "win_rate_adjusted": "win rate, a tie half (%)", "win_rate": "win rate (%)", "average": "mean grade",
    "score": "score (%)",
}  # fmt: skip
WHY = {
    "win_rate_adjusted": "FastChat's win rate with half the ties: unless both games name one winner, a match is a tie, "
    "so that a win and a tie are ½ there and ¾ in our win rate.",
    "score": "Arena-Hard's score: it counts games, a much better answer as three; our win rate counts a question once, "
    "much better as 1, better as ¾.",
}
PRINTED = 0.005  # points: two figures that differ by less look alike
COLUMNS = ["candidate_id", "reference_id", "order", "status", "preference", "grade"]


def official(ws: Workspace, run: str, left_out: Collection[str] = ()) -> dict[str, Any] | None:
    """What the official tool makes of a run's verdicts on other questions than those, by the benchmark's names of them.

    None where the judge is of no benchmark, or no question remains. With nothing left out it is the run's own summary.
    """
    spec = ws.spec(run)
    member = judges[spec.judge.name]
    found = items(ws, spec, alone=bool(member.attributes.get("alone"))).judged
    found = [item for item in found if item.question not in left_out]
    if not found or "figures" not in member.attributes:
        return None
    rows = ws.table(run, "judgements", COLUMNS).to_pylist()
    arguments = member.bind(spec.judge.args)
    wanted = [(item, orders(member, arguments, item, spec.seed)) for item in found]
    judged = judged_by(rows, wanted)
    figures: dict[str, Any] = member.attributes["figures"](judged)
    return figures


def figure(official: Mapping[str, Any]) -> tuple[str | None, float | None]:
    """The figure by which a tool ranks models, of all that it prints, and what it is."""
    name = next((name for name in FIGURES if name in official), None)
    return (FIGURES[name], official[name]) if name else (None, None)


class Official(NamedTuple):
    """The official tool's win rate (a share, 0 to 1), and why it is not ours; empty where it is."""

    share: float
    why: str


def win_rate(facts: Mapping[str, Any]) -> Official | None:
    """The official win rate of a judge run's summary; None where there is none."""
    figures, ours = facts.get("official") or {}, facts.get("win_rate")
    name = next((name for name in ("win_rate_adjusted", "win_rate", "score") if figures.get(name) is not None), None)
    if name is None or ours is None:
        return None
    return Official(figures[name] / 100, WHY.get(name, "") if abs(figures[name] - 100 * ours) >= PRINTED else "")
