"""AlpacaEval's length-controlled win rates of eight models: ours beside the official package.

python benchmarks/length_control.py [models] [rounds]

Verdicts are drawn by chance: 805 questions, 2 x 805 rows of the two variants of the baseline. The file that the package
downloads at every computation lies on disk already.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import pandas as pd
from scipy.special import expit

from backend.report import length_adjusted
from backend.report.length_control import Calibration, Comparison, interval, length_controlled
from backend.report.verdicts import with_lengths
from benchmarks.official import Official
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


def written(calibration: Calibration, folder: str) -> str:
    """The calibration in the columns of the package's `df_gamed.csv`; its path."""
    place = Path(folder) / "df_gamed.csv"
    columns = {
        "preference": calibration.preferences, "index": np.tile(np.arange(QUESTIONS), 2),
        "std_delta_len": calibration.lengths, "instruction_difficulty": calibration.difficulties,
        "not_gamed_baseline": False, "model": np.repeat(["verbose", "concise"], QUESTIONS),
    }  # fmt: skip
    pd.DataFrame(columns).to_csv(place, index=False)
    return str(place)


def annotations(of: Comparison) -> dict[str, Any]:
    """What the package needs of a model: stored preferences (1 to 2) and the lengths of both answers."""
    shorter = np.maximum(-of.longer, 0) + 1
    lengths = [(shorter + of.longer).astype(int).tolist(), shorter.astype(int).tolist()]
    return {"preferences": (1 + of.preferences).tolist(), "lengths": lengths}


def without_calibration(chance: np.random.Generator, items: int) -> pd.DataFrame:
    """Verdicts of a judge that likes length, with the lengths."""
    ours, theirs = chance.integers(200, 3000, (2, items))
    rows = with_lengths(pd.DataFrame({"prompt_id": np.arange(items, dtype=np.uint64)}), ours, theirs)
    return rows.assign(preference=expit(2 * rows["relative"] + chance.normal(0, 2, items)))


def main(models: int = 8, rounds: int = 5) -> None:
    """Prints how far the two agree, and the tables."""
    chance = np.random.default_rng(0)
    calibration = benchmark(chance)
    every = [model(chance, calibration) for _ in range(models)]
    ours = [length_controlled(of, calibration) for of in every]
    ways = {"ours: 50 fits in one batch": lambda: [length_controlled(of, calibration) for of in every]}
    print(f"win rates {min(o.win_rate for o in ours):.1f} to {max(o.win_rate for o in ours):.1f}")
    with tempfile.TemporaryDirectory() as folder, Official("official_alpaca_eval.py") as alpaca_eval:
        if alpaca_eval.there:
            task = {"gamed": written(calibration, folder), "models": [annotations(of) for of in every]}
            theirs = alpaca_eval.ask("control", **task)["win_rates"]
            off = (abs(mine.win_rate - rate) for mine, rate in zip(ours, theirs, strict=True))
            print("differences to the package, points: " + " ".join(f"{one:.4f}" for one in off))
            ways["alpaca_eval"] = lambda: alpaca_eval.ask("control", **task)
        table(f"length-controlled win rates of {models} models, 805 questions, one thread", ways, rounds)
    one, fitted = every[0], ours[0]
    way = {f"ours: {RESAMPLES:,} resamples": lambda: interval(one, calibration, fitted, resamples=RESAMPLES)}
    table("bootstrap interval of one model (the package has none)", way, rounds)
    ways = {
        f"{len(rows):,} answers": lambda rows=rows: length_adjusted.fitted([rows]).at(0)
        for rows in (without_calibration(chance, QUESTIONS), without_calibration(chance, MANY))
    }
    table("length-adjusted win rate with its interval, without calibration files", ways, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
