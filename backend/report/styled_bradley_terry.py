"""Bradley–Terry against one baseline with style effects shared by all models, for many resampled tables at once.

logit P(model wins on a question) = θ_model + β · z, θ the strength over the baseline's and z the contrast of the two
answers' styles. All battles of a model on a question share their z, so that only their number and points matter. The
Hessian is diagonal but for the few styles: a Newton step costs one pass over the table and an F × F system (the Schur
complement of the diagonal block).
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .bradley_terry import MAX_STEPS, TOLERANCE


def fit(
    points: np.ndarray, battles: np.ndarray, style: np.ndarray, start: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Strengths over the baseline and style effects of maximum likelihood: float64[R, K], float64[R, F].

    `points`, `battles`: float64[K, R, Q], the points and the number of battles of each model on each question in each
    draw; `style`: float64[K, Q, F], 0 where there is no battle. The gradient's norm ends below 1e-6. A draw
    that does not get there in 200 steps, because the styles tell all wins from all losses, has no maximum and is NaN.
    """
    rounds, styles = battles.shape[1], style.shape[2]
    theta, beta = start or (np.zeros(len(battles)), np.zeros(styles))
    strengths, effects = np.tile(theta, (rounds, 1)), np.tile(beta, (rounds, 1))
    terms = _terms(style)
    live, logit = np.arange(rounds), _logits(strengths, effects, style)
    for _ in range(MAX_STEPS):
        slope, chance = _slope(points, battles, logit, terms[:, :, : 1 + styles])
        steep = np.sqrt((slope[:, :, 0] ** 2).sum(0) + (slope[:, :, 1:].sum(0) ** 2).sum(1)) >= TOLERANCE
        if not steep.any():
            return strengths, effects
        if not steep.all():
            live, slope = live[steep], slope[:, steep]
            points, battles, logit, chance = (part[:, steep] for part in (points, battles, logit, chance))
        d_theta, d_beta = _direction(slope, (battles * chance * (1 - chance)) @ terms)
        move = _logits(d_theta, d_beta, style)
        part = 1 / np.maximum(np.abs(move).max((0, 2)), 1)  # see bradley_terry: the likelihood cannot fall
        logit = logit + move * part[None, :, None]
        strengths[live] += d_theta * part[:, None]
        effects[live] += d_beta * part[:, None]
    strengths[live] = effects[live] = np.nan
    return strengths, effects


def log_likelihood(
    points: np.ndarray, battles: np.ndarray, style: np.ndarray, strengths: np.ndarray, effects: np.ndarray
) -> np.ndarray:
    """Of each draw, in nats: float64[R]."""
    logit = _logits(strengths, effects, style)
    return np.asarray((points * logit - battles * np.logaddexp(0, logit)).sum((0, 2)))


def gradient(
    points: np.ndarray, battles: np.ndarray, style: np.ndarray, strengths: np.ndarray, effects: np.ndarray
) -> np.ndarray:
    """The log-likelihood's gradient in (strengths, effects): float64[R, K + F]."""
    terms = _terms(style)[:, :, : 1 + style.shape[2]]
    slope, _ = _slope(points, battles, _logits(strengths, effects, style), terms)
    return np.concatenate([slope[:, :, 0].T, slope[:, :, 1:].sum(0)], axis=1)


def _terms(style: np.ndarray) -> np.ndarray:
    """1, the styles and their products, for sums over questions: float64[K, Q, 1 + F + F²]."""
    products = np.einsum("kqf,kqg->kqfg", style, style).reshape(*style.shape[:2], -1)
    return np.concatenate([np.ones((*style.shape[:2], 1)), style, products], axis=2)


def _logits(strengths: np.ndarray, effects: np.ndarray, style: np.ndarray) -> np.ndarray:
    return np.asarray(strengths.T[:, :, None] + effects[None] @ style.swapaxes(1, 2))


def _slope(
    points: np.ndarray, battles: np.ndarray, logit: np.ndarray, terms: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums over questions of points − expected points, times 1 and each style (float64[K, R, 1 + F]); the chances."""
    chance = expit(logit)
    return (points - battles * chance) @ terms, chance


def _direction(slope: np.ndarray, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The Newton step of the strengths [R, K] and the effects [R, F], by the Schur complement of the diagonal block."""
    styles = slope.shape[2] - 1
    own, cross = np.where(curve[:, :, 0] > 0, curve[:, :, 0], 1.0), curve[:, :, 1 : 1 + styles]
    among = curve[:, :, 1 + styles :].sum(0).reshape(-1, styles, styles)
    share = cross / own[:, :, None]
    schur = among - np.einsum("krf,krg->rfg", share, cross)
    rest = slope[:, :, 1:].sum(0) - np.einsum("krf,kr->rf", share, slope[:, :, 0])
    d_beta = np.einsum("rfg,rg->rf", np.linalg.pinv(schur, rcond=1e-12, hermitian=True), rest)
    d_theta = (slope[:, :, 0] - np.einsum("krf,rf->kr", cross, d_beta)) / own
    return d_theta.T, d_beta
