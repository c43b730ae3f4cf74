"""Results: win rates with what they rest on; two answers beside each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from backend import runs
from backend.store import queries_results
from backend.studies.study import load_study, study_names
from pages.parts import answer_view, charts, command, figures_view, problems, session, study_view

PERCENT = st.column_config.NumberColumn(format="percent")
SHARES = ("win rate", "low", "high", "ties", "order flips", "first preferred", "missing")
NO_STUDY = "All verdicts"


def all_verdicts() -> None:
    """Every judge run with its win rate."""
    rows = queries_results.verdict_rows(session.index())
    if not rows:
        st.info("No two sides are compared yet. Grades of single answers stand under Benchmarks.")
        return
    frame = pd.DataFrame(
        [
            {"name": r["title"] or r["run"], "value": s["win_rate"], "low": s["low"], "high": s["high"],
             "n": s["items"], "judge": r["judge"],
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
    judges = frame["judge"].unique()
    if len(judges) > 1:
        st.warning(f"Different judges ({', '.join(judges)}): their win rates are not comparable.")
    st.altair_chart(charts.intervals(frame, "win rate of the candidate"), key="verdicts")
    st.caption("Each against its own reference, not corrected for several comparisons. Order flips: share of the items "
               "read in both orders. First preferred: the half, without position bias.")  # fmt: skip
    shown = (
        frame.drop(columns=["said", "colour"])
        .dropna(axis=1, how="all")
        .rename(columns={"value": "win rate", "n": "answers"})
    )
    st.dataframe(shown, hide_index=True, column_config=dict.fromkeys(SHARES, PERCENT))
    command.equivalent("runs", "--kind", "judge")


@st.cache_data(show_spinner=False)
def _words(run: str) -> float | None:
    words = queries_results.words(session.index(), run)
    return None if words is None else round(words, 1)


def side_by_side() -> None:
    """The answers of one judge run, with both verdicts."""
    rows = queries_results.verdict_rows(session.index())
    titles = {r["run"]: r["title"] or r["run"] for r in rows}
    linked = st.query_params.get("verdicts")
    run = st.selectbox("Verdicts", titles, list(titles).index(linked) if linked in titles else 0, key="verdicts",
                       format_func=lambda r: titles[r])  # fmt: skip
    st.query_params["verdicts"] = run
    st.page_link("pages/review.py", label="Filter these verdicts, and vote on them", query_params={"verdicts": run},
                 icon=":material/rate_review:")  # fmt: skip
    answer_view.browse(run)
    command.equivalent("show", run)


def main() -> None:
    """The page."""
    names = study_names(session.workspace())
    benchmarks = any(figures_view.has_figures(row) for row in session.all_runs())
    if not names and not benchmarks and not queries_results.verdict_rows(session.index()):
        st.info("Nothing is judged yet. Train a model, let it answer, and judge the answers on the Judge page.")
        st.page_link("pages/judge.py", label="Judge", icon=":material/gavel:")
        return
    rates, official, answers = st.tabs(["Win rates", "Benchmarks", "Answers side by side"])
    with rates:
        studied = [n for n in names if load_study(session.workspace(), n).plan.report]
        name = st.segmented_control("Study", [*studied, NO_STUDY], default=[*studied, NO_STUDY][0], required=True,
                                    key="study", bind="query-params")  # fmt: skip
        if name in studied:
            of_study = set(load_study(session.workspace(), name).runs)
            live = any(r.run in of_study and r.status in runs.LIVE for r in session.all_runs())
            st.fragment(study_view.study_results, run_every=5.0 if live else None)(name)
        else:
            all_verdicts()
    with official, problems.shown():
        figures_view.every_run()
    with answers, problems.shown():
        if queries_results.verdict_rows(session.index()):
            side_by_side()
        else:
            st.info("No verdicts yet. Answers appear here as soon as a judge run has some.")


st.title("Results")
main()
