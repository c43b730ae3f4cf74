"""AlpacaEval's length-controlled win rate: what it would be if every answer were as long as the baseline's.

Dubois, Galambosi, Liang and Hashimoto (2024, arXiv 2404.04475), section 3, as alpaca_eval 0.6 computes it
(`metrics/glm_winrate.py`, `length_controlled_v1`). Per model: logit P(model wins) = w_length t + w_difficulty d +
w_model, with t = tanh((length of the baseline's answer − of the model's) / sd) and d the question's difficulty. 2 × 805
rows of a verbose and a concise variant of the baseline hold w_length and w_difficulty: they count a tenth, and have no
w_model. L1 penalty; C of ten by cross-validation in five folds. The rate is the mean prediction at t = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ..errors import BadData
from .estimate import LEVEL
from .l1_logistic import fit

STRENGTHS = np.logspace(-4, 4, 10)  # C of scikit-learn's LogisticRegressionCV
FOLDS = 5
GAMED_WEIGHT = 0.2 / 2  # regularize_to_baseline_lambda, shared by two variants
BATCH = 50  # fits at a time: their rows stay in the cache


@dataclass(frozen=True)
class Calibration:
    """The two files of the fit.

    `difficulty`: float64[questions] in the benchmark's order. Of the verbose and concise variants, float64[rows] each:
    `lengths` (length difference in standard deviations, before tanh), `difficulties`, and `preferences` (0–1).
    """

    difficulty: np.ndarray
    lengths: np.ndarray
    difficulties: np.ndarray
    preferences: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """One model's rows, float64[n] each.

    `preferences` (0–1, how far the model is preferred; NaN: not readable), `longer` (by how many characters the
    baseline's answer is longer than the model's) and `difficulties`.
    """

    preferences: np.ndarray
    longer: np.ndarray
    difficulties: np.ndarray


@dataclass(frozen=True)
class Controlled:
    """The fitted model: w of (length, difficulty, model), the chosen C, and P(model wins) of each row at t = 0."""

    coefficients: np.ndarray  # float64[3]
    strength: float
    predictions: np.ndarray  # float64[n]

    @property
    def win_rate(self) -> float:
        """In percent."""
        return float(100 * self.predictions.mean())

    @property
    def standard_error(self) -> float:
        """In percentage points, as alpaca_eval defines it: sd / √n of the predictions. NaN for one row.

        It says how the questions differ, not how uncertain the fit is; `interval` says that.
        """
        count = len(self.predictions)
        return float(100 * self.predictions.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")


@dataclass(frozen=True)
class _Rows:
    """All rows of a fit: those of the variants first, then the readable ones of the model."""

    features: np.ndarray  # float64[rows, 3]
    labels: np.ndarray  # float64[rows]
    weights: np.ndarray  # float64[rows]


def length_controlled(of: Comparison, calibration: Calibration) -> Controlled:
    """The official fit. Unreadable rows are left out of it, but predicted, and part of the sd, as officially.

    Raises:
        BadData: there is no readable row, or the length difference is the same everywhere.
    """
    rows = _rows(of, calibration)
    start = fit(rows.features, rows.labels, rows.weights[None], 1 / STRENGTHS[-1:])[0]
    strength, near = _cross_validated(rows, start)
    coefficients = fit(rows.features, rows.labels, rows.weights[None], np.array([1 / strength]), near)[0]
    return Controlled(coefficients, strength, _at_equal_length(coefficients, of.difficulties))


def interval(
    of: Comparison, calibration: Calibration, fitted: Controlled, *, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval over questions, in percent.

    A resample is a vector of multinomial weights on the model's questions, for the fit and for the mean. The variants'
    rows, the sd of the lengths and C stay as they are.
    """
    rows, count = _rows(of, calibration), len(of.preferences)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), resamples).astype(np.float64)
    readable = np.isfinite(of.preferences)
    means = []
    for some in np.split(drawn, range(BATCH, resamples, BATCH)):
        weights = np.tile(rows.weights, (len(some), 1))
        weights[:, len(calibration.lengths) :] = some[:, readable]
        penalty = np.full(len(some), 1 / fitted.strength)
        found = fit(rows.features, rows.labels, weights, penalty, fitted.coefficients)
        means.append((some * _at_equal_length(found, of.difficulties)).mean(axis=1))
    low, high = 100 * np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _rows(of: Comparison, calibration: Calibration) -> _Rows:
    readable = np.isfinite(of.preferences)
    if not readable.any():
        raise BadData("no verdict can be read")
    spread = of.longer.std(ddof=1) if len(of.longer) > 1 else 0.0
    if not spread > 0:
        raise BadData("the difference in length to the baseline's answer is the same in every row")
    own = np.column_stack([np.tanh(of.longer / spread), of.difficulties, np.ones(len(of.longer))])
    gamed = np.tanh(calibration.lengths)
    variants = np.column_stack([gamed, calibration.difficulties, np.zeros(len(gamed))])
    return _Rows(
        features=np.concatenate([variants, own[readable]]),
        labels=np.concatenate([calibration.preferences, of.preferences[readable]]),
        weights=np.concatenate([np.full(len(variants), GAMED_WEIGHT), np.ones(int(readable.sum()))]),
    )


def _cross_validated(rows: _Rows, start: np.ndarray) -> tuple[float, np.ndarray]:
    """C with the smallest mean weighted log loss on held-out folds, and the mean of its folds' coefficients."""
    held_out = _folds(len(rows.labels)) == np.arange(FOLDS)[:, None]
    weights = np.repeat(np.where(held_out, 0, rows.weights), len(STRENGTHS), axis=0)
    found = fit(rows.features, rows.labels, weights, np.tile(1 / STRENGTHS, FOLDS), start)
    found = found.reshape(FOLDS, len(STRENGTHS), -1)
    scores = [_score(rows, fold, coefficients) for fold, coefficients in zip(held_out, found, strict=True)]
    best = int(np.argmax(np.mean(scores, axis=0)))
    return float(STRENGTHS[best]), found[:, best].mean(axis=0)


def _folds(count: int) -> np.ndarray:
    """The fold of each row: GroupKFold, where all groups are of one size, deals them out from the last to the first."""
    return np.arange(count)[::-1] % FOLDS


def _score(rows: _Rows, held_out: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Minus the weighted log loss, divided by the number of rows: float64[strengths]."""
    z = coefficients @ rows.features[held_out].T
    loss = np.logaddexp(0, z) - rows.labels[held_out] * z
    return np.asarray(-(rows.weights[held_out] * loss).mean(axis=1))


def _at_equal_length(coefficients: np.ndarray, difficulties: np.ndarray) -> np.ndarray:
    return np.asarray(expit(coefficients[..., 1, None] * difficulties + coefficients[..., 2, None]))
