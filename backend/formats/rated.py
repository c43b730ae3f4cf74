"""`rated`: several completions of a prompt, each with an author and a rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadData
from . import UNNAMED, Answer, Example, Row, column, formats, messages, number, optional, text, user


@formats.member()
def rated(
    row: Row,
    *,
    prompt: str = "prompt",
    completions: str = "completions",
    response: str = "response",
    rating: str | None = "rating",
    author: str | None = "model",
    source: str | None = "source",
    category: str | None = None,
) -> Example:
    """Several rated completions of each prompt, as in UltraFeedback. Pairs are made from them by a `pair` run."""
    asked = column(row, prompt)
    said = column(row, completions)
    if not isinstance(said, list) or not said:
        raise BadData(f"column {completions!r} must hold a list of completions, not {str(said)[:40]!r}.")
    return Example(
        prompt=user(asked) if isinstance(asked, str) else messages(asked, prompt),
        answers=[_answer(part, response, rating, author) for part in said],
        category=optional(row, category),
        source=optional(row, source),
    )


def _answer(part: Any, response: str, rating: str | None, author: str | None) -> Answer:
    if isinstance(part, str):
        return Answer(part)
    if not isinstance(part, Mapping):
        raise BadData(f"a completion must be a text or an object, not {str(part)[:40]!r}.")
    return Answer(text(part, response), optional(part, author) or UNNAMED, number(part.get(rating)) if rating else None)
