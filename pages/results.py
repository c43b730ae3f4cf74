"""Results: win rates and grades with what they rest on, who beats whom, categories, cost; answers side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import judged, runs
from backend.errors import BadInput
from backend.store import queries_results
from backend.studies.study import load_study, study_names
from pages.parts import (
    answer_view,
    category_view,
    charts,
    command,
    contest,
    cost_view,
    figures_view,
    grade_view,
    heatmap_view,
    judges_view,
    length_view,
    outcome_view,
    problems,
    session,
    study_view,
)

PERCENT = st.column_config.NumberColumn(format="percent")
SHARES = ("win rate", "raw", "low", "high", "ties", "order flips", "first preferred", "missing")
NO_STUDY = "All verdicts"
SECTIONS = ("Win rates", "Heatmap", "Categories", "Grades", "Benchmarks", "Cost", "Judges", "Answers side by side")


def all_verdicts() -> None:
    """Every judge run with its win rate."""
    rows = queries_results.verdict_rows(session.index())
    if not rows:
        st.info("Nothing is compared yet: see Grades, or compare two runs' answers on the Judge page.")
        return
    judge_of = contest.judge_names()
    frame = pd.DataFrame(
        [
            {"name": r["title"] or r["run"], "value": s["win_rate"], "low": s["low"], "high": s["high"],
             "n": s["items"], "judge": judge_of[r["run"]],
             "verdict": s.get("verdict"), "said": s.get("sentence", ""),
             "colour": charts.verdict(s.get("verdict", "")), "ties": s["ties"] / s["items"],
             "order flips": s["flips"] / s["both_orders"] if s.get("both_orders") else None,
             "first preferred": s.get("first"),
             "missing": s["missing"] / s["items"], "words": _words(r["candidate"]),
             "reference words": _words(r["reference"]), "run": r["run"]}
            for r in rows
            if "win_rate" in (s := r["summary"])
        ]
    )  # fmt: skip
    if frame.empty:
        st.warning("No judge run has a readable verdict. Open Runs to see why, and retry.")
        return
    frame = frame.sort_values(["judge", "value"], ascending=[True, False])
    judges = frame["judge"].unique()
    if len(judges) > 1:
        st.warning(f"Different judges ({', '.join(judges)}): their win rates are not comparable.")
    rates = length_view.win_rates(frame)
    st.caption("Each against its own reference, not corrected for several comparisons. Order flips: share of the items "
               "read in both orders. First preferred: the half, without position bias.")  # fmt: skip
    names = judged.told_apart(dict(zip(frame["run"], frame["name"], strict=True)))
    outcome_view.show({name: {0: run} for run, name in names.items()})
    shown = (
        rates.drop(columns=["said", "colour"])
        .dropna(axis=1, how="all")
        .rename(columns={"value": "win rate", "n": "answers"})
    )
    st.dataframe(shown, hide_index=True, column_config=dict.fromkeys(SHARES, PERCENT))
    length_view.one_run(frame)
    command.equivalent("runs", "--kind", "judge")


@st.cache_data(show_spinner=False)
def _words(run: str) -> float | None:
    try:
        words = queries_results.words(session.index(), run)
    except BadInput:  # the answers were deleted, the verdicts were not
        return None
    return None if words is None else round(words, 1)


def rates(study: str | None) -> None:
    """Win rates of a study, or of every judge run."""
    if study is None:
        all_verdicts()
        return
    of_study = set(load_study(session.workspace(), study).runs)
    live = any(r.run in of_study and r.status in runs.LIVE for r in session.all_runs())
    st.fragment(study_view.study_results, run_every=5.0 if live else None)(study)


def section(name: str, study: str | None) -> None:
    """What one of `SECTIONS` shows."""
    if name == "Win rates":
        rates(study)
    elif name == "Benchmarks":
        figures_view.every_run()
    elif name == "Judges":
        judges_view.show()
    elif name == "Cost":
        rows = queries_results.judge_rows(session.index())
        cost_view.show([row for row in rows if study in (None, row["study"])])
    elif name == "Answers side by side":
        answer_view.side_by_side()
    elif found := contest.every(study):
        if name == "Grades":
            grade_view.show(found)
        else:
            of = contest.picked(found)
            {"Heatmap": heatmap_view.show, "Categories": category_view.show}[name](of)
            command.equivalent("report", "verdicts", *of.every_run)
    else:
        st.info("No arm is judged yet. The numbers appear here as runs finish.")


def main() -> None:
    """The page."""
    names = study_names(session.workspace())
    if not names and not queries_results.judge_rows(session.index()):
        st.info("Nothing is judged yet. Train a model, let it answer, and judge the answers on the Judge page.")
        st.page_link("pages/judge.py", label="Judge", icon=":material/gavel:")
        return
    studied = [n for n in names if load_study(session.workspace(), n).plan.report]
    name = st.segmented_control("Study", [*studied, NO_STUDY], default=[*studied, NO_STUDY][0], required=True,
                                key="study", bind="query-params")  # fmt: skip
    study = None if name == NO_STUDY else name
    for label, tab in zip(
        SECTIONS, st.tabs(SECTIONS, key="section", on_change="rerun", bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, problems.shown():
                section(label, study)


st.title("Results")
main()
