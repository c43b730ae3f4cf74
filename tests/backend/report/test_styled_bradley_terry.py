from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from backend.report.bradley_terry import TOLERANCE
from backend.report.styled_bradley_terry import fit, gradient, log_likelihood

Table = tuple[np.ndarray, np.ndarray, np.ndarray]


def played(seed: int = 0, models: int = 5, rounds: int = 4, questions: int = 40, styles: int = 3) -> Table:
    """Random battles whose result depends on the styles; a third of the questions have none."""
    chance = np.random.default_rng(seed)
    style = chance.normal(size=(models, questions, styles))
    logit = chance.normal(size=(models, 1)) + style @ np.array([0.8, -0.4, 0.1])
    battles = chance.integers(0, 3, (models, rounds, questions)) * 2.0
    points = chance.binomial(battles.astype(int), 1 / (1 + np.exp(-logit[:, None]))).astype(float)
    return points, battles, style


def test_every_draw_reaches_its_maximum() -> None:
    table = played()
    found = fit(*table)
    assert np.linalg.norm(gradient(*table, *found), axis=1).max() < TOLERANCE
    best = log_likelihood(*table, *found)
    chance = np.random.default_rng(1)
    for _ in range(20):
        moved = [part + chance.normal(0, 0.01, part.shape) for part in found]
        assert (log_likelihood(*table, *moved) < best).all()


def test_dense_rows_and_a_general_optimiser_find_the_same() -> None:
    points, battles, style = played(rounds=1)
    k, q = np.nonzero(battles[:, 0])
    design = np.concatenate([np.eye(5)[k], style[k, q]], axis=1)
    won, all_ = points[k, 0, q], battles[k, 0, q]
    peer = minimize(lambda x: (all_ * np.logaddexp(0, design @ x) - won * (design @ x)).sum(), np.zeros(8), tol=1e-10)
    assert np.concatenate([part[0] for part in fit(points, battles, style)]) == pytest.approx(peer.x, abs=1e-4)


def test_without_styles_the_strength_is_the_logit_of_the_mean() -> None:
    points, battles, style = played()
    strengths, effects = fit(points, battles, np.zeros_like(style))
    mean = (points.sum(2) / battles.sum(2)).T
    assert strengths == pytest.approx(np.log(mean / (1 - mean)), abs=1e-6)
    assert effects == pytest.approx(np.zeros((4, 3)))


def test_a_start_saves_steps_and_changes_nothing() -> None:
    table = played(2)
    cold, warm = fit(*table), fit(*table, (np.full(5, 2.0), np.full(3, -1.0)))
    assert warm[0] == pytest.approx(cold[0], abs=1e-6) and warm[1] == pytest.approx(cold[1], abs=1e-6)


def test_styles_that_tell_all_wins_from_all_losses_have_no_maximum() -> None:
    """Longer by 0.001 or by 1 wins, shorter loses: the likelihood grows for ever. The other draw has its maximum."""
    style = np.array([0.001, 1, -0.001, -1])[None, :, None]
    points = np.array([[[1.0, 1, 0, 0], [1, 0, 1, 0]]])
    strengths, effects = fit(points, np.ones((1, 2, 4)), style)
    assert np.isnan(strengths[0]).all() and np.isnan(effects[0]).all()
    assert np.isfinite(strengths[1]).all() and np.isfinite(effects[1]).all()


def test_a_model_that_never_wins_and_one_that_never_fights_disturb_nobody() -> None:
    points, battles, style = played(3)
    points[0] = 0
    battles[1] = points[1] = 0
    strengths, effects = fit(points, battles, style)
    rest, alone = fit(points[2:], battles[2:], style[2:])
    assert (strengths[:, 0] < -10).all() and (strengths[:, 1] == 0).all()
    assert strengths[:, 2:] == pytest.approx(rest, abs=1e-5) and effects == pytest.approx(alone, abs=1e-5)
