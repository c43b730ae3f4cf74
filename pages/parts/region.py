"""The region of signals that Explore looks at: it stands in the URL; brushing a chart changes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend.signals import Signals
from backend.store.queries_explore import Region

ROUND, BRUSHES = "region round", "region brushes"  # in the session: charts are made anew when the region is cleared


def read(found: Signals) -> dict[str, tuple[float, float]]:
    """The region in the URL; parts that cannot be read are left out."""
    region = {}
    for part in st.query_params.get("region", "").split(";"):
        name, *bounds = part.split(":")
        try:
            low, high = map(float, bounds)
        except ValueError:
            continue
        if name in found.values:
            region[name] = (low, high)
    return region


def brush(place: Any, chart: Any, key: str, fields: dict[str, str]) -> Region:
    """Draws a chart that can be brushed. `fields`: signal → the chart's field; the bounds of each that is brushed."""
    key = f"{key} {st.session_state.get(ROUND, 0)}"
    event: Any = place.altair_chart(chart, on_select="rerun", key=key, selection_mode=["brush"])
    seen = event["selection"].get("brush", {})
    return {name: _bounds(seen[field]) for name, field in fields.items() if field in seen}


def _bounds(seen: list[float]) -> tuple[float, float]:
    low, high = (float(f"{value:.6g}") for value in sorted(seen))
    return low, high


def follow(found: Signals, brushes: dict[str, Region]) -> None:
    """Changes the region as far as the charts' brushes have changed since the last look."""
    before: dict[str, Region] = st.session_state.get(BRUSHES, {})
    region = read(found)
    for chart, now in brushes.items():
        old = before.get(chart, {})
        if now != old:
            region = {name: bounds for name, bounds in region.items() if name not in old} | dict(now)
    st.session_state[BRUSHES] = {**before, **brushes}
    if region != read(found):
        _write(region)
        st.rerun()


def clear() -> None:
    """No region; every chart is drawn without its brush."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.session_state.pop(BRUSHES, None)
    _write({})
    st.rerun()


def _write(region: Region) -> None:
    if region:
        st.query_params["region"] = ";".join(f"{n}:{low:.6g}:{high:.6g}" for n, (low, high) in region.items())
    else:
        st.query_params.pop("region", None)
