"""`instruction`: instruction and input, chosen and rejected."""

from __future__ import annotations

from . import Answer, Example, Row, formats, optional, text, user


@formats.member()
def instruction(
    row: Row,
    *,
    instruction: str = "instruction",
    input: str | None = "input",
    chosen: str = "chosen",
    rejected: str = "rejected",
    category: str | None = None,
) -> Example:
    """An instruction with an optional input below it, and a chosen and a rejected answer."""
    asked = "\n\n".join(filter(None, (text(row, instruction), optional(row, input))))
    sides = [Answer(text(row, chosen)), Answer(text(row, rejected))]
    return Example(user(asked), sides, [(0, 1)], category=optional(row, category))
