"""`answers`: one answer to one prompt in each row, with its author; AlpacaEval's `model_outputs.json` is one."""

from __future__ import annotations

from . import UNNAMED, Answer, Example, Row, column, formats, messages, number, optional, text, user


@formats.member()
def answers(
    row: Row,
    *,
    prompt: str = "instruction",
    response: str = "output",
    author: str | None = "generator",
    rating: str | None = None,
    category: str | None = "dataset",
    source: str | None = None,
) -> Example:
    """A prompt (text or messages) and an answer to it in each row, as AlpacaEval's outputs have it.

    What AlpacaEval calls `dataset` is the part of the benchmark that an instruction is from.
    """
    asked = column(row, prompt)
    said = Answer(text(row, response), optional(row, author) or UNNAMED, number(row.get(rating)) if rating else None)
    turns = messages(asked, prompt) if isinstance(asked, list) else user(text(row, prompt))
    return Example(turns, [said], category=optional(row, category), source=optional(row, source))
