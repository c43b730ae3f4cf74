"""judge: verdicts on a candidate's answers against a reference's. Every attempt is kept; none is asked for twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from .. import inputs, tables
from ..errors import BadData, EndpointError, sentence
from ..judges import Asked, Item, Row, judges, orders
from ..report.compare import compare
from ..report.judge_bias import judge_bias
from ..report.verdicts import Verdicts, verdicts
from ..report.win_rate import WinRate, win_rate
from ..specs import JudgeSpec
from . import Job, Summary

UNIT = "judgements"


def run(job: Job) -> Summary:
    """Writes `judgements`, one row per attempt; incomplete where an item has no readable verdict in every order."""
    spec: JudgeSpec = job.spec
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    items, unmatched = _items(job)
    wanted = [(item, order) for item in items for order in orders(member, arguments, item, spec.seed)]
    rows = job.kept(UNIT)
    attempts, answered = Counter(map(_key, rows)), {_key(row) for row in rows if row["status"] == "ok"}
    asked = [
        Asked(item, order, attempts[key])
        for item, order in wanted
        if (key := (item.candidate_id, item.reference_id, order)) not in answered
    ]
    job.progress(len(answered), len(wanted), UNIT, "judging")
    earlier = any(row["status"] == "ok" and row.get("judge") for row in rows)
    ended_by: dict[str, str] = {}
    try:
        for row in member.function(asked, job.ws, **arguments):
            job.keep(UNIT, row)
            rows.append(row)
            if row["status"] == "ok":
                answered.add(_key(row))
            job.progress(len(answered), len(wanted), UNIT, "judging")
    except EndpointError as problem:
        if not earlier:
            raise
        ended_by["ended_by"] = sentence(problem)  # what an earlier launch was answered stays readable
    return _write(job, rows, len(items), {**unmatched, **ended_by})


def _key(row: Row) -> tuple[int, int, str]:
    return row["candidate_id"], row["reference_id"], row["order"]


def _items(job: Job) -> tuple[list[Item], dict[str, int]]:
    """Answers to the same prompt with the same sample number; a reference with one answer stands for all samples."""
    spec: JudgeSpec = job.spec
    candidate, reference = (_by_sample(inputs.responses(job.ws, run)) for run in (spec.candidate, spec.reference))
    asked = inputs.prompts(job.ws, spec.candidate)
    prompts = dict(zip(asked["prompt_id"].to_pylist(), asked["prompt"].to_pylist(), strict=True))
    one_each = all(sample == 0 for _, sample in reference)
    items, without = [], 0
    for (prompt, sample), (number, text) in sorted(candidate.items()):
        other = reference.get((prompt, 0 if one_each else sample))
        if other is None:
            without += 1
        else:
            items.append(Item(prompt, number, other[0], sample, prompts[prompt], text, other[1]))
    if not items:
        raise BadData(f"runs {spec.candidate} and {spec.reference} answer no prompt in common; choose others.")
    return items, {"candidate_without_reference": without} if without else {}


def _by_sample(rows: pa.Table) -> dict[tuple[int, int], tuple[int, str]]:
    columns = [rows[name].to_pylist() for name in ("prompt_id", "sample", "response_id", "response")]
    found: dict[tuple[int, int], tuple[int, str]] = {}
    for prompt, sample, number, text in zip(*columns, strict=True):
        if (prompt, sample) in found:
            raise BadData("a run to be judged has several answers to a prompt with the same sample number; choose one.")
        found[prompt, sample] = (number, text)
    return found


def _write(job: Job, rows: list[Row], items: int, more: dict[str, Any]) -> Summary:
    table = tables.build("judgements", rows)
    job.write("judgements", table)
    seen = verdicts(table)
    result = win_rate([seen])
    facts: dict[str, Any] = {
        "items": items,
        "judged": len(seen.rows),
        "missing": seen.missing,
        "attempts": len(rows),
        "statuses": dict(Counter(row["status"] for row in rows)),
        **more,
    }
    if result:
        facts |= _estimates(result, seen)
    for tokens in ("prompt_tokens", "completion_tokens"):
        facts[tokens] = sum(row.get(tokens) or 0 for row in rows)
    return Summary(facts, complete=seen.missing == 0)


def _estimates(result: WinRate, seen: Verdicts) -> dict[str, Any]:
    """The win rate, what it allows to say, and how far the judge prefers the answer shown `first`."""
    rate, bias = result.win_rate, judge_bias([seen])
    said = compare({"candidate": result.over_half}, "the reference")["candidate"]
    facts = {
        "win_rate": rate.value,
        "low": rate.low,
        "high": rate.high,
        "bounds": list(result.bounds),
        "ties": result.ties,
        "flips": result.flips,
        "both_orders": result.both_orders,
        "verdict": said.verdict,
        "sentence": said.sentence,
        "detectable": said.detectable,
    }
    if bias and bias.first:
        facts |= {"first": bias.first.value, "first_low": bias.first.low, "first_high": bias.first.high}
    return facts | ({"warning": bias.first_place} if bias and bias.first_place else {})
