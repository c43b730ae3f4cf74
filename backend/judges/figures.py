"""What a finished judge run amounts to: official figures, of all its questions or without some, and its cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ..workspace import Workspace
from . import judged_by, judges
from .items import wanted

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
TITLES = {  # a benchmark's judge → what its figures are called
    "alpaca_eval": "AlpacaEval",
    "mt_bench": "MT-Bench, grades",
    "mt_bench_pair": "MT-Bench, matches",
    "arena_hard_v01": "Arena-Hard v0.1",
    "arena_hard_v2": "Arena-Hard v2.0",
}


def benchmark(judge: str) -> str | None:
    """The benchmark's judge whose figures a judge has: its own name, or that of the one whose verdicts it looks up."""
    figures = judges[judge].attributes.get("figures")
    return next((name for name in TITLES if judges[name].attributes["figures"] is figures), None)


def official(ws: Workspace, run: str, left_out: Collection[str] = ()) -> dict[str, Any] | None:
    """What the official tool makes of a run's verdicts on other questions than those, by the benchmark's names of them.

    None where the judge is of no benchmark, or no question remains. With nothing left out it is the run's own summary.
    """
    spec = ws.spec(run)
    member = judges[spec.judge.name]
    found = [(item, orders) for item, orders in wanted(ws, spec).items if item.question not in left_out]
    if not found or "figures" not in member.attributes:
        return None
    rows = ws.table(run, "judgements", COLUMNS).to_pylist()
    figures: dict[str, Any] = member.attributes["figures"](judged_by(rows, found))
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


def spending(judge: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a run's verdicts took, by its summary; None where the judge is no language model.

    `cost` in US dollars, None where no price is known; of recorded verdicts it is what their file says was paid, and
    nothing was asked. The `estimated_…` are of the whole run, made before its last launch.
    """
    recorded, guess = "recorded" in judges[judge].attributes, facts.get("estimate") or {}
    if not (recorded or facts.get("calls") or facts.get("reused")):
        return None
    judged, cost = facts.get("judged"), facts.get("cost")
    asking = ("calls", "prompt_tokens", "completion_tokens", "retries", "reused")
    return {
        "verdicts": judged,
        "missing": facts.get("missing"),
        "recorded": recorded,
        "cost": cost,
        "cost_of_1000": 1000 * cost / judged if judged and cost is not None else None,
        **{name: None if recorded else facts.get(name) for name in asking},
        **{f"estimated_{name}": guess.get(name) for name in ("calls", "prompt_tokens", "cost")},
    }
