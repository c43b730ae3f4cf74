"""How the items of every candidate ended: won, tied, flipped between the orders, lost or missing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend.judged import BySeed
from backend.report.outcomes import outcomes
from backend.store import queries_results

from . import contest, session, verdict_charts


def counts(runs: dict[str, BySeed]) -> dict[str, dict[str, int]]:
    """Candidate → how its items ended, all training seeds together."""
    asked = {row["run"]: int(row["summary"].get("items", 0)) for row in queries_results.judge_rows(session.index())}
    return {
        name: outcomes(list(by_seed.values()), sum(asked.get(run, 0) for run in runs[name].values()))
        for name, by_seed in contest.items(runs).items()
    }


def show(found: dict[str, dict[str, int]]) -> None:
    """A stacked bar for each candidate, in this order."""
    st.altair_chart(verdict_charts.outcomes(frame(found)), key="outcomes")
    st.caption("Every item once. Flipped: the two orders name different winners, whatever their mean; tied: the others "
               "whose mean is a half; missing: without a readable verdict in every order. The win rate is the mean "
               "over all but the missing: a tie adds a half, a flip its mean.")  # fmt: skip


def frame(found: dict[str, dict[str, int]]) -> pd.DataFrame:
    """name, outcome, items, share, from, to: the parts of each bar, one after the other."""
    rows = []
    for name, counts in found.items():
        total, before = max(sum(counts.values()), 1), 0
        for outcome, items in counts.items():
            rows.append({"name": name, "outcome": outcome, "items": items, "share": items / total,
                         "from": before / total, "to": (before + items) / total})  # fmt: skip
            before += items
    return pd.DataFrame(rows)
