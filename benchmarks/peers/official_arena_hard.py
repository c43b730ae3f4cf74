"""Arena-Hard-Auto itself: the functions of a checkout, called on our battles in this environment.

`make bench` gets the checkout: `show_result.py` and `utils/` of v2.0, and beside them `utils_math.py` of v0.1. Battles
become the frames that each version makes of its files.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.special import expit

from backend.report.arena_files import Battles

CHECKOUT = Path(__file__).parents[2] / ".venv-peers" / "arena-hard-auto"
WINNERS = {0.0: "model_a", 0.5: "tie", 1.0: "model_b"}  # the baseline is model_a

if there := CHECKOUT.exists():
    sys.path.insert(0, str(CHECKOUT))
    import show_result
    import utils_math
    from utils import math_utils


def rows(battles: Battles, picked: np.ndarray | None = None) -> np.ndarray:
    """The battle of each row, a strong one's three times; `picked`: some of these rows."""
    every = np.repeat(np.arange(len(battles.points)), battles.weight)
    return every if picked is None else every[picked]


def refit(battles: Battles, baseline: str, picked: np.ndarray | None = None) -> np.ndarray:
    """v0.1: win probabilities against the baseline from `compute_mle_elo`, in percent: float64[K]."""
    taken = rows(battles, picked)
    frame = pd.DataFrame({
        "model_a": baseline,
        "model_b": np.array(battles.models)[battles.first[taken]],
        "winner": pd.Series(battles.points[taken]).map(WINNERS),
    })  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, of a spelling that it will give up
        elo = utils_math.compute_mle_elo(frame, baseline_model=baseline)
    return 100 * expit(np.log(10) * (elo[battles.models].to_numpy() - 1000) / 400)


def leaderboard(battles: Battles) -> None:
    """v2.0 without style control: `print_leaderboard`, always 100 rounds."""
    taken = rows(battles)
    models = np.array(battles.models)[battles.first[taken]]
    frame = pd.DataFrame({"model": models, "category": "hard_prompt", "scores": battles.points[taken]})
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        show_result.print_leaderboard(frame, "hard_prompt")


class StyleControl:
    """v2.0's rows for the style-controlled fit, as `one_hot_encode` has them beside the styles z [K, Q, F]."""

    def __init__(self, battles: Battles, baseline: str, z: np.ndarray) -> None:
        taken = rows(battles)
        model = battles.first[taken]
        encoded, names = math_utils.one_hot_encode([battles.models[k] for k in model], baseline)
        self._columns = [names.index(name) for name in battles.models]
        self._anchor = names.index(baseline)
        style = torch.tensor(z[model, battles.question[taken]], dtype=torch.float32)
        self._features = torch.cat([encoded, style], dim=1)
        self._outcomes = torch.tensor(battles.points[taken], dtype=torch.float32)

    def fit(self, picked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`fit_pairwise_model` on these rows: strengths over the baseline float64[K], effects float64[F]."""
        found, _ = math_utils.fit_pairwise_model(self._features, self._outcomes, "bt", picked)
        both = found.double().numpy()
        strengths, effects = np.split(both, [len(self._columns)])
        return strengths[self._columns] - strengths[self._anchor], effects
