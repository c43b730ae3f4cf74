"""Linked filters: bars that are clicked, chips that take a filter away. What is chosen stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from backend.store import facets
from backend.store.facets import Facet

from . import charts

TITLES = {
    "score": "Score of the candidate",
    "grade": "Grade",
    "orders": "How it ended",
    "judge": "Judge",
    "strategy": "Candidate, by strategy",
    "category": "Category",
    "turn": "Turn",
    "longer": "Longer by (characters)",
    "characters": "Length (characters)",
    "people": "People",
}
TICKS = {"score": [0, 0.25, 0.5, 0.75, 1]}
TELLING = ("score", "longer")  # who filters by these knows of the verdict, or which answer is the candidate's
MOST = 16  # bars of a chart of names
ROUNDS = "filter rounds"  # in the session: a chart is made anew once it was clicked, so that it can be clicked again


def read(known: Mapping[str, Facet]) -> dict[str, list[str]]:
    """The choice in the URL, as far as these facets have it."""
    return facets.known(known, {name: st.query_params.get_all(name) for name in known})


def toggle(name: str, label: str) -> None:
    """Lets a label of a facet through, or no longer."""
    chosen = st.query_params.get_all(name)
    _write(name, [*chosen, label] if label not in chosen else [one for one in chosen if one != label])


def clear() -> None:
    """Lets everything through."""
    for name in TITLES:
        _write(name, [])


def _write(name: str, labels: list[str]) -> None:
    if labels:
        st.query_params[name] = labels
    else:
        st.query_params.pop(name, None)
    for param in ("item", "page"):  # another list: what was open, and on which page, says nothing in it
        st.query_params.pop(param, None)
    st.session_state.pop("page", None)


def column(known: Mapping[str, Facet], choice: Mapping[str, list[str]]) -> None:
    """A chart for every facet that has something to choose from; clicking a bar filters everything."""
    rounds = st.session_state.setdefault(ROUNDS, {})
    for name, title in TITLES.items():
        if name not in known:
            continue
        bars = facets.bars(known, name, choice)
        shown = bars[(np.arange(len(bars)) < MOST) | (bars["picked"] if name in choice else False)]
        if len(bars) > 1 or name in choice:
            key = f"facet {name} {rounds.get(name, 0)}"
            st.altair_chart(charts.facet(shown, title, TICKS.get(name)), key=key, selection_mode=["pick"],
                            on_select=lambda name=name, key=key: _clicked(name, key))  # fmt: skip
        if len(shown) < len(bars):
            st.caption(f"the {MOST} most frequent of {len(bars):,}")


def _clicked(name: str, key: str) -> None:
    picked = st.session_state[key]["selection"].get("pick") or []
    if picked:
        toggle(name, picked[0]["label"])
    st.session_state[ROUNDS][name] = st.session_state[ROUNDS].get(name, 0) + 1


def chips(choice: Mapping[str, list[str]], shown: int, total: int, hint: str) -> None:
    """How many items are left, and a button for every filter that takes it away; the hint where there is none."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{shown:,} of {total:,}** verdicts", width="content")
        for name, labels in choice.items():
            for label in labels:
                st.button(f"{name}: {label}", key=f"chip {name} {label}", icon=":material/close:", type="tertiary",
                          on_click=toggle, args=(name, label))  # fmt: skip
        if choice:
            st.button("Clear all", type="tertiary", on_click=clear)
        elif hint:
            st.caption(hint, width="content")
