"""Bradley–Terry strengths by maximum likelihood, for many resampled tables of wins at once.

P(i beats j) = σ(θ_i − θ_j) (Bradley and Terry 1952; ties count half a win each way). Only the K × K table of wins
matters, so a million battles and a hundred bootstrap draws are a hundred small Newton problems. The unit is the natural
logit; Elo points are θ · 400 / ln 10.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from ..errors import BadData

TOLERANCE = 1e-6  # Euclidean norm of the log-likelihood's gradient, in battles
MAX_STEPS = 200
_RIDGE = 1e-10  # of a step's equations, not of the likelihood: strengths have no origin, so the matrix is singular


def fit(wins: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """The strengths θ that make the tables of wins most likely: float64[R, K] from float64[R, K, K].

    `wins[r, i, j]` is how often i beat j, ties as halves; its diagonal is 0. θ has no origin: only differences between
    models that a chain of battles connects mean something. Where a model won or lost everything its strength has no
    finite maximum; it ends where the gradient's norm is below 1e-6. `start` (float64[K]) saves steps, nothing more.
    """
    strengths = np.zeros(wins.shape[:2]) if start is None else np.tile(start, (len(wins), 1))
    games = wins + wins.swapaxes(1, 2)
    live = np.arange(len(wins))
    for _ in range(MAX_STEPS):
        chance = _chances(strengths[live])
        slope = (wins[live] - games[live] * chance).sum(2)
        steep = np.linalg.norm(slope, axis=1) >= TOLERANCE
        live, chance, slope = live[steep], chance[steep], slope[steep]
        if not len(live):
            return strengths
        strengths[live] += _step(games[live], chance, slope)
    raise BadData(f"the Bradley–Terry fit did not settle in {MAX_STEPS} steps; look at the battles for absurd counts.")


def gradient(wins: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """The log-likelihood's gradient at the strengths: float64[R, K]."""
    return np.asarray((wins - (wins + wins.swapaxes(1, 2)) * _chances(strengths)).sum(2))


def log_likelihood(wins: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Σ wins[i, j] · log P(i beats j), in nats: float64[R]."""
    apart = strengths[:, :, None] - strengths[:, None, :]
    return np.asarray(-(wins * np.logaddexp(0, -apart)).sum((1, 2)))


def connected(wins: np.ndarray, anchor: int) -> np.ndarray:
    """Which models a chain of battles joins to the anchor: bool[R, K]. All others cannot be compared with it."""
    labels = np.stack([connected_components(table, directed=False)[1] for table in wins])
    return np.asarray(labels == labels[:, [anchor]])


def _chances(strengths: np.ndarray) -> np.ndarray:
    return np.asarray(expit(strengths[:, :, None] - strengths[:, None, :]))


def _step(games: np.ndarray, chance: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """A Newton step, shortened so that no logit of a battle moves by more than 1: then the likelihood of a logistic
    model cannot fall (Bach 2010, "Self-concordant analysis for logistic regression", proposition 1).
    """
    curve = games * chance * (1 - chance)
    degree = curve.sum(2)
    diagonal = np.where(degree > 0, degree * (1 + _RIDGE), 1.0)
    step = np.linalg.solve(np.einsum("rk,kl->rkl", diagonal, np.eye(slope.shape[1])) - curve, slope[:, :, None])[
        :, :, 0
    ]
    move = np.abs(step[:, :, None] - step[:, None, :]) * (games > 0)
    return np.asarray(step / np.maximum(move.max((1, 2)), 1)[:, None])
