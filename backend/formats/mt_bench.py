"""`mt_bench`: MT-Bench's questions, conversations of several turns; or an answer row beside its question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadData
from . import UNNAMED, Answer, Example, Row, formats, optional


@formats.member()
def mt_bench(row: Row, *, author: str = "model_id", category: str = "category") -> list[Example]:
    """MT-Bench's questions {question_id, category, turns}, or FastChat's answers {question_id, model_id, choices}.

    An example for each turn. The prompt of a later turn holds the user's messages so far: its earlier answers are the
    same author's, to the prompts of the turns before. Of several choices the first counts, as in FastChat.
    """
    question: Any = row if "turns" in row else row.get("question")
    asked = _turns(question, "the question")
    said = [] if question is row else _turns(_first_choice(row), "the answer")
    if said and len(asked) != len(said):
        raise BadData(f"the question has {len(asked)} turns, its answer {len(said)}; mend or remove the row.")
    right = _first_choice(row["right_answer"]) if row.get("right_answer") else None
    known = _turns(right, "the reference answer") if right else []
    name = optional(row, author) or UNNAMED
    return [
        Example(
            [{"role": "user", "content": words} for words in asked[: turn + 1]],
            [Answer(said[turn], name)] if said else [],
            category=optional(question, category),
            source=optional(row, "question_id"),
            reference=known[turn] if turn < len(known) else None,
        )
        for turn in range(len(asked))
    ]


def _first_choice(row: Row) -> Any:
    choices = row.get("choices")
    return choices[0] if isinstance(choices, list) and choices else None


def _turns(part: Any, what: str) -> list[str]:
    turns = part.get("turns") if isinstance(part, Mapping) else None
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise BadData(f"{what} has no list of `turns` as text; FastChat's layout is needed.")
    return turns
