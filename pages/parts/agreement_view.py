"""How far people agree with judges and with each other, and what their votes can become."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress

import pandas as pd
import streamlit as st

from backend import runs, sources
from backend import votes as all_votes
from backend.errors import BadInput
from backend.formats import formats
from backend.report.estimate import Estimate
from backend.report.people import People, people, voted_on
from backend.votes import Vote

from . import command, problems, run_picker, run_status, session

LOADED = "votes loaded"  # in the session: the run that made pairs of votes


def show(found: pd.DataFrame, votes: list[Vote], runs: Sequence[str], filtered: bool) -> None:
    """The figures over the votes on these items and, where all of `runs` (none: every run) are, the same command."""
    here = list(compress(votes, voted_on(all_votes.frame(votes), found)))
    if here:
        _seen(found, here, filtered)
    elif filtered:
        st.caption("Nobody has voted on what the filters let through.")
    else:
        st.caption("Nobody has voted on these answers yet. Votes say how far the judge can be trusted.")
    if not filtered:
        command.equivalent("votes", "agreement", *runs)


def _seen(found: pd.DataFrame, here: list[Vote], filtered: bool) -> None:
    seen = people(all_votes.frame(here), found)
    label = f"{_count(seen.votes, 'vote', 'votes')} on {_count(seen.comparisons, 'comparison', 'comparisons')}"
    with st.expander(label, icon=":material/how_to_vote:", expanded=True):
        if filtered:
            st.caption("Only those on what the filters let through: they speak of these verdicts, not of all.")
        _figures(seen)
        if len(seen.each) > 1 or len(seen.runs) > 1:
            st.dataframe(_apart(seen), hide_index=True)
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


def _figures(seen: People) -> None:
    judge, votes, several = _judge(seen), ("vote", "votes"), len(seen.runs) > 1
    shown = (
        (f"Agree with {judge}", seen.judge.agree, votes, "The same of three verdicts: candidate, reference, tie."),
        ("… where neither says tie", seen.judge.decided, votes,
         "The same side, where neither the person nor the judge says tie."),
        ("People agree", seen.others.agree, ("pair of votes", "pairs of votes"),
         "Every two people's votes on the same answers."),
        ("First answer preferred", seen.first, votes, "Of votes without ties; far from 50 % people favour a place."),
    )  # fmt: skip
    for column, (label, share, what, help_) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(label, percent(share.value), help=help_)
        column.caption(f"{_interval(share)}, of {_count(share.items, *what)}" if share.items else "no data")
    kappa = "undefined" if seen.judge.kappa is None else f"{seen.judge.kappa:.2f}"
    st.caption(f"Cohen's κ with {judge}: {kappa}. Intervals are Wilson's, 95 %; every vote counts once."
               + " Answers that several judge runs compared: with the mean of their verdicts." * several)  # fmt: skip


def _apart(seen: People) -> pd.DataFrame:
    """Every person with all judges, and everybody with every judge run."""
    rows = [(name, _judge(seen), one) for name, one in seen.each.items()]
    if len(seen.runs) > 1:
        rows += [("everybody", run_picker.title_of(run), one) for run, one in seen.runs.items()]
    return pd.DataFrame(
        [{"who": who, "with": judge, "votes": one.agree.items, "agree": percent(one.agree.value),
          "95 %": _interval(one.agree), "votes without ties": one.decided.items,
          "agree without ties": percent(one.decided.value), "κ": one.kappa and round(one.kappa, 2)}
         for who, judge, one in rows]
    )  # fmt: skip


def _judge(seen: People) -> str:
    return "the judges" if len(seen.runs) > 1 else "the judge"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _interval(share: Estimate) -> str:
    return f"{percent(share.low)} to {percent(share.high)}"


def percent(share: float) -> str:
    """`83 %`, or a dash where there is nothing to share."""
    return "–" if math.isnan(share) else f"{share:.0%}"
