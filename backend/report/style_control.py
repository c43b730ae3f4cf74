"""Arena-Hard v2.0's style-controlled leaderboard: win probabilities with differences in style held at their mean.

Strengths and style effects are fitted jointly (`styled_bradley_terry`); the styles are standardised over all battle
rows, once and not in each draw, as `show_result.py` has it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

import numpy as np
from scipy.special import expit

from ..errors import BadData, BadSpec
from . import answer_style, styled_bradley_terry
from .answer_style import Style
from .arena import LEVEL, Resample, Standing, against, standings
from .arena_files import Battles

Fitted = tuple[np.ndarray, np.ndarray]  # strengths float64[K], style effects float64[F]
_AT_ONCE = 700_000  # cells held at a time: the arrays of a step stay in the cache


def leaderboard(
    battles: Battles,
    baseline: str,
    style: Mapping[tuple[str, Hashable], Style],
    *,
    rounds: int = 100,
    resample: Resample = "questions",
    seed: int = 0,
    level: float = LEVEL,
) -> tuple[list[Standing], dict[str, float]]:
    """Every model's standing, and the effect of each style: logits per standard deviation.

    `style` has the counts of every answer by (model, question), the baseline's too; BadData where one is missing.
    BadSpec where two other models meet.
    """
    if not len(battles.points) or baseline not in battles.models:
        raise BadSpec(f"no battle of the baseline {baseline!r}; name a baseline that the battles are against.")
    anchor = battles.models.index(baseline)
    if not np.all((battles.first == anchor) | (battles.second == anchor)):
        raise BadSpec(f"style control needs all battles against the baseline {baseline!r}; leave --style-control out.")
    cells = _cells(battles, anchor)
    z = _standardised_style(battles, anchor, style, cells.sum(2))
    score, fitted = _scores(cells[:, None], z)
    if np.isnan(fitted[1]).any():
        raise BadData("the styles alone tell all wins from all losses here; judge more questions to control for them.")
    draws = [_scores(drawn, z, fitted)[0] for drawn in _draws(battles, cells, rounds, resample, seed)]
    named = dict(zip(answer_style.NAMES, map(float, fitted[1]), strict=True))
    return standings(battles, anchor, score[0], np.concatenate(draws), level), named


def _scores(cells: np.ndarray, z: np.ndarray, start: Fitted | None = None) -> tuple[np.ndarray, Fitted]:
    """Win probabilities in percent, NaN without a battle: float64[R, K]; and the first draw's strengths and effects."""
    points, battles = cells @ np.array([0, 0.5, 1]), cells.sum(3).astype(np.float64)
    strengths, effects = styled_bradley_terry.fit(points, battles, z, start)
    return np.where(battles.sum(2).T > 0, 100 * expit(strengths), np.nan), (strengths[0], effects[0])


def _cells(battles: Battles, anchor: int) -> np.ndarray:
    """Battles by model, question and points (0, ½, 1): int64[K, Q, 3]."""
    model, points = against(battles.first, battles.second, battles.points, anchor)
    shape = len(battles.models), len(battles.questions), 3
    code = np.ravel_multi_index((model, battles.question, (2 * points).astype(np.int64)), shape)
    return np.bincount(code, battles.weight, minlength=int(np.prod(shape))).astype(np.int64).reshape(shape)


def _draws(battles: Battles, cells: np.ndarray, rounds: int, resample: Resample, seed: int) -> Iterator[np.ndarray]:
    """Resampled cells, a few rounds at a time: int64[K, some rounds, Q, 3]."""
    chance = np.random.default_rng(seed)
    questions, size = len(battles.questions), max(1, _AT_ONCE // cells[:, :, 0].size)
    rows = np.repeat(np.arange(cells.size), cells.ravel())  # the cell of each battle row
    for begin in range(0, rounds, size):
        few = min(size, rounds - begin)
        if resample == "questions":
            weight = chance.multinomial(questions, np.full(questions, 1 / questions), few)
            yield cells[:, None] * weight[None, :, :, None]
        else:
            picked = [np.bincount(rows[chance.integers(len(rows), size=len(rows))], minlength=cells.size)
                      for _ in range(few)]  # fmt: skip
            yield np.stack([drawn.reshape(cells.shape) for drawn in picked], axis=1)


def _standardised_style(
    battles: Battles, anchor: int, style: Mapping[tuple[str, Hashable], Style], weight: np.ndarray
) -> np.ndarray:
    """z of each model and question, standardised over all battle rows: float64[K, Q, 4], 0 without a battle."""
    z = np.zeros((*weight.shape, len(answer_style.NAMES)))
    there = np.nonzero(weight)
    pairs = [(battles.models[k], battles.questions[q]) for k, q in zip(*there, strict=True)]
    needed = [*pairs, *((battles.models[anchor], question) for _, question in pairs)]
    for model, question in needed:
        if (model, question) not in style:
            raise BadData(
                f"no answer of {model!r} to question {question!r}; give the answers of all models and the baseline."
            )
    counts = np.array([style[key] for key in needed], np.float64).reshape(2, len(pairs), -1)
    z[there] = answer_style.standardised(answer_style.contrast(*counts), weight[there])
    return z
