"""Explore: distributions of every signal, two signals at once, and the rows behind a region."""

from __future__ import annotations

import numpy as np
import streamlit as st

from backend.signals import ROLES, Signals, signals
from backend.store import queries_explore, queries_pairs
from backend.store.queries_explore import Region
from pages.parts import charts, measured, pair_view, problems, region, session

PAGE = 5


def histograms(found: Signals, inside: np.ndarray | None) -> dict[str, Region]:
    """One histogram for every signal, its numbers below; returns what is brushed."""
    names, brushes = list(found.values), {}
    for start in range(0, len(names), 3):
        for column, name in zip(st.columns(3), names[start : start + 3], strict=False):
            values = found[name]
            frame = queries_explore.histogram(values, queries_explore.bins(values), inside)
            chart = charts.histogram(frame, charts.readable(name), brush=True)
            brushes[name] = region.brush(column, chart, f"histogram {name}", {name: "low"})
    st.dataframe(queries_explore.summary(found), hide_index=True, column_config={
        "above 0": st.column_config.NumberColumn(format="percent"),
        **{name: st.column_config.NumberColumn(format="%.3g") for name in ("mean", "sd", "median")}})  # fmt: skip
    absent = [m.name for m in signals if m.name not in found.values]
    if absent:
        needs = "; ".join(f"{name} needs {' and '.join(signals[name].attributes['needs'])}" for name in absent)
        st.caption(f"Not measured yet: {needs}. Open *Measure* above.")
    return brushes


def cut_alike(pairs: str, found: Signals) -> None:
    """Lists the pairs whose sides are the same once cut."""
    total = len(found.cut_alike)
    if not total:
        return
    with st.expander(f"{total:,} pairs are the same on both sides once cut at the length limit: no signal"):
        st.caption("A measure with a larger max_length can tell them apart. No strategy takes them.")
        ids = "pair_id\n" + "\n".join(map(str, found.cut_alike))
        st.download_button("Their ids", ids, "cut_alike.csv", icon=":material/download:")
        shown = found.cut_alike[:PAGE]
        pair_view.show(queries_pairs.by_id(session.index(), pairs, shown), [""] * len(shown))


def two_signals(found: Signals, inside: np.ndarray | None) -> dict[str, Region]:
    """Two signals as a density; returns what is brushed."""
    names = list(found.values)
    if len(names) < 2:
        st.info("Only one signal is known. Measure something to see two.")
        return {}
    left, right = st.columns(2)
    x = left.selectbox("Across", names, key="x", bind="query-params", format_func=charts.readable)
    others = [name for name in names if name != x]
    y = right.selectbox("Up", others, key="y", bind="query-params", format_func=charts.readable)
    frame = queries_explore.density(found[x], found[y], inside)
    chart = charts.density(frame, x, y, coloured=inside is not None)
    st.caption(f"Rank correlation of the two: {queries_explore.correlation(found[x], found[y]):.2f}")
    return {f"{x} {y}": region.brush(st, chart, f"density {x} {y}", {x: "x_low", y: "y_low"})}


def rows_behind(pairs: str, found: Signals, inside: np.ndarray, bounds: Region) -> None:
    """The pairs inside the region, ordered by a signal."""
    total = int(inside.sum())
    words = " and ".join(f"{charts.readable(n)} from {a:.3g} to {b:.3g}" for n, (a, b) in bounds.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        share = f"**{total:,} of {len(found):,} pairs** ({total / max(len(found), 1):.1%})"
        st.markdown(f"{share} with {words}" if words else f"{share}. Drag across a chart to choose a region.")
        if bounds and st.button("Clear the region", icon=":material/close:"):
            region.clear()
    if not total:
        st.info("No pair lies there. Clear the region, or brush another.")
        return
    left, middle, right = st.columns([3, 2, 1])
    order = left.selectbox("Ordered by", list(found.values), key="order", bind="query-params",
                           format_func=charts.readable)  # fmt: skip
    way = middle.segmented_control("Order", ["Largest first", "Smallest first"], default="Largest first", key="way",
                                   bind="query-params")  # fmt: skip
    with right:
        page = pair_view.page_number(total, "page", PAGE)
    rows = queries_explore.some(found, inside, order, descending=way != "Smallest first", limit=PAGE,
                                offset=(page - 1) * PAGE)  # fmt: skip
    notes = [" · ".join(f"{charts.readable(n)} {found[n][i]:.3g}" for n in found.values) for i in rows]
    pair_view.show(queries_pairs.by_id(session.index(), pairs, found.pair_ids[rows]), notes)


def main() -> None:
    """The page."""
    pairs = measured.pool_picker()
    if not pairs:
        st.info("There are no pairs yet. Load preference data on the Data page, or wait for the sample study.")
        st.page_link("pages/data.py", label="Load data", icon=":material/database:")
        return
    roles = measured.role_pickers(pairs)
    if not roles:
        st.info(f"Nothing is measured on these pairs yet; only lengths are known. Roles: {', '.join(ROLES)}.")
    unfolded = st.expander(
        "Measure: run a model over these responses", icon=":material/straighten:", expanded=not roles
    )
    with unfolded, problems.shown():
        measured.measure_form(pairs)
    with problems.shown():
        found = measured.signals(pairs, roles)
        bounds = region.read(found)
        inside = queries_explore.within(found, bounds)
        every, two = st.tabs(["Every signal", "Two signals"])
        with every:
            brushes = histograms(found, inside if bounds else None)
        with two:
            brushes |= two_signals(found, inside if bounds else None)
        cut_alike(pairs, found)
        region.follow(found, brushes)
        st.subheader("The rows behind it")
        rows_behind(pairs, found, inside, bounds)


st.title("Explore")
main()
