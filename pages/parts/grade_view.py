"""Answers that were graded one by one: the mean grade of every run, by turn, with what it rests on."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from backend.judged import Contest

from . import category_view, command, contest, figures_view, verdict_charts, verdict_picker

ALL = "all turns"
GRADE = st.column_config.NumberColumn(format="%.2f")


def show(found: list[Contest]) -> None:
    """A chart and a table for every judge that grades."""
    graded = [of for of in found if of.reference is None]
    if not graded:
        st.info("No answers are graded yet. Choose the judge `mt_bench` on the Judge page, or run "
                "`python -m backend judge mtbench`: it grades every answer from 1 to 10.")  # fmt: skip
        return
    for of in graded:
        _one(of)
    figures_view.doubts(run for of in graded for run in of.every_run)
    st.page_link("pages/review.py", label="Read the graded answers", icon=":material/rate_review:",
                 query_params={"verdicts": verdict_picker.GRADES})  # fmt: skip
    command.equivalent("report", "verdicts", *(run for of in graded for run in of.every_run))


def _one(of: Contest) -> None:
    """A chart and a table of all turns together and of each."""
    whole, turns = contest.ranked(of), contest.parts(of, "turn")
    missing = [name for name in of.runs if name not in whole]
    st.subheader(of.title.capitalize())
    if missing:
        st.warning(f"No readable grade: {', '.join(missing)}. Open Runs to see why, and retry.")
    if not whole:
        return
    parts = {name: [replace(part, name=ALL), *(replace(turn, name=f"turn {turn.name}") for turn in turns[name])]
             for name, part in whole.items()}  # fmt: skip
    frame = category_view.frame({name: found if len(found) > 2 else found[:1] for name, found in parts.items()})
    st.altair_chart(verdict_charts.grouped(frame, "mean grade", shares=False), key=f"grades {of.title}")
    questions = next(part.mean.prompts for part in whole.values() if part.mean)
    st.caption(f"The mean grade of all answers, with 95 % bootstrap intervals over {questions:,} "
               "questions: both turns of a question are drawn together. n: answers with a grade; failed: answers "
               "without, in no mean.")  # fmt: skip
    shown = frame.rename(columns={"group": "turns", "value": "mean grade", "missing": "failed"})
    st.dataframe(shown, hide_index=True, column_config=dict.fromkeys(("mean grade", "low", "high"), GRADE))
