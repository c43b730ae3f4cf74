"""How far two raters agree: a judge and people about answers, two judges about the order of models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau, spearmanr

from ..errors import BadData
from .agreement import kappa
from .estimate import Estimate, share


@dataclass(frozen=True)
class Agreement:
    """Two raters' verdicts on the same items: won, lost or tied."""

    agree: Estimate  # share of the items that both rated, ties being a verdict of their own
    decided: Estimate  # the same over the items where neither says tie
    kappa: float | None  # Cohen's, over the items that both rated; None where both always say the same one thing
    items: int
    unrated: int  # items that one of the two did not rate


@dataclass(frozen=True)
class RankAgreement:
    """Two orders of the same models: −1 reversed, 1 the same; None with fewer than two models or all of them equal."""

    models: int
    kendall: float | None  # tau-b, which allows for ties (Kendall 1945)
    spearman: float | None


def agreement(one: np.ndarray, other: np.ndarray) -> Agreement:
    """From two raters' preferences for the same side, 0 to 1, item by item; NaN where an item is not rated.

    Zheng et al. (2023), section 4.1, print both shares: with ties, and over the decided items alone.
    """
    one, other = _same_length(one, other, "ratings")
    rated = np.isfinite(one) & np.isfinite(other)
    first, second = (np.sign(values[rated] - 0.5) for values in (one, other))
    decided = (first != 0) & (second != 0)
    return Agreement(
        agree=share(int((first == second).sum()), len(first)),
        decided=share(int((first == second)[decided].sum()), int(decided.sum())),
        kappa=kappa(list(zip(first.tolist(), second.tolist(), strict=True))),
        items=len(one),
        unrated=int((~rated).sum()),
    )


def rank_agreement(one: np.ndarray, other: np.ndarray) -> RankAgreement:
    """From two judges' scores of the same models, in the same order."""
    one, other = _same_length(one, other, "scores")
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return RankAgreement(len(one), None, None)
    return RankAgreement(len(one), float(kendalltau(one, other).statistic), float(spearmanr(one, other).statistic))


def _same_length(one: np.ndarray, other: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    if len(one) != len(other):
        raise BadData(f"{len(one)} {what} beside {len(other)}; both raters must speak of the same items.")
    return np.asarray(one, dtype=float), np.asarray(other, dtype=float)
