"""Every judge run with its win rate, however it came about."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend import judged
from backend.errors import BadInput
from backend.store import queries_results

from . import charts, command, contest, figures_view, length_view, outcome_view, session

PERCENT = st.column_config.NumberColumn(format="percent")
SHARES = ("win rate", "raw", "low", "high", "ties", "order flips", "first preferred", "missing")


def show() -> None:
    """Win rates with their intervals, how the items ended, all numbers in a table, and one run by length."""
    rows = queries_results.verdict_rows(session.index())
    if not rows:
        st.info("Nothing is compared yet: see Grades, or compare two runs' answers on the Judge page.")
        return
    judges = contest.judge_names()
    frame = pd.DataFrame([_row(row, judges[row["run"]]) for row in rows if "win_rate" in row["summary"]])
    if frame.empty:
        st.warning("No judge run has a readable verdict. Open Runs to see why, and retry.")
        return
    frame = frame.sort_values(["judge", "value"], ascending=[True, False])
    several = frame["judge"].unique()
    if len(several) > 1:
        st.warning(f"Different judges ({', '.join(several)}): their win rates are not comparable.")
    figures_view.doubts(frame["run"])
    rates = length_view.win_rates(frame)
    st.caption("Each against its own reference, not corrected for several comparisons. Order flips: share of the items "
               "read in both orders. First preferred: the half, without position bias.")  # fmt: skip
    names = judged.told_apart(dict(zip(frame["run"], frame["name"], strict=True)))
    outcome_view.show({name: {0: run} for run, name in names.items()})
    shown = rates.drop(columns=["said", "colour"]).dropna(axis=1, how="all")
    st.dataframe(shown.rename(columns={"value": "win rate", "n": "answers"}), hide_index=True,
                 column_config=dict.fromkeys(SHARES, PERCENT))  # fmt: skip
    length_view.one_run(frame)
    figures_view.sentence(st.query_params["curve"])
    command.equivalent("report", "verdicts", *frame["run"])


def _row(row: dict[str, Any], judge: str) -> dict[str, Any]:
    found, root = row["summary"], str(session.workspace().root)
    return {
        "name": row["title"] or row["run"], "value": found["win_rate"], "low": found["low"], "high": found["high"],
        "n": found["items"], "verdict": found.get("verdict"), "said": found.get("sentence", ""),
        "colour": charts.verdict(found.get("verdict", "")), "ties": found["ties"] / found["items"],
        "order flips": found["flips"] / found["both_orders"] if found.get("both_orders") else None,
        "first preferred": found.get("first"), "missing": found["missing"] / found["items"],
        "words": _words(root, row["candidate"]), "reference words": _words(root, row["reference"]),
        "judge": judge, "run": row["run"],
    }  # fmt: skip


@st.cache_data(show_spinner=False)
def _words(root: str, run: str) -> float | None:
    """The mean length of a run's answers; `root` is part of what it is kept by."""
    try:
        words = queries_results.words(session.index(), run)
    except BadInput:  # the answers were deleted, the verdicts were not
        return None
    return None if words is None else round(words, 1)
