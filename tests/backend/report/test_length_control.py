from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn import config_context
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold

from backend.errors import BadData
from backend.report import length_control
from backend.report.length_control import Calibration, Comparison, interval, length_controlled


def world(seed: int, questions: int, truth: tuple[float, float, float]) -> tuple[Comparison, Calibration, float]:
    """A model whose verdicts follow the law exactly; the last: its win rate at equal length, in percent."""
    chance = np.random.default_rng(seed)
    w_length, w_difficulty, w_model = truth
    difficulty = chance.normal(size=questions)
    gamed = chance.normal(size=2 * questions) + np.repeat([-1, 1], questions)
    held = np.tile(difficulty, 2)
    longer = chance.normal(-300, 500, questions).round()
    p = expit(w_length * np.tanh(longer / longer.std(ddof=1)) + w_difficulty * difficulty + w_model)
    wins = (chance.uniform(size=questions) < p).astype(float)
    calibration = Calibration(difficulty, gamed, held, expit(w_length * np.tanh(gamed) + w_difficulty * held))
    return Comparison(wins, longer, difficulty), calibration, 100 * expit(w_difficulty * difficulty + w_model).mean()


def test_a_coin_on_questions_of_no_difficulty_by_hand() -> None:
    """With d = 0 and lengths of mean 0 that the judge ignores, 40 rows of p = 0.8 have σ(w) = 0.8 − 1/(40 C)."""
    nothing = np.zeros(2)
    longer = np.tile([-10.0, 10], 20)
    found = length_controlled(
        Comparison(np.full(40, 0.8), longer, np.zeros(40)), Calibration(nothing, nothing, nothing, nothing + 0.5)
    )
    expected = 0.8 - 1 / (40 * found.strength)
    assert found.coefficients == pytest.approx([0, 0, logit(expected)], abs=1e-7)
    assert found.win_rate == pytest.approx(100 * expected)
    assert found.standard_error == pytest.approx(0, abs=1e-9)


def test_the_standard_error_is_that_of_the_predictions() -> None:
    of, calibration, _ = world(0, 60, (-1, 0.5, 0.3))
    found = length_controlled(of, calibration)
    _, difficulty, model = found.coefficients
    predictions = 100 / (1 + np.exp(-(difficulty * of.difficulties + model)))
    assert found.win_rate == pytest.approx(predictions.mean())
    assert found.standard_error == pytest.approx(np.sqrt(((predictions - predictions.mean()) ** 2).sum() / 59 / 60))


@pytest.mark.parametrize("truth", [(-1.5, 0.8, 0.4), (1.0, -0.5, -1.0)])
def test_the_win_rate_at_equal_length_is_found_though_length_sways_the_judge(truth: tuple[float, float, float]) -> None:
    of, calibration, at_equal_length = world(1, 4000, truth)
    found = length_controlled(of, calibration)
    assert abs(100 * of.preferences.mean() - at_equal_length) > 4, "or there is nothing to correct"
    assert found.win_rate == pytest.approx(at_equal_length, abs=2)
    assert found.coefficients == pytest.approx(truth, abs=0.2)


def test_unreadable_rows_are_no_part_of_the_fit_but_are_predicted() -> None:
    of, calibration, _ = world(2, 50, (-1, 0.5, 0.3))
    more = Comparison(np.append(of.preferences, np.nan), np.append(of.longer, 0), np.append(of.difficulties, 9.0))
    found = length_controlled(more, calibration)
    _, difficulty, model = found.coefficients
    assert found.predictions[-1] == pytest.approx(expit(9 * difficulty + model)) and len(found.predictions) == 51


@pytest.mark.parametrize("seed", range(4))
def test_strength_and_coefficients_are_those_of_the_official_call_of_scikit_learn(seed: int) -> None:
    """Features by hand, every row twice, the official scorer and folds; liblinear with a finer tolerance."""
    of, calibration, _ = world(seed, 60, (-1, 0.5, 0.3))
    scaled = of.longer / np.sqrt(((of.longer - of.longer.mean()) ** 2).sum() / 59)
    own = np.stack([np.tanh(scaled), of.difficulties, np.ones(60)], axis=1)
    variants = np.stack([np.tanh(calibration.lengths), calibration.difficulties, np.zeros(120)], axis=1)
    p = np.concatenate([calibration.preferences, of.preferences])
    label, weight = np.concatenate([p, 1 - p]), np.tile([0.1] * 120 + [1.0] * 60, 2)

    def log_loss(outcome: np.ndarray, predicted: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
        soft = np.where(outcome == 1, label, 1 - label)
        return float(-np.mean(weight * (soft * np.log(predicted) + (1 - soft) * np.log(1 - predicted))))

    with config_context(enable_metadata_routing=True):
        scorer = make_scorer(log_loss, response_method="predict_proba", greater_is_better=False)
        peer = LogisticRegressionCV(
            cv=GroupKFold(5), scoring=scorer.set_score_request(label=True, weight=True), l1_ratios=(1,),
            solver="liblinear", fit_intercept=False, tol=1e-9, max_iter=10_000, use_legacy_attributes=False,
        ).set_fit_request(sample_weight=True)  # fmt: skip
        peer.fit(np.tile(np.concatenate([variants, own]), (2, 1)), np.repeat([1, 0], 180), sample_weight=label * weight,
                 label=label, weight=weight, groups=np.tile(np.arange(180), 2))  # fmt: skip
    found = length_controlled(of, calibration)
    assert found.strength == pytest.approx(peer.C_)
    assert found.coefficients == pytest.approx(peer.coef_[0], abs=1e-5)


@pytest.mark.parametrize("count", [5, 7, 2415])
def test_the_folds_are_those_of_scikit_learn(count: int) -> None:
    groups = np.tile(np.arange(count), 2)
    theirs = [np.unique(groups[test]) for _, test in GroupKFold(5).split(groups, groups=groups)]
    ours = length_control._folds(count)
    assert [np.flatnonzero(ours == fold).tolist() for fold in range(5)] == [fold.tolist() for fold in theirs]


def test_lengths_that_differ_by_the_same_everywhere_and_no_verdict_at_all_are_said() -> None:
    of, calibration, _ = world(3, 20, (-1, 0.5, 0.3))
    with pytest.raises(BadData, match="same in every row"):
        length_controlled(Comparison(of.preferences, np.full(20, 7.0), of.difficulties), calibration)
    with pytest.raises(BadData, match="no verdict can be read"):
        length_controlled(Comparison(np.full(20, np.nan), of.longer, of.difficulties), calibration)


def test_the_interval_is_the_same_again_and_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    of, calibration, _ = world(4, 60, (-1, 0.5, 0.3))
    found = length_controlled(of, calibration)
    once = interval(of, calibration, found, resamples=70)
    monkeypatch.setattr(length_control, "BATCH", 33)
    assert interval(of, calibration, found, resamples=70) == pytest.approx(once)
    assert interval(of, calibration, found, resamples=70, seed=1) != pytest.approx(once)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 models on 150 questions each: 95 % intervals must hold the true rate in 90 to 99 %; ± 1.96 of the official
    standard error, which knows no uncertainty of the fit, in less than half."""
    held = official = 0
    for seed in range(200):
        of, calibration, truth = world(seed, 150, (-1, 0.4, 0.5))
        found = length_controlled(of, calibration)
        low, high = interval(of, calibration, found, resamples=200)
        held += low <= truth <= high
        official += abs(found.win_rate - truth) <= 1.96 * found.standard_error
    assert 0.90 <= held / 200 <= 0.99
    assert official / 200 < 0.5
