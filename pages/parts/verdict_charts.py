"""Charts of verdicts: who is preferred over whom, how items ended, categories, two judges beside each other. Pure."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from .charts import GREEN, GREY, ORANGE, PALE, SERIES

INK, MIDDLE, BLUE = "#1d1f1a", "#e6e8e0", "#5b7fd0"
OUTCOME_COLOURS = {"won": GREEN, "tied": GREY, "flipped": BLUE, "lost": ORANGE, "missing": PALE}
TOWARDS = "datum.x > 0.1 ? 'left' : datum.x < -0.1 ? 'right' : 'center'"  # a radar's words point outwards
LEGEND = 26  # pixels of a row of a legend
ROOM = 0.07  # of a bar: a smaller part has no number


def heatmap(frame: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """row, column, share, low, high, n, neither, how: a cell with its number for every two; framed where direct."""
    size = 36 if len(order) > 8 else 48
    names: dict[str, Any] = {"labelOverlap": False, "labelLimit": 190, "ticks": False, "domain": False}
    x = alt.X("column:N", sort=order, title="over", axis=alt.Axis(orient="top", labelAngle=-40, **names))
    y = alt.Y("row:N", sort=order, title="preferred", axis=alt.Axis(**names))
    percent = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("share", "low", "high", "neither")]
    tips: list[Any] = ["row:N", "column:N", *percent, alt.Tooltip("n:Q", title="prompts", format=","), "how:N"]
    colour = alt.Color("share:Q", scale=alt.Scale(domain=[0, 0.5, 1], range=[ORANGE, MIDDLE, GREEN]), legend=None)
    base = alt.Chart(frame, width=alt.Step(size), height=alt.Step(size)).encode(x=x, y=y, tooltip=tips)
    cells = base.mark_rect(cornerRadius=0).encode(color=colour)
    frames = base.transform_filter(alt.datum.how == "direct").mark_point(
        shape="square", size=(size - 5) ** 2, color=INK, strokeWidth=1.5, opacity=1
    )
    return cells + frames + base.mark_text(color=INK, fontSize=11).encode(text=alt.Text("share:Q", format=".0%"))


def outcomes(frame: pd.DataFrame) -> alt.LayerChart:
    """name, outcome, rank, items, share, from, to: a stacked bar for each name, in the order of their rows."""
    order, kinds = list(dict.fromkeys(frame["name"])), list(OUTCOME_COLOURS)
    colour = alt.Color("outcome:N", sort=kinds, title=None, legend=alt.Legend(orient="top"),
                       scale=alt.Scale(domain=kinds, range=list(OUTCOME_COLOURS.values())))  # fmt: skip
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=320))
    tips: list[Any] = ["name:N", "outcome:N", alt.Tooltip("items:Q", format=","), alt.Tooltip("share:Q", format=".1%")]
    base = alt.Chart(frame, height=alt.Step(26)).encode(y=y, tooltip=tips)
    x = alt.X("from:Q", title="share of the items", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_bar(cornerRadius=0, height=18).encode(x=x, x2="to:Q", color=colour)
    numbers = (
        base.transform_filter(alt.datum.share >= ROOM)
        .transform_calculate(middle="(datum.from + datum.to) / 2")
        .mark_text(fontSize=11)
        .encode(
            x="middle:Q",
            text=alt.Text("share:Q", format=".0%"),
            color=alt.condition("datum.outcome == 'missing'", alt.value(GREY), alt.value(INK)),
        )
    )
    return bars + numbers


def grouped(frame: pd.DataFrame, title: str, *, shares: bool) -> alt.LayerChart:
    """group, name, value, low, high, n, missing: a point with its interval for every name, group below group."""
    names, several = list(dict.fromkeys(frame["name"])), frame["name"].nunique()
    format_ = ".0%" if shares else ".1f"
    tips: list[Any] = ["group:N", "name:N", *(alt.Tooltip(f"{n}:Q", format=".1%" if shares else ".2f")
            for n in ("value", "low", "high")), "n:Q", "missing:Q"]  # fmt: skip
    base = alt.Chart(frame, height=alt.Step(max(30, 12 * several + 10), **{"for": "position"})).encode(
        y=alt.Y("group:N", title=None, axis=alt.Axis(labelLimit=200, grid=True, tickBand="extent")),
        yOffset=alt.YOffset("name:N", sort=names, scale=alt.Scale(paddingOuter=0.4)),
        color=_named(names),
        tooltip=tips,
    )
    axis = alt.Axis(format=format_, tickCount=8)
    x = alt.X("value:Q", title=title, axis=axis, scale=alt.Scale(zero=False, nice=True))
    return base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q") + base.mark_point(
        filled=True, size=55, opacity=1
    ).encode(x=x)


def _named(names: list[str]) -> alt.Color:
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=260)
    return alt.Color("name:N", sort=names, title=None, legend=legend, scale=alt.Scale(domain=names, range=SERIES))


def radar(frame: pd.DataFrame, lowest: float, rings: list[float], *, shares: bool) -> Any:
    """group, name, value: a closed line for each name over one spoke a group, from `lowest` to the last of the rings.

    Vega-Lite has no polar axes: spokes and rings are drawn as lines.
    """
    groups, names = sorted(frame["group"].unique()), list(dict.fromkeys(frame["name"]))
    frame = frame.assign(turn=frame["group"].map(groups.index), reach=(frame["value"] - lowest) / (rings[-1] - lowest))
    frame = pd.concat([frame, frame[frame["turn"] == 0].assign(turn=len(groups))])  # closed
    sizes = (np.array(rings) - lowest) / (rings[-1] - lowest)
    net = pd.DataFrame([(turn, size) for size in sizes for turn in range(len(groups) + 1)], columns=["turn", "reach"])
    ends = pd.DataFrame({"group": groups, "turn": range(len(groups)), "reach": 1.0})
    marks = pd.DataFrame(
        {"text": [f"{ring:.0%}" if shares else f"{ring:g}" for ring in rings], "turn": 0, "reach": sizes}
    )
    tips = ["group:N", "name:N", alt.Tooltip("value:Q", format=".1%" if shares else ".2f")]

    def chart(rows: pd.DataFrame, out: float = 1.0) -> alt.Chart:
        """The first spoke points up, the others follow clockwise."""
        angle = 2 * np.pi * rows["turn"] / len(groups)
        placed = rows.assign(x=np.sin(angle) * rows["reach"] * out, y=np.cos(angle) * rows["reach"] * out, x0=0, y0=0)
        wide, high = alt.Scale(domain=[-1.5, 1.5]), alt.Scale(domain=[-1.2, 1.2])  # room for words on both sides
        return alt.Chart(placed).encode(x=alt.X("x:Q", scale=wide, axis=None), y=alt.Y("y:Q", scale=high, axis=None))

    lines = chart(frame).encode(color=_named(names))
    return alt.layer(
        chart(net).mark_line(color=PALE, strokeWidth=1).encode(detail="reach:N", order="turn:Q"),
        chart(ends).mark_rule(color=PALE).encode(x2="x0:Q", y2="y0:Q"),
        chart(ends, 1.1).mark_text(color=GREY, fontSize=12, align=alt.ExprRef(TOWARDS)).encode(text="group:N"),
        chart(marks).mark_text(color=GREY, fontSize=10, align="left", dx=3, dy=-5).encode(text="text:N"),
        lines.mark_line(strokeWidth=2).encode(order="turn:Q"),
        lines.mark_point(filled=True, size=45, opacity=1).encode(tooltip=tips),
    ).properties(width=550, height=440 + LEGEND * (1 + len(names) // 2))


def orders(frame: pd.DataFrame, one: str, other: str, *, shares: bool) -> alt.LayerChart:
    """candidate, one, other, items: the order of the candidates by two judges; lines cross where they disagree."""
    both = pd.concat([_ranked(frame, side, judge, shares) for judge, side in ((one, "one"), (other, "other"))])
    tips = ["candidate:N", "judge:N", "value:N", "rank:Q", "items:Q"]
    axis = alt.Axis(orient="top", labelAngle=0, labelLimit=300, ticks=False, domain=False, labelFontSize=12)
    base = alt.Chart(both, height=40 + 30 * len(frame)).encode(
        x=alt.X("judge:N", sort=[one, other], title=None, axis=axis, scale=alt.Scale(padding=0.8)),
        y=alt.Y("place:Q", axis=None, scale=alt.Scale(reverse=True, zero=False, padding=12)),
    )
    words = base.encode(text="text:N")
    left = words.transform_filter(alt.datum.judge == one).mark_text(align="right", dx=-12, color=GREY, fontSize=12)
    right = words.transform_filter(alt.datum.judge == other).mark_text(align="left", dx=12, color=GREY, fontSize=12)
    lines = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="candidate:N")
    return lines + base.mark_point(filled=True, size=80, color=GREEN, opacity=1).encode(tooltip=tips) + left + right


def _ranked(frame: pd.DataFrame, side: str, judge: str, shares: bool) -> pd.DataFrame:
    """`place`: one below the other; `rank`: equal values share one."""
    place, rank = (frame[side].rank(ascending=False, method=method) for method in ("first", "min"))
    value = frame[side].map("{:.1%}".format if shares else "{:.2f}".format)
    return frame.assign(judge=judge, place=place, rank=rank, value=value, text=frame["candidate"] + " · " + value)
