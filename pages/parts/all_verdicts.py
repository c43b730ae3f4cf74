"""Every judge run with its win rate, however it came about."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from backend import judged
from backend.errors import BadInput
from backend.judged import Contest
from backend.judges import figures
from backend.store import queries_results

from . import charts, command, contest, figures_view, length_view, outcome_view, session

PERCENT = st.column_config.NumberColumn(format="percent")
SHARES = ("win rate", "raw", "low", "high", "official", "tied", "flipped", "missing", "first preferred")
COLUMNS = (
    "Win rates are over the verdicts; tied, flipped and missing are shares of all items. First preferred: the half, "
    "without position bias. Not corrected for several comparisons."
)


def show() -> None:
    """Win rates with their intervals, how the items ended, all numbers in a table, and one run by length."""
    rows = queries_results.verdict_rows(session.index())
    if not rows:
        st.info("Nothing is compared yet: see Grades, or compare two runs' answers on the Judge page.")
        return
    contests = {run: of for of in contest.every(None) for by_seed in of.runs.values() for run in by_seed.values()}
    frame = pd.DataFrame([_row(row, contests[row["run"]]) for row in rows if "win_rate" in row["summary"]])
    if frame.empty:
        st.warning("No judge run has a readable verdict. Open Runs to see why, and retry.")
        return
    frame = frame.sort_values(["judge", "against", "value"], ascending=[True, True, False])
    several = frame["judge"].unique()
    if len(several) > 1:
        st.warning(f"Different judges ({', '.join(several)}): their win rates are not comparable.")
    figures_view.doubts(frame["run"])
    names = judged.told_apart(dict(zip(frame["run"], frame["name"], strict=True)))
    counts = outcome_view.counts({name: {0: run} for run, name in names.items()})
    ended = pd.DataFrame(counts.values(), frame.index)
    items = ended.sum(axis=1)
    shares = {name: ended[name] / items for name in ("tied", "flipped", "missing")}
    for at, (name, values) in enumerate({"items": items, **shares}.items(), start=list(frame).index("n") + 1):
        frame.insert(at, name, values)
    rates = length_view.win_rates(frame)
    outcome_view.show(counts)
    shown = rates.drop(columns=["said", "colour"]).dropna(axis=1, how="all")
    st.dataframe(shown.rename(columns={"value": "win rate", "n": "verdicts"}), hide_index=True,
                 column_config=dict.fromkeys(SHARES, PERCENT))  # fmt: skip
    st.caption("  \n".join([COLUMNS, *(_on_official(rows) if "official" in shown else [])]))
    length_view.one_run(frame)
    figures_view.sentence(st.query_params["curve"])
    command.equivalent("report", "verdicts", *frame["run"])


def _row(row: dict[str, Any], of: Contest) -> dict[str, Any]:
    found, root = row["summary"], str(session.workspace().root)
    official = figures.win_rate(found)
    return {
        "name": row["title"] or row["run"], "value": found["win_rate"], "low": found["low"], "high": found["high"],
        "official": official and official.share, "n": found["judged"], "judge": of.judge, "against": of.reference,
        "verdict": found.get("verdict"), "said": found.get("sentence", ""),
        "colour": charts.verdict(found.get("verdict", "")), "first preferred": found.get("first"),
        "words": _words(root, row["candidate"]), "reference words": _words(root, row["reference"]), "run": row["run"],
    }  # fmt: skip


def _on_official(rows: list[dict[str, Any]]) -> list[str]:
    """Why official win rates are others than ours, once for each tool."""
    found = [figures.win_rate(row["summary"]) for row in rows]
    return [f"Official: {why}" for why in dict.fromkeys(one.why for one in found if one and one.why)]


@st.cache_data(show_spinner=False)
def _words(root: str, run: str) -> float | None:
    """The mean length of a run's answers; `root` is part of what it is kept by."""
    try:
        words = queries_results.words(session.index(), run)
    except BadInput:  # the answers were deleted, the verdicts were not
        return None
    return None if words is None else round(words, 1)
