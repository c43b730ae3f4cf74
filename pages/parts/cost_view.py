"""What judging took: calls, tokens, money and time of every judge run, the estimate beside it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from . import contest

MONEY = st.column_config.NumberColumn(format="$%.2f")
COLUMNS = {
    "name": st.column_config.TextColumn(width=220),
    "calls": st.column_config.NumberColumn(format="localized"),
    "estimated calls": st.column_config.NumberColumn("estimate", format="localized"),
    "prompt tokens": st.column_config.NumberColumn(format="localized"),
    "estimated prompt tokens": st.column_config.NumberColumn("estimated tokens", format="localized"),
    "cost": MONEY,
    "cost of 1,000 verdicts": st.column_config.NumberColumn("per 1,000 verdicts", format="$%.2f"),
    "estimated cost": st.column_config.NumberColumn("at most", format="$%.2f", help="Estimated before the start."),
    "seconds": st.column_config.NumberColumn("time", format="%.1f s"),
}


def show(rows: list[dict[str, Any]]) -> None:
    """The sums, and a table of all judge runs that asked an endpoint."""
    asked = [row for row in rows if row["summary"].get("calls") or row["summary"].get("reused")]
    if not asked:
        st.info("No judge here asked an endpoint: reward models and the sample's gold reward cost only time. Judges "
                "such as `pairwise` show their calls, tokens and money here.")  # fmt: skip
        return
    frame = pd.DataFrame(map(_row, asked))
    _sums(frame)
    st.dataframe(frame.dropna(axis=1, how="all"), hide_index=True, column_config=COLUMNS, height="content")
    st.caption("Calls, tokens and money over all launches of a run; the estimate and the time are of its last launch: "
               "what was still to be asked then, each call once, with replies as long as they may be. Known before: "
               "verdicts that cost no call. Money in US dollars, by the workspace's prices.json.")  # fmt: skip


def _row(row: dict[str, Any]) -> dict[str, Any]:
    facts, guess = row["summary"], row["summary"].get("estimate") or {}
    cost, judged = facts.get("cost"), facts.get("judged")
    return {
        "name": row["title"] or row["run"], "verdicts": judged, "missing": facts.get("missing"),
        "calls": facts.get("calls"), "estimated calls": guess.get("calls"),
        "prompt tokens": facts.get("prompt_tokens"), "estimated prompt tokens": guess.get("prompt_tokens"),
        "cost": cost, "estimated cost": guess.get("cost"),
        "cost of 1,000 verdicts": None if cost is None or not judged else 1000 * cost / judged,
        "seconds": row["seconds"], "reply tokens": facts.get("completion_tokens"),
        "called again": facts.get("retries"), "known before": facts.get("reused"),
        "judge": contest.judge_names()[row["run"]], "run": row["run"],
    }  # fmt: skip


def _sums(frame: pd.DataFrame) -> None:
    known = frame["cost"].notna()
    cost, verdicts = frame.loc[known, "cost"].sum(), frame.loc[known, "verdicts"].sum()
    unpriced = int((~known).sum())
    each = f"${1000 * cost / verdicts:.2f} for 1,000 verdicts" if verdicts else ""
    counts = f"{frame['verdicts'].sum():,} verdicts, {frame['missing'].sum():,} missing"
    shown = (
        ("Calls", f"{frame['calls'].sum():,}", counts),
        ("Prompt tokens", f"{frame['prompt tokens'].sum():,}", ""),
        ("Reply tokens", f"{frame['reply tokens'].sum():,}", ""),
        ("Cost", f"${cost:,.2f}" if known.any() else "unknown",
         " · ".join(filter(None, [each, f"{unpriced} run{'s'[: unpriced != 1]} without a price" if unpriced else ""]))),
    )  # fmt: skip
    for column, (label, value, beside) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, value)
        if beside:
            column.caption(beside)
