"""`prompts`: questions without answers, benchmark question files included."""

from __future__ import annotations

from ..errors import BadData
from . import Example, Row, column, formats, messages, optional, user


@formats.member()
def prompts(
    row: Row,
    *,
    prompt: str = "prompt",
    category: str | None = "category",
    source: str | None = "source",
    reference: str | None = "reference",
) -> Example:
    """Prompts only: a text, messages, or a list of turns (MT-Bench), of which only the first is asked.

    Rows whose later turns are left out are flagged `later_turns`.
    """
    asked = column(row, prompt)
    flags: tuple[str, ...] = ()
    if isinstance(asked, list) and asked and all(isinstance(turn, str) for turn in asked):
        flags = ("later_turns",) if len(asked) > 1 else ()
        asked = asked[0]
    if isinstance(asked, str) and not asked.strip():
        raise BadData(f"column {prompt!r} is blank.")
    known = row.get(reference) if reference else None
    return Example(
        prompt=user(asked) if isinstance(asked, str) else messages(asked, prompt),
        category=optional(row, category),
        source=optional(row, source),
        reference=(str(known[0]) if known else None) if isinstance(known, list) else optional(row, reference),
        flags=flags,
    )
