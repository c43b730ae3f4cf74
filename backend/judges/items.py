"""What a judge run is about: answers to the same prompts with the same sample number, conversations put together."""

from __future__ import annotations

from typing import Any

from .. import inputs, tables
from ..errors import BadData, BadSpec
from ..specs import JudgeSpec
from ..workspace import Workspace
from . import Item

Answers = dict[tuple[int, int], tuple[int, str]]  # (prompt, sample) → (response, text)
Prompts = dict[int, dict[str, Any]]


def items(ws: Workspace, spec: JudgeSpec, *, alone: bool) -> tuple[list[Item], int]:
    """The items in the order of their prompts, and how many of the candidate's answers have no counterpart.

    A reference with one answer to each prompt stands for all samples. An answer that is graded alone is its own
    reference. A prompt of several user messages in a row is a later turn: its earlier answers are the same author's, to
    the prompts that its beginning makes.
    """
    if spec.reference is None and not alone:
        raise BadSpec(f"the judge {spec.judge.name!r} compares two runs; give the reference's as well.")
    candidate = _answers(ws, spec.candidate)
    reference = candidate if alone or spec.reference is None else _answers(ws, spec.reference)
    one_each = all(sample == 0 for _, sample in reference)
    rows = inputs.prompts(ws, spec.candidate).to_pylist()
    asked = {row["prompt_id"]: row for row in rows}
    found, without = [], 0
    for prompt, sample in sorted(candidate):
        other = (prompt, 0 if one_each else sample)
        if other in reference:
            found.append(_item(asked, (prompt, sample), other, candidate, reference))
        else:
            without += 1
    if not found:
        raise BadData(f"runs {spec.candidate} and {spec.reference} answer no prompt in common; choose others.")
    return found, without


def _item(
    asked: Prompts, ours: tuple[int, int], theirs: tuple[int, int], candidate: Answers, reference: Answers
) -> Item:
    row = asked[ours[0]]
    (number, text), (other, other_text) = candidate[ours], reference[theirs]
    before = [prompt for prompt in tables.earlier_prompts(row["prompt"]) if (prompt, ours[1]) in candidate]
    before = [prompt for prompt in before if (prompt, theirs[1]) in reference]
    return Item(
        ours[0], number, other, ours[1], row["prompt"], text, other_text,
        earlier=tuple((candidate[p, ours[1]][1], reference[p, theirs[1]][1]) for p in before),
        category=row["category"], question=row["source"],
        right=tuple(asked[p]["reference"] for p in (*before, ours[0]) if p in asked),
    )  # fmt: skip


def _answers(ws: Workspace, run: str) -> Answers:
    rows = inputs.responses(ws, run)
    columns = [rows[name].to_pylist() for name in ("prompt_id", "sample", "response_id", "response")]
    found: Answers = {}
    for prompt, sample, number, text in zip(*columns, strict=True):
        if (prompt, sample) in found:
            raise BadData(
                "a run to be judged has several answers to a prompt with the same sample number; choose one. Two of "
                f"run {run} begin with {found[prompt, sample][1][:40]!r} and {text[:40]!r}."
            )
        found[prompt, sample] = (number, text)
    return found
