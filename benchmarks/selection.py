"""DM-MUL's top tenth of many pairs: ours beside pandas and DuckDB. python benchmarks/selection.py [pairs]"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import duckdb
import numpy as np
import pandas as pd

from backend.signals import Signals
from backend.strategies import choose, strategies
from benchmarks.side_by_side import table

LOWER, UPPER = -2.0, 5.0
FUSED = """
SELECT id FROM (
    SELECT id, (least(greatest(ex, -2), 5) + 2) / 7 AS p, (least(greatest(im, -2), 5) + 2) / 7 AS q FROM rows)
ORDER BY p * q / nullif(p * q + (1 - p) * (1 - q), 0) DESC NULLS LAST LIMIT {}
"""


def in_pandas(rows: pd.DataFrame, budget: int) -> np.ndarray:
    """The paper's formula on columns, then nlargest."""
    p, q = ((rows[name].clip(LOWER, UPPER) - LOWER) / (UPPER - LOWER) for name in ("ex", "im"))
    fused = p * q / (p * q + (1 - p) * (1 - q))
    return rows["id"].to_numpy()[fused.nlargest(budget).index]


def main(pairs: int = 1_000_000) -> None:
    """Prints the table and how far the answers agree."""
    chance = np.random.default_rng(0)
    ids = chance.permutation(pairs).astype(np.uint64)
    ex, im = chance.normal(0.5, 1.3, pairs), chance.normal(0.3, 1.0, pairs)  # few reach the upper bound: no ties
    rows = pd.DataFrame({"id": ids, "ex": ex, "im": im})
    signals = Signals(ids, ids, {"external_margin": ex, "implicit_margin": im})
    call = strategies.call("dm_mul", upper_external=UPPER, upper_implicit=UPPER)
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("rows", rows)
    budget = pairs // 10
    ours = choose(call, signals, budget, 0).pair_ids
    theirs = in_pandas(rows, budget)
    print(f"same pairs as pandas: {np.isin(ours, theirs).mean():.4%}")
    table(
        f"DM-MUL, {budget:,} of {pairs:,} pairs",
        {
            "ours, every promise checked": lambda: choose(call, signals, budget, 0),
            "pandas, nlargest": lambda: in_pandas(rows, budget),
            "DuckDB, ORDER BY LIMIT": lambda: connection.execute(FUSED.format(budget)).fetchnumpy(),
        },
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
