"""select: a strategy and a budget → the chosen pairs of a pool."""

from __future__ import annotations

import numpy as np

from .. import tables
from ..signals import compute
from ..specs import SelectSpec
from ..strategies import choose, needed
from . import Job, Summary


def run(job: Job) -> Summary:
    """Writes `selected`, best pair first. Pairs that are set aside are never in the pool."""
    spec: SelectSpec = job.spec
    signals = compute(job.ws, spec.pairs, spec.measurements, needed(spec.strategy))
    chosen = choose(spec.strategy, signals, spec.budget, spec.seed)
    rows = {"pair_id": chosen.pair_ids, "rank": np.arange(len(chosen.pair_ids))}
    if chosen.values is not None:
        rows["value"] = chosen.values
    job.write("selected", tables.build("selected", rows))
    size = len(chosen.pair_ids)
    return Summary({"pool": len(signals), "chosen": size, "share": size / len(signals), "notes": dict(chosen.notes)})
