from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from backend.report.bradley_terry import TOLERANCE, connected, fit, gradient, log_likelihood


def played(chance: np.random.Generator, models: int, games: int, spread: float = 1.0) -> np.ndarray:
    """A random table of wins, a tenth of them ties, between models of random strength: float64[models, models]."""
    strengths = chance.normal(0, spread, models)
    one = chance.integers(models, size=games)
    other = (one + chance.integers(1, models, size=games)) % models
    points = (chance.random(games) < 1 / (1 + np.exp(strengths[other] - strengths[one]))).astype(float)
    points[chance.random(games) < 0.1] = 0.5
    wins = np.zeros((models, models))
    np.add.at(wins, (one, other), points)
    np.add.at(wins, (other, one), 1 - points)
    return wins


def test_two_models_by_hand() -> None:
    """Three wins of four are odds of 3: the strengths are ln 3 apart."""
    (found,) = fit(np.array([[[0.0, 3.0], [1.0, 0.0]]]))
    assert found[0] - found[1] == pytest.approx(math.log(3))
    assert log_likelihood(np.array([[[0.0, 3.0], [1.0, 0.0]]]), found[None])[0] == pytest.approx(
        3 * math.log(3 / 4) + math.log(1 / 4)
    )


def test_a_circle_makes_all_equal() -> None:
    circle = np.array([[[0.0, 2, 0], [0, 0, 2], [2, 0, 0]]])
    assert np.ptp(fit(circle, np.array([3.0, -1, 0]))) < 1e-6


def test_every_draw_reaches_its_maximum_from_any_start() -> None:
    chance = np.random.default_rng(0)
    wins = np.stack([played(chance, 12, 600, spread) for spread in (0.1, 1, 1, 2, 4)])
    cold, warm = fit(wins), fit(wins, chance.normal(0, 3, 12))
    assert np.linalg.norm(gradient(wins, cold), axis=1).max() < TOLERANCE
    assert log_likelihood(wins, warm) == pytest.approx(log_likelihood(wins, cold))
    for _ in range(20):
        assert (log_likelihood(wins, cold + chance.normal(0, 0.01, cold.shape)) < log_likelihood(wins, cold)).all()


def test_the_official_logistic_regression_finds_the_same() -> None:
    """Arena-Hard codes each battle as ±ln 10 and doubles it, a tie being one win each way."""
    wins = played(np.random.default_rng(1), 6, 2000)
    rows, won, weight = [], [], []
    for i, j in zip(*np.nonzero(wins), strict=True):
        rows.append(math.log(10) * (np.eye(6)[i] - np.eye(6)[j]))
        won.append(1)
        weight.append(wins[i, j])
    peer = LogisticRegression(fit_intercept=False, C=np.inf, tol=1e-10, max_iter=10_000)
    mirrored = np.array([*rows, *(-np.array(rows))])
    peer.fit(mirrored, [1] * len(won) + [0] * len(won), sample_weight=weight * 2)
    theirs = peer.coef_[0] * math.log(10)
    (ours,) = fit(wins[None])
    assert ours - ours[0] == pytest.approx(theirs - theirs[0], abs=1e-4)


def test_a_model_that_always_loses_is_far_below_and_moves_no_other() -> None:
    wins = played(np.random.default_rng(2), 5, 400)
    with_loser = np.zeros((6, 6))
    with_loser[:5, :5] = wins
    with_loser[:5, 5] = 10
    (found,), (before,) = fit(with_loser[None]), fit(wins[None])
    assert found[5] < found[:5].min() - 10
    assert found[1:5] - found[0] == pytest.approx(before[1:] - before[0], abs=1e-6)


def test_chains_of_battles_connect() -> None:
    """0–1–2 is a chain; 3–4 is another; in the second table all models met nobody."""
    wins = np.zeros((2, 5, 5))
    wins[0, 0, 1] = wins[0, 2, 1] = wins[0, 4, 3] = 1
    assert connected(wins, 2).tolist() == [[True, True, True, False, False], [False, False, True, False, False]]
    assert np.isfinite(fit(wins)).all()
