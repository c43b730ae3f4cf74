"""AlpacaEval: verdicts on a model's answers against a baseline's → win rates as the official tool prints them.

Li et al. (2023), alpaca_eval 0.6 (`metrics/helpers.py`, `metrics/winrate.py`). Preferences are stored as 1 (baseline)
to 2 (model), 1.5 is a draw; p = preference − 1. All rates are in percent. The official tool drops unreadable verdicts
without a word: here they are counted, and every row has `notes`, what a reader should know before believing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import BadData
from .cautions import SAME_ANSWER
from .length_adjusted import AtEqualLength, at_equal_length
from .length_control import Calibration, Comparison, interval, length_controlled
from .verdicts import with_lengths

Texts = tuple[str | None, ...]


@dataclass(frozen=True)
class Annotations:
    """The verdicts on one model against one baseline in one file, in the file's order; None where it has no text."""

    model: str
    baseline: str | None
    file: str
    preferences: np.ndarray  # 1 to 2, NaN for null: float64[n]
    instructions: Texts
    baseline_outputs: Texts
    outputs: Texts


@dataclass(frozen=True)
class Questions:
    """What length control needs beside the verdicts.

    `order`: the benchmark's instructions in their order, None where unknown. `by_position`: a model's i-th row is taken
    for the i-th question, as the official tool does; else rows are matched by their instruction.
    """

    calibration: Calibration
    order: Texts | None
    by_position: bool = False


def win_rates(preferences: np.ndarray) -> dict[str, float | int | None]:
    """Counts and rates of preferences of 1 to 2, NaN for null; a rate is None where there are too few rows for it."""
    p = np.sort(preferences[np.isfinite(preferences)]) - 1
    n, wins, draws = len(p), int((p > 0.5).sum()), int((p == 0.5).sum())
    return {
        "win_rate": 100 * float(p.mean()) if n else None,
        "standard_error": 100 * float(p.std(ddof=1) / np.sqrt(n)) if n > 1 else None,
        "n_wins": wins,
        "n_wins_base": n - wins - draws,
        "n_draws": draws,
        "n_total": n,
        "n_failed": len(preferences) - n,
        "discrete_win_rate": 100 * (wins + draws / 2) / n if n else None,
    }


def benchmark_order(every: Sequence[Annotations], questions: int) -> Texts | None:
    """The order of those that have every question, each once; None where there are none or they disagree."""
    complete = {a.instructions for a in every if len(set(a.instructions) - {None}) == len(a.instructions) == questions}
    return complete.pop() if len(complete) == 1 else None


def summaries(every: Sequence[Annotations], questions: Questions | None, *, resamples: int = 0) -> list[dict[str, Any]]:
    """A row for each of `every`, in their order.

    The length-controlled figures are None where they cannot be had, and a note says why. lc_lower and lc_upper, the
    95 % bootstrap interval over questions, are None without `resamples` as well.
    """
    files = Counter(of.model for of in every)
    return [_summary(of, questions, resamples, files[of.model] > 1) for of in every]


def _summary(of: Annotations, questions: Questions | None, resamples: int, has_namesake: bool) -> dict[str, Any]:
    rates, notes = win_rates(of.preferences), [*_cautions(of, has_namesake)]
    control, why = controlled(of, questions, resamples)
    row = {"model": of.model, **rates, "avg_length": _average_length(of), **control, "notes": [*notes, *why]}
    return row | _at_equal_length(of)


def controlled(of: Annotations, questions: Questions | None, resamples: int = 0) -> tuple[dict[str, Any], list[str]]:
    """The length-controlled figures of a row of `summaries`, and what to know of them."""
    figures = dict.fromkeys(("length_controlled_winrate", "lc_standard_error", "lc_lower", "lc_upper", "coefficients"))
    try:
        found = _control(of, questions, resamples)
        raw = win_rates(of.preferences)["win_rate"]
        return figures | found, [*_cautions_on_control(of, questions, raw, found["length_controlled_winrate"])]
    except BadData as error:
        return figures, [f"No length-controlled win rate: {error}."]


def _at_equal_length(of: Annotations) -> dict[str, Any]:
    """What needs no calibration files, in percent; the rows of one instruction are one prompt."""
    try:
        theirs, ours = _lengths(of)
    except BadData as error:
        found = AtEqualLength(0, 0, notes=[f"No length-adjusted or length-matched win rate: {error}."])
    else:
        rows = with_lengths(pd.DataFrame({"asked": of.instructions, "preference": of.preferences - 1}), ours, theirs)
        rows = rows[np.isfinite(rows["preference"])]
        found = at_equal_length([rows.assign(prompt_id=_numbered(rows))])
    rates = {f"length_{name}": rate for name, rate in (("adjusted", found.adjusted), ("matched", found.matched))}
    return {
        f"{name}_{key}": rate and 100 * getattr(rate, part)
        for name, rate in rates.items()
        for key, part in (("winrate", "value"), ("lower", "low"), ("upper", "high"))
    } | {"length_matched_n": found.near, "length_notes": found.notes}


def _numbered(rows: pd.DataFrame) -> pd.Series:
    """A number for each instruction, by its text and not by its place; a row without one is a prompt of its own."""
    rows = rows.sort_values(["asked", "relative", "preference"])
    alone = rows["asked"].isna()
    return pd.Series(rows["asked"].where(~alone, alone.cumsum()).factorize()[0], rows.index)


def _control(of: Annotations, questions: Questions | None, resamples: int) -> dict[str, Any]:
    if questions is None:
        raise BadData("it needs the two calibration files (--difficulty and --gamed)")
    names = ("length", "difficulty", "model")
    if of.model == of.baseline:  # 50 by construction, not by a fit
        bounds = dict.fromkeys(("lc_lower", "lc_upper"), 50.0 if resamples else None)
        zeros = dict.fromkeys(names, 0.0)
        return {"length_controlled_winrate": 50.0, "lc_standard_error": 0.0, **bounds, "coefficients": zeros}
    place, (theirs, ours) = _places(of, questions), _lengths(of)
    # In the benchmark's order, so that the file's order changes no fold.
    rows = np.lexsort((of.preferences, theirs - ours, place))
    difficulties = questions.calibration.difficulty[place]
    comparison = Comparison(of.preferences[rows] - 1, (theirs - ours)[rows], difficulties[rows])
    fitted = length_controlled(comparison, questions.calibration)
    low, high = interval(comparison, questions.calibration, fitted, resamples=resamples) if resamples else (None, None)
    return {
        "length_controlled_winrate": fitted.win_rate,
        "lc_standard_error": fitted.standard_error,
        "lc_lower": low,
        "lc_upper": high,
        "coefficients": dict(zip(names, fitted.coefficients.tolist(), strict=True)),
    }


def _places(of: Annotations, questions: Questions) -> np.ndarray:
    """Which question each row is on, counted in the benchmark's order: int64[n]."""
    rows, known = len(of.instructions), len(questions.calibration.difficulty)
    if questions.by_position:
        if rows > known:
            raise BadData(f"{of.file} has {rows} rows, the difficulty file {known} questions")
        return np.arange(rows)
    if questions.order is None:
        raise BadData(
            "the benchmark's order is not known; give the baseline's outputs (--reference), or a complete annotation "
            "file (where there are several, in one order)"
        )
    place = {text: number for number, text in enumerate(questions.order)}
    if not known == len(place) == len(questions.order):
        raise BadData(f"the benchmark has {len(place)} different instructions, the difficulty file {known} questions")
    strange = [text for text in of.instructions if text not in place]
    if strange:
        raise BadData(
            f"{len(strange)} of {rows} instructions are not the benchmark's, the first: {str(strange[0])[:60]!r}"
        )
    return np.array([place[text] for text in of.instructions])


def _lengths(of: Annotations) -> np.ndarray:
    """Characters of the baseline's answers and of the model's: float64[2, n]."""
    pairs = zip(of.baseline_outputs, of.outputs, strict=True)
    found = [(len(one), len(other)) for one, other in pairs if one is not None and other is not None]
    if len(found) < len(of.outputs):
        raise BadData(f"{len(of.outputs) - len(found)} rows lack output_1 or output_2")
    return np.array(found, np.float64).reshape(-1, 2).T


def _average_length(of: Annotations) -> int | None:
    """Characters, cut to a whole number as on the official leaderboard."""
    lengths = [len(text) for text in of.outputs if text is not None]
    return int(np.mean(lengths)) if lengths else None


def _cautions(of: Annotations, has_namesake: bool) -> Iterator[str]:
    rows, failed = len(of.preferences), int(np.isnan(of.preferences).sum())
    text, often = Counter(of.outputs).most_common(1)[0]
    if text is not None and often > 1 and often >= SAME_ANSWER * rows:
        yield (
            f"{often} of {rows} answers are one and the same text, whatever the question ({text[:40]!r}…): "
            "the judge may have been talked into its verdicts, do not take them for quality."
        )
    if failed:
        won = float(np.nansum(of.preferences - 1))
        low, high = 100 * won / rows, 100 * (won + failed) / rows
        yield (
            f"{failed} of {rows} verdicts are missing and left out; the win rate is {low:.1f} if all of them were "
            f"lost, {high:.1f} if all were won."
        )
    repeated = sum(count - 1 for one, count in Counter(of.instructions).items() if one is not None)
    if repeated:
        yield f"{repeated} rows repeat an instruction; every row counts."
    if has_namesake:
        yield f"Several files or baselines have a model of this name; this row is {of.file} against {of.baseline}."


def _cautions_on_control(of: Annotations, questions: Questions | None, raw: Any, controlled: Any) -> Iterator[str]:
    if questions and questions.by_position and len(of.instructions) < len(questions.calibration.difficulty):
        yield "Rows are missing: by position, some questions have the difficulty of others; align by instruction."
    # The bounds at which alpaca_eval warns (get_is_extreme_changes).
    low, high = min(0.75 * raw, raw - 10), max(raw + 0.25 * (100 - raw), raw + 10)
    if not low <= controlled <= high:
        yield f"Length control moves the win rate from {raw:.1f} to {controlled:.1f}: so far that the fit may be wrong."
