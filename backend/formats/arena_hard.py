"""`arena_hard`: an Arena-Hard answer row beside its question, v0.1 or v2.0."""

from __future__ import annotations

from typing import Annotated, Any

from ..errors import BadData
from ..registry import LATER
from ..verdicts.replies import dig
from . import UNNAMED, Answer, Example, Row, formats, optional, user

# Where the two versions keep an answer and a question.
ANSWERS: tuple[tuple[str | int, ...], ...] = (
    ("messages", -1, "content", "answer"),
    ("messages", -1, "content"),
    ("choices", 0, "turns", 0, "content"),
    ("choices", 0, "turns", 0),
)
QUESTIONS: tuple[tuple[str | int, ...], ...] = (("prompt",), ("turns", 0, "content"), ("turns", 0))


@formats.member()
def arena_hard(
    row: Row, *, category: str = "category", only: Annotated[str | None, LATER] = None
) -> Example | list[Example]:
    """Arena-Hard's answers with their questions: {question_id, model_id, choices} or {uid, model, messages}.

    `only`: the questions of one category; v2.0 has two, each with a baseline of its own.
    """
    if only is not None and optional(row.get("question") or {}, category) != only:
        return []
    asked, said = _text(row.get("question"), QUESTIONS, "the question"), _text(row, ANSWERS, "the answer")
    author = optional(row, "model") or optional(row, "model_id") or UNNAMED
    return Example(
        user(asked),
        [Answer(said, author)],
        category=optional(row["question"], category),
        source=optional(row, "uid") or optional(row, "question_id"),
    )


def _text(part: Any, places: tuple[tuple[str | int, ...], ...], what: str) -> str:
    found = next((value for place in places if isinstance(value := dig(part, *place), str)), None)
    if found is None:
        raise BadData(f"{what} has no text where Arena-Hard keeps it ({' or '.join(str(p[0]) for p in places)}).")
    return found
