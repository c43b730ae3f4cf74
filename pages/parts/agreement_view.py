"""How far people agree with the judge and with each other, and what their votes can become."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from backend import runs, sources
from backend import votes as all_votes
from backend.errors import BadInput
from backend.formats import formats
from backend.report.estimate import Estimate
from backend.report.people import people
from backend.report.raters import Agreement
from backend.votes import Vote

from . import command, problems, run_status, session

LOADED = "votes loaded"  # in the session: the run that made pairs of votes


def show(found: pd.DataFrame, votes: list[Vote], judged: list[str]) -> None:
    """The figures over the votes on these items, and the commands that give the same."""
    given = all_votes.frame(votes)["candidate_id"].isin(found["candidate_id"])
    here = [vote for vote, inside in zip(votes, given, strict=True) if inside]
    if not here:
        st.caption("Nobody has voted on these answers yet. Votes say how far the judge can be trusted.")
    else:
        _seen(found, here)
    command.equivalent("votes", "agreement", *(judged if len(judged) == 1 else []))


def _seen(found: pd.DataFrame, here: list[Vote]) -> None:
    seen = people(all_votes.frame(here), found)
    label = f"{seen.votes:,} votes on {seen.comparisons:,} comparisons"
    with st.expander(label, icon=":material/how_to_vote:", expanded=True):
        _figures(seen.judge, seen.others, seen.first)
        if len(seen.each) > 1:
            st.dataframe(_by_author(seen.each), hide_index=True)
        _pairs(here)


def _pairs(here: list[Vote]) -> None:
    """Loads what people preferred as preference pairs, a run like any other."""
    ws = session.workspace()
    if st.button("Make preference pairs of these votes", icon=":material/dataset:"):
        with problems.shown():
            found = all_votes.preferred(ws, here)
            if not found.rows:
                raise BadInput("these votes prefer no answer to another: all are ties, or people are divided.")
            source = sources.from_upload(ws, all_votes.lines(found), "votes.jsonl")
            call = formats.call("preference", label_source="label_source")
            st.session_state[LOADED] = runs.launch(ws, sources.load_spec(source, call), {"title": "people's votes"})
    if run := st.session_state.get(LOADED):
        run_status.follow(run)


def _figures(judge: Agreement, others: Agreement, first: Estimate) -> None:
    shown = (
        ("Agree with the judge", judge.agree, "The same of three verdicts: candidate, reference, tie."),
        ("… where neither says tie", judge.decided, "The same side, where neither the person nor the judge says tie."),
        ("People agree", others.agree, "Every two people's votes on the same answers."),
        ("First answer preferred", first, "Of votes that are no ties; far from 50 % people favour a place."),
    )
    for column, (label, share, help_) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, percent(share.value), help=help_)
        column.caption(
            f"{percent(share.low)} to {percent(share.high)}, n = {share.items:,}" if share.items else "no data"
        )
    kappa = "undefined" if judge.kappa is None else f"{judge.kappa:.2f}"
    st.caption(f"Cohen's κ with the judge: {kappa}. Intervals are Wilson's, 95 %.")


def _by_author(each: dict[str, Agreement]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"who": name, "votes": r.agree.items, "agrees with the judge": percent(r.agree.value),
          "without ties": percent(r.decided.value), "κ": r.kappa} for name, r in each.items()]
    )  # fmt: skip


def percent(share: float) -> str:
    """`83 %`, or a dash where there is nothing to share."""
    return "–" if math.isnan(share) else f"{share:.0%}"
