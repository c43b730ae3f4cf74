"""generate: a model's answers to prompts. A killed run goes on from its last batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import benchmarks, inputs, tables
from ..errors import BadData
from ..models.resolve import adapter_of, folder_of, name_of
from ..specs import GenerateSpec
from . import Job, Summary

if TYPE_CHECKING:
    from ..models import generating


def run(job: Job) -> Summary:
    """Writes `responses`: `samples` answers to each prompt, by the model's name."""
    spec: GenerateSpec = job.spec
    asked = _prompts(job)
    total = asked.num_rows * spec.samples
    found = {row["batch"]: row["answers"] for row in job.kept("answers")}
    job.progress(sum(map(len, found.values())), total, "answers", "writing")
    from ..models import generating

    folder = folder_of(job.ws, spec.model)
    adapter = adapter_of(job.ws, spec.model)
    for number, _, answers in generating.answers(spec, folder, _asked(spec, asked), found, adapter):
        found[number] = answers
        job.keep("answers", {"batch": number, "answers": answers})
        job.progress(sum(map(len, found.values())), total, "answers", "writing")
    return _write(job, asked, [answer for number in sorted(found) for answer in found[number]])


def _asked(spec: GenerateSpec, asked: pa.Table) -> list[generating.Asked]:
    """What is asked of the model: a later turn comes after its answers to the turns before, if those are asked too."""
    from ..models import generating

    place = {number: at for at, number in enumerate(asked["prompt_id"].to_pylist())}
    found = []
    for messages, category in zip(asked["prompt"].to_pylist(), asked["category"].to_pylist(), strict=True):
        heat = benchmarks.temperature(category) if spec.temperature == "by_category" else spec.temperature
        before = tables.earlier_prompts(messages)
        earlier = tuple(place[number] for number in before) if place.keys() >= set(before) else ()
        found.append(generating.Asked(messages, heat, earlier))
    return found


def _prompts(job: Job) -> pa.Table:
    """The prompts to answer, in order of their ids; the turns of a conversation stand together, at its first."""
    spec: GenerateSpec = job.spec
    asked = inputs.prompts(job.ws, spec.prompts)
    if spec.split != "all":
        aside = np.isin(asked["prompt_id"].to_numpy(), _held_out(job))
        asked = asked.filter(pa.array(aside if spec.split == "held_out" else ~aside))
    firsts = _firsts(asked)
    asked = asked.take(pa.array(np.lexsort((pc.list_value_length(asked["prompt"]).to_numpy(), firsts))))
    if spec.limit is not None:
        asked = asked.filter(pa.array(np.isin(np.sort(firsts), np.unique(firsts)[: spec.limit])))
    if not asked.num_rows:
        raise BadData(f"run {spec.prompts} has no prompts in split {spec.split!r}; choose another split.")
    return asked


def _firsts(asked: pa.Table) -> np.ndarray:
    """The id of each prompt, of a later turn that of its conversation's first: uint64[n]."""
    own = asked["prompt_id"].to_numpy()
    there = set(own.tolist())
    firsts = (
        tables.first_prompt(int(n), said, there) for n, said in zip(own, asked["prompt"].to_pylist(), strict=True)
    )
    return np.fromiter(firsts, np.uint64, len(own))


def _held_out(job: Job) -> np.ndarray:
    return inputs.pairs(job.ws, job.spec.prompts, held_out=True)["prompt_id"].to_numpy()


def _write(job: Job, asked: pa.Table, answers: list[Any]) -> Summary:
    author, ids = name_of(job.ws, job.spec.model), asked["prompt_id"].to_pylist()
    rows = [
        {"response_id": tables.response_id(ids[prompt], text, author, sample), "prompt_id": ids[prompt],
         "response": text, "author": author, "sample": sample}
        for prompt, sample, text, _, _ in answers
    ]  # fmt: skip
    job.write("responses", tables.build("responses", rows))
    return Summary(
        {
            "prompts": len(ids),
            "responses": len(rows),
            "empty": sum(not text for _, _, text, _, _ in answers),
            "unfinished": sum(not ended for *_, ended in answers),
            "mean_tokens": float(np.mean([tokens for *_, tokens, _ in answers])),
        }
    )
