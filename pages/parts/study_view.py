"""A study on the results page: its table, its intervals, where each number comes from, and what it does not show."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import runs
from backend.report.estimate import Estimate
from backend.studies.report import Arm, Report, report
from backend.studies.study import Study, load_study

from . import charts, problems, session


@st.cache_data(show_spinner="Reading the study…", max_entries=8)
def _report(root: str, name: str, states: tuple[str, ...]) -> Report:
    """The report of a study; read again when one of its runs has another status."""
    ws = session.workspace()
    return report(ws, load_study(ws, name))


def study_results(name: str) -> None:
    """The table of a study, its intervals, and what it does not show."""
    with problems.shown():
        ws = session.workspace()
        study = load_study(ws, name)
        rows = {row.run: row.status for row in session.all_runs()}
        states = tuple(rows.get(run, "lost") for run in study.runs)
        shown = _report(str(ws.root), name, states)
        left = sum(state in runs.LIVE for state in states)
        if left:
            st.progress(1 - left / len(states), text=f"{left} of {len(states)} runs to go; rows fill as they finish")
        st.caption(shown.description)
        for note in shown.notes:
            st.info(note, icon=":material/info:")
        if not any(arm.win for arm in shown.arms):
            st.info("No arm is judged yet. The numbers appear here as runs finish.")
            return
        intervals(shown)
        st.dataframe(table(shown.arms), hide_index=True, height="content")
        lineage(study, shown)


def intervals(shown: Report) -> None:
    """Win rates, and differences to the control, as points with 95 % intervals."""
    left, right = st.columns(2)
    wins = [(arm.name, arm.win.win_rate) for arm in shown.arms if arm.win]
    wins.sort(key=lambda pair: -pair[1].value)
    left.altair_chart(charts.intervals(_frame(wins), "win rate against the start"), key="win rates")
    gaps = [(arm.name, arm.against_control) for arm in shown.arms if arm.against_control]
    gaps.sort(key=lambda pair: -pair[1].value)
    if gaps:
        title = f"difference to {shown.control}, in win rate"
        right.altair_chart(charts.intervals(_frame(gaps), title, middle=0.0, format="+.0%"), key="differences")
    first = wins[0][1]
    st.caption(f"95 % bootstrap intervals over {first.prompts:,} prompts ({first.items:,} answers, {first.seeds} "
               "training seed(s)). A tie counts half.")  # fmt: skip


def _frame(found: list[tuple[str, Estimate]]) -> pd.DataFrame:
    return pd.DataFrame([{"name": n, "value": e.value, "low": e.low, "high": e.high, "n": e.items} for n, e in found])


def table(arms: list[Arm]) -> pd.DataFrame:
    """One row an arm; empty where it is not finished. Shares in per cent."""
    return pd.DataFrame([_row(arm) for arm in arms])


def _row(arm: Arm) -> dict[str, object]:
    win, gap = arm.win, arm.against_control
    return {
        "arm": arm.name,
        "pairs": arm.pairs,
        "% of pool": _percent(arm.share),
        "% flipped labels": _percent(arm.flipped.share.value) if arm.flipped else None,
        "% overlap": _percent(arm.overlap),
        "win rate %": _percent(win.win_rate.value) if win else None,
        "to control": "" if gap is None else f"{100 * gap.value:+.1f}: {arm.verdict}",
        "answers": win.items if win else None,
        "% ties": _percent(win.ties / win.items) if win else None,
        "% order flips": _percent(win.flips / win.items) if win else None,
        "% missing": _percent(win.missing / win.items) if win else None,
        "score": arm.score and round(arm.score.value, 2),
        "words": arm.words and round(arm.words, 1),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def lineage(study: Study, shown: Report) -> None:
    """The runs that the numbers of one arm come from."""
    with st.expander("Where a number comes from", icon=":material/account_tree:"):
        name = st.selectbox("Arm", [arm.name for arm in shown.arms], key="arm")
        for cell in study.cells:
            if cell.arm == name:
                label = f"{cell.name}, seed {cell.seed} · {cell.run}"
                st.page_link("pages/runs.py", label=label, query_params={"run": cell.run}, icon=":material/link:")
