"""What the charts of win rates and length draw: estimates of judge runs, read once for each, as frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from backend.errors import BadInput
from backend.report.estimate import Estimate
from backend.report.judge_bias import by_length
from backend.report.length_adjusted import WITHIN, AtEqualLength, Curve, at_equal_length
from backend.report.verdicts import with_lengths
from backend.store import queries_results

from . import charts, session

BINS, STEPS = 8, 61
SHOWN = 4  # decimals of a share that the table shows: rates that look equal are
NOTHING = Estimate(np.nan, np.nan, np.nan, 0, 0)


def found(run: str) -> AtEqualLength:
    """The win rates of a judge run at equal length; where its answers are gone only a note."""
    try:
        return _estimates(str(session.workspace().root), run, _stamp(run))
    except BadInput as problem:
        return AtEqualLength(0, 0, notes=[f"No length-adjusted or length-matched win rate: {problem}"])


def bins(run: str) -> pd.DataFrame:
    """from, to, relative (the mean), value, low, high, n: mean preference by the relative difference in length."""
    return _means(str(session.workspace().root), run, _stamp(run))


def moved(frame: pd.DataFrame, *, adjusted: bool) -> pd.DataFrame:
    """The rows of judge runs with the length-adjusted or -matched rate in place of the raw one.

    Columns more: raw, rank (`ranks`), note (why there is no such rate, or what to know of it). `said`: by how much it
    moved.
    """
    named = "length-adjusted" if adjusted else "length-matched"
    runs = [found(run) for run in frame["run"]]
    rates: list[Estimate] = [(one.adjusted if adjusted else one.matched) or NOTHING for one in runs]
    new = frame.drop(columns=["verdict", "official"], errors="ignore").assign(
        **{name: [getattr(r, name) for r in rates] for name in ("value", "low", "high")}, n=[r.items for r in rates],
        note=["; ".join(note for note in one.notes if named in note) for one in runs],
    )  # fmt: skip
    new.insert(1, "raw", frame["value"])
    new.insert(1, "rank", ranks(new))
    moves = 100 * (new["value"] - new["raw"])
    return new.assign(said=[f"{move:+.1f} points" for move in moves], colour=[_colour(rate) for rate in rates])


def ranks(rates: pd.DataFrame) -> list[str | None]:
    """`raw → now` of each row among those of its judge and reference that have a value; equal rates share a rank."""
    known = rates[["raw", "value"]].where(rates["value"].notna()).round(SHOWN)
    found = known.groupby([rates["judge"], rates["against"]]).rank(ascending=False, method="min")
    return [_rank(*pair) for pair in found.itertuples(index=False)]


def three(raw: Any, at_equal: AtEqualLength) -> pd.DataFrame:
    """name, value, low, high, n of the raw, the adjusted and the matched rate, as far as there are any."""
    rows = [{"name": "raw", **{name: raw[name] for name in ("value", "low", "high", "n")}}]
    for name, rate in (("length-adjusted", at_equal.adjusted), ("length-matched", at_equal.matched)):
        if rate:
            rows.append({"name": name, "value": rate.value, "low": rate.low, "high": rate.high, "n": rate.items})
    return pd.DataFrame(rows)


def line(curve: Curve, low: float, high: float) -> pd.DataFrame:
    """relative, value, low, high: the curve between two relative differences in length."""
    grid = np.linspace(low, high, STEPS)
    points = [curve.at(relative) for relative in grid]
    parts = {name: [getattr(point, name) for point in points] for name in ("value", "low", "high")}
    return pd.DataFrame({"relative": grid, **parts})


def marks(raw: float, at_equal: AtEqualLength, low: float, high: float) -> pd.DataFrame:
    """name, value, label, and from which to which relative difference each rate's answers are."""
    rows = [("raw", raw, low, high)]
    rows += [("adjusted", at_equal.adjusted.value, 0.0, 0.0)] if at_equal.adjusted else []
    rows += [("matched", at_equal.matched.value, -WITHIN, WITHIN)] if at_equal.matched else []
    shown = pd.DataFrame(rows, columns=["name", "value", "from", "to"])
    return shown.assign(label=[f"{name} {100 * value:.0f} %" for name, value, *_ in rows])


def _rank(old: float, new: float) -> str | None:
    if np.isnan(new):
        return None
    return f"{new:.0f}" if new == old else f"{old:.0f} → {new:.0f}"


def _colour(rate: Estimate) -> str:
    return charts.verdict("worse" if rate.high < 0.5 else "cannot tell" if rate.low <= 0.5 else "better")


def _stamp(run: str) -> Any:
    """Changes when the run was judged on."""
    return next(row["stamp"] for row in queries_results.verdict_rows(session.index()) if row["run"] == run)


def _rows(run: str) -> pd.DataFrame:
    rows = queries_results.lengths(session.index(), run)
    return with_lengths(rows, rows["candidate"].to_numpy(), rows["reference"].to_numpy())


@st.cache_data(show_spinner="Comparing lengths…", max_entries=200)
def _estimates(root: str, run: str, stamp: Any) -> AtEqualLength:
    return at_equal_length([_rows(run)])


@st.cache_data(show_spinner="Comparing lengths…", max_entries=50)
def _means(root: str, run: str, stamp: Any) -> pd.DataFrame:
    rows = _rows(run)
    found = [
        (one, rows["relative"][rows["relative"].between(one.low, one.high)].mean())
        for one in by_length([rows], BINS, by="relative")
    ]
    return pd.DataFrame([
        {"from": one.low, "to": one.high, "relative": middle, "value": one.win_rate.value, "low": one.win_rate.low,
         "high": one.win_rate.high, "n": one.win_rate.items}
        for one, middle in found
    ])  # fmt: skip
