"""Where the text of a recorded reply lies: plain text, a chat completion, one of its choices, Arena-Hard's object."""

from __future__ import annotations

from typing import Any

from ..errors import Unreadable

# A function call's arguments are the reply where there are any: alpaca_eval, decoders/openai.py.
PLACES: tuple[tuple[str | int, ...], ...] = (
    ("text",),
    ("message", "tool_calls", 0, "function", "arguments"),
    ("message", "function_call", "arguments"),
    ("message", "content"),
    ("answer",),  # Arena-Hard v2.0
)


def dig(document: Any, *path: str | int) -> Any:
    """What lies at a path of keys and positions in a JSON document; None where nothing does."""
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def choice(reply: Any) -> Any:
    """The first choice of a chat completion; any other reply as it is."""
    first = dig(reply, "choices", 0)
    return reply if first is None else first


def text(reply: Any) -> str:
    """The text of a reply; Unreadable where there is none."""
    one = choice(reply)
    found = one if isinstance(one, str) else next(filter(None, (dig(one, *path) for path in PLACES)), None)
    if not isinstance(found, str) or not found:
        raise Unreadable("the reply holds no text; give the judge's words, a chat completion or one of its choices.")
    return found
