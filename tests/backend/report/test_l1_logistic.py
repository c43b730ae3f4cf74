from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from backend.report.l1_logistic import fit


def one(values: float | list[float], fits: int = 1) -> np.ndarray:
    return np.tile(np.atleast_1d(np.asarray(values, float)), (fits, 1))


def test_a_constant_alone_has_a_closed_form() -> None:
    """Slope 0: 4 σ(w) − 3 + λ sign(w) = 0. λ = 0.2 gives σ(w) = 2.8/4 = 0.7; from λ = 1 on, w = 0."""
    labels = np.array([1, 1, 0.5, 0.5])
    found = fit(np.ones((4, 1)), labels, np.ones((3, 4)), np.array([0.2, 1.0, 5.0]))
    assert found[:, 0] == pytest.approx([logit(0.7), 0, 0], abs=1e-9)


def test_a_weight_of_two_is_the_row_twice_and_of_none_the_row_left_out() -> None:
    chance = np.random.default_rng(0)
    features, labels = chance.normal(size=(20, 3)), chance.uniform(size=20)
    times = np.arange(20) % 3
    weighted = fit(features, labels, times[None].astype(float), np.array([0.5]))
    repeated = fit(np.repeat(features, times, 0), np.repeat(labels, times), np.ones((1, times.sum())), np.array([0.5]))
    assert weighted == pytest.approx(repeated, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-4, 4), st.floats(0, 0.99), st.floats(0.1, 30))
def test_no_small_change_makes_any_fit_better(seed: int, power: float, alike: float, scale: float) -> None:
    """The slope is −λ sign(w) where w is not 0, within ±λ where it is: a convex loss at its minimum."""
    chance = np.random.default_rng(seed)
    features = chance.normal(size=(40, 3)) * [1, scale, 1]
    features[:, 2] = alike * features[:, 0] + (1 - alike) * features[:, 2]
    labels, weights = chance.uniform(size=40).round(1), chance.uniform(size=(4, 40))
    penalty = 10.0**power * np.array([0.1, 1, 3, 10])
    found = fit(features, labels, weights, penalty)
    slopes = (weights * (expit(found @ features.T) - labels)) @ features
    off = np.where(
        found == 0, np.maximum(np.abs(slopes) - penalty[:, None], 0), slopes + penalty[:, None] * np.sign(found)
    )
    assert np.abs(off).max() < 1e-5 * max(1, scale) * max(1.0, penalty.max())


def test_fits_in_a_batch_are_the_fits_alone_wherever_they_begin() -> None:
    chance = np.random.default_rng(1)
    features, labels = chance.normal(size=(50, 3)), chance.uniform(size=50)
    weights, penalty = chance.uniform(size=(6, 50)), np.geomspace(1e-3, 30, 6)
    together = fit(features, labels, weights, penalty, np.array([5.0, -5, 5]))
    alone = [fit(features, labels, weights[[i]], penalty[[i]])[0] for i in range(6)]
    assert together == pytest.approx(np.array(alone), abs=1e-7)


def test_labels_that_a_feature_separates_stay_finite() -> None:
    features = np.array([[-1.0], [-2], [1], [3]])
    found = fit(features, np.array([0.0, 0, 1, 1]), np.ones((1, 4)), np.array([1e-4]))
    slope = (expit(features[:, 0] * found[0, 0]) - [0, 0, 1, 1]) @ features[:, 0]
    assert slope == pytest.approx(-1e-4, abs=1e-10)


def test_a_feature_that_is_zero_wherever_a_fit_has_weight_gets_no_coefficient() -> None:
    features = np.array([[1.0, 0], [1, 0], [1, 5]])
    found = fit(features, np.array([1, 0.5, 1]), np.array([[1.0, 1, 0]]), np.array([0.1]))
    assert found[0] == pytest.approx([logit(0.7), 0])


def test_liblinear_with_a_fine_tolerance_finds_the_same() -> None:
    chance = np.random.default_rng(2)
    features, labels = chance.normal(size=(200, 3)), chance.uniform(size=200)
    for strength in (0.02, 0.3, 50.0):
        peer = LogisticRegression(
            C=strength, l1_ratio=1, solver="liblinear", fit_intercept=False, tol=1e-10, max_iter=10_000
        )
        peer.fit(np.tile(features, (2, 1)), np.repeat([1, 0], 200), sample_weight=np.concatenate([labels, 1 - labels]))
        assert fit(features, labels, np.ones((1, 200)), np.array([1 / strength])) == pytest.approx(peer.coef_, abs=1e-5)
