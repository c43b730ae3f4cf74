"""train: SFT, reward model or DPO. What cannot teach anything under the length limit is left out and counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from .. import inputs, tables
from ..errors import BadData
from ..models.resolve import folder_of
from ..specs import TrainSpec
from ..workspace import content_sha256
from . import Job, Summary

Row = dict[str, Any]  # prompt, and completion or chosen and rejected: TRL's conversational columns
NOT_METRICS = ("step", "epoch", "num_tokens", "runtime", "samples_per_second", "steps_per_second")
FINAL_SHARE = 0.1  # the closing figures are means over the last tenth of the steps


def run(job: Job) -> Summary:
    """Trains the model that the spec asks for; writes the `training` table and the folder `model`."""
    spec: TrainSpec = job.spec
    folder = folder_of(job.ws, spec.model)
    given, held_back = _rows(job)
    job.progress(0, None, "rows", "reading")
    usable, facts = _usable(job, folder, given)
    watched, _ = _usable(job, folder, held_back) if held_back else ([], {})
    if not usable:
        why = ", ".join(f"{count} {reason}" for reason, count in facts["left_out"].items()) or "there are none"
        raise BadData(f"none of the {len(given)} rows can be trained on ({why}); check the data and max_length.")
    from ..models import training

    done = training.train(job, folder, usable, watched)
    rows = list(_metrics(done.log))
    job.write("training", tables.build("training", rows))
    weights = content_sha256(job.folder / "model")[:24]  # what its values are kept under, wherever they are measured
    if spec.method == "dpo":
        facts["reference"] = dataclasses.asdict(done.reference)
    return Summary(
        {**facts, "held_back": len(watched), "steps": done.steps, "parameters": done.parameters,
         "trainable": done.trainable, "weights": weights, "final": _final(rows, done.steps)}
    )  # fmt: skip


def _rows(job: Job) -> tuple[list[Row], list[Row]]:
    """The rows to train on and those kept back for the curves, chosen by their ids."""
    spec: TrainSpec = job.spec
    source = _responses(job) if spec.use == "responses" else _pairs(job)
    ids = source.column(0).to_numpy()
    aside = ids.astype(np.float64) / 2.0**64 < spec.eval_share
    parts = source.drop_columns([source.column_names[0]])
    return parts.filter(pa.array(~aside)).to_pylist(), parts.filter(pa.array(aside)).to_pylist()


def _pairs(job: Job) -> pa.Table:
    rows = inputs.texts(job.ws, job.spec.data)
    columns = {"id": rows["pair_id"], "prompt": rows["prompt"]}
    if job.spec.use == "chosen":
        return pa.table({**columns, "completion": _said(rows["chosen"])})
    return pa.table({**columns, "chosen": _said(rows["chosen"]), "rejected": _said(rows["rejected"])})


def _responses(job: Job) -> pa.Table:
    """Every response to a prompt that no held-out pair asks."""
    asked, said = inputs.prompts(job.ws, job.spec.data), inputs.responses(job.ws, job.spec.data)
    if (job.ws.folder(job.spec.data) / "pairs.parquet").exists():
        aside = inputs.pairs(job.ws, job.spec.data, held_out=True)["prompt_id"]
        said = said.filter(pa.array(~np.isin(said["prompt_id"].to_numpy(), aside.to_numpy())))
    at = inputs.positions(asked["prompt_id"], said["prompt_id"])
    return pa.table(
        {"id": said["response_id"], "prompt": asked["prompt"].take(at), "completion": _said(said["response"])}
    )


def _said(texts: pa.ChunkedArray) -> list[list[dict[str, str]]]:
    return [[{"role": "assistant", "content": text}] for text in texts.to_pylist()]


def _usable(job: Job, folder: Any, rows: list[Row]) -> tuple[list[Row], Row]:
    """The rows that still teach something after the cut at max_length, and what was cut or left out."""
    from ..models import loading, rendering

    tokenizer, limit = loading.tokenizer(folder), job.spec.max_length
    kept, cut, left_out = [], 0, dict.fromkeys(("prompt_fills_max_length", "identical_after_cut", "over_max_length"), 0)
    for row in rows:
        sides = [row[name][0]["content"] for name in ("chosen", "rejected", "completion") if name in row]
        encoded = [rendering.encode(tokenizer, row["prompt"], text, limit) for text in sides]
        reason = _reason(job.spec.method, encoded)
        if reason:
            left_out[reason] += 1
        else:
            kept.append(row)
            cut += any(side.cut for side in encoded)
    counted = {reason: count for reason, count in left_out.items() if count}
    return kept, {"rows": len(rows), "used": len(kept), "cut": cut, "left_out": counted}


def _reason(method: str, sides: list[Any]) -> str | None:
    if method == "reward" and any(side.cut for side in sides):
        return "over_max_length"  # a reward model reads the last token of whole answers: TRL leaves these out
    if not all(side.response for side in sides):
        return "prompt_fills_max_length"
    return "identical_after_cut" if len(sides) == 2 and sides[0].response == sides[1].response else None


def _metrics(log: Any) -> Iterator[Row]:
    """The `training` table's rows from TRL's log."""
    from ..models.training import split_of

    for entry in log:
        split, values = split_of(entry)
        for metric, value in sorted(values.items()):
            if metric not in NOT_METRICS and isinstance(value, int | float):
                yield {"step": entry["step"], "epoch": entry.get("epoch"), "metric": metric, "value": float(value),
                       "split": split}  # fmt: skip


def _final(rows: list[Row], steps: int) -> dict[str, float]:
    """The mean of each training metric over the last tenth of the steps."""
    last = [r for r in rows if r["split"] == "train" and r["step"] > steps * (1 - FINAL_SHARE)]
    metrics = dict.fromkeys(r["metric"] for r in last)
    return {m: float(np.mean([r["value"] for r in last if r["metric"] == m])) for m in metrics}
