"""What a finished judge run amounts to: official figures, of all its questions or without some, and its cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..workspace import Workspace
from . import judged_by, judges
from .items import wanted

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


def spending(judge: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a run's verdicts took, by its summary; None where the judge is no language model.

    `cost` in US dollars, None where no price is known; of recorded verdicts it is what their file says was paid, and
    nothing was asked. The `estimated_…` are of the last launch.
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
