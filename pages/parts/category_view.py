"""Win rates or grades by category of the prompt.

Points with intervals are shown first: neighbouring candidates are told apart by position, and an interval says when
they cannot be. The radar, which users of MT-Bench know, shows the shape of strengths at a glance but hides intervals
and counts; it is offered from three categories on, for at most six candidates at a time.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend.judged import Contest
from backend.report.slices import Slice

from . import contest, verdict_charts

MOST = 6  # candidates that are shown unless asked for more
SPOKES = 3
POINTS, RADAR = "Points with intervals", "Radar"
PERCENT = st.column_config.NumberColumn(format="percent")


def show(of: Contest) -> None:
    """Every category of some candidates, as points or as a radar, and the table."""
    found = {name: parts for name, parts in contest.parts(of, "category").items() if any(part.mean for part in parts)}
    if not found:
        st.info("None of these prompts has a category. MT-Bench's and Arena-Hard's questions do; of any other file of "
                "prompts or answers, name its column as `category` on the Data page.")  # fmt: skip
        return
    names = [name for name in contest.ranked(of) if name in found]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.multiselect("Candidates", names, names[:MOST], key=f"candidates of {of.title}")
    shown = frame({name: found[name] for name in names if name in chosen})
    if shown.empty:
        st.info("Choose at least one candidate.")
        return
    kinds = [POINTS, RADAR] if shown["group"].nunique() >= SPOKES and len(chosen) <= MOST else [POINTS]
    kind = right.segmented_control("Drawn as", kinds, default=POINTS, required=True, key="drawn", bind="query-params")
    draw(shown, kind, shares=of.reference is not None)
    measure = f"win rate against {of.reference}" if of.reference else "mean grade"
    st.caption(f"{measure.capitalize()} by {of.judge}, with 95 % bootstrap intervals over questions: the turns of a "
               "conversation are drawn together. n: answers with a verdict; missing: answers without. Not corrected "
               "for several comparisons.")  # fmt: skip
    table = shown.sort_values("group", kind="stable").rename(
        columns={"group": "category", "name": "candidate", "value": measure}
    )
    st.dataframe(table, hide_index=True, column_config=dict.fromkeys((measure, "low", "high"), PERCENT if of.reference
                 else st.column_config.NumberColumn(format="%.2f")))  # fmt: skip


def draw(shown: pd.DataFrame, kind: str, *, shares: bool) -> None:
    """The chart: the radar from the lowest to the highest value that there can be."""
    if kind == RADAR:
        lowest, rings = (0.0, [0.25, 0.5, 0.75, 1.0]) if shares else (1.0, [4.0, 7.0, 10.0])
        with st.container(horizontal_alignment="center"):
            st.altair_chart(verdict_charts.radar(shown, lowest, rings, shares=shares), key="radar", width="content")
    else:
        chart = verdict_charts.grouped(shown, "win rate" if shares else "mean grade", shares=shares)
        st.altair_chart(chart, key="categories")


def frame(found: dict[str, list[Slice]]) -> pd.DataFrame:
    """group, name, value, low, high, n, missing: one row a candidate and category with a verdict."""
    return pd.DataFrame([
        {"group": part.name, "name": name, "value": part.mean.value, "low": part.mean.low, "high": part.mean.high,
         "n": part.mean.items, "missing": part.missing}
        for name, parts in found.items()
        for part in parts
        if part.mean
    ])  # fmt: skip
