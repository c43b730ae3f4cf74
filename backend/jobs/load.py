"""load: rows of a file or Hub dataset → prompts, responses and pairs, every row accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .. import files, hygiene, inputs, tables
from ..errors import BadData, BadSpec, sentence
from ..formats import Example, Row, examples, formats
from ..specs import FileSource, LoadSpec
from . import Job, Summary
from .joining import Beside


@dataclass
class Loaded:
    """What has been read so far."""

    prompts: dict[int, dict[str, Any]] = field(default_factory=dict)
    responses: dict[int, dict[str, Any]] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    rows_read: int = 0
    seen: Counter[tuple[int, ...]] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    notes: list[dict[str, Any]] = field(default_factory=list)
    first_problem: str = ""


def run(job: Job) -> Summary:
    """Reads every row; writes the three tables and `flagged.jsonl`, what hygiene has to say."""
    spec: LoadSpec = job.spec
    hygiene.check_reasons(spec.drop)
    if spec.held_out and job.ws.spec(spec.held_out).kind != "load":
        raise BadSpec(f"held_out = {spec.held_out!r} is no load run; name the run that loaded the held-out prompts.")
    aside = set(inputs.prompts(job.ws, spec.held_out)["prompt_id"].to_pylist()) if spec.held_out else set()
    member = formats[spec.format.name]
    arguments = member.bind(spec.format.args)
    loaded = Loaded()
    beside = Beside.of(job.ws, spec)
    for row in islice(_raw(job), spec.limit):
        loaded.rows_read += 1
        try:
            for example in examples(member, beside.joined(row), arguments):
                _take(loaded, example, spec, aside)
        except BadData as problem:
            _refuse(loaded, sentence(problem))
        if loaded.rows_read % 1000 == 0:
            job.progress(loaded.rows_read, spec.limit, "rows", "reading")
    return _write(job, loaded, beside)


def _raw(job: Job) -> Iterator[Row]:
    source = job.spec.source
    if isinstance(source, FileSource):
        return files.rows(job.ws.adopted(source.sha256), source.suffix)
    from .. import hub

    return hub.rows(source)


def _refuse(loaded: Loaded, why: str) -> None:
    loaded.first_problem = loaded.first_problem or f"row {loaded.rows_read}: {why}"
    loaded.dropped["unreadable_row"] += 1
    loaded.notes.append({"row": loaded.rows_read, "reasons": ["unreadable_row"], "dropped": True, "why": why})


def _take(loaded: Loaded, example: Example, spec: LoadSpec, aside: set[int]) -> None:
    """Adds a row, unless hygiene has a reason that the spec drops."""
    prompt = tables.prompt_id(example.prompt)
    answers = [tables.response_id(prompt, a.text, a.author) for a in example.answers]
    key = (prompt, *answers)
    why = hygiene.reasons(
        example, repeated=loaded.seen[key] > 0, max_chars=spec.max_chars, prompt=prompt, held_out=aside
    )
    reason = next((reason for reason in why if reason in spec.drop), None)
    if why:
        loaded.notes.append({"row": loaded.rows_read, "reasons": why, "dropped": reason is not None})
    if reason:
        loaded.dropped[reason] += 1
        return
    loaded.flagged.update(why)
    _add(loaded, example, prompt, answers, _split(example, prompt, spec, aside), loaded.seen[key])
    loaded.seen[key] += 1


def _split(example: Example, prompt: int, spec: LoadSpec, aside: set[int]) -> str | None:
    """The pair's split. Prompts are set aside by their ids, so that a prompt is never on both sides."""
    chosen = prompt in aside or prompt / 2.0**64 < spec.held_out_share
    return inputs.HELD_OUT if chosen else example.split


def _add(loaded: Loaded, example: Example, prompt: int, answers: list[int], split: str | None, earlier: int) -> None:
    row = {"prompt_id": prompt, "prompt": example.prompt, "category": example.category, "source": example.source,
           "reference": example.reference}  # fmt: skip
    loaded.prompts.setdefault(prompt, row)
    for number, answer in zip(answers, example.answers, strict=True):
        said = {"response_id": number, "prompt_id": prompt, "response": answer.text, "author": answer.author,
                "rating": answer.rating, "sample": 0}  # fmt: skip
        loaded.responses.setdefault(number, said)
    for chosen, rejected in example.pairs:
        ids = (answers[chosen], answers[rejected])
        pair = {"pair_id": tables.pair_id(prompt, *ids, earlier), "prompt_id": prompt, "chosen_id": ids[0],
                "rejected_id": ids[1], "label_source": example.label_source, "split": split}  # fmt: skip
        loaded.pairs.append(pair)


def _write(job: Job, loaded: Loaded, beside: Beside) -> Summary:
    if not loaded.prompts:
        dropped = ", ".join(f"{count} {reason}" for reason, count in loaded.dropped.items())
        raise BadData(loaded.first_problem or f"all {loaded.rows_read} rows were dropped ({dropped}); drop less.")
    for name, rows in (
        ("prompts", list(loaded.prompts.values())),
        ("responses", list(loaded.responses.values())),
        ("pairs", loaded.pairs),
    ):
        job.write(name, tables.build(name, rows))
    lines = "".join(json.dumps(note, ensure_ascii=False) + "\n" for note in loaded.notes)
    job.ws.write(job.folder / "flagged.jsonl", lambda path: path.write_text(lines, encoding="utf-8"))
    return Summary(
        {
            "rows_read": loaded.rows_read,
            "prompts": len(loaded.prompts),
            "responses": len(loaded.responses),
            "pairs": len(loaded.pairs),
            "dropped": dict(loaded.dropped),
            "flagged": dict(loaded.flagged),
            **({"unanswered": len(beside.unanswered)} if beside.questions is not None else {}),
        }
    )
