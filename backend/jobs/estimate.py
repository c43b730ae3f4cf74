"""estimate: what a measure run would cost on this machine. Long data are sampled, whole prompts at a time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .. import devices, tables
from ..errors import BadSpec
from ..measures import Item
from ..models.gauge import Gauge
from ..models.vllm_engine import VllmEngine
from . import Job, Summary, measure

SAMPLE = 2000  # responses that are turned into tokens


def run(job: Job) -> Summary:
    """Counts what is not known yet, times a few seconds of it, and works out the rest."""
    began = time.monotonic()
    spec = job.spec.of
    if measure.kind_of(spec) is VllmEngine:
        raise BadSpec("only the transformers engine can be estimated; leave `engine` out, or just run the question.")
    items, copies = measure.distinct(job.ws, spec)
    found = measure.known(job.ws, spec, copies)
    missing = [item for i, item in enumerate(items) if i not in found]
    job.progress(0, None, "responses", "reading")
    opening = time.monotonic() - began
    gauge = measure.engine_of(job, Gauge, spec)
    if gauge is None:
        return Summary({"responses": len(copies), "seconds": opening, "tokens": 0, "memory": 0, "texts": 0})
    sample = _sample(missing)
    if sample:
        measure.measured(spec, sample, gauge)
    counts = {"responses": len(copies), "distinct": len(items), "reused": len(found)}
    return Summary({**counts, **_facts(gauge, missing, sample, opening)})


def _sample(items: list[Item]) -> list[Item]:
    """All items, or about `SAMPLE` of them: prompts in the order of their ids, with all their responses."""
    if len(items) <= SAMPLE:
        return items
    order = np.argsort([tables.prompt_id(item.prompt) for item in items], kind="stable")
    last = tables.prompt_id(items[order[SAMPLE]].prompt)
    return [items[n] for n in order if tables.prompt_id(items[n].prompt) <= last]


def _facts(gauge: Gauge, missing: list[Item], sample: list[Item], opening: float) -> dict[str, Any]:
    times = len(missing) / max(len(sample), 1)
    parts = {
        "reading": opening + gauge.spent.reading * times,
        "loading": gauge.spent.loading,
        "computing": gauge.computing * times / (len(devices.gpus()) or devices.measure_processes()),
    }
    return {
        "texts": round(gauge.spent.texts * times), "known": round(gauge.spent.known * times),
        "tokens": round(gauge.tokens * times), "seconds": sum(parts.values()), **parts,
        "tokens_per_second": gauge.tokens / gauge.computing if gauge.computing else 0.0,
        "gflops": gauge.operations / gauge.computing / 1e9 if gauge.computing else 0.0,
        "memory": gauge.spent.memory, "sampled": len(sample), "of": len(missing),
    }  # fmt: skip
