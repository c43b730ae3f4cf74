"""The table of verdicts, a page at a time, and the row that is open below it."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import streamlit as st

from backend.store import facets, queries_review
from backend.store.facets import Facet
from backend.votes import Vote

from . import answer_view, pair_view, session
from .words import plain

PAGE = 50
MOVES = "moves"  # in the session: the table is made anew when a key opens another row, to mark that row
COLUMNS = {
    "prompt": st.column_config.TextColumn("Prompt", width=130),
    "preference": st.column_config.ProgressColumn("Score", format="%.2f", min_value=0, max_value=1, width=75),
    "grade": st.column_config.NumberColumn("Grade", format="%.4g", width=60),
    "ended": st.column_config.TextColumn("How it ended", width=105),
    "judge": st.column_config.TextColumn("Judge", width=105),
    "strategy": st.column_config.TextColumn("Candidate", width=90),
    "category": st.column_config.TextColumn("Category", width=70),
    "longer": st.column_config.NumberColumn("Longer", format="%+d", width=55,
                                            help="Characters of the candidate's answer − of the reference's."),
    "characters": st.column_config.NumberColumn("Length", width=60, help="Characters of the answer."),
    "votes": st.column_config.TextColumn("Voted", width=45),
}  # fmt: skip


def show(found: pd.DataFrame, inside: np.ndarray, known: dict[str, Facet]) -> np.ndarray:
    """The items inside, a page of them; clicking one opens it. Returns all of them in their order: row numbers."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    order = left.selectbox("Ordered by", queries_review.orders(found), key="order", bind="query-params")
    rows = queries_review.ordered(found, inside, order)
    with right:
        page = pair_view.page_number(len(rows), "page", PAGE)
    here = rows[(page - 1) * PAGE : page * PAGE]
    some, orders = found.iloc[here], known["orders"]
    frame = some.filter(list(COLUMNS)).assign(
        prompt=queries_review.asked(session.index(), found, here),
        ended=[orders.labels[code] for code in orders.codes[here]],
    )
    if "people" in known:
        frame["votes"] = np.where(facets.voted(known["people"])[here], "✓", "")
    same = [name for name in ("judge", "strategy", "category") if found[name].iloc[rows].nunique() < 2]
    same += ["ended"] if len(np.unique(orders.codes[rows])) < 2 else []
    shown = [name for name in COLUMNS if name in frame and name not in same]
    names = [queries_review.name(row) for row in some.to_dict("records")]
    opened = st.query_params.get("item")
    key = f"table {hash(tuple(names))} {st.session_state.get(MOVES, 0)}"
    st.dataframe(
        frame[shown], hide_index=True, column_config=COLUMNS, height=330, key=key, selection_mode="single-row",
        selection_default={"selection": {"rows": [names.index(opened)] if opened in names else []}},
        on_select=lambda: _open(names, key),
    )  # fmt: skip
    return rows


def _open(names: list[str], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.query_params["item"] = names[rows[0]]
    else:
        st.query_params.pop("item", None)


def _move(name: str) -> None:
    st.query_params["item"] = name
    st.session_state[MOVES] = st.session_state.get(MOVES, 0) + 1


def opened(found: pd.DataFrame, row: int, rows: np.ndarray, votes: list[Vote]) -> None:
    """One item: its prompt, what was answered, every attempt of the judge, and what people said."""
    item = found.iloc[row].to_dict()
    at = np.flatnonzero(rows == row)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        where = f"row {at[0] + 1:,} of {len(rows):,}" if len(at) else "outside the filters"
        judge = item["judge"] if found["judge"].nunique() > 1 else ""
        facts = [where, judge, item["strategy"], item["category"] or "", _length(item)]
        st.caption(plain(" · ".join(filter(None, facts))), width="stretch")
        for label, shortcut, to in (("Previous", "K", at - 1), ("Next", "J", at + 1)):
            there = len(to) > 0 and 0 <= to[0] < len(rows)
            name = queries_review.name(found.iloc[rows[to[0]]].to_dict()) if there else ""
            st.button(label, shortcut=shortcut, disabled=not there, type="tertiary", on_click=_move, args=(name,))
    answer_view.show(queries_review.opened(session.index(), item))
    for vote in votes:
        if (vote.candidate_id, vote.reference_id) == (item["candidate_id"], item["reference_id"]):
            st.caption(said(vote))


def _length(item: dict) -> str:
    if item.get("characters", 0) > 0:
        return f"{item['characters']:,.0f} characters"
    longer = item.get("longer", 0)
    if not abs(longer) > 0:  # not known, or the same
        return ""
    return f"candidate {abs(longer):,.0f} characters {'longer' if longer > 0 else 'shorter'}"


def said(vote: Vote) -> str:
    """A vote in words."""
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(vote.at))
    choice = {1.0: "the candidate", 0.5: "neither", 0.0: "the reference"}[vote.preference]
    return f"**{plain(vote.author)}** preferred {choice} (shown first: the {vote.shown_first}), {day}"
