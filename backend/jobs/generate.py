"""generate: a model's answers to prompts. A killed run goes on from its last batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import inputs, tables
from ..errors import BadData
from ..models.resolve import adapter_of, folder_of, name_of
from ..specs import GenerateSpec
from . import Job, Summary


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
    for number, _, answers in generating.answers(spec, folder, asked["prompt"].to_pylist(), set(found), adapter):
        found[number] = answers
        job.keep("answers", {"batch": number, "answers": answers})
        job.progress(sum(map(len, found.values())), total, "answers", "writing")
    return _write(job, asked, [answer for number in sorted(found) for answer in found[number]])


def _prompts(job: Job) -> pa.Table:
    """The prompts to answer, in order of their ids."""
    spec: GenerateSpec = job.spec
    asked = inputs.prompts(job.ws, spec.prompts)
    if spec.split != "all":
        aside = np.isin(asked["prompt_id"].to_numpy(), _held_out(job))
        asked = asked.filter(pa.array(aside if spec.split == "held_out" else ~aside))
    asked = asked.take(pc.sort_indices(asked["prompt_id"]))[: spec.limit]
    if not asked.num_rows:
        raise BadData(f"run {spec.prompts} has no prompts in split {spec.split!r}; choose another split.")
    return asked


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
