"""`preference`: TRL's layouts, with an explicit or implicit prompt, as text or as messages."""

from __future__ import annotations

from typing import Any

from ..errors import BadData
from . import UNNAMED, Answer, Example, Message, Row, column, formats, messages, number, optional, shared_start, user


@formats.member()
def preference(
    row: Row,
    *,
    prompt: str = "prompt",
    chosen: str = "chosen",
    rejected: str = "rejected",
    label_source: str | None = None,
    category: str | None = None,
    split: str | None = None,
    chosen_rating: str | None = "score_chosen",
    rejected_rating: str | None = "score_rejected",
) -> Example:
    """Chosen and rejected answers as TRL takes them: text or messages, the prompt in a column or as common start.

    Without a prompt column the prompt is what both answers begin with: their first messages, or for text everything up
    to where they part.
    """
    asked, sides = _parts(row, prompt, chosen, rejected)
    ratings = [number(row.get(name)) if name else None for name in (chosen_rating, rejected_rating)]
    return Example(
        prompt=asked,
        answers=[Answer(said, rating=rating) for said, rating in zip(sides, ratings, strict=True)],
        pairs=[(0, 1)],
        category=optional(row, category),
        label_source=optional(row, label_source) or UNNAMED,
        split=optional(row, split),
    )


def _parts(row: Row, prompt: str, chosen: str, rejected: str) -> tuple[list[Message], list[str]]:
    """The prompt and the two answers of any layout."""
    names, values = (chosen, rejected), (column(row, chosen), column(row, rejected))
    asked = row.get(prompt)
    if all(isinstance(value, str) for value in values):
        if asked is None:
            return _common_text(*values)
        return (user(asked) if isinstance(asked, str) else messages(asked, prompt)), list(values)
    sides = [messages(value, name) for value, name in zip(values, names, strict=True)]
    if isinstance(asked, list) and all(side[0]["role"] == "assistant" for side in sides):
        return messages(asked, prompt), [_one(side, name) for side, name in zip(sides, names, strict=True)]
    if isinstance(asked, str) and all(side[0]["role"] == "assistant" for side in sides):
        return user(asked), [_one(side, name) for side, name in zip(sides, names, strict=True)]
    shared = _shared(*sides)
    return sides[0][:shared], [_one(side[shared:], name) for side, name in zip(sides, names, strict=True)]


def _common_text(chosen: str, rejected: str) -> tuple[list[Message], list[str]]:
    """As TRL's `extract_prompt`: everything up to the first difference, a blank before it left to the answers."""
    at = shared_start(chosen, rejected)
    if at and chosen[at - 1] == " ":
        at -= 1
    if not chosen[:at].strip():
        raise BadData(
            "there is no prompt: no prompt column, and chosen and rejected begin differently; map the column."
        )
    return user(chosen[:at]), [chosen[at:], rejected[at:]]


def _shared(chosen: list[Message], rejected: list[Message]) -> int:
    """How many first messages both sides share, their last message left to the answers."""
    same = 0
    while same < min(len(chosen), len(rejected)) - 1 and chosen[same] == rejected[same]:
        same += 1
    if not same:
        raise BadData("there is no prompt: chosen and rejected share no first message; map the prompt column.")
    return same


def _one(answer: list[Any], name: str) -> str:
    if len(answer) != 1 or answer[0]["role"] != "assistant":
        roles = ", ".join(message["role"] for message in answer)
        raise BadData(f"the answer in column {name!r} must be one assistant message after the prompt, not: {roles}.")
    return answer[0]["content"]
