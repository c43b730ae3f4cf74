"""Frames → Altair charts. Pure: no widgets, no data access."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

GREEN, GREY, PALE, ORANGE = "#3a9468", "#a7ada3", "#a7ada366", "#d98032"
SERIES = ["#3a9468", "#d98032", "#5b7fd0", "#b5569b", "#8a8f3c", "#4aa3b5", "#a0674b", "#7a6cc4"]
SHORT = "format(datum.value, '~s')"  # 4k
ABOVE: dict[str, Any] = {  # long names stand above their bars, on the left
    "labelAlign": "left", "labelPadding": 0, "labelOffset": -5, "labelLimit": 200, "labelOverlap": False,
    "labelBound": False, "labelFlush": False, "ticks": False, "domain": False, "zindex": 1,
}  # fmt: skip
TITLES = {
    "external_margin": "External margin (reward)",
    "implicit_margin": "Implicit margin (DPO)",
    "ifd_margin": "IFD margin",
    "pvar": "PVar of the prompt",
    "reward_gap": "Reward gap",
    "length_difference": "Length difference",
}


def readable(name: str) -> str:
    """The title of a signal or metric."""
    return TITLES.get(name, name.replace("_", " "))


def histogram(frame: pd.DataFrame, title: str, *, brush: bool = False, height: int = 180) -> alt.Chart:
    """low, high, pairs and, where it is there, chosen (drawn in colour over all)."""
    base = alt.Chart(frame, height=height)
    x = alt.X("low:Q", bin="binned", title=title)
    tips = [alt.Tooltip(f"{name}:Q", format=",.4~g") for name in frame.columns]
    layers = base.mark_bar(color=GREY if "chosen" in frame else GREEN, binSpacing=0.5, cornerRadius=0).encode(
        x=x, x2="high:Q", y=alt.Y("pairs:Q", title="pairs", axis=alt.Axis(tickCount=4)), tooltip=tips
    )
    if brush:
        layers = layers.add_params(alt.selection_interval(name="brush", encodings=["x"]))
    if "chosen" not in frame:
        return layers
    return layers + base.mark_bar(color=GREEN, binSpacing=0.5, cornerRadius=0).encode(
        x=x, x2="high:Q", y="chosen:Q", tooltip=tips
    )


def density(frame: pd.DataFrame, x: str, y: str, *, coloured: bool, brush: bool = True, height: int = 420) -> alt.Chart:
    """A cell for every pair of bins: how many pairs, or (`coloured`) which share of them is in the region."""
    colour: Any = alt.Color("pairs:Q", title="pairs", scale=alt.Scale(type="log", scheme="greens"))
    if coloured:
        colour = alt.Color("share:Q", title="share chosen", scale=alt.Scale(domain=[0, 1], range=["#d9dcd4", GREEN]),
                           legend=alt.Legend(format=".0%"))  # fmt: skip
    chart = (
        alt.Chart(frame, height=height)
        .mark_rect()
        .encode(
            x=alt.X("x_low:Q", bin="binned", title=readable(x)),
            x2="x_high:Q",
            y=alt.Y("y_low:Q", bin="binned", title=readable(y)),
            y2="y_high:Q",
            color=colour,
            tooltip=[alt.Tooltip("pairs:Q"), alt.Tooltip("share:Q", format=".0%")],
        )
    )
    return chart.add_params(alt.selection_interval(name="brush", encodings=["x", "y"])) if brush else chart


def curves(frame: pd.DataFrame, title: str, height: int = 240) -> alt.Chart:
    """step, value, series (and split: held-out curves are dashed)."""
    several = frame["series"].nunique() > 1
    legend = alt.Legend(orient="bottom", columns=1, labelLimit=320) if several else None
    return (
        alt.Chart(frame, height=height + 24 * several * frame["series"].nunique(), title=title)
        .mark_line(interpolate="monotone", point=len(frame) < 30)
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=alt.Color("series:N", title=None, legend=legend, scale=alt.Scale(range=SERIES)),
            strokeDash=alt.StrokeDash("split:N", title=None, legend=None),
            tooltip=["series", "split", "step", alt.Tooltip("value:Q", format=".4g")],
        )
    )


def verdict(said: str) -> str:
    """The colour of what a difference allows to say; green where there is nothing to say."""
    return ORANGE if said == "worse" else GREY if said == "cannot tell" else GREEN


def intervals(frame: pd.DataFrame, title: str, middle: float | None = 0.5, format: str = ".0%") -> alt.Chart:
    """name, value, low, high, n and, where they are there, said and colour: a point with its interval for each."""
    order = frame["name"].tolist()
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, labelOverlap=False, labelFlush=False))
    base, height = alt.Chart(frame), alt.Step(34)  # of a row: a fixed height leaves a few rows no room for their names
    tips = [alt.Tooltip("name:N"), *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("value", "low", "high")), "n:Q",
            *(["said:N"] if "said" in frame else [])]  # fmt: skip
    colour: Any = alt.Color("colour:N", scale=None) if "colour" in frame else alt.value(GREEN)
    bars = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour, tooltip=tips)
    points = base.mark_point(filled=True, size=90).encode(
        x=alt.X("value:Q", title=title, axis=alt.Axis(format=format), scale=alt.Scale(zero=False)),
        y=y, color=colour, tooltip=tips,
    )  # fmt: skip
    if middle is None:
        return (bars + points).properties(height=height)
    line = alt.Chart(pd.DataFrame({"x": [middle]})).mark_rule(strokeDash=[4, 4], color=GREY).encode(x="x:Q")
    return (line + bars + points).properties(height=height)


def facet(frame: pd.DataFrame, title: str, ticks: list[float] | None = None) -> alt.LayerChart:
    """label, items, picked and, of a histogram, low and high: bars that are clicked; those not picked are grey.

    The selection `pick` holds the label of the clicked bar. All of a bar's band can be clicked, however small the bar.
    """
    heading = alt.TitleParams(title, anchor="start", fontSize=13, offset=6)
    colour = alt.condition("datum.picked", alt.value(GREEN), alt.value(PALE))
    tips = [alt.Tooltip("label:N", title=title.lower()), alt.Tooltip("items:Q", format=",")]
    pick = alt.selection_point(name="pick", fields=["label"], on="click", toggle=False)
    base = alt.Chart(frame, title=heading, height=110 if "low" in frame else 44 + 29 * len(frame))
    if "low" in frame:
        marked: dict[str, Any] = {"values": ticks, "format": ".2~f"} if ticks else {"tickCount": 5, "labelExpr": SHORT}
        x = {"x": alt.X("low:Q", bin="binned", title=None, axis=alt.Axis(grid=False, **marked)), "x2": "high:Q"}
        drawn = base.mark_bar(binSpacing=1, cornerRadius=0).encode(
            **x, y=alt.Y("items:Q", title=None, axis=None), color=colour
        )
        band = base.mark_rect(opacity=0, cursor="pointer").encode(**x, tooltip=tips)
        return drawn + band.add_params(pick)
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(**ABOVE))
    room = alt.Scale(domain=[0, 1.4 * max(frame["items"].max(), 1)])  # for the numbers
    bars = base.mark_bar(cornerRadius=0, height=8, yOffset=7).encode(
        y=y, x=alt.X("items:Q", title=None, axis=None, scale=room), color=colour
    )
    numbers = base.mark_text(align="left", dx=4, dy=7, color=GREY, fontSize=11).encode(
        y=y, x="items:Q", text=alt.Text("items:Q", format=",")
    )
    band = base.mark_rect(opacity=0, cursor="pointer").encode(y=y, tooltip=tips)
    return bars + numbers + band.add_params(pick)


def points(frame: pd.DataFrame, title: str, domain: tuple[float, float]) -> alt.Chart:
    """name, value, series: a point for each, those of one name on one line; the axis from end to end of its domain."""
    several = frame["series"].nunique() > 1
    return (
        alt.Chart(frame, height=70 + 30 * several + 26 * frame["name"].nunique())
        .mark_point(filled=True, size=90, opacity=0.9)
        .encode(
            x=alt.X("value:Q", title=title, scale=alt.Scale(domain=list(domain)), axis=alt.Axis(format="~f")),
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320, grid=True)),
            color=alt.Color("series:N", title=None, sort=None, scale=alt.Scale(range=SERIES),
                            legend=alt.Legend(orient="bottom") if several else None),
            size=alt.Size("series:N", sort=None, legend=None, scale=alt.Scale(range=[170, 60])),  # equal ones: a ring
            tooltip=["name", "series", alt.Tooltip("value:Q", format=".2f")],
        )
    )  # fmt: skip
