"""Explore: distributions of every signal, two signals at once, and the rows behind a region."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend.signals import ROLES, Signals, signals
from backend.store import queries_explore, queries_pairs
from pages.parts import charts, measured, pair_view, problems, session

PAGE = 5


def histograms(found: Signals) -> None:
    """One histogram for every signal, its numbers below."""
    names = list(found.values)
    for start in range(0, len(names), 3):
        for column, name in zip(st.columns(3), names[start : start + 3], strict=False):
            values = found[name]
            frame = queries_explore.histogram(values, queries_explore.bins(values))
            column.altair_chart(charts.histogram(frame, charts.readable(name)), key=f"histogram {name}")
    st.dataframe(queries_explore.summary(found), hide_index=True, column_config={
        "above 0": st.column_config.NumberColumn(format="percent"),
        **{name: st.column_config.NumberColumn(format="%.3g") for name in ("mean", "sd", "median")}})  # fmt: skip
    absent = [m.name for m in signals if m.name not in found.values]
    if absent:
        needs = "; ".join(f"{name} needs {' and '.join(signals[name].attributes['needs'])}" for name in absent)
        st.caption(f"Not measured yet: {needs}. Open *Measure* below.")


def region_of(found: Signals) -> queries_explore.Region:
    """Two signals as a density; the region is what was brushed, or what the URL says."""
    names = list(found.values)
    left, right = st.columns(2)
    x = left.selectbox("Across", names, key="x", bind="query-params", format_func=charts.readable)
    y = right.selectbox("Up", names, index=min(1, len(names) - 1), key="y", bind="query-params",
                        format_func=charts.readable)  # fmt: skip
    if x == y:
        values = found[x]
        frame = queries_explore.histogram(values, queries_explore.bins(values, 80))
        chart = charts.histogram(frame, charts.readable(x), brush=True, height=300)
        brushed = _brush(chart, f"brush {x}", {x: "low"})
    else:
        earlier = read_region(found)
        inside = queries_explore.within(found, earlier) if earlier else None
        frame = queries_explore.density(found[x], found[y], inside)
        chart = charts.density(frame, x, y, coloured=inside is not None)
        brushed = _brush(chart, f"brush {x} {y}", {x: "x_low", y: "y_low"})
    if brushed and brushed != read_region(found):
        st.query_params["region"] = ";".join(f"{n}:{low:.6g}:{high:.6g}" for n, (low, high) in brushed.items())
        st.rerun()
    return read_region(found)


def _brush(chart: Any, key: str, fields: dict[str, str]) -> queries_explore.Region:
    event: Any = st.altair_chart(chart, on_select="rerun", key=key, selection_mode=["brush"])
    seen = event["selection"].get("brush", {})
    rounded = {n: tuple(float(f"{v:.6g}") for v in sorted(seen[f])) for n, f in fields.items() if f in seen}
    return rounded  # type: ignore[return-value]


def read_region(found: Signals) -> queries_explore.Region:
    """The region in the URL; parts that cannot be read are left out."""
    region = {}
    for part in st.query_params.get("region", "").split(";"):
        name, *bounds = part.split(":")
        if name in found.values and len(bounds) == 2:
            region[name] = (float(bounds[0]), float(bounds[1]))
    return region


def rows_behind(pairs: str, found: Signals, region: queries_explore.Region) -> None:
    """The pairs inside the region, ordered by a signal."""
    inside = queries_explore.within(found, region)
    total = int(inside.sum())
    share = total / max(len(found), 1)
    words = " and ".join(f"{charts.readable(n)} from {a:.3g} to {b:.3g}" for n, (a, b) in region.items())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{total:,} of {len(found):,} pairs** ({share:.1%})" + (f" with {words}" if words else ""))
        if region and st.button("Clear the region", icon=":material/close:"):
            del st.query_params["region"]
            st.rerun()
    if not total:
        st.info("No pair lies there. Clear the region, or brush another.")
        return
    left, middle, right = st.columns([3, 2, 1])
    order = left.selectbox("Ordered by", list(found.values), key="order", bind="query-params",
                           format_func=charts.readable)  # fmt: skip
    way = middle.segmented_control("Order", ["Largest first", "Smallest first"], default="Largest first", key="way",
                                   bind="query-params")  # fmt: skip
    page = right.number_input("Page", 1, (total - 1) // PAGE + 1, key="page")
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
    with problems.shown():
        found = measured.signals(pairs, roles)
        every, two = st.tabs(["Every signal", "Two signals and their rows"])
        with every:
            histograms(found)
        with two:
            rows_behind(pairs, found, region_of(found))
    with st.expander("Measure: run a model over these responses", icon=":material/straighten:", expanded=not roles):
        measured.measure_form(pairs)


st.title("Explore")
main()
