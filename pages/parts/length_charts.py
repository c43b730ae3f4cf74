"""Win rates and length → Altair charts. Pure, as charts.py."""

from __future__ import annotations

import altair as alt
import pandas as pd

from .charts import GREEN, GREY, ORANGE, PALE

UP = 9  # pixels by which the arrow stands above its interval


def movement(frame: pd.DataFrame, title: str) -> alt.LayerChart | alt.FacetChart:
    """name, raw, value, low, high, n, said, colour: a point with its interval, and an arrow to it from the raw rate."""
    base = alt.Chart(frame, height=max(100, 44 * len(frame)))
    y = alt.Y("name:N", sort=frame["name"].tolist(), title=None, axis=alt.Axis(labelLimit=320))
    tips = [alt.Tooltip("name:N"), *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "low", "high", "raw")),
            "n:Q", "said:N"]  # fmt: skip
    x = alt.X("value:Q", title=title, axis=alt.Axis(format=".0%"), scale=alt.Scale(zero=False))
    colour = alt.Color("colour:N", scale=None)
    there = base.transform_filter("isValid(datum.value)")
    arrow = there.mark_rule(color=GREY, strokeWidth=1.5, yOffset=-UP, y2Offset=-UP).encode(x="raw:Q", x2="value:Q", y=y)
    heads = [
        there.transform_filter(f"datum.value {sign} datum.raw")
        .mark_point(shape=f"triangle-{side}", filled=True, size=60, color=GREY, opacity=1, yOffset=-UP)
        .encode(x=x, y=y)
        for sign, side in ((">", "right"), ("<", "left"))
    ]
    before = base.mark_point(size=60, color=GREY, opacity=1, yOffset=-UP).encode(x="raw:Q", y=y, tooltip=tips)
    whisker = there.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q", y=y, color=colour, tooltip=tips)
    point = there.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips)
    half = alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule(strokeDash=[4, 4], color=GREY).encode(x="x:Q")
    return alt.layer(half, arrow, *heads, before, whisker, point)


def preference(curve: pd.DataFrame, bins: pd.DataFrame, rates: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Preference by the relative difference in length.

    Args:
        curve: relative, value, low, high: the fitted line with its band.
        bins: from, to, relative (the mean), value, low, high, n: plain means.
        rates: name (raw, adjusted, matched), label, value, from, to: each drawn over the answers that it stands for.
    """
    x = alt.X("relative:Q", title="candidate longer by (share of the longer answer)",
              axis=alt.Axis(format="+.0%", tickCount=8, grid=False))  # fmt: skip
    y = alt.Y("value:Q", title="preference for the candidate", axis=alt.Axis(format=".0%", tickCount=5),
              scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    tips = [alt.Tooltip("value:Q", format=".1%", title="mean preference"), alt.Tooltip("n:Q", title="answers"),
            *(alt.Tooltip(f"{name}:Q", format="+.0%") for name in ("from", "to")),
            *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("low", "high"))]  # fmt: skip
    band = alt.Chart(curve).mark_area(color=GREEN, opacity=0.18).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    line = alt.Chart(curve).mark_line(color=GREEN, strokeWidth=2.5).encode(x=x, y=y)
    equal = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(strokeDash=[4, 4], color=GREY).encode(x="x:Q")
    spans = alt.Chart(bins).mark_rule(color=PALE, strokeWidth=2).encode(x="from:Q", x2="to:Q", y=y)
    size = alt.Size("n:Q", legend=None, scale=alt.Scale(rangeMin=30, rangeMax=120, zero=True))
    means = alt.Chart(bins).mark_point(filled=True, color=GREY, opacity=1).encode(x=x, y=y, size=size, tooltip=tips)
    return alt.layer(band, equal, spans, line, means, *_marks(rates, y)).properties(height=340)


def _marks(rates: pd.DataFrame, y: alt.Y) -> list[alt.Chart]:
    """A stroke over the answers that a rate stands for (a diamond where it is one point); its name in the legend."""
    base = alt.Chart(rates)
    hues = {"raw": GREY, "adjusted": GREEN, "matched": ORANGE}
    scale = alt.Scale(domain=rates["label"].tolist(), range=[hues[name] for name in rates["name"]])
    legend = alt.Legend(
        orient="top", title=None, symbolType="stroke", symbolStrokeWidth=4, symbolSize=60, columnPadding=6
    )
    colour = alt.Color("label:N", scale=scale, legend=legend)
    strokes = base.transform_filter("datum.from < datum.to").mark_rule(strokeWidth=2.5, strokeDash=[7, 3])
    points = base.transform_filter("datum.from == datum.to").mark_point(
        shape="diamond", filled=True, size=170, opacity=1
    )
    return [strokes.encode(x="from:Q", x2="to:Q", y=y, color=colour), points.encode(x="from:Q", y=y, color=colour)]
