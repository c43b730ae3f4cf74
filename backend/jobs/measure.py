"""measure: one value per response. Equal texts are measured once; a killed run goes on from its last pack.

What another finished run has measured with the same model and the same settings is taken from there: a response's id is
the hash of its prompt, text and author, so that equal ids have equal values whatever the data they came with. What is
left is turned into tokens, and what the workspace's values know of those (`backend.values`) is not computed either.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import inputs, tables
from ..errors import BadData, BadSpec
from ..measures import Item, Value, measures
from ..models.resolve import folder_of, weights_of
from ..values import Values
from . import Job, Summary

CUT = "cut.json"  # the ids of the responses that the length limit cut


def run(job: Job) -> Summary:
    """Measures every response of the run that the spec names."""
    items, copies = _distinct(job)
    found = _known(job, copies)
    missing = [i for i in range(len(items)) if i not in found]
    facts: dict[str, Any] = {"distinct": len(items), "reused": len(found)}
    if missing:
        job.progress(0, None, "responses", "reading")
        values, spent = _measured(job, [items[i] for i in missing])
        found |= dict(zip(missing, values, strict=True))
        facts |= spent
    job.check()
    return _write(job, [found[i] for i in copies], facts)


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


def _known(job: Job, copies: np.ndarray) -> dict[int, Value]:
    """Values that other runs of the same measure and model have for these responses, by the number of the item."""
    ids = inputs.responses(job.ws, job.spec.responses)["response_id"].to_numpy()
    found: dict[int, Value] = {}
    for run in _same_question(job):
        rows = inputs.measurements(job.ws, run)
        theirs, there = np.unique(rows["response_id"].to_numpy(), return_index=True)
        at = np.minimum(np.searchsorted(theirs, ids), len(theirs) - 1)
        cut = set((job.ws.read_json(job.ws.folder(run) / CUT) or {"responses": []})["responses"])
        values, tokens = rows["value"].to_pylist(), rows["tokens"].to_pylist()
        for row in np.flatnonzero(theirs[at] == ids):
            other, item = there[at[row]], int(copies[row])
            found[item] = Value(values[other], tokens[other], int(ids[row]) in cut)
    return found


def _same_question(job: Job) -> Iterator[str]:
    """Finished runs that measured other responses with this measure, these settings and this model.

    None for measures without a model: they cost nothing, and a rating is no part of a response's id.
    """
    if job.spec.model is None:
        return
    for run in job.ws.run_ids():
        if run.startswith("measure-") and run != job.run and (job.ws.result(run) or {}).get("outcome") == "finished":
            other = job.ws.spec(run)
            if (other.measure, other.model) == (job.spec.measure, job.spec.model):
                yield run


def _measured(job: Job, items: list[Item]) -> tuple[list[Value], dict[str, Any]]:
    """The values of the items and what they cost; a measure without a model costs nothing."""
    member = measures[job.spec.measure.name]
    wanted = member.attributes["model"]
    if wanted and job.spec.model is None:
        raise BadSpec(f"measure {member.name!r} needs a model; choose one.")
    if not wanted and job.spec.model is not None:
        raise BadSpec(f"measure {member.name!r} takes no model; leave it out.")
    arguments = member.bind(job.spec.measure.args)
    if not wanted:
        return member.function(items, None, **arguments), {}
    from ..models.engine import Engine

    folder = folder_of(job.ws, job.spec.model)
    engine = Engine(folder, Values(job.ws, weights_of(job.ws, job.spec.model)), _ticker(job))
    return member.function(items, engine, **arguments), {"spent": dataclasses.asdict(engine.spent)}


def _ticker(job: Job) -> Any:
    return lambda done, total: job.progress(done, total, "tokens", "measuring")


def _write(job: Job, values: list[Value], counts: dict[str, Any]) -> Summary:
    said = inputs.responses(job.ws, job.spec.responses)
    numbers = np.array([v.value for v in values])
    rows = {"response_id": said["response_id"], "value": numbers, "tokens": [v.tokens for v in values]}
    keep = np.isfinite(numbers)
    if not keep.any():
        raise BadData(f"none of the {len(values)} responses could be measured; choose another measure or model.")
    cut = [number for number, value in zip(said["response_id"].to_pylist(), values, strict=True) if value.cut]
    job.ws.write_json(job.folder / CUT, {"responses": cut})
    job.write("measurements", tables.build("measurements", rows).filter(keep))
    facts = {
        "responses": len(values),
        **counts,
        "measured": int(keep.sum()),
        "failed": int((~keep).sum()),
        "cut": len(cut),
        "tokens": sum(v.tokens or 0 for v in values),
        "mean": float(numbers[keep].mean()),
        "sd": float(numbers[keep].std(ddof=1)) if keep.sum() > 1 else math.nan,
    }
    return Summary({k: v for k, v in facts.items() if v == v})
