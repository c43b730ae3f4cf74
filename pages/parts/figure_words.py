"""The benchmarks' figures as tables that people read: names in words, rates with their interval. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

NAMES = {
    "win_rate": "win rate, %", "standard_error": "standard error, points", "n_wins": "won", "n_wins_base": "lost",
    "n_draws": "drawn", "n_total": "verdicts", "n_failed": "failed", "discrete_win_rate": "discrete win rate, %",
    "length_controlled_winrate": "length-controlled, %", "lc_standard_error": "its standard error, points",
    "length_adjusted_winrate": "length-adjusted, %", "length_matched_winrate": "length-matched, %",
    "length_matched_n": "of about equal length", "avg_length": "mean length, characters",
    "average": "average grade", "turn_1": "turn 1", "turn_2": "turn 2", "n": "counted",
    "n_null": "games without a label", "score": "score, %", "win": "won", "loss": "lost", "tie": "tied",
    "inconsistent": "tied by order", "errors": "unreadable", "win_rate_adjusted": "win rate, ties half, %",
}  # fmt: skip
BOUNDS = {  # a rate → the ends of its 95 % interval
    "win_rate": ("win_rate_low", "win_rate_high"),
    "length_controlled_winrate": ("lc_lower", "lc_upper"),
    "length_adjusted_winrate": ("length_adjusted_lower", "length_adjusted_upper"),
    "length_matched_winrate": ("length_matched_lower", "length_matched_upper"),
    "score": ("lower", "upper"),
}
_GAMES = ("score", "n", "n_null")
COLUMNS = {  # of the table of all runs, the figure that ranks them first
    "alpaca_eval": ("win_rate", "length_controlled_winrate", "length_adjusted_winrate", "n_total", "n_failed"),
    "mt_bench": ("average", "turn_1", "turn_2", "n", "n_failed"),
    "mt_bench_pair": ("win_rate_adjusted", "win_rate", "win", "tie", "inconsistent", "loss", "errors"),
    "arena_hard_v01": _GAMES,
    "arena_hard_v2": _GAMES,
}
_SCORE = ("Win probability against the baseline over the battles counted, a strong label being three, with a 95 % "
          "bootstrap interval over questions. ")  # fmt: skip
_CAPTIONS = {
    "alpaca_eval": "Win rates over the verdicts, a draw half, with 95 % intervals; those that failed are in no rate. "
    "Length-controlled is AlpacaEval's own fit and needs its two calibration files; length-adjusted is Winnow's.",
    "mt_bench": "Mean grades from 1 to 10 over the answers counted, those that failed in none. Intervals: see Grades.",
    "mt_bench_pair": "Won and lost: in both orders; tied: all others. Win rates over these, the unreadable in none.",
    "arena_hard_v01": _SCORE + "A game without a label is no battle.",
    "arena_hard_v2": _SCORE + "A question with a game without a label is left out.",
}


def caption(benchmark: str) -> str:
    """What the table of a benchmark's runs counts, in one sentence or two."""
    return _CAPTIONS[benchmark]


def table(benchmark: str, found: Sequence[tuple[str, Mapping[str, Any], str]]) -> pd.DataFrame:
    """Runs (title, figures, judge), the best first: few figures, each rate with its interval."""
    first, *_ = columns = COLUMNS[benchmark]
    ranked = sorted(found, key=lambda one: -(one[1].get(first) or 0))
    rows = [
        {"run": title, **{NAMES[name]: _cell(name, figures) for name in columns}, "judge": judge}
        for title, figures, judge in ranked
    ]
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _cell(name: str, figures: Mapping[str, Any]) -> str | float | None:
    """A figure; a rate with its interval in words, padded so that a click on the heading sorts by value."""
    value = figures.get(name)
    low, high = (figures.get(end) for end in BOUNDS.get(name, ("", "")))
    if value is None or low is None:
        return value if value is None or isinstance(value, int) else round(value, 2)
    return f"{value:6.2f} ({low:.1f} to {high:.1f})"


def every(parts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """All figures that are one number, one row each, a column for each part of the questions."""
    ends = {end for both in BOUNDS.values() for end in both}
    names = [name for name, value in next(iter(parts.values())).items()
             if isinstance(value, int | float) and name not in ends and name != "n_duplicates"]  # fmt: skip
    return pd.DataFrame(
        {part: [_text(name, figures) for name in names] for part, figures in parts.items()},
        index=pd.Index([NAMES.get(name, name.replace("_", " ")) for name in names], name="figure"),
    )


def _text(name: str, figures: Mapping[str, Any]) -> str:
    value = _cell(name, figures)
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value).strip()


def rates(figures: Mapping[str, Any]) -> pd.DataFrame:
    """name, value, low, high (shares) and n of every win rate that AlpacaEval's verdicts have."""
    return pd.DataFrame([
        {"name": {"win_rate": "raw"}.get(name, NAMES[name].split(",")[0]), "value": figures[name] / 100,
         "low": figures[low] / 100, "high": figures[high] / 100,
         "n": figures["length_matched_n" if "matched" in name else "n_total"]}
        for name, (low, high) in BOUNDS.items()
        if name != "score" and figures.get(name) is not None and figures.get(low) is not None
    ])  # fmt: skip


def sources(files: Sequence[str], align: str) -> str:
    """Where the rates of `rates` come from."""
    by = f"by {' and '.join(files)}, aligned by {align}" if files else "which needs its two calibration files"
    return (
        f"Length-controlled: AlpacaEval's own fit (Dubois et al. 2024), {by}. Length-adjusted and length-matched: "
        "Winnow's, from these answers alone. 95 % intervals."
    )
