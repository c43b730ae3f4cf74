"""PVar of many prompts: ours beside pandas and DuckDB. python benchmarks/pvar.py [prompts] [answers]"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import duckdb
import numpy as np
import pandas as pd

from backend.signals.pvar import variance_by_group
from benchmarks.side_by_side import table

LAMBDA = """
SELECT prompt, list_sum(list_transform(r, lambda a: list_sum(list_transform(r,
       lambda b: pow(1 / (1 + exp(b - a)) - 0.5, 2))))) / (len(r) * (len(r) - 1)) AS pvar
FROM (SELECT prompt, list(reward) AS r FROM rows GROUP BY prompt) ORDER BY prompt
"""


def by_hand(rewards: pd.Series) -> float:
    """The U-statistic of one prompt, as one writes it in a notebook."""
    r = rewards.to_numpy()
    p = 1 / (1 + np.exp(r[None, :] - r[:, None]))
    return float(((p - 0.5) ** 2).sum() / (len(r) * (len(r) - 1)))


def main(prompts: int = 200_000, answers: int = 5) -> None:
    """Prints the table and the largest difference."""
    rewards = np.random.default_rng(0).normal(0, 1.5, prompts * answers)
    group = np.repeat(np.arange(prompts), answers)
    rows = pd.DataFrame({"prompt": group, "reward": rewards})
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("rows", rows)
    ours = variance_by_group(rewards, group, prompts)
    found = connection.execute(LAMBDA).fetchnumpy()["pvar"]
    print(f"largest difference to DuckDB: {np.abs(ours - found).max():.1e}")
    some = rows[rows["prompt"] < prompts // 20]  # pandas is too slow for all: a twentieth, scaled
    medians = table(
        f"PVar, {prompts:,} prompts x {answers} answers",
        {
            "ours": lambda: variance_by_group(rewards, group, prompts),
            "DuckDB, list lambda": lambda: connection.execute(LAMBDA).fetchnumpy(),
            "pandas groupby.apply, 1/20 of the prompts": lambda: some.groupby("prompt")["reward"].apply(by_hand),
        },
    )
    ours_s, *_, pandas_s = medians.values()
    print(f"  pandas scaled to all prompts: {20 * pandas_s / ours_s:.0f} x ours")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
