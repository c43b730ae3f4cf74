"""`auto`: which format a file is in, and what gave it away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BadData
from ..registry import Call
from ..verdicts.replies import dig
from . import Row, formats
from .dialogue import ASSISTANT, HUMAN

# What columns are called in the wild, best first.
PROMPT = ("prompt", "question", "instruction", "query", "input", "turns", "messages", "context", "post", "text")
CHOSEN = ("chosen", "chosen_response", "response_chosen", "accepted", "preferred", "better", "winner", "answer_chosen")
REJECTED = ("rejected", "rejected_response", "response_rejected", "dispreferred", "worse", "loser", "answer_rejected")
MANY = ("completions", "responses", "answers", "candidates", "generations")
TEXT = ("response", "text", "completion", "output", "content", "answer")
RATING = ("rating", "overall_score", "score", "reward", "overall")
AUTHOR = ("model", "model_name", "author", "generator", "source")
SAID = ("output", "response", "completion", "answer")  # one answer a row, with who gave it beside it
UNSIGNED = ("completion", "summary")  # the same where nobody is named: TRL's prompt-completion layout, TL;DR
BY = ("generator", "model", "model_id", "model_name", "author")
CATEGORY = ("category", "dataset")


@dataclass(frozen=True)
class Detected:
    """The format with its columns, and a sentence that says what was seen."""

    call: Call
    why: str


def detect(rows: Sequence[Row]) -> Detected:
    """The format of a file from its first rows; BadData says what was found and what was looked for."""
    first = rows[0]
    chosen, rejected, asked, many = (_pick(names, first) for names in (CHOSEN, REJECTED, PROMPT, MANY))
    if chosen and rejected:
        return _pairs(first, asked, chosen, rejected)
    if {"input_text", "output_text_a", "output_text_b", "score"} <= first.keys():
        return Detected(formats.call("llm_comparator"), "it has two outputs and a score, as LLM Comparator writes them")
    if many and asked and isinstance(first[many], list):
        return _rated(first, asked, many)
    if first.get("question_id") is not None and _texts(first.get("turns"), 2):
        return Detected(formats.call("mt_bench"), "it has questions of several turns, as MT-Bench's question.jsonl")
    if answers_alone(first):
        form = "mt_bench" if _texts(dig(first, "choices", 0, "turns"), 1) else "arena_hard"
        return Detected(
            formats.call(form), "it has a model's answers to a benchmark, whose questions are a file beside it"
        )
    by = _pick(BY, first)
    said = _pick((*SAID, *UNSIGNED), first) if by else _pick(UNSIGNED, first)
    if asked and said:
        whose = f", by {by!r}," if by else ""
        why = f"it has one answer a row in {said!r}{whose} to the prompt in {asked!r}"
        call = formats.call("answers", prompt=asked, response=said, author=by, category=_pick(CATEGORY, first))
        return Detected(call, why)
    if asked:
        why = f"it has a column {asked!r} and no answers"
        return Detected(formats.call("prompts", prompt=asked), why)
    raise BadData(
        f"cannot tell the format from the columns {', '.join(sorted(first)) or '(none)'}: looked for a prompt with "
        "chosen and rejected, completions, or nothing else; choose a format and map its columns."
    )


def answers_alone(row: Row) -> bool:
    """Whether a row is an answer of MT-Bench or Arena-Hard, which says of its question the name alone."""
    named = {"question_id", "uid"} & row.keys() and {"model", "model_id"} & row.keys()
    return bool(named) and ("choices" in row or dig(row, "messages", -1, "role") == "assistant")


def author_of(row: Row) -> str | None:
    """Who gave the one answer that a row holds; None where it does not say, or holds none or several."""
    by = _pick(BY, row)
    return str(row[by]) if by and (answers_alone(row) or _pick((*SAID, *UNSIGNED), row)) else None


def _pick(names: Iterable[str], row: Row) -> str | None:
    lower = {name.lower(): name for name in row}
    return next((lower[name] for name in names if name in lower and row[lower[name]] is not None), None)


def _texts(value: Any, least: int) -> bool:
    return isinstance(value, list) and len(value) >= least and all(isinstance(turn, str) for turn in value)


def _pairs(first: Row, asked: str | None, chosen: str, rejected: str) -> Detected:
    columns = {"chosen": chosen, "rejected": rejected}
    seen = f"it has the columns {chosen!r} and {rejected!r}"
    texts = [first[name] for name in (chosen, rejected)]
    if all(isinstance(t, str) and t.startswith(HUMAN) and ASSISTANT in t for t in texts):
        return Detected(formats.call("dialogue", **columns), f"{seen} with Human and Assistant turns in them")
    if asked == "instruction":
        return Detected(formats.call("instruction", **columns), f"{seen} and an instruction")
    if asked and asked != "messages":
        return Detected(formats.call("preference", prompt=asked, **columns), f"{seen} and the prompt in {asked!r}")
    return Detected(formats.call("preference", **columns), f"{seen}, the prompt being what both begin with")


def _rated(first: Row, asked: str, many: str) -> Detected:
    part = first[many][0] if first[many] and isinstance(first[many][0], dict) else {}
    found = {name: _pick(names, part) for name, names in (("response", TEXT), ("rating", RATING), ("author", AUTHOR))}
    columns = {name: value for name, value in found.items() if value}
    rating = f", rated by {found['rating']!r}" if found["rating"] else ", not rated"
    why = f"it has a list of answers in {many!r}{rating}"
    return Detected(formats.call("rated", prompt=asked, completions=many, **columns), why)
