"""What may be wrong with a row of preference data. By default it is counted and kept; a spec says what is dropped."""

from __future__ import annotations

from collections.abc import Container

from .errors import BadSpec, nearest
from .formats import Example

REASONS = {
    "exact_duplicate": "the same prompt and answers stand in an earlier row",
    "identical_sides": "chosen and rejected are the same text",
    "blank_response": "an answer is empty or blank",
    "ambiguous_split": "an answer holds a dialogue marker, so that the usual cut gives another prompt",
    "over_length": "prompt and longest answer have more characters than max_chars",
    "held_out_prompt": "the prompt is in the held-out set; where the row is kept, it is set aside",
    "later_turns": "only the first of several turns is asked",
    "unreadable_row": "the row does not fit the format; it is always left out",
}


def check_reasons(names: tuple[str, ...]) -> None:
    """BadSpec where a reason is unknown."""
    for name in names:
        if name not in REASONS:
            raise BadSpec(f"there is no reason {name!r} to drop a row; {nearest(name, REASONS)}")


def reasons(example: Example, *, repeated: bool, max_chars: int, prompt: int, held_out: Container[int]) -> list[str]:
    """Every reason that a row gives, in the order of `REASONS`. `repeated`: it stood in an earlier row."""
    texts = [answer.text for answer in example.answers]
    size = sum(len(m["content"]) for m in example.prompt) + max(map(len, texts), default=0)
    found = {
        "exact_duplicate": repeated,
        "identical_sides": any(texts[a] == texts[b] for a, b in example.pairs),
        "blank_response": any(not text.strip() for text in texts),
        "over_length": size > max_chars,
        "held_out_prompt": prompt in held_out,
        **dict.fromkeys(example.flags, True),
    }
    return [reason for reason in REASONS if found.get(reason)]
