"""Who is preferred over whom, on which share of the prompts: a heatmap of every two candidates."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend.judged import Contest
from backend.report.win_fractions import Fraction, win_fractions

from . import contest, session, verdict_charts

HALF = 0.5


def show(of: Contest) -> None:
    """The heatmap, what its cells mean, and its numbers."""
    ranked = contest.ranked(of)
    found = fractions(of)
    if not found:
        st.info("No two candidates have verdicts on the same prompts here. Judge a second run's answers on the Judge "
                "page, by the same judge and against the same reference.")  # fmt: skip
        return
    frame = pd.DataFrame([
        {"row": f.row, "column": f.column, "share": f.share.value, "low": f.share.low, "high": f.share.high,
         "neither": f.neither, "n": f.share.prompts, "how": "direct" if f.direct else "through the reference"}
        for f in found
    ])  # fmt: skip
    if not of.reference:
        frame["how"] = "by their grades"
    means = {name: whole.mean.value for name, whole in ranked.items() if whole.mean}
    means |= {of.reference: HALF} if of.reference else {}
    order = sorted({f.row for f in found}, key=lambda name: -means.get(name, HALF))
    st.altair_chart(verdict_charts.heatmap(frame, order), key="heatmap", width="content")
    st.caption(words(of))
    with st.expander("The numbers", icon=":material/table:"):
        st.dataframe(frame, hide_index=True, column_config=dict.fromkeys(
            ("share", "low", "high", "neither"), st.column_config.NumberColumn(format="percent")))  # fmt: skip


def words(of: Contest) -> str:
    """What a cell says, and what it does not."""
    start = "Share of the prompts on which the row is preferred over the column (neither: a half), sorted by "
    tips = "Point at a cell for its 95 % interval, its prompts, and how often neither is preferred."
    if not of.reference:
        return f"{start}mean grade: preferred is the answer with the higher grade. {tips}"
    return (
        f"{start}win rate. Framed: {of.judge} saw the two side by side. All others are compared through "
        f"{of.reference}: preferred is the one that the judge prefers more over {of.reference}. That is no verdict on "
        f"the two, and by a judge of few labels often neither is. {tips}"
    )


def fractions(of: Contest) -> list[Fraction]:
    """Every two candidates of a contest in both directions, and each against the reference."""
    return _fractions(str(session.workspace().root), contest.stamps(of.every_run), (of.title, *of.runs), of)


@st.cache_data(show_spinner="Comparing every two…", max_entries=16)
def _fractions(root: str, states: contest.Stamps, names: tuple[str, ...], _of: Contest) -> list[Fraction]:
    direct = {pair: contest.items({"": by_seed})[""] for pair, by_seed in _of.direct.items()}
    return win_fractions(contest.items(_of.runs), _of.reference, direct)
