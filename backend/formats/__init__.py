"""Formats: a raw row → an `Example`, or one for each turn. A member is pure; its arguments are the names of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadData, nearest
from ..registry import Family, Member

formats = Family("format", __name__)

UNNAMED = "dataset"  # the author of responses whose file names none
Message = Mapping[str, str]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A response as a file gives it."""

    text: str
    author: str = UNNAMED
    rating: float | None = None


@dataclass(frozen=True)
class Example:
    """One row: a prompt, its answers, and which answer was preferred to which (numbers of answers)."""

    prompt: list[Message]
    answers: list[Answer] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    category: str | None = None
    source: str | None = None
    reference: str | None = None
    label_source: str = UNNAMED
    split: str | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """BadData where a text holds half a surrogate pair: JSON can spell it, no file of ours can hold it."""
        said = [part for message in self.prompt for part in message.values()]
        said += [part for answer in self.answers for part in (answer.text, answer.author)]
        said += [self.category or "", self.source or "", self.reference or "", self.label_source, self.split or ""]
        try:
            "".join(said).encode()
        except UnicodeEncodeError:
            raise BadData("a text holds half a character (a lone surrogate such as \\ud800); mend the row.") from None


def examples(member: Member, row: Row, arguments: Mapping[str, Any]) -> list[Example]:
    """What a member makes of a row: one example, or one for each turn of a conversation."""
    made = member.function(row, **arguments)
    return made if isinstance(made, list) else [made]


def user(text: str) -> list[Message]:
    """A prompt of one user message."""
    return [{"role": "user", "content": text}]


def column(row: Row, name: str) -> Any:
    """A column that must be there; BadData names those found and the nearest guess."""
    if name not in row or row[name] is None:
        found = ", ".join(sorted(row)) or "none"
        raise BadData(f"there is no column {name!r} (found: {found}); {nearest(name, row)}")
    return row[name]


def text(row: Row, name: str) -> str:
    """A column that must be there and hold text."""
    value = column(row, name)
    if not isinstance(value, str):
        raise BadData(f"column {name!r} holds a {type(value).__name__}, not text; choose another column or format.")
    return value


def optional(row: Row, name: str | None) -> str | None:
    """A column as text, or None where it is not there or empty."""
    value = row.get(name) if name else None
    return None if value is None or value == "" else str(value)


def shared_start(first: str, second: str) -> int:
    """How many characters two texts have in common at their beginning."""
    both = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(both) if a != b), min(len(first), len(second)))


def number(value: Any) -> float | None:
    """A rating, or None where there is none to read."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def messages(value: Any, name: str) -> list[Message]:
    """A list of messages with role and content, checked."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise BadData(f"column {name!r} must hold a list of messages, not {str(value)[:40]!r}.")
    found: list[Message] = []
    for part in value:
        role, content = (part.get("role"), part.get("content")) if isinstance(part, Mapping) else (None, None)
        if not isinstance(role, str) or not isinstance(content, str):
            raise BadData(f"a message in column {name!r} needs a role and a content as text, not {str(part)[:60]!r}.")
        found.append({"role": role, "content": content})
    return found
