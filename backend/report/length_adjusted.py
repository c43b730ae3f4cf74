"""What a win rate would be if the answers were as long as the reference's, from the verdicts alone.

AlpacaEval's length control (`length_control.py`) needs its two calibration files; these two estimates need none.
*Length-adjusted*: logit P(win) = w_length d + w_own, d the relative difference in length, fitted to all answers; the
rate is the prediction at d = 0. *Length-matched*: the plain win rate among the answers of about the reference's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import t

from ..errors import BadData
from .estimate import LEVEL, Estimate, cells, estimate
from .l1_logistic import fit
from .spread import spread

WITHIN = 0.2  # |d| up to which two answers are of about the same length
NEAR = f"{100 * WITHIN:g} %"
FEWEST = 10  # prompts from which either rate is taken
RARE = 0.1  # the share of matched answers below which the adjusted rate is said to lean on its curve
PRIOR = 1.0  # how many answers of d = 1, half of them won, are added
COLUMNS = ["prompt_id", "relative", "preference"]
NO_PENALTY = 1e-9  # the solver wants one; ours is in the added answers

BySeed = Sequence[pd.DataFrame]


@dataclass(frozen=True)
class Curve:
    """P(win) by the relative difference in length.

    `influence`: of each seed and prompt on (w_length, w_own), as what it adds to a mean: float64[2, seeds, prompts].
    """

    length: float  # w_length: above 0 the judge likes length
    own: float  # w_own, the logit at equal length
    items: int
    influence: np.ndarray

    def at(self, relative: float) -> Estimate:
        """P(win) where answers are longer by `relative`; the interval is pointwise, Student's t on the logit scale.

        The error is that of a mean of influences (the sandwich of Huber 1967), prompts and seeds drawn as everywhere.
        """
        logit = self.length * relative + self.own
        error = spread(relative * self.influence[0] + self.influence[1])
        half = error.error * t.ppf((1 + LEVEL) / 2, error.freedom)
        value, low, high = (float(expit(z)) for z in (logit, logit - half, logit + half))
        seeds, prompts = self.influence.shape[1:]
        return Estimate(value, low, high, prompts, self.items, seeds)


@dataclass(frozen=True)
class AtEqualLength:
    """Both estimates; None where they cannot be had, and a note says why."""

    items: int
    near: int  # items of about the same length
    curve: Curve | None = None
    adjusted: Estimate | None = None
    matched: Estimate | None = None
    notes: list[str] = field(default_factory=list)


def at_equal_length(by_seed: BySeed) -> AtEqualLength:
    """The length-adjusted and the length-matched win rate of verdicts with their lengths (`verdicts.with_lengths`)."""
    relative = np.concatenate([np.zeros(0), *(rows["relative"].to_numpy(float) for rows in by_seed)])
    near, notes = int((np.abs(relative) <= WITHIN).sum()), []
    curve = matched = None
    try:
        curve = fitted(by_seed)
        if near < RARE * len(relative):
            notes.append(
                f"Only {near} of {len(relative)} answers are within {NEAR} of the reference's length: the "
                "length-adjusted win rate leans on its curve, which cannot tell length from what else comes with it."
            )
    except BadData as problem:
        notes.append(f"No length-adjusted win rate: {problem}.")
    try:
        matched = matched_win_rate(by_seed)
    except BadData as problem:
        notes.append(f"No length-matched win rate: {problem}.")
    return AtEqualLength(len(relative), near, curve, curve.at(0.0) if curve else None, matched, notes)


def facts(found: AtEqualLength) -> dict[str, Any]:
    """What a judge run's summary says of it: rates from 0 to 1, None where there is none."""
    return {
        **_named("length_adjusted", found.adjusted),
        **_named("length_matched", found.matched),
        "length_matched_n": found.near,
        "length_notes": found.notes,
    }


def _named(name: str, rate: Estimate | None) -> dict[str, float | None]:
    parts = (rate.value, rate.low, rate.high) if rate else (None, None, None)
    return dict(zip((name, f"{name}_low", f"{name}_high"), parts, strict=True))


def fitted(by_seed: BySeed) -> Curve:
    """The curve of all answers of all seeds, by penalised maximum likelihood with soft labels.

    The penalty is log-F(1, 1) on w_length alone (Greenland and Mansournia 2015, section 3): an answer of d = 1 and
    no w_own that is half won, half lost. It is fixed, keeps w_length finite where length tells all wins from all
    losses, and leaves the rate the raw one where lengths are equal.

    Raises:
        BadData: too few prompts, no loss or no win, or no answers from which equal length could be told.
    """
    by_seed = [rows.sort_values(COLUMNS) for rows in by_seed]  # a fit's last bits are its rows' order
    rows = pd.concat(by_seed) if by_seed else pd.DataFrame(columns=COLUMNS, dtype=float)
    relative, won = rows["relative"].to_numpy(float), rows["preference"].to_numpy(float)
    _check(rows["prompt_id"].nunique(), relative, won)
    features = np.column_stack([relative, np.ones(len(rows))])
    added = np.array([[1.0, 0.0]])
    weights = np.append(np.ones(len(rows)), PRIOR)[None]
    coefficients = fit(np.concatenate([features, added]), np.append(won, 0.5), weights, np.array([NO_PENALTY]))[0]
    predicted, prior = expit(features @ coefficients), expit(coefficients[0])
    information = (features * (predicted * (1 - predicted))[:, None]).T @ features
    information[0, 0] += PRIOR * prior * (1 - prior)
    moved = np.linalg.solve(information, (features * (won - predicted)[:, None]).T)
    return Curve(float(coefficients[0]), float(coefficients[1]), len(rows), _by_prompt(by_seed, moved))


def difference_at_equal_length(one: BySeed, other: BySeed) -> Estimate | None:
    """The length-adjusted rate of one less that of the other, paired by prompt and seed; None where one has none.

    Both curves are fitted to the prompts that both have. The error is that of the difference of their influences, which
    on a rate p are p (1 − p) times those on its logit.
    """
    if not one or not other:
        return None
    ids = [pd.concat(part)["prompt_id"] for part in (other, one)]
    there = [
        [rows[rows["prompt_id"].isin(known)] for rows in part] for part, known in zip((one, other), ids, strict=True)
    ]
    pairs = [pair for pair in zip(*there, strict=True) if all(map(len, pair))]
    try:
        curves = [fitted(part) for part in zip(*pairs, strict=True)] if pairs else []
    except BadData:
        return None
    if not curves or curves[0].influence.shape != curves[1].influence.shape:
        return None
    (mine, moved), (theirs, moved_theirs) = ((p := float(expit(c.own)), p * (1 - p) * c.influence[1]) for c in curves)
    error = spread(moved - moved_theirs)
    half = error.error * t.ppf((1 + LEVEL) / 2, error.freedom)
    low, high = max(-1.0, mine - theirs - half), min(1.0, mine - theirs + half)
    seeds, prompts = moved.shape
    return Estimate(mine - theirs, low, high, prompts, curves[0].items, seeds, error)


def matched_win_rate(by_seed: BySeed) -> Estimate:
    """The win rate among answers within `WITHIN` of the reference's length; BadData where they are too few."""
    there = [rows[np.abs(rows["relative"]) <= WITHIN] for rows in by_seed]
    prompts = len(set().union(*(rows["prompt_id"] for rows in there)))
    if prompts < FEWEST:
        raise BadData(
            f"answers to {prompts} prompts are within {NEAR} of the reference's length, and {FEWEST} are needed"
        )
    found = [(rows["prompt_id"].to_numpy(), rows["preference"].to_numpy(float)) for rows in there if len(rows)]
    return estimate(cells(found), bounded=True)


def _check(prompts: int, relative: np.ndarray, won: np.ndarray) -> None:
    if prompts < FEWEST:
        raise BadData(f"answers to {prompts} prompts have a verdict, and {FEWEST} are needed")
    if not 0 < won.mean() < 1:
        raise BadData(f"every answer is {'won' if won.mean() > 0 else 'lost'}, whatever its length")
    nearest = relative[np.abs(relative).argmin()]
    if (relative > WITHIN).all() or (relative < -WITHIN).all():
        side = "longer" if nearest > 0 else "shorter"
        raise BadData(
            f"every answer is {side} than the reference's, by {100 * abs(nearest):.0f} % or more of the longer one, so "
            "nothing shows what equal length would do"
        )
    if nearest and np.ptp(relative) == 0:
        raise BadData("the relative difference in length is the same in every answer")


def _by_prompt(by_seed: BySeed, moved: np.ndarray) -> np.ndarray:
    """Influences of answers (float64[2, answers]) summed by seed and prompt, scaled to parts of a mean that is 0."""
    ends = np.cumsum([len(rows) for rows in by_seed])[:-1]
    ids = [rows["prompt_id"].to_numpy() for rows in by_seed]
    found = np.stack([
        cells([pair for pair in zip(ids, np.split(one, ends), strict=True) if len(pair[0])]).sums for one in moved
    ])  # fmt: skip
    found *= found[0].size
    return np.asarray(found - found.mean(axis=(1, 2), keepdims=True))
