"""How far the judges agree with each other: about the order of the candidates, and item by item."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import judged
from backend.report.estimate import Estimate
from backend.report.judges import JudgePair, judge_pairs

from . import command, contest, session, verdict_charts

COLUMNS = {  # long names are cut, so that every figure is seen
    "judge": st.column_config.TextColumn(width=210),
    "other": st.column_config.TextColumn("other judge", width=210),
    "τ": st.column_config.NumberColumn(format="%.2f", help="Kendall's, of the order of the candidates."),
    "κ": st.column_config.NumberColumn(format="%.2f", help="Cohen's, item by item."),
    "same verdict": st.column_config.NumberColumn(format="percent"),
}


def show() -> None:
    """A table of all pairs of judges, and one pair looked at closely."""
    found = sorted(_pairs(str(session.workspace().root), contest.stamps()), key=lambda pair: -pair.ranks.models)
    if not found:
        st.info("No two judges judged the same answers yet. Judge the same candidate against the same reference with "
                "another judge or model, and their agreement appears here.")  # fmt: skip
        st.page_link("pages/judge.py", label="Judge", icon=":material/gavel:")
        return
    if len(found) > 1:
        st.dataframe(pd.DataFrame(map(_row, found)), hide_index=True, column_config=COLUMNS, placeholder="–")
        titles = [_title(pair) for pair in found]
        found = [found[titles.index(st.selectbox("Two judges", titles, key="judges"))]]
    else:
        st.subheader(_title(found[0]))
    _closely(found[0])
    command.equivalent("report", "judges")


def _closely(pair: JudgePair) -> None:
    """The figures of two judges, and where each puts the candidates."""
    unread = f"{pair.unread:,} item{'s'[: pair.unread != 1]} that one of them has no verdict on"
    ranks, models = pair.ranks, f"{pair.ranks.models} candidate{'s'[: pair.ranks.models != 1]}"
    near = "… where neither says tie" if pair.against else "… within one grade"
    if len(pair.scores) > 1:
        chart = verdict_charts.orders(pair.scores, pair.one, pair.other, shares=pair.against is not None)
        st.altair_chart(chart, key="orders")
        st.caption(f"The candidates in the order of their mean {'preference' if pair.against else 'grade'} by either "
                   "judge, the best on top.")  # fmt: skip
    shown = (
        ("Kendall's τ of the order", _number(ranks.kendall), f"{models}; Spearman's ρ {_number(ranks.spearman)}"),
        ("Same verdict" if pair.against else "Same grade", *_percent(pair.agree)),
        (near, *_percent(pair.near)),
        ("Cohen's κ", _number(pair.kappa), unread),
    )  # fmt: skip
    for column, (label, value, beside) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, value)
        column.caption(beside)
    st.caption("τ and ρ are of the candidates' means over the items that both judges read, whichever study they belong "
               "to: 1 is the same order, −1 the reverse; with few candidates either is easily high by chance. "
               "Intervals are Wilson's, 95 %, and take items for independent.")  # fmt: skip


@st.cache_data(show_spinner="Comparing the judges…", max_entries=4)
def _pairs(root: str, states: contest.Stamps) -> list[JudgePair]:
    return judge_pairs(judged.by_judge(session.workspace(), [run for run, _ in states]))


def _title(pair: JudgePair) -> str:
    return f"{pair.one} and {pair.other}" + (f", against {pair.against}" if pair.against else "")


def _row(pair: JudgePair) -> dict[str, object]:
    return {
        "judge": pair.one, "other": pair.other, "same verdict": pair.agree.value, "items": pair.agree.items,
        "κ": pair.kappa, "candidates": pair.ranks.models, "τ": pair.ranks.kendall,
        "against": pair.against or "graded alone",
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _percent(of: Estimate) -> tuple[str, str]:
    """A share, and what it rests on."""
    if not of.items:
        return "–", "no data"
    return f"{of.value:.0%}", f"{of.low:.1%} to {of.high:.1%}, n = {of.items:,}"
