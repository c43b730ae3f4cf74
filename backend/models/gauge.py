"""What measuring would cost: tokens counted, a few seconds of the real passes timed, the rest worked out.

The time of a pass is a line in what it must compute (floating-point operations of the layers, of the vocabulary and of
attention); its slopes are fitted to the passes that were timed, and no slope is negative.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from . import loading
from .engine import PACK_TOKENS, Engine, head_of, path_of
from .rendering import Encoded
from .work import Work

SECONDS = 3.0  # how long passes are timed
AT_LEAST = 2  # passes that are timed however long they take


@dataclass
class Gauge(Engine):
    """An engine that only estimates: what it is asked for and does not know stays unknown."""

    computing: float = 0.0
    operations: float = 0.0
    tokens: int = 0
    timed: list[tuple[float, float]] = field(default_factory=list)  # operations and seconds of the passes that ran

    def _do(self, work: Work) -> None:
        model = self.loaded(work)
        times = 2 if self.adapter else 1  # with the adapter and without
        path = path_of(model, work)
        head = head_of(path, work)
        packs = [
            [work.sequences[n] for n in pack] for pack in path.plan(work.sequences, PACK_TOKENS[model.device.type])
        ]
        costs = np.array([operations(model, pack, work.kind == "logprob") for pack in packs])
        head(model, packs[-1])  # the first pass of a process is slower
        seconds = {}
        began = time.monotonic()
        for number in _spread(len(packs)):
            start = time.monotonic()
            head(model, packs[number])[0].cpu()
            seconds[number] = time.monotonic() - start
            self.tick(len(seconds), len(packs))
            if len(seconds) >= AT_LEAST and time.monotonic() - began > SECONDS:
                break
        self.computing += times * _predicted(costs, seconds)
        self.operations += times * costs.sum()
        self.tokens += times * sum(path.tokens(pack) for pack in packs)
        self.spent.memory = max(self.spent.memory, loading.peak_memory())


def operations(model: Any, pack: Sequence[Encoded], vocabulary: bool) -> tuple[float, float]:
    """Floating-point operations of a pack: those that grow with its tokens, and those of attention."""
    config = model.config
    head = model.get_output_embeddings().weight.numel() if vocabulary else 0
    embedding = model.get_input_embeddings().weight.numel()
    tied = vocabulary and bool(getattr(config, "tie_word_embeddings", False))
    body = sum(p.numel() for p in model.parameters()) - embedding - (0 if tied else head)
    tokens, scored, attended = 0, 0, 0.0
    for prompt, of in groupby(pack, lambda s: s.prompt):
        sizes = [len(s.response) for s in of]
        tokens += len(prompt) + sum(sizes)
        scored += sum(sizes)
        attended += len(prompt) ** 2 / 2 + sum(len(prompt) * n + n * n / 2 for n in sizes)
    return 2.0 * body * tokens + 2.0 * head * scored, 4.0 * config.hidden_size * config.num_hidden_layers * attended


def _spread(count: int) -> list[int]:
    """Numbers from 0 to count − 1 so that every beginning of the list is spread over all of them; the largest first."""
    order, step = [0], count
    seen = {0}
    while len(order) < count:
        step = max(1, step // 2)
        fresh = [n for n in range(0, count, step) if n not in seen]
        order += fresh
        seen |= set(fresh)
    return order


def _predicted(costs: np.ndarray, seconds: dict[int, float]) -> float:
    """The time of all passes: what was timed, and a non-negative line in float64[passes, 2] for the others."""
    from scipy.optimize import nnls

    timed = list(seconds)
    took = np.array([seconds[n] for n in timed])
    scale = np.maximum(costs[timed].mean(axis=0), 1.0)
    # Relative errors are what counts: a long pass must not drown the short ones.
    slopes, _ = nnls(costs[timed] / scale / took[:, None], np.ones(len(timed)))
    rest = [n for n in range(len(costs)) if n not in seconds]
    return float(took.sum() + (costs[rest] / scale @ slopes).sum())
