"""`llm_comparator`: the examples of an LLM Comparator document."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..errors import BadData
from . import Answer, Example, Row, formats, number, text, user


@formats.member()
def llm_comparator(row: Row, *, min_score: Annotated[float, Field(ge=0)] = 0.0) -> Example:
    """Two answers that raters compared: one pair, the better answer chosen (Kahng et al. 2024, arXiv 2402.10524).

    A score above 0 prefers A. Answers whose score is no further from 0 than `min_score` make no pair. The first tag is
    the category.
    """
    score = number(row.get("score"))
    if score is None:
        raise BadData(f"the score must be a number, not {str(row.get('score'))[:40]!r}; mend the row.")
    tags = row.get("tags") or []
    return Example(
        prompt=user(text(row, "input_text")),
        answers=[Answer(text(row, "output_text_a"), "A"), Answer(text(row, "output_text_b"), "B")],
        pairs=[] if abs(score) <= min_score else [(0, 1) if score > 0 else (1, 0)],
        category=str(tags[0]) if isinstance(tags, list) and tags else None,
        label_source="raters",
    )
