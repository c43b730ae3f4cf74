"""Many L1-penalised logistic regressions on the same few features at once: proximal Newton, one batch for all fits.

Lee, Sun and Saunders (2014), algorithm 1; the quadratic model is minimised by coordinate descent (Friedman, Hastie and
Tibshirani 2010, section 2.1). With k features a Newton step is a k × k problem, so that the time goes into a few passes
over the rows, and those are matrix products for all fits together. Where liblinear stops at a tolerance of 1e-4 of the
first gradient, this goes on until no coefficient moves by more than 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-9
STEPS, SWEEPS, HALVINGS = 100, 1000, 40
SUFFICIENT = 1e-4  # the share of the promised decrease that a step has to keep (Armijo)


@dataclass(frozen=True)
class _Point:
    """Where the fits are."""

    coefficients: np.ndarray  # w, float64[fits, features]
    predicted: np.ndarray  # σ(Xw), float64[fits, rows]
    objective: np.ndarray  # float64[fits]

    def take(self, fits: np.ndarray) -> _Point:
        return _Point(self.coefficients[fits], self.predicted[fits], self.objective[fits])

    def put(self, fits: np.ndarray, other: _Point) -> None:
        self.coefficients[fits] = other.coefficients
        self.predicted[fits] = other.predicted
        self.objective[fits] = other.objective


@dataclass(frozen=True)
class _Problem:
    """What the fits minimise."""

    features: np.ndarray  # X, float64[rows, features]
    products: np.ndarray  # xᵢ xᵢᵀ, float64[rows, features²]
    weights: np.ndarray  # s, float64[fits, rows]
    pull: np.ndarray  # Σᵢ sᵢ pᵢ xᵢ: all that the labels do, float64[fits, features]
    penalty: np.ndarray  # λ, float64[fits]

    def take(self, fits: np.ndarray) -> _Problem:
        return _Problem(self.features, self.products, self.weights[fits], self.pull[fits], self.penalty[fits])

    def at(self, coefficients: np.ndarray) -> _Point:
        """In two arrays of fits × rows, as new memory costs more than the arithmetic."""
        odds = coefficients @ self.features.T
        np.exp(np.minimum(odds, 500, out=odds), out=odds)  # beyond, exp would overflow at last, and σ is 1 anyway
        loss = 1 + odds
        predicted = np.divide(odds, loss, out=odds)
        np.log(loss, out=loss)
        objective = np.einsum("fr,fr->f", self.weights, loss) - (self.pull * coefficients).sum(axis=1)
        return _Point(coefficients, predicted, objective + self.penalty * np.abs(coefficients).sum(axis=1))


def fit(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, penalty: np.ndarray,
        start: np.ndarray | None = None) -> np.ndarray:  # fmt: skip
    """The minimisers of Σᵢ sᵢ [log(1 + exp zᵢ) − pᵢ zᵢ] + λ ‖w‖₁ with z = Xw, without an intercept.

    With liblinear's C, λ = 1/C. A soft label p is the same as its row twice: as 1 with weight p, as 0 with 1 − p.

    Args:
        features: X, float64[rows, features]; few features.
        labels: p in 0 to 1, float64[rows].
        weights: s ≥ 0 of each row in each fit, float64[fits, rows].
        penalty: λ > 0 of each fit, float64[fits].
        start: where all fits begin, float64[features]; zeros if None.

    Returns:
        w, float64[fits, features].
    """
    products = (features[:, :, None] * features[:, None, :]).reshape(len(features), -1)
    problem = _Problem(features, products, weights, (weights * labels) @ features, penalty)
    found = np.tile(np.zeros(features.shape[1]) if start is None else start, (len(weights), 1))
    now = problem.at(found.copy())
    live = np.arange(len(weights))
    for _ in range(STEPS):
        step, promised = _direction(problem, now)
        now = _walk(problem, now, step, promised)
        found[live] = now.coefficients
        moving = np.abs(step).max(axis=1) > TOLERANCE
        if not moving.any():
            break
        if not moving.all():  # fits that have arrived cost nothing more
            live, problem, now = live[moving], problem.take(moving), now.take(moving)
    return found


def _direction(problem: _Problem, now: _Point) -> tuple[np.ndarray, np.ndarray]:
    """The step to the minimum of the local quadratic model, and the decrease that it promises (negative)."""
    count = problem.features.shape[1]
    expected = problem.weights * now.predicted
    gradient = expected @ problem.features - problem.pull
    curvature = np.subtract(expected, expected * now.predicted, out=expected)
    hessian = (curvature @ problem.products).reshape(-1, count, count)
    hessian += 1e-12 * np.eye(count)  # for a feature that is 0 wherever a fit has rows
    goal = _quadratic(gradient, hessian, now.coefficients, problem.penalty)
    step = goal - now.coefficients
    longer = np.abs(goal).sum(axis=1) - np.abs(now.coefficients).sum(axis=1)
    return step, (gradient * step).sum(axis=1) + problem.penalty * longer


def _walk(problem: _Problem, now: _Point, step: np.ndarray, promised: np.ndarray) -> _Point:
    """The whole step, halved in those fits whose loss does not fall as it should."""
    new = problem.at(now.coefficients + step)
    allowed = now.objective + SUFFICIENT * promised + 1e-13 * np.abs(now.objective)  # the last: rounding
    for halving in range(1, HALVINGS):
        high = np.flatnonzero(new.objective > allowed)
        if not len(high):
            break
        new.put(high, problem.take(high).at(now.coefficients[high] + 0.5**halving * step[high]))
    return new


def _quadratic(gradient: np.ndarray, hessian: np.ndarray, origin: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """argmin over v of g·(v − w) + ½ (v − w)·H(v − w) + λ ‖v‖₁ for each fit.

    A sweep of coordinate descent finds the signs, one linear system then the minimum among vectors of these signs. The
    sweeps alone converge; the system makes that a matter of two or three.
    """
    linear = gradient - _times(hessian, origin)
    goal = origin
    for _ in range(SWEEPS):
        swept = _sweep(linear, hessian, goal, penalty)
        if np.abs(swept - goal).max() < TOLERANCE / 10:
            break
        goal = _same_signs(linear, hessian, swept, penalty)
    return goal


def _sweep(linear: np.ndarray, hessian: np.ndarray, goal: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Each coordinate in turn at its own minimum: a soft threshold."""
    goal = goal.copy()
    slope = linear + _times(hessian, goal)
    for j in range(goal.shape[1]):
        curve = hessian[:, j, j]
        wanted = goal[:, j] - slope[:, j] / curve
        wanted = wanted - np.clip(wanted, -penalty / curve, penalty / curve)
        slope += hessian[:, j] * (wanted - goal[:, j])[:, None]
        goal[:, j] = wanted
    return goal


def _same_signs(linear: np.ndarray, hessian: np.ndarray, goal: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """The minimum among vectors with the signs and zeros of `goal`; `goal` itself where a sign would change."""
    sign = np.sign(goal)
    held = sign == 0
    system = np.where(held[:, :, None] | held[:, None, :], np.eye(goal.shape[1]), hessian)
    best = np.linalg.solve(system, np.where(held, 0, -linear - penalty[:, None] * sign)[:, :, None])[:, :, 0]
    return np.where((np.sign(best) == sign).all(axis=1, keepdims=True), best, goal)


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices @ vectors[:, :, None])[:, :, 0]
