"""The distributions of a pool's signals, binned beside the data: only bins travel to a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..signals import Signals

Region = Mapping[str, tuple[float, float]]  # signal → lowest and highest value


def bins(values: np.ndarray, count: int = 60) -> np.ndarray:
    """The edges of equal bins from the 0.1 to the 99.9 percentile of the finite values: float64[count + 1]."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.001, 0.999]) if len(finite) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, count + 1)


def histogram(values: np.ndarray, edges: np.ndarray, inside: np.ndarray | None = None) -> pd.DataFrame:
    """low, high, pairs (and chosen: how many of them are `inside`, a bool[n]) of each bin.

    Values beyond the edges are counted in the outermost bins.
    """
    frame = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "pairs": _counted(values, edges)})
    if inside is not None:
        frame["chosen"] = _counted(values[inside], edges)
    return frame


def _counted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    clipped = np.clip(values[np.isfinite(values)], edges[0], edges[-1])
    return np.histogram(clipped, edges)[0]


def density(x: np.ndarray, y: np.ndarray, inside: np.ndarray | None = None, count: int = 40) -> pd.DataFrame:
    """x_low, x_high, y_low, y_high, pairs and share (of them inside) of every cell that holds a pair."""
    both = np.isfinite(x) & np.isfinite(y)
    of_x, of_y = bins(x[both], count), bins(y[both], count)
    at = [np.clip(np.digitize(v[both], edges) - 1, 0, count - 1) for v, edges in ((x, of_x), (y, of_y))]
    cell = at[0] * count + at[1]
    pairs = np.bincount(cell, minlength=count * count)
    chosen = np.bincount(cell, None if inside is None else inside[both], minlength=count * count)
    full = np.flatnonzero(pairs)
    i, j = full // count, full % count
    return pd.DataFrame(
        {
            "x_low": of_x[i], "x_high": of_x[i + 1], "y_low": of_y[j], "y_high": of_y[j + 1],
            "pairs": pairs[full], "share": chosen[full] / pairs[full],
        }
    )  # fmt: skip


def within(signals: Signals, region: Region) -> np.ndarray:
    """bool[n]: the pairs inside a region; the outermost bins are open, so a region that touches them is as well."""
    inside = np.ones(len(signals), dtype=bool)
    for name, (low, high) in region.items():
        inside &= (signals[name] >= low) & (signals[name] <= high)
    return inside


def some(signals: Signals, inside: np.ndarray, order: str, *, descending: bool = True, limit: int = 5,
         offset: int = 0) -> np.ndarray:  # fmt: skip
    """Row numbers of some pairs inside, ordered by a signal."""
    rows = np.flatnonzero(inside)
    values = signals[order][rows]
    ranked = rows[np.argsort(-values if descending else values, kind="stable")]
    return ranked[offset : offset + limit]


def summary(signals: Signals, names: Sequence[str] | None = None) -> pd.DataFrame:
    """signal, mean, sd, median, share above zero, missing."""
    rows = []
    for name in names or list(signals.values):
        values = signals[name][np.isfinite(signals[name])]
        if len(values):
            rows.append(
                {
                    "signal": name, "mean": values.mean(), "sd": values.std(), "median": np.median(values),
                    "above 0": (values > 0).mean(), "not measured": len(signals) - len(values),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's rank correlation over the pairs that have both; NaN where fewer than two have."""
    return pd.Series(x).corr(pd.Series(y), method="spearman")
