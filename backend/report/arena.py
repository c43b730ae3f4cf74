"""Arena-Hard's leaderboard: Bradley–Terry win probabilities against the baseline, with bootstrap intervals.

Where every battle is against the baseline the maximum likelihood is the mean score itself (`logit` and σ cancel), so
the official refitting loop is not needed; any other pairing is fitted by `bradley_terry`. Resampling needs only counts:
a draw of rows is a multinomial draw over the different outcomes, a draw of questions one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.special import expit

from ..errors import BadSpec, nearest
from . import bradley_terry
from .arena_files import Battles

Resample = Literal["rows", "questions"]
LEVEL = 0.95
_AT_ONCE = 4_000_000  # numbers held at a time while resampling


class Drawing(TypedDict, total=False):
    """How the interval is drawn: the keyword arguments of `leaderboard`."""

    rounds: int
    resample: Resample
    seed: int
    level: float


@dataclass(frozen=True)
class Standing:
    """A model's win probability against the baseline, in percent, with its interval; None without a battle.

    `n` battles (strong labels as often as they weigh) and `n_null` games without a verdict.
    """

    model: str
    score: float | None
    lower: float | None
    upper: float | None
    n: int
    n_null: int


@dataclass(frozen=True)
class Outcomes:
    """The different (first, second, points) of the battles, C of them, with how often each came: int64[C]."""

    first: np.ndarray
    second: np.ndarray
    points: np.ndarray
    counts: np.ndarray
    of_row: np.ndarray  # int64[n]: the outcome of each battle row


def leaderboard(
    battles: Battles,
    baseline: str,
    *,
    rounds: int = 100,
    resample: Resample = "questions",
    seed: int = 0,
    level: float = LEVEL,
) -> list[Standing]:
    """Every model's standing, best first. The baseline is 50 by definition.

    `rows` draws battle rows, as the official tools do: three copies of a strong verdict and the two games of a question
    then count as independent. `questions` draws questions with all their battles, for all models together.
    """
    if baseline not in battles.models:
        raise BadSpec(f"no battle of the baseline {baseline!r}; {nearest(baseline, battles.models)[:150]}")
    anchor = battles.models.index(baseline)
    seen = outcomes(battles)
    start = scores(seen, seen.counts[None], len(battles.models), anchor)
    draws = [start[:0]]
    if len(battles.points):
        draws += [
            scores(seen, drawn, len(battles.models), anchor) for drawn in _draws(battles, seen, rounds, resample, seed)
        ]
    return standings(battles, anchor, start[0], np.concatenate(draws), level)


def outcomes(battles: Battles) -> Outcomes:
    """The battles counted by models and result, the model with the lower number first."""
    size = len(battles.models)
    turned = battles.first > battles.second
    low, high = np.where(turned, (battles.second, battles.first), (battles.first, battles.second))
    points = np.where(turned, 1 - battles.points, battles.points)
    code = (low * size + high) * 3 + (2 * points).astype(np.int64)
    counts = np.bincount(code, battles.weight, minlength=3 * size * size).astype(np.int64)
    there = np.flatnonzero(counts)
    number = np.zeros(len(counts), np.int64)
    number[there] = np.arange(len(there))
    pair, halves = np.divmod(there, 3)
    return Outcomes(pair // size, pair % size, halves / 2, counts[there], number[code])


def scores(seen: Outcomes, counts: np.ndarray, models: int, anchor: int) -> np.ndarray:
    """Win probabilities against the anchor in percent, NaN where no chain of battles leads to it: float64[R, models].

    `counts`: int64[R, C], how often each outcome was drawn.
    """
    if np.all((seen.first == anchor) | (seen.second == anchor)):
        return _against_anchor(seen, counts, models, anchor)
    wins = _wins(seen, counts, models)
    start = bradley_terry.fit(_wins(seen, seen.counts[None], models))[0]
    strengths = bradley_terry.fit(wins, start)
    strengths[~bradley_terry.connected(wins, anchor)] = np.nan
    return np.asarray(100 * expit(strengths - strengths[:, [anchor]]))


def against(first: np.ndarray, second: np.ndarray, points: np.ndarray, anchor: int) -> tuple[np.ndarray, np.ndarray]:
    """The model that meets the anchor in each battle, and its points."""
    turned = first == anchor
    return np.where(turned, second, first), np.where(turned, 1 - points, points)


def standings(battles: Battles, anchor: int, score: np.ndarray, draws: np.ndarray, level: float) -> list[Standing]:
    """The table from the scores (float64[models]) and their draws (float64[R, models]), best first."""
    figures = np.full((len(score), 3), np.nan)  # score, lower, upper
    figures[:, 0] = score
    drawn = np.isfinite(draws).any(0)
    if drawn.any():
        figures[drawn, 1:] = np.nanquantile(draws[:, drawn], [(1 - level) / 2, (1 + level) / 2], axis=0).T
    figures[anchor] = 50
    both = np.concatenate([battles.first, battles.second])
    fought = np.bincount(both, np.tile(battles.weight, 2), len(score))
    rows = []
    for model, row, n, nulls in zip(battles.models, figures, fought, battles.nulls, strict=True):
        middle, lower, upper = map(_known, row)
        rows.append(Standing(model, middle, lower, upper, int(n), int(nulls)))
    return sorted(rows, key=lambda row: -math.inf if row.score is None else row.score, reverse=True)


def _draws(battles: Battles, seen: Outcomes, rounds: int, resample: Resample, seed: int) -> Iterator[np.ndarray]:
    """How often each outcome is drawn, a few rounds at a time: int64[some rounds, C]."""
    chance = np.random.default_rng(seed)
    questions, outcomes, total = len(battles.questions), len(seen.counts), int(seen.counts.sum())
    by_question = coo_array((battles.weight, (seen.of_row, battles.question)), (outcomes, questions))
    at_once = max(1, _AT_ONCE // max(questions, outcomes, len(battles.models) ** 2))
    for few in (min(at_once, rounds - begin) for begin in range(0, rounds, at_once)):
        if resample == "rows":
            yield chance.multinomial(total, seen.counts / total, few)
        else:
            yield (by_question @ chance.multinomial(questions, np.full(questions, 1 / questions), few).T).T


def _against_anchor(seen: Outcomes, counts: np.ndarray, models: int, anchor: int) -> np.ndarray:
    """The mean score of each model: the maximum likelihood where all battles are against the anchor."""
    model, points = against(seen.first, seen.second, seen.points, anchor)
    to_model = csr_array((np.ones(len(model)), (np.arange(len(model)), model)), (len(model), models))
    with np.errstate(invalid="ignore"):
        found = np.asarray(100 * ((counts * points) @ to_model) / (counts @ to_model))
    found[:, anchor] = 50
    return found


def _wins(seen: Outcomes, counts: np.ndarray, models: int) -> np.ndarray:
    """Tables of wins, ties as halves: float64[R, models, models]."""
    number = np.arange(len(seen.points))
    cell = np.concatenate([seen.first * models + seen.second, seen.second * models + seen.first])
    share = np.concatenate([seen.points, 1 - seen.points])
    spread = csr_array((share, (np.tile(number, 2), cell)), (len(number), models * models))
    return np.asarray(counts @ spread).reshape(len(counts), models, models)


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else float(figure)
