"""What judging took: calls, tokens, money and time of every judge run, the estimate beside it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend.judges.figures import spending
from backend.store.queries_runs import RunRow

from . import contest

WHOLE, MONEY = "localized", "$%.2f"
COLUMNS = {  # what is looked for first stands first: narrow windows cut the last ones off
    "name": st.column_config.TextColumn(width=300),
    "verdicts": st.column_config.NumberColumn(format=WHOLE),
    "missing": st.column_config.NumberColumn(format=WHOLE),
    "calls": st.column_config.NumberColumn(format=WHOLE),
    "estimated_calls": st.column_config.NumberColumn("estimate", format=WHOLE),
    "cost": st.column_config.NumberColumn(format=MONEY),
    "estimated_cost": st.column_config.NumberColumn("at most", format=MONEY, help="Estimated before the start."),
    "cost_of_1000": st.column_config.NumberColumn("per 1,000 verdicts", format=MONEY),
    "seconds": st.column_config.NumberColumn("time", format="%.1f s"),
    "prompt_tokens": st.column_config.NumberColumn("prompt tokens", format=WHOLE),
    "estimated_prompt_tokens": st.column_config.NumberColumn("estimated tokens", format=WHOLE),
    "completion_tokens": st.column_config.NumberColumn("reply tokens", format=WHOLE),
    "retries": st.column_config.NumberColumn("called again", format=WHOLE),
    "reused": st.column_config.NumberColumn("known before", format=WHOLE),
    "judge": st.column_config.TextColumn(),
    "run": st.column_config.TextColumn(),
}


def show(rows: list[RunRow]) -> None:
    """The sums, and a table of all judge runs that asked an endpoint, or read what another tool was told."""
    found = [one for row in rows if (one := _row(row))]
    if not found:
        st.info("No judge here asked an endpoint: reward models and the sample's gold reward cost only time. Judges "
                "such as `pairwise` show their calls, tokens and money here.")  # fmt: skip
        return
    frame = pd.DataFrame(found)[[*COLUMNS, "recorded"]]
    _sums(frame)
    shown = frame.drop(columns="recorded").dropna(axis=1, how="all")
    st.dataframe(shown, hide_index=True, column_config=COLUMNS, height="content", placeholder="–")
    st.caption(
        "Calls, tokens and money over all launches of a run. The estimate is what earlier launches took and what "
        "the last one had to ask, each call once, with replies as long as they may be; the time is the last "
        "launch's. A verdict takes a call for each order. Known before: replies that cost no call. Money in US "
        "dollars, by the workspace's prices.json; of recorded verdicts, for which nothing was asked here, what "
        "their file says was paid."
    )


def _row(row: RunRow) -> dict[str, Any] | None:
    took = spending(row.spec["judge"]["name"], row.summary)
    if took is None:
        return None
    judge = contest.judge_names()[row.run]
    seconds = None if took["recorded"] else row.seconds
    return {"name": row.title, **took, "seconds": seconds, "judge": judge, "run": row.run}


def _sums(frame: pd.DataFrame) -> None:
    known, filed = frame["cost"].notna(), frame["cost"].where(frame["recorded"]).sum()
    cost, verdicts = frame.loc[known, "cost"].sum(), frame.loc[known, "verdicts"].sum()
    unpriced = int((~known).sum())
    beside = (
        f"${1000 * cost / verdicts:.2f} for 1,000 verdicts" if verdicts else "",
        f"${filed:,.2f} of it paid before, as recorded" if filed else "",
        f"{unpriced} run{'s'[: unpriced != 1]} without a price" if unpriced else "",
    )
    counts = f"{frame['verdicts'].sum():,.0f} verdicts, {frame['missing'].sum():,.0f} missing"
    shown = (
        ("Calls", f"{frame['calls'].sum():,.0f}", counts),
        ("Prompt tokens", f"{frame['prompt_tokens'].sum():,.0f}", ""),
        ("Reply tokens", f"{frame['completion_tokens'].sum():,.0f}", ""),
        ("Cost", f"${cost:,.2f}" if known.any() else "unknown", " · ".join(filter(None, beside))),
    )
    for column, (label, value, below) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, value)
        if below:
            column.caption(below)
