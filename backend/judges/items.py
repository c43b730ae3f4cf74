"""What a judge run is about: answers to the same prompts with the same sample number, conversations put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import exchange, inputs, tables
from ..errors import BadData, BadSpec
from ..specs import JudgeSpec
from ..workspace import Workspace
from . import Item, Order, judges, orders

Answers = dict[tuple[int, int], tuple[int, str]]  # (prompt, sample) → (response, text)
Prompts = dict[int, dict[str, Any]]


class Wanted(NamedTuple):
    """What a judge is asked about, each item with its orders, and what to know about that.

    `without`: answers of the candidate that have no counterpart; `beyond`: items past the limit.
    """

    items: list[tuple[Item, list[Order]]]
    without: int
    beyond: int
    notes: list[str]


def wanted(ws: Workspace, spec: JudgeSpec) -> Wanted:
    """What a judge is asked about, or what the file of recorded verdicts has rows on: that says the orders, too."""
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    found, without, beyond = items(ws, spec, alone=bool(member.attributes.get("alone")))
    notes = []
    if beyond:
        first = f"the first {spec.limit:,} prompts, in the order of their ids"
        notes = [f"{len(found):,} of {len(found) + beyond:,} answers are judged: those to {first}."]
    if layout := member.attributes.get("recorded"):
        known = exchange.known(ws, layout, arguments, found)
        return Wanted(known.wanted, without, beyond, [*notes, *known.notes])
    return Wanted([(item, orders(member, arguments, item, spec.seed)) for item in found], without, beyond, notes)


class Items(NamedTuple):
    """What is judged. `without`: answers of the candidate that have no counterpart; `beyond`: items past the limit."""

    judged: list[Item]
    without: int
    beyond: int


def items(ws: Workspace, spec: JudgeSpec, *, alone: bool) -> Items:
    """The items in the order of their prompts' ids; with a limit those of the first prompts, or conversations.

    A reference with one answer to each prompt stands for all samples. A side of its pairs does as well, and a prompt
    with several different answers on that side makes an item of each. An answer that is graded alone is its own
    reference. A prompt of several user messages in a row is a later turn: its earlier answers are the same author's, to
    the prompts that its beginning makes.
    """
    if spec.reference is None and not alone:
        raise BadSpec(f"the judge {spec.judge.name!r} compares two runs; give the reference's as well.")
    candidate = _answers(ws, spec.candidate)
    reference = candidate if alone or spec.reference is None else _reference(ws, spec.reference, spec.reference_side)
    others = _counterparts(reference, every=spec.reference_side is not None)
    rows = inputs.prompts(ws, spec.candidate).to_pylist()
    asked = {row["prompt_id"]: row for row in rows}
    found, without = [], 0
    for prompt, sample in sorted(candidate):
        there = [_item(asked, (prompt, sample), other, candidate, reference) for other in others(prompt, sample)]
        found += there
        without += not there
    if not found:
        raise BadData(f"runs {spec.candidate} and {spec.reference} answer no prompt in common; choose others.")
    wanted = _within([_first(asked, item.prompt_id) for item in found], spec.limit)
    judged = [item for item, counts in zip(found, wanted, strict=True) if counts]
    return Items(judged, without, len(found) - len(judged))


def _first(asked: Prompts, prompt: int) -> int:
    return tables.first_prompt(prompt, asked[prompt]["prompt"], asked)


def _within(conversations: list[int], limit: int | None) -> list[bool]:
    """Whether each is among the first ones in order of their ids."""
    first = set(sorted(set(conversations))[:limit])
    return [one in first for one in conversations]


def _counterparts(reference: Answers, *, every: bool) -> Callable[[int, int], list[tuple[int, int]]]:
    """For a prompt and a sample the keys of what it is compared to: one answer, or every one to the prompt."""
    by_prompt: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for prompt, number in reference:
        by_prompt[prompt].append((prompt, number))
    one_each = all(sample == 0 for _, sample in reference)

    def of(prompt: int, sample: int) -> list[tuple[int, int]]:
        wanted = 0 if one_each else sample
        return [key for key in by_prompt.get(prompt, []) if every or key[1] == wanted]

    return of


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


def _reference(ws: Workspace, run: str, side: str | None) -> Answers:
    """The answers to be beaten; of a side of the run's pairs, a prompt's different ones are numbered."""
    if side is None:
        return _answers(ws, run)
    pairs, said = inputs.pairs(ws, run, held_out=None), inputs.responses(ws, run)
    texts = said["response"].take(inputs.positions(said["response_id"], pairs[f"{side}_id"])).to_pylist()
    by_prompt: dict[int, dict[int, str]] = defaultdict(dict)
    for prompt, number, text in zip(
        pairs["prompt_id"].to_pylist(), pairs[f"{side}_id"].to_pylist(), texts, strict=True
    ):
        by_prompt[prompt][number] = text
    return {(prompt, n): one for prompt, known in by_prompt.items() for n, one in enumerate(known.items())}


def _answers(ws: Workspace, run: str) -> Answers:
    rows = inputs.responses(ws, run)
    columns = [rows[name].to_pylist() for name in ("prompt_id", "sample", "response_id", "response")]
    found: Answers = {}
    for prompt, sample, number, text in zip(*columns, strict=True):
        if (prompt, sample) in found:
            raise BadData(
                "a run to be judged has several answers to a prompt with the same sample number; choose one. Two of "
                f"run {run} begin with {found[prompt, sample][1][:40]!r} and {text[:40]!r}. Of a reference that holds "
                "pairs one side can be chosen (--reference-side)."
            )
        found[prompt, sample] = (number, text)
    return found
