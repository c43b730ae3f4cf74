"""measure: one value per response. Equal texts are measured once; a killed run goes on from its last batch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import inputs, tables
from ..errors import BadData, BadSpec
from ..measures import Item, Value, measures
from ..models.resolve import folder_of
from . import Job, Summary


def run(job: Job) -> Summary:
    """Measures every response of the run that the spec names."""
    items, copies = _distinct(job)
    found: dict[int, Value] = {row[0]: Value(*row) for kept in job.kept("values") for row in kept["values"]}
    missing = [i for i in range(len(items)) if i not in found]
    job.progress(len(found), len(items), "responses", "measuring")
    for batch in _measured(job, [items[i] for i in missing]):
        values = [value._replace(item=missing[value.item]) for value in batch]
        job.keep("values", {"values": values})
        found |= {value.item: value for value in values}
        job.progress(len(found), len(items), "responses", "measuring")
    if len(found) < len(items):
        raise BadData(f"the measure gave no value for {len(items) - len(found)} of {len(items)} responses.")
    return _write(job, [found[i] for i in copies], len(items))


def _distinct(job: Job) -> tuple[list[Item], np.ndarray]:
    """The distinct items, and for every response of the run the number of its item."""
    said, asked = inputs.responses(job.ws, job.spec.responses), inputs.prompts(job.ws, job.spec.responses)
    at = inputs.positions(asked["prompt_id"], said["prompt_id"])
    prompts, texts, ratings = asked["prompt"].to_pylist(), said["response"].to_pylist(), said["rating"].to_pylist()
    number: dict[Any, int] = {}
    copies = [
        number.setdefault((int(p), text, rating), len(number))
        for p, text, rating in zip(at, texts, ratings, strict=True)
    ]
    return [Item(prompts[p], text, rating) for p, text, rating in number], np.array(copies, dtype=np.int64)


def _measured(job: Job, items: list[Item]) -> Iterator[list[Value]]:
    member = measures[job.spec.measure.name]
    wanted = member.attributes["model"]
    if wanted and job.spec.model is None:
        raise BadSpec(f"measure {member.name!r} needs a model; choose one.")
    if not wanted and job.spec.model is not None:
        raise BadSpec(f"measure {member.name!r} takes no model; leave it out.")
    if not items:
        return iter(())
    folder = folder_of(job.ws, job.spec.model) if wanted else None
    return member.function(items, folder, **member.bind(job.spec.measure.args))


def _write(job: Job, values: list[Value], distinct: int) -> Summary:
    said = inputs.responses(job.ws, job.spec.responses)
    numbers = np.array([v.value for v in values])
    rows = {"response_id": said["response_id"], "value": numbers, "tokens": [v.tokens for v in values]}
    keep = np.isfinite(numbers)
    if not keep.any():
        raise BadData(f"none of the {len(values)} responses could be measured; choose another measure or model.")
    job.write("measurements", tables.build("measurements", rows).filter(keep))
    facts = {
        "responses": len(values),
        "distinct": distinct,
        "measured": int(keep.sum()),
        "failed": int((~keep).sum()),
        "cut": sum(v.cut for v in values),
        "tokens": sum(v.tokens or 0 for v in values),
        "mean": float(numbers[keep].mean()),
        "sd": float(numbers[keep].std(ddof=1)) if keep.sum() > 1 else math.nan,
    }
    return Summary({k: v for k, v in facts.items() if v == v})
