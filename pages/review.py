"""Review: every verdict, filtered by bars that are clicked; one read closely; people's own votes beside the judge's.

Comparisons and grades are looked at apart; people vote on comparisons.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from backend import votes as all_votes
from backend.store import facets, queries_results, queries_review
from backend.store.facets import Facet
from pages.parts import (
    agreement_view,
    command,
    figures_view,
    filters,
    problems,
    session,
    verdict_export,
    verdict_picker,
    verdict_table,
    voting,
)

READ, VOTE = "Read", "Vote blind"


@st.cache_resource(show_spinner="Reading the verdicts…", max_entries=4)
def _loaded(root: str, runs: tuple[tuple[str, int], ...], there: int) -> tuple[pd.DataFrame, dict[str, Facet]]:
    """The items of these runs in their present state, and their facets. `there`: changes when any run comes or goes."""
    found = queries_review.items(session.index(), [run for run, _ in runs])
    return found, facets.of_items(found)


def _close() -> None:
    """Closes the open item: reading would show the verdict on what is being voted on, and the other way round."""
    st.query_params.pop("item", None)


def main() -> None:
    """The page."""
    ws = session.workspace()
    rows = queries_results.judge_rows(session.index())
    if not rows:
        st.info("Nothing is judged yet. Let a model answer, and have its answers judged on the Judge page.")
        st.page_link("pages/judge.py", label="Judge", icon=":material/gavel:")
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        rows = verdict_picker.pick(rows)
    graded, mode = not rows[0]["reference"], READ
    if graded:
        right.caption("Grades are read, not voted on: a vote compares two answers.")
    else:
        mode = right.segmented_control("What to do", [READ, VOTE], default=READ, required=True, key="mode",
                                       on_change=_close, bind="query-params", label_visibility="collapsed")  # fmt: skip
    found, known = _loaded(str(ws.root), tuple((r["run"], r["stamp"]) for r in rows), hash(tuple(ws.run_ids())))
    votes = all_votes.read(ws)
    known = known if graded else {**known, "people": facets.of_votes(found, all_votes.frame(votes))}
    choice = filters.read(known)
    inside = facets.within(known, choice)
    if len(rows) == 1 and mode == READ:
        figures_view.said(rows[0]["run"])
    filters.chips(choice, int(inside.sum()), len(found), "Click a bar to filter everything by it." * (mode == READ))
    if mode == VOTE:
        voting.vote(found, known, inside, list(choice))
    else:
        with problems.shown():
            read(found, known, choice, inside, votes)
            if graded:
                command.equivalent("report", "verdicts", *(r["run"] for r in rows))
            else:
                every = st.query_params["verdicts"] == verdict_picker.PAIRS
                agreement_view.show(found[inside], votes, [] if every else [r["run"] for r in rows], bool(choice))
            if len(rows) == 1:
                verdict_export.show(rows[0]["run"])


def read(found: pd.DataFrame, known: dict[str, Facet], choice: dict[str, list[str]], inside: np.ndarray,
         votes: list[all_votes.Vote]) -> None:  # fmt: skip
    """The table of what is filtered, the open row below it, the filters beside both."""
    wide, narrow = st.columns([3, 1], gap="medium")
    with narrow:
        filters.column(known, choice)
    with wide:
        if not inside.any():
            st.info("No verdict is left. Take a filter away.")
            return
        rows = verdict_table.show(found, inside, known)
        row = queries_review.find(found, st.query_params.get("item", ""))
        if row is None:
            st.caption("Select a row to read it: what was answered, and what the judge said each time it was asked.")
        else:
            verdict_table.opened(found, row, rows, votes)


st.title("Review")
main()
