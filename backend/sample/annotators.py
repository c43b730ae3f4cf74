"""Who labels the sample's pairs: three annotators, each wrong in a way of their own.

A careful and a hasty annotator see the gold difference through logistic noise (a small gap flips more often, as in the
Bradley-Terry model); a flashy one does not see it at all and prefers what is long and full of links.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from .gold import ROOM, gold, read

CAREFUL, HASTY = 0.5, 4.0  # scales of the logistic noise, in units of the gold reward
SHARES = {"careful": 0.35, "hasty": 0.50, "flashy": 0.15}

Label = tuple[str, str, str]  # label_source, chosen, rejected


def annotated(prompt: str, first: str, second: str, rng: Random) -> Label:
    """The label of an annotator, drawn by `SHARES`."""
    who = rng.choices(list(SHARES), list(SHARES.values()))[0]
    taste: Callable[[str, str], float] = _flashy if who == "flashy" else gold
    scale = HASTY if who == "hasty" else CAREFUL
    gap = taste(prompt, first) - taste(prompt, second) + scale * _logistic(rng)
    return (who, first, second) if gap > 0 else (who, second, first)


def clean(prompt: str, first: str, second: str) -> Label:
    """The label that the gold reward gives; equal answers stay as they stand."""
    return ("gold", first, second) if gold(prompt, first) >= gold(prompt, second) else ("gold", second, first)


def curated(prompt: str, first: str, second: str, rng: Random) -> Label:
    """The label of the cleaner source that reward models learn from: careful, then one in ten reversed."""
    gap = gold(prompt, first) - gold(prompt, second) + CAREFUL * _logistic(rng)
    return ("curated", first, second) if (gap > 0) != (rng.random() < 0.1) else ("curated", second, first)


def _flashy(prompt: str, response: str) -> float:
    """A taste for the wrong things."""
    f = read(prompt, response)
    odd = 1.5 * f.links + 0.5 * f.off_topic + 0.4 * min(f.repeated / 4, 1.0) + 0.3 * f.fillers + 0.3 * f.rude
    return odd + 0.1 * f.words + 0.05 * max(f.words - ROOM, 0)


def _logistic(rng: Random) -> float:
    u = rng.random()
    return math.log(u / (1.0 - u)) if 0 < u < 1 else 0.0
