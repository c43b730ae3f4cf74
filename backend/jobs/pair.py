"""pair: measured responses → preference pairs."""

from __future__ import annotations

import numpy as np

from .. import inputs, tables
from ..errors import BadData, BadSpec
from ..pairings import Paired, Scored, pairings
from ..specs import PairSpec
from . import Job, Summary


def run(job: Job) -> Summary:
    """Writes `pairs`, labelled by the pairing's name."""
    spec: PairSpec = job.spec
    scored, missing = _scored(job)
    member = pairings[spec.pairing.name]
    paired: Paired = member.function(scored, seed=spec.seed, **member.bind(spec.pairing.args))
    if not len(paired.chosen):
        raise BadData(f"{spec.pairing} makes no pair of {len(scored.values)} responses; choose a smaller gap.")
    prompts = scored.prompt_ids[paired.chosen]
    sides = [scored.response_ids[rows] for rows in (paired.chosen, paired.rejected)]
    ids = [tables.pair_id(int(p), int(c), int(r)) for p, c, r in zip(prompts, *sides, strict=True)]
    held = _held_out(job)
    rows = {
        "pair_id": np.array(ids, dtype=np.uint64), "prompt_id": prompts, "chosen_id": sides[0], "rejected_id": sides[1],
        "label_source": [spec.pairing.name] * len(ids),
        "split": [inputs.HELD_OUT if prompt in held else None for prompt in prompts.tolist()],
    }  # fmt: skip
    job.write("pairs", tables.build("pairs", rows))
    facts = {"responses": len(scored.values), "not_measured": missing, "prompts": len(np.unique(prompts))}
    return Summary({**facts, "pairs": len(ids), "notes": dict(paired.notes)})


def _scored(job: Job) -> tuple[Scored, int]:
    """The measured responses, sorted, and how many are not measured."""
    spec: PairSpec = job.spec
    if set(spec.measurements) != {"reward"}:
        raise BadSpec(
            f"a pairing needs exactly one measure run, for the role 'reward', not {sorted(spec.measurements)}."
        )
    said, values = inputs.responses(job.ws, spec.responses), inputs.measurements(job.ws, spec.measurements["reward"])
    measured = dict(zip(values["response_id"].to_pylist(), values["value"].to_pylist(), strict=True))
    rows = [
        (prompt, response, measured[response])
        for prompt, response in zip(said["prompt_id"].to_pylist(), said["response_id"].to_pylist(), strict=True)
        if response in measured
    ]
    if not rows:
        raise BadSpec(f"run {spec.measurements['reward']} measured none of these responses: it belongs to other data.")
    prompts, responses, numbers = zip(*sorted(rows), strict=True)
    scored = Scored(np.array(prompts, np.uint64), np.array(responses, np.uint64), np.array(numbers, np.float64))
    return scored, said.num_rows - len(rows)


def _held_out(job: Job) -> set[int]:
    """Prompts of the responses' own data that are set aside."""
    source = inputs.owner(job.ws, job.spec.responses, "prompts")
    if not (job.ws.folder(source) / "pairs.parquet").exists():
        return set()
    return set(inputs.pairs(job.ws, source, held_out=True)["prompt_id"].to_pylist())
