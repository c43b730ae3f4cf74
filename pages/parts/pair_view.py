"""Two answers beside each other, differences marked; pages of pairs."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Sequence
from itertools import zip_longest

import streamlit as st

from backend.formats import Example
from backend.store import queries_pairs
from backend.store.queries_pairs import PairRow

from . import session

PAGE = 5
LONGEST = 1500  # words above which differences are not marked: the comparison is quadratic
ALIKE = 1 / 3  # the share of common words below which nearly everything would be marked


def example(one: Example) -> None:
    """A row as a format reads it."""
    with st.container(border=True):
        prompt(one.prompt)
        if one.pairs:
            a, b = one.pairs[0]
            beside((one.answers[a].text, one.answers[b].text))
        for answer in [] if one.pairs else one.answers[:4]:
            rating = f" · rated {answer.rating:g}" if answer.rating is not None else ""
            st.caption(f"{answer.author}{rating}")
            st.text(answer.text[:600])


def prompt(messages: Sequence) -> None:
    """The messages of a prompt."""
    for message in messages:
        st.markdown(f"**{message['role'].capitalize()}**")
        st.text(message["content"])


def conversation(messages: Sequence, turns: Sequence[Sequence[str | None]], titles: Sequence[str],
                 right: Sequence[str | None] = ()) -> None:  # fmt: skip
    """A prompt with the answers to each of its turns; `right`: what a benchmark would have each turn answered with."""
    before = len(messages) - len(turns)
    prompt(messages[:before])
    for message, said, known in zip_longest(messages[before:], turns, right):
        prompt([message])
        texts = [text for text in said if text is not None]
        if len(texts) == len(said):  # of an earlier turn nothing may be known
            beside(texts, titles)
        if known:
            with st.expander("The benchmark's reference answer", icon=":material/menu_book:"):
                st.text(known)


def beside(texts: Sequence[str], titles: Sequence[str] = ("Chosen", "Rejected")) -> None:
    """Texts in columns; of two, words that only one of them has are marked."""
    shown = marked(*texts) if len(texts) == 2 else [_plain(text) for text in texts]
    for column, title, text in zip(st.columns(len(texts)), titles, shown, strict=True):
        column.caption(title)
        column.html(f"<div style='white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5'>{text}</div>")


def marked(left: str, right: str) -> tuple[str, str]:
    """Both texts as HTML, the words that differ marked; plain where they are too long or have too little in common."""
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (left, right))
    if not left.strip() or not right.strip() or len(a) + len(b) > LONGEST:
        return _plain(left), _plain(right)
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _plain(left), _plain(right)
    parts: tuple[list[str], list[str]] = ([], [])
    for what, a0, a1, b0, b1 in matcher.get_opcodes():
        for side, words in zip(parts, (a[a0:a1], b[b0:b1]), strict=True):
            text = html.escape("".join(words))
            style = "background: rgba(234, 179, 8, .28); color: inherit; border-radius: 3px"
            side.append(text if what == "equal" or not text else f"<mark style='{style}'>{text}</mark>")
    return "".join(parts[0]), "".join(parts[1])


def _plain(text: str) -> str:
    return html.escape(text) if text.strip() else "<em>(blank)</em>"


def show(rows: Sequence[PairRow], notes: Sequence[str] | None = None) -> None:
    """Pairs one below the other; `notes`: a line above each."""
    for number, row in enumerate(rows):
        with st.container(border=True):
            if notes:
                st.caption(notes[number])
            prompt(row.prompt)
            authors = [f" · {name}" if name != "dataset" else "" for name in (row.chosen_author, row.rejected_author)]
            beside((row.chosen, row.rejected), (f"Chosen{authors[0]}", f"Rejected{authors[1]}"))


def pages(run: str, key: str) -> None:
    """All pairs of a run, some at a time."""
    index = session.index()
    total = queries_pairs.size(index, run)
    if not total:
        st.caption("This run has no pairs: it holds prompts or answers only.")
        return
    number = page_number(total, key, PAGE)
    show(queries_pairs.page(index, run, offset=(number - 1) * PAGE, limit=PAGE))


def page_number(total: int, key: str, size: int) -> int:
    """Which page of `size` rows; what was chosen for a longer list is cut to the last page."""
    last = (total - 1) // size + 1
    if st.session_state.get(key, 1) > last:
        st.session_state[key] = last
    return st.number_input(f"Page of {last:,}", 1, last, key=key, width=160)
