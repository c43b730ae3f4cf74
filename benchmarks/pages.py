"""How long the queries of each page take at 100,000 pairs (goal: under a second each).

python benchmarks/pages.py [pairs]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from backend import judged
from backend.registry import Call
from backend.signals import compute
from backend.store import queries_explore, queries_pairs, queries_results, queries_runs, queries_select
from backend.store import queries_training as training
from backend.store.database import open_index
from backend.strategies import choose
from backend.workspace import Workspace
from tests.small_world import World, build

WORDS = 150  # to a response, as in chat data


def queries(ws: Workspace, world: World) -> Iterator[tuple[str, Callable[[], object]]]:
    """Page and what it asks."""
    index = open_index(ws)
    roles = {"reward": world.reward, "policy_logprob": world.policy, "reference_logprob": world.reference}
    signals = compute(ws, world.load, roles)
    x, y = signals["external_margin"], signals["implicit_margin"]
    inside = queries_explore.within(signals, {"external_margin": (0.5, 3.0)})
    call = Call(name="dm_mul")
    chosen = choose(call, signals, 10_000, 0)
    last = queries_pairs.size(index, world.load) - 5
    rows = queries_explore.some(signals, inside, "pvar")
    yield "every page: refresh the index", index.refresh
    yield "Runs: list", lambda: queries_runs.overview(index)
    yield "Data: last page of pairs with texts", lambda: queries_pairs.page(index, world.load, offset=last, limit=5)
    yield "Explore: signals, first time", lambda: compute(ws, world.load, roles)
    yield (
        "Explore: histogram of every signal",
        lambda: [queries_explore.histogram(v, queries_explore.bins(v)) for v in signals.values.values()],
    )
    yield "Explore: numbers of every signal", lambda: queries_explore.summary(signals)
    yield "Explore: density of two signals", lambda: queries_explore.density(x, y, inside)
    yield "Explore: order the pairs of a region", lambda: queries_explore.some(signals, inside, "pvar")
    yield "Explore: texts of five pairs", lambda: queries_pairs.by_id(index, world.load, signals.pair_ids[rows])
    yield "Select: choose with dm_mul", lambda: choose(call, signals, 10_000, 0)
    yield "Select: which are chosen", lambda: np.isin(signals.pair_ids, chosen.pair_ids)
    yield "Select: overlap", lambda: queries_select.overlaps(index, world.load, chosen.pair_ids)
    yield "Train: curves", lambda: training.curves(index, [world.train])
    yield "Results: verdicts", lambda: queries_results.verdict_rows(index)
    yield "Results: count order flips", lambda: queries_results.count(index, world.judge, "order flip")
    yield "Results: three items with texts", lambda: queries_results.items(index, world.judge, "all", offset=900)
    yield "Results: every item of a judge run", lambda: judged.read(ws, world.judge)
    yield "Results: mean length", lambda: queries_results.words(index, world.candidate)
    index.close()


def main() -> None:
    """Prints the best and the worst of five times of every query."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(folder)
        world = build(ws, pairs, words=WORDS)
        began = time.perf_counter()
        open_index(ws).close()
        print(f"{pairs:,} pairs; the index is built in {time.perf_counter() - began:.2f} s\n")
        print(f"{'query':<42} {'first':>7} {'best of 5':>10}   seconds")
        for name, query in queries(ws, world):
            took = []
            for _ in range(5):
                began = time.perf_counter()
                query()
                took.append(time.perf_counter() - began)
            print(f"{name:<42} {took[0]:7.3f} {min(took):10.3f}   {'TOO SLOW' if took[0] > 1 else ''}", flush=True)


if __name__ == "__main__":
    main()
