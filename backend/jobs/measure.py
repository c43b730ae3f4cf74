"""measure: one value per response. Equal texts are measured once; a killed run goes on from its last pack.

What another finished run has measured with the same model and the same settings is taken from there: a response's id is
the hash of its prompt, text and author, so that equal ids have equal values whatever the data they came with. What is
left is turned into tokens, and what the workspace's values know of those (`backend.values`) is not computed either.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from .. import devices, inputs, tables
from ..errors import BadData, BadSpec
from ..measures import Item, Value, measures
from ..models.engine import Engine
from ..models.resolve import adapter_of, folder_of, weights_of
from ..models.vllm_engine import VllmEngine
from ..specs import EstimateSpec, MeasureSpec
from ..values import Values
from ..workspace import Workspace
from . import Job, Summary
from .shards import apart

E = TypeVar("E", bound=Engine)


def run(job: Job) -> Summary:
    """Measures every response of the run that the spec names."""
    items, copies = distinct(job.ws, job.spec)
    found = known(job.ws, job.spec, copies)
    missing = [i for i in range(len(items)) if i not in found]
    facts: dict[str, Any] = {"distinct": len(items), "reused": len(found)}
    if missing:
        job.progress(0, None, "responses", "reading")
        engine = engine_of(job, kind_of(job.spec))
        if type(engine) is Engine and not engine.adapter:
            engine.apart = apart(job, engine)
        values = measured(job.spec, [items[i] for i in missing], engine)
        found |= dict(zip(missing, values, strict=True))
        facts |= {"spent": dataclasses.asdict(engine.spent)} if engine else {}
        if isinstance(engine, VllmEngine):
            facts["agreement"] = engine.agreement(_teller(job, "comparing"))
    job.check()
    return _write(job, [found[i] for i in copies], facts | _estimated(job))


def distinct(ws: Workspace, spec: MeasureSpec) -> tuple[list[Item], np.ndarray]:
    """The distinct items of a question, and for every response of its run the number of its item."""
    said, asked = inputs.responses(ws, spec.responses), inputs.prompts(ws, spec.responses)
    at = inputs.positions(asked["prompt_id"], said["prompt_id"])
    prompts, texts, ratings = asked["prompt"].to_pylist(), said["response"].to_pylist(), said["rating"].to_pylist()
    number: dict[Any, int] = {}
    copies = [
        number.setdefault((int(p), text, rating), len(number))
        for p, text, rating in zip(at, texts, ratings, strict=True)
    ]
    return [Item(prompts[p], text, rating) for p, text, rating in number], np.array(copies, dtype=np.int64)


def known(ws: Workspace, spec: MeasureSpec, copies: np.ndarray) -> dict[int, Value]:
    """Values that other runs of the same measure and model have for these responses, by the number of the item."""
    ids = inputs.responses(ws, spec.responses)["response_id"].to_numpy()
    found: dict[int, Value] = {}
    for run in _same_question(ws, spec):
        rows = inputs.measurements(ws, run)
        theirs, there = np.unique(rows["response_id"].to_numpy(), return_index=True)
        at = np.minimum(np.searchsorted(theirs, ids), len(theirs) - 1)
        cut = set(inputs.cut_responses(ws, run).tolist())
        values, tokens = rows["value"].to_pylist(), rows["tokens"].to_pylist()
        for row in np.flatnonzero(theirs[at] == ids):
            other, item = there[at[row]], int(copies[row])
            found[item] = Value(values[other], tokens[other], int(ids[row]) in cut)
    return found


def _same_question(ws: Workspace, spec: MeasureSpec) -> Iterator[str]:
    """Finished runs that measured other responses with this measure, these settings and this model.

    None for measures without a model: they cost nothing, and a rating is no part of a response's id. None for vectors:
    their axes may depend on all responses of a run.
    """
    if spec.model is None or measures[spec.measure.name].attributes.get("vector"):
        return
    for run in ws.run_ids():
        if run.startswith("measure-") and run != spec.id and (ws.result(run) or {}).get("outcome") == "finished":
            other = ws.spec(run)
            if (other.measure, other.model) == (spec.measure, spec.model):
                yield run


def kind_of(spec: MeasureSpec) -> type[Engine]:
    """The engine that a question names; transformers where it names none."""
    named = measures[spec.measure.name].bind(spec.measure.args).get("engine")
    return VllmEngine if named == "vllm" else Engine


def engine_of(job: Job, kind: type[E], spec: MeasureSpec | None = None) -> E | None:
    """The engine for a question (the job's own, where none is given), or None where its measure needs no model."""
    spec = spec or job.spec
    member = measures[spec.measure.name]
    wanted = member.attributes["model"]
    if wanted and spec.model is None:
        raise BadSpec(f"measure {member.name!r} needs a model; choose one.")
    if not wanted and spec.model is not None:
        raise BadSpec(f"measure {member.name!r} takes no model; leave it out.")
    if spec.model is None:
        return None
    values = Values(job.ws, weights_of(job.ws, spec.model))
    engine = kind(folder_of(job.ws, spec.model), values, _teller(job, "measuring"))
    if adapter := adapter_of(job.ws, spec.model):
        if wanted != "causal" or isinstance(engine, VllmEngine):
            what = "engine 'vllm'" if wanted == "causal" else f"measure {member.name!r}"
            raise BadSpec(f"{what} takes no LoRA adapter; merge it into its model first.")
        engine.adapter = adapter
        engine.base = Values(job.ws, weights_of(job.ws, spec.model.model_copy(update={"adapter": None})))
    return engine


def _teller(job: Job, what: str) -> Callable[[int, int], None]:
    return lambda done, total: job.progress(done, total, "tokens", what)


def measured(spec: MeasureSpec, items: list[Item], engine: Engine | None) -> list[Value]:
    """What the measure says of each item."""
    member = measures[spec.measure.name]
    return member.function(items, engine, **member.bind(spec.measure.args))


def _estimated(job: Job) -> dict[str, Any]:
    """What an estimate made here before the run said, so that it stands beside what came true."""
    asked = EstimateSpec(of=job.spec, machine=devices.machine()).id
    estimate = (job.ws.result(asked) or {}).get("summary")
    return {"estimated": {name: estimate[name] for name in ("seconds", "tokens", "memory")}} if estimate else {}


def _write(job: Job, values: list[Value], counts: dict[str, Any]) -> Summary:
    said = inputs.responses(job.ws, job.spec.responses)
    found = np.array([v.value for v in values])
    keep = np.isfinite(found.reshape(len(values), -1)).all(axis=1)
    if not keep.any():
        raise BadData(f"none of the {len(values)} responses could be measured; choose another measure or model.")
    cut = [number for number, value in zip(said["response_id"].to_pylist(), values, strict=True) if value.cut]
    job.ws.write_json(job.folder / inputs.CUT, {"responses": cut})
    if found.ndim == 2:
        rows = {"response_id": said["response_id"], "vector": list(found.astype(np.float32))}
        job.write("embeddings", tables.build("embeddings", rows).filter(keep))
        more = {"dimensions": found.shape[1]}
    else:
        rows = {"response_id": said["response_id"], "value": found, "tokens": [v.tokens for v in values]}
        job.write("measurements", tables.build("measurements", rows).filter(keep))
        more = {"mean": float(found[keep].mean()), "sd": float(found[keep].std(ddof=1)) if keep.sum() > 1 else math.nan}
    facts = {
        "responses": len(values),
        **counts,
        "measured": int(keep.sum()),
        "failed": int((~keep).sum()),
        "cut": len(cut),
        "tokens": sum(v.tokens or 0 for v in values),
        **more,
    }
    return Summary({k: v for k, v in facts.items() if v == v})
