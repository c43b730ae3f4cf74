"""AlpacaEval's length-controlled fit of eight models: ours beside scikit-learn as the official package calls it.

python benchmarks/length_control.py [models] [rounds]

alpaca_eval gives scikit-learn's LogisticRegressionCV (liblinear, L1) every row twice, with a scorer of its own; the
peer is that call alone, without the package's tables and its download. Verdicts are drawn by chance: 805 questions,
2 x 805 rows of the two variants of the baseline.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import pandas as pd
import sklearn
from scipy.special import expit
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold

from backend.report import length_adjusted
from backend.report.length_control import GAMED_WEIGHT, Calibration, Comparison, interval, length_controlled
from backend.report.verdicts import with_lengths
from benchmarks.side_by_side import table

QUESTIONS, RESAMPLES, MANY = 805, 1000, 50_000


def benchmark(chance: np.random.Generator) -> Calibration:
    """Difficulties, and the verdicts on a verbose and a concise variant of the baseline."""
    difficulty = chance.normal(0, 1.5, QUESTIONS)
    lengths = chance.normal(np.repeat([-0.7, 1.4], QUESTIONS), 1)
    held = np.tile(difficulty, 2)
    return Calibration(difficulty, lengths, held, expit(-1.2 * np.tanh(lengths) + chance.normal(0, 1, 2 * QUESTIONS)))


def model(chance: np.random.Generator, calibration: Calibration) -> Comparison:
    """Soft verdicts, most of them near 0 or 1, on a model that is worse than the baseline or nearly as good."""
    longer = chance.normal(chance.uniform(-300, 1500), 900, QUESTIONS).round()
    z = chance.uniform(-1.5, 0.3) + 0.6 * calibration.difficulty - 1.2 * np.tanh(longer / longer.std(ddof=1))
    return Comparison(expit(3 * z + chance.normal(0, 2, QUESTIONS)), longer, calibration.difficulty)


def _log_loss(outcome: np.ndarray, predicted: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """The package's scorer: of soft labels, weighted, divided by the number of rows."""
    p, q = np.where(outcome == 1, label, 1 - label), np.clip(predicted, 1e-15, 1 - 1e-15)
    return float(-np.mean(weight * (p * np.log(q) + (1 - p) * np.log(1 - q))))


def peer(of: Comparison, calibration: Calibration) -> float:
    """The length-controlled win rate by scikit-learn, in percent."""
    count = len(of.longer)
    own = np.column_stack([np.tanh(of.longer / of.longer.std(ddof=1)), of.difficulties, np.ones(count)])
    variants = np.column_stack([np.tanh(calibration.lengths), calibration.difficulties, np.zeros(2 * QUESTIONS)])
    features = np.tile(np.concatenate([variants, own]), (2, 1))
    p = np.concatenate([calibration.preferences, of.preferences])
    label = np.concatenate([p, 1 - p])
    weight = np.tile(np.repeat([GAMED_WEIGHT, 1], [2 * QUESTIONS, count]), 2)
    scorer = make_scorer(_log_loss, response_method="predict_proba", greater_is_better=False)
    fitted = LogisticRegressionCV(
        cv=GroupKFold(5), scoring=scorer.set_score_request(label=True, weight=True), penalty="l1", solver="liblinear",
        fit_intercept=False, random_state=123,
    ).set_fit_request(sample_weight=True)  # fmt: skip
    fitted.fit(features, np.repeat([1, 0], len(p)), sample_weight=label * weight, label=label, weight=weight,
               groups=np.tile(np.arange(len(p)), 2))  # fmt: skip
    return float(100 * expit(of.difficulties * fitted.coef_[0, 1] + fitted.coef_[0, 2]).mean())


def without_calibration(chance: np.random.Generator, items: int) -> pd.DataFrame:
    """Verdicts of a judge that likes length, with the lengths."""
    ours, theirs = chance.integers(200, 3000, (2, items))
    rows = with_lengths(pd.DataFrame({"prompt_id": np.arange(items, dtype=np.uint64)}), ours, theirs)
    return rows.assign(preference=expit(2 * rows["relative"] + chance.normal(0, 2, items)))


def main(models: int = 8, rounds: int = 5) -> None:
    """Prints how far the two agree, and the tables."""
    warnings.simplefilter("ignore", FutureWarning)
    sklearn.set_config(enable_metadata_routing=True)
    chance = np.random.default_rng(0)
    calibration = benchmark(chance)
    every = [model(chance, calibration) for _ in range(models)]
    ours = [length_controlled(of, calibration) for of in every]
    off = [abs(mine.win_rate - peer(of, calibration)) for mine, of in zip(ours, every, strict=True)]
    print("the official package itself is not installed here: its call of scikit-learn stands for it")
    print(f"win rates {min(o.win_rate for o in ours):.1f} to {max(o.win_rate for o in ours):.1f}")
    print("differences to the peer, points: " + " ".join(f"{one:.4f}" for one in off))
    ways = {
        "ours: 50 fits in one batch": lambda: [length_controlled(of, calibration) for of in every],
        "scikit-learn, as alpaca_eval calls it": lambda: [peer(of, calibration) for of in every],
    }
    _, theirs = table(
        f"length-controlled win rates of {models} models, 805 questions, one thread", ways, rounds
    ).values()
    one, fitted = every[0], ours[0]
    way = {f"ours: {RESAMPLES:,} resamples": lambda: interval(one, calibration, fitted, resamples=RESAMPLES)}
    [seconds] = table("bootstrap interval of one model", way, rounds).values()
    print(f"  the peer {RESAMPLES:,} times, extrapolated: {RESAMPLES * theirs / models / seconds:.0f} x ours")
    ways = {
        f"{len(rows):,} answers": lambda rows=rows: length_adjusted.fitted([rows]).at(0)
        for rows in (without_calibration(chance, QUESTIONS), without_calibration(chance, MANY))
    }
    table("length-adjusted win rate with its interval, without calibration files", ways, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
