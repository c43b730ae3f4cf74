"""Results: win rates and grades with what they rest on, who beats whom, categories, cost; the answers themselves."""

from __future__ import annotations

import streamlit as st

from backend import runs
from backend.store import queries_results
from backend.studies.study import load_study, study_names
from pages.parts import (
    all_verdicts,
    answer_view,
    category_view,
    command,
    contest,
    cost_view,
    figures_view,
    grade_view,
    heatmap_view,
    judges_view,
    problems,
    session,
    study_view,
)

NO_STUDY = "All verdicts"
SECTIONS = ("Win rates", "Heatmap", "Categories", "Grades", "Benchmarks", "Cost", "Judges", "Answers")


def rates(study: str | None) -> None:
    """Win rates of a study, or of every judge run."""
    if study is None:
        all_verdicts.show()
        return
    of_study = set(load_study(session.workspace(), study).runs)
    figures_view.doubts(of_study)
    live = any(r.run in of_study and r.status in runs.LIVE for r in session.all_runs())
    st.fragment(study_view.study_results, run_every=5.0 if live else None)(study)


def section(name: str, study: str | None) -> None:
    """What one of `SECTIONS` shows."""
    if name == "Win rates":
        rates(study)
    elif name == "Benchmarks":
        figures_view.every_run()
        command.equivalent("report", "benchmarks")
    elif name == "Judges":
        judges_view.show()
    elif name == "Cost":
        rows = [r for r in session.all_runs() if r.kind == "judge" and r.answered and study in (None, r.study)]
        cost_view.show(rows)
        command.equivalent("report", "cost", *(row.run for row in rows if study))
    elif name == "Answers":
        answer_view.answers()
    elif found := contest.every(study):
        if name == "Grades":
            grade_view.show(found)
        else:
            of = contest.picked(found)
            figures_view.doubts(of.every_run)
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
