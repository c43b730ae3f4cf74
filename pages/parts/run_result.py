"""What a run found, as people read it: its counts, what was left out and why; all of it as JSON on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from backend.store.queries_runs import RunRow

from . import figures_view

COUNTS = {  # of each kind of run, what it is judged by
    "load": ("rows_read", "prompts", "responses", "pairs", "unanswered"),
    "measure": ("measured", "failed", "cut", "mean", "sd"),
    "estimate": ("texts", "known", "tokens", "tokens_per_second"),
    "pair": ("pairs", "prompts", "responses", "not_measured"),
    "train": ("steps", "used", "cut", "held_back", "trainable"),
    "generate": ("responses", "prompts", "empty", "unfinished", "mean_tokens"),
}
PARTS = {  # what has several numbers of one kind, and what these are
    "dropped": "Rows dropped", "flagged": "Rows flagged and kept", "left_out": "Rows left out", "notes": "Notes",
    "final": "At the last step", "failures": "Missing verdicts, by how the last attempt ended",
}  # fmt: skip


def show(row: RunRow) -> None:
    """The numbers of a run, of a judge run with its figures and doubts, then the JSON."""
    if not row.summary:
        st.caption("No result yet.")
        return
    if shown := [*_counts(row)]:
        for column, (label, value, beside) in zip(st.columns(len(shown)), shown, strict=True):
            column.metric(label, value)
            column.caption(beside)
    figures_view.of_run(row.run)
    for name, title in PARTS.items():
        if isinstance(part := row.summary.get(name), Mapping) and part:
            st.markdown(f"**{title}**")
            numbers = {key.replace("_", " "): _number(value) for key, value in part.items()}
            st.dataframe(pd.DataFrame(numbers.items(), columns=["", "value"]), hide_index=True, width="content")
    with st.expander("All of it, as JSON", icon=":material/data_object:"):
        st.json(row.summary, expanded=2)


def _counts(row: RunRow) -> Iterator[tuple[str, str, str]]:
    """Label, value, and what stands beside it."""
    facts = row.summary
    if row.kind == "judge":
        yield from _verdicts(facts)
    elif row.kind == "select":
        yield "chosen", _number(facts["chosen"]), f"{facts['share']:.1%} of {facts['pool']:,} pairs"
    for name in COUNTS.get(row.kind, ()):
        if facts.get(name) is not None:
            of = f"of {facts['rows']:,} rows" if name == "used" else ""
            yield name.replace("_", " "), _number(facts[name]), of


def _verdicts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "win_rate" in facts:
        ends = f"95 %: {facts['low']:.1%} to {facts['high']:.1%}, ties half"
        yield "win rate", f"{facts['win_rate']:.1%}", ends
    if "judged" in facts:
        yield "judged", f"{facts['judged']:,} of {facts['items']:,}", f"{facts['missing']:,} missing, in no rate"
    if facts.get("flipped") is not None:
        yield "flipped", _number(facts["flipped"]), f"of {facts['items']:,} items"
    if facts.get("cost") is not None:
        yield "cost", f"${facts['cost']:,.2f}", f"{facts.get('calls', 0):,} calls"


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
