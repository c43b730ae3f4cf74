"""Blind votes: two answers in a stored order, without their authors and without the judge's verdict; one key a vote."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from backend import votes as all_votes
from backend.store import facets, queries_review
from backend.store.facets import Facet
from backend.tables import content_id
from backend.votes import CHOICES, Compared, Vote

from . import answer_view, command, filters, pair_view, problems, session

QUEUES = {
    "By chance": "A fair sample of {these}",
    "Where the judge wavers": "Of {these} those whose orders disagree, or of which one is a tie",
    "Disagreements": "Of {these} those on which somebody voted otherwise than the judge, or than somebody else",
}
AUTHOR = "who votes"
DONE = "votes and skips"  # in the session: (on, voted or skipped, item); the last one is what undo takes back
KEYS = (
    ("first", "First is better", "1"),
    ("second", "Second is better", "2"),
    ("tie", "Tie", "T"),
    ("skip", "Skip", "S"),
)


def vote(found: pd.DataFrame, known: dict[str, Facet], inside: np.ndarray, filtered: Sequence[str]) -> None:
    """Asks who votes and on what, then for one vote after the other.

    `filtered`: the facets that are filtered by; some make a vote less than blind.
    """
    author = st.session_state.get(AUTHOR)
    if not author:
        st.text_input("Your name", key="name", on_change=_named, placeholder="kept with each of your votes")
        st.info("Then vote with the keys 1, 2, T (tie), S (skip) and U (undo).")
        return
    if telling := [name for name in filters.TELLING if name in filtered]:
        st.warning(f"Filtered by {' and '.join(telling)}, you know something of the verdict, or of which answer is "
                   "which: take that away to vote blind.", icon=":material/visibility:")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        queue = st.segmented_control("Queue", list(QUEUES), default="By chance", required=True, key="queue",
                                     bind="query-params", label_visibility="collapsed")  # fmt: skip
        these = "what the filters let through" if filtered else "these verdicts"
        st.caption(f"{QUEUES[queue].format(these=these)}. You vote as **{author}**.", width="content")
        st.button("Change", type="tertiary", on_click=_leave)
    _next(found, known, inside, queue, author)


@st.fragment
def _next(found: pd.DataFrame, known: dict[str, Facet], inside: np.ndarray, queue: str, author: str) -> None:
    """One item; drawn again by itself, so that a vote takes no longer than the next two answers."""
    with problems.shown():
        voted = [v for v in all_votes.read(session.workspace()) if v.author == author]
        rows = waiting(found, known, inside, queue, author, {v.on for v in voted} | _skipped())
        linked = queries_review.find(found, st.query_params.get("item", ""))
        row = linked if linked in rows else next(iter(rows.tolist()), None)
        _buttons(None if row is None else _on(found, row), author, f"{len(voted):,} voted · {len(rows):,} to go")
        if row is None:
            st.success("Nothing is left to vote on here. Choose another queue, or take a filter away.")
            return
        st.query_params["item"] = name = queries_review.name(found.iloc[row].to_dict())
        _show(found, row, author)
        _last(found, voted)
        command.equivalent("votes", "add", name, "--author", author, "--prefer", "candidate")


def _named() -> None:
    """Keeps the name; the field goes, so that the next key is a vote and no letter of the name."""
    st.session_state[AUTHOR] = " ".join(st.session_state["name"].split())[: all_votes.LONGEST_NAME]


def _leave() -> None:
    """Somebody else goes on: what this one did is theirs, and not undone by the next."""
    for key in (AUTHOR, DONE):
        st.session_state.pop(key, None)


def waiting(found: pd.DataFrame, known: dict[str, Facet], inside: np.ndarray, queue: str, author: str,
            done: Container[Compared]) -> np.ndarray:  # fmt: skip
    """Row numbers of what is voted on, in an order of this person's own; identical answers are not asked about."""
    wanted = {
        "Where the judge wavers": {"orders": [facets.FLIP, facets.HALF]},
        "Disagreements": {"people": [facets.AGAINST, facets.DIFFER]},
    }
    inside = inside & ~found["identical"].to_numpy() & facets.within(known, wanted.get(queue, {}))
    order = np.random.default_rng(content_id("queue", author)).permutation(len(found))
    order = order[inside[order]]
    ids = zip(*(found[column].to_numpy()[order].tolist() for column in Compared._fields), strict=True)
    return order[[Compared(*one) not in done for one in ids]]


def _buttons(on: Compared | None, author: str, progress: str) -> None:
    """Every choice as a button and a key."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, label, key in KEYS:
            st.button(label, key=f"vote {name}", shortcut=key, disabled=on is None, on_click=_chose,
                      type="tertiary" if name == "skip" else "secondary", args=(name, on, author))  # fmt: skip
        st.button("Undo", key="vote undo", shortcut="U", type="tertiary", disabled=not st.session_state.get(DONE),
                  on_click=_undo, args=(author,))  # fmt: skip
        st.caption(progress, width="content")


def _chose(choice: str, on: Compared, author: str) -> None:
    """Keeps a vote; a skip lasts as long as the session."""
    with problems.shown():
        if choice != "skip":
            side = all_votes.shown_first(author, on)
            all_votes.cast(session.workspace(), on, preference(choice, side), author, side)
        st.session_state.setdefault(DONE, []).append((on, choice != "skip", st.query_params.pop("item", None)))


def preference(choice: str, shown_first: str) -> float:
    """How far the candidate is preferred, from what was chosen on the screen."""
    if choice == "tie":
        return CHOICES["tie"]
    return CHOICES["candidate"] if (choice == "first") == (shown_first == "candidate") else CHOICES["reference"]


def _undo(author: str) -> None:
    """Takes the last vote or skip of this session back, and shows its item again."""
    on, voted, item = st.session_state[DONE].pop()
    with problems.shown():
        if voted:
            all_votes.withdraw(session.workspace(), on, author)
        st.query_params["item"] = item


def _show(found: pd.DataFrame, row: int, author: str) -> None:
    item = queries_review.opened(session.index(), found.iloc[row].to_dict())
    swapped = all_votes.shown_first(author, _on(found, row)) == "reference"
    turns = [turn[::-1] if swapped else turn for turn in item.turns]
    with st.container(border=True):
        pair_view.conversation(item.prompt, turns, ("First", "Second"))


def _last(found: pd.DataFrame, voted: list[Vote]) -> None:
    """What the judge had said of the last one: shown after the vote only."""
    done = [item for _, is_vote, item in st.session_state.get(DONE, []) if is_vote]
    row = queries_review.find(found, done[-1]) if done else None
    if row is None:
        return
    if mine := [vote for vote in voted if vote.on == _on(found, row)]:
        judged = found["preference"].iloc[row]
        judge = answer_view.verdict(None if np.isnan(judged) else judged)[0]
        st.caption(f"The one before · you: {answer_view.verdict(mine[-1].preference)[0]} · the judge: {judge}")


def _skipped() -> set[Compared]:
    return {on for on, voted, _ in st.session_state.get(DONE, []) if not voted}


def _on(found: pd.DataFrame, row: int) -> Compared:
    return Compared(*(int(found[column].iloc[row]) for column in Compared._fields))
