"""Length on the results page: how win rates move at equal length, and preference by length for one run."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend.report.length_adjusted import NEAR

from . import charts, length_charts, length_frames, run_picker
from .words import plain

RAW, ADJUSTED, MATCHED = "raw", "length-adjusted", "length-matched"
SAID = {
    ADJUSTED: "Length-adjusted: the preference that a curve fitted to all judged answers has at equal length.",
    MATCHED: f"Length-matched: the win rate among the answers within {NEAR} of the reference's length.",
}


def win_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """The win rates of `frame` (one row a judge run) as a chart: raw, or at equal length with what that moves.

    Returns the rows as they are shown.
    """
    way = st.segmented_control("Win rate", [RAW, ADJUSTED, MATCHED], default=RAW, required=True, key="rate",
                               bind="query-params")  # fmt: skip
    if way == RAW:
        st.altair_chart(charts.intervals(frame, "win rate of the candidate"), key="verdicts")
        return frame
    moved = length_frames.moved(frame, adjusted=way == ADJUSTED)
    st.altair_chart(length_charts.movement(moved, f"{way} win rate of the candidate"), key="verdicts")
    st.caption(f"{SAID[way]} The arrow comes from the raw win rate. This is not AlpacaEval's length-controlled "
               "win rate, which needs calibration files.")  # fmt: skip
    noted = moved[moved["note"] != ""]
    if len(noted):
        lines = [f"**{plain(name)}**: {plain(note)}" for name, note in zip(noted["name"], noted["note"], strict=True)]
        st.caption("  \n".join(lines))
    return moved.drop(columns="note").dropna(axis=1, how="all")


def one_run(frame: pd.DataFrame) -> None:
    """Preference by length for one of the runs: means in bins, the fitted curve, and the three win rates."""
    titles = dict(zip(frame["run"], frame["name"], strict=True))
    at = run_picker.start("curve", list(titles), st.query_params.get("curve"))
    run = st.selectbox("Preference by length of", titles, at, key="curve", format_func=titles.__getitem__)
    st.query_params["curve"] = run
    found, raw = length_frames.found(run), frame[frame["run"] == run].iloc[0]
    left, right = st.columns([2, 3])
    left.altair_chart(
        charts.intervals(length_frames.three(raw, found), "win rate").properties(height=170), key="three rates"
    )
    judged = (
        f"{found.items:,} of {raw['items']:,} items have a verdict; {found.near:,} of these are within {NEAR} of the "
    )
    left.caption("  \n".join([f"{judged}reference's length. 95 % intervals.", *found.notes]))
    if found.curve is None:
        right.info("No curve can be fitted to these verdicts; the reason stands beside this.")
        return
    bins, curve = length_frames.bins(run), found.curve
    ends = bins["from"].min(), bins["to"].max()
    marks = length_frames.marks(raw["value"], found, *ends)
    right.altair_chart(length_charts.preference(length_frames.line(curve, *ends), bins, marks), key="by length")
    right.caption(f"Points: mean preference in {len(bins)} bins of about as many answers each. The curve is fitted to "
                  "all answers; the band is its 95 % interval at each length.")  # fmt: skip
