"""Select: a strategy and a budget → a subset, seen before it is saved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from backend.registry import Call
from backend.signals import FITS, Signals, computable, signals
from backend.specs import SelectSpec
from backend.store import queries_explore, queries_pairs, queries_select
from backend.strategies import Chosen, choose, needed, strategies
from pages.parts import charts, command, measured, member_form, pair_view, problems, session


def budget_picker(pool: int, whole: bool) -> int | None:
    """A number of pairs; the percentage exists only here."""
    if whole:
        st.caption(f"Takes all {pool:,} pairs.")
        return None
    if pool < 2:
        return pool
    if st.session_state.get("budget", 1) > pool:
        st.session_state["budget"] = pool
    budget = st.slider("Budget (pairs)", 1, pool, max(1, pool // 10), key="budget", bind="query-params")
    st.markdown(f"**{budget:,} of {pool:,} pairs: {budget / pool:.1%}**")
    return budget


def form(pairs: str, found: Signals, roles: dict[str, str]) -> tuple[Call, int | None, int] | None:
    """Strategy, budget, seed; None where the strategy needs a signal that is not measured."""
    can = computable(roles)
    usual = [name for name in ("dm_mul", "top") if set(needed(strategies.call(name))) <= set(can)]
    titles = {name: charts.readable(name) for name in can}
    call = member_form.member_form(strategies, "strategy", first=(*usual, "random"), choices={"signal": titles})
    lacking = [name for name in needed(call) if name not in can]
    if lacking:
        there = {row.spec["measure"]["name"] for row in measured.fitting(pairs)}
        above = " or choose its measure runs above" * all(there & set(FITS[role]) for role in _roles_of(call))
        st.info(f"{call.name} needs {', '.join(lacking)}, which is not measured on these pairs: measure it on the "
                f"Explore page{above}.")  # fmt: skip
        st.page_link("pages/explore.py", label="Measure", icon=":material/straighten:", query_params={"pairs": pairs})
        return None
    usable = np.ones(len(found), dtype=bool)
    for name in needed(call):
        usable &= np.isfinite(found[name])
    whole = bool(strategies[call.name].attributes.get("whole"))
    budget = budget_picker(int(usable.sum()), whole)
    seed = st.number_input("Seed", 0, value=0, key="seed", bind="query-params")
    return call, budget, seed


def preview(found: Signals, chosen: Chosen) -> np.ndarray:
    """The distributions with the chosen pairs in colour; returns which pairs are chosen."""
    inside = np.isin(found.pair_ids, chosen.pair_ids)
    names = list(found.values)
    for start in range(0, len(names), 3):
        for column, name in zip(st.columns(3), names[start : start + 3], strict=False):
            values = found[name]
            frame = queries_explore.histogram(values, queries_explore.bins(values, 40), inside)
            column.altair_chart(charts.histogram(frame, charts.readable(name), height=150), key=f"preview {name}")
    for name, note in chosen.notes.items():
        text = ", ".join(f"{k} {v}" for k, v in note.items()) if isinstance(note, dict) else str(note)
        st.caption(f"{charts.readable(name)}: {text}")
    return inside


def two_signals(found: Signals, inside: np.ndarray) -> None:
    """Which region of two signals the strategy takes."""
    names = list(found.values)
    if len(names) < 2:
        return
    left, right = st.columns(2)
    x = left.selectbox("Across", names, key="x", bind="query-params", format_func=charts.readable)
    y = right.selectbox("Up", names, 1, key="y", bind="query-params", format_func=charts.readable)
    if x != y:
        frame = queries_explore.density(found[x], found[y], inside)
        st.altair_chart(charts.density(frame, x, y, coloured=True, brush=False), key="region")


def overlaps(pairs: str, chosen: Chosen) -> None:
    """How much of this subset is in other subsets of the same pool."""
    rows = queries_select.overlaps(session.index(), pairs, chosen.pair_ids)
    titles = {r.run: r.title for r in session.all_runs()}
    if not rows:
        st.caption("No other subset of these pairs is saved yet.")
        return
    frame = pd.DataFrame(rows)
    frame.insert(0, "subset", [titles.get(run, run) for run in frame.pop("run")])
    config = {name: st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
              for name in ("of this one", "by chance")}  # fmt: skip
    st.dataframe(frame, hide_index=True, column_config=config)


def main() -> None:
    """The page."""
    pairs = measured.pool_picker(("load", "pair"))
    if not pairs:
        st.info("There are no pairs yet. Load preference data on the Data page.")
        st.page_link("pages/data.py", label="Load data", icon=":material/database:")
        return
    roles = measured.role_pickers(pairs)
    found = measured.signals(pairs, roles)
    left, right = st.columns([1, 3], gap="large")
    with left, problems.shown():
        wanted = form(pairs, found, roles)
    if wanted is None:
        return
    call, budget, seed = wanted
    with right, problems.shown():
        chosen = choose(call, found, budget, seed)
        tabs = st.tabs(["Distributions", "Region", "Overlap", "Rows"])
        with tabs[0]:
            inside = preview(found, chosen)
            if "truth" in roles:
                st.caption(measured.flipped_labels(pairs, roles["truth"], inside))
        with tabs[1]:
            two_signals(found, inside)
        with tabs[2]:
            overlaps(pairs, chosen)
        with tabs[3]:
            st.caption("The first of the subset.")
            pair_view.show(queries_pairs.by_id(session.index(), pairs, chosen.pair_ids[:3]))
    used = {role: run for role, run in roles.items() if role in _roles_of(call)}
    spec = SelectSpec(pairs=pairs, strategy=call, budget=budget, measurements=used, seed=seed)
    with left:
        title = command.name(spec, f"{call} · {budget or 'all'} pairs", "select.title")
        command.launcher("Save the subset", spec, title)


def _roles_of(call: Call) -> set[str]:
    """The roles that a strategy reads; others would only change the run's name."""
    return {role for name in needed(call) for role in signals[name].attributes["needs"]}


st.title("Select")
main()
