"""Replies in a form that the user chose: labels, two tokens, ranks, a field of JSON, a number. Stricter than `PARSERS`.

What cannot be read in exactly one way is unreadable. A preference is how far the answer shown *first* is preferred: 1,
½ (a tie) or 0; from log-probs anything in between.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import BadSpec, Unreadable
from . import alpaca
from .replies import text

Several = Literal["equal", "last"]  # where a reply holds several labels: all must be the same, or the last counts
FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
NUMBER = re.compile(r"\[\[\s*(-?\d+(?:\.\d+)?)\s*\]\]")


@dataclass(frozen=True)
class Labels:
    """What a judge says when the answer shown first, or second, is better, or neither; None: there are no ties."""

    first: str
    second: str
    tie: str | None = None

    def __post_init__(self) -> None:
        """BadSpec where a label is blank or has two meanings."""
        if not all(label.strip() for label in self.points) or len(self.points) < 2 + (self.tie is not None):
            raise BadSpec(f"the labels {', '.join(map(repr, self.points))} are blank or alike; give each its own.")

    @property
    def points(self) -> dict[str, float]:
        """Label → how far the answer shown first is preferred."""
        return {self.first: 1.0, self.second: 0.0} | ({} if self.tie is None else {self.tie: 0.5})

    def __str__(self) -> str:
        """The labels in words."""
        return ", ".join(map(repr, self.points))


def label(reply: Any, labels: Labels, several: Several = "equal", after: str | None = None) -> float:
    """The label in a reply, as a word of its own (A is not in "Answer"); `after`: behind the last place of a text."""
    longest = sorted(labels.points, key=len, reverse=True)
    pattern = "|".join(_whole(one) for one in longest)
    return labels.points[_one(re.findall(pattern, _behind(text(reply), after)), several, f"none of {labels}")]


def token(reply: Any, labels: Labels) -> float:
    """P(first) / (P(first) + P(second)) from the log-probs of one token."""
    return 2 - alpaca.logprob(reply, labels.first, labels.second)


def ranks(reply: Any, labels: Labels) -> float:
    """A list of {'model': first or second, 'rank': 1 or 2} and nothing else; equal ranks are a tie."""
    rows = alpaca.listed(reply)
    found = {row["model"]: row.get("rank") for row in rows if isinstance(row["model"], str)}
    if len(rows) != 2 or found.keys() != {labels.first, labels.second}:
        raise Unreadable(f"the list must rank {labels.first!r} and {labels.second!r}, each once, and nothing else.")
    first, second = found[labels.first], found[labels.second]
    if first not in (1, 2) or second not in (1, 2):
        raise Unreadable(f"the ranks are {_short(first)} and {_short(second)}; they must be 1 or 2.")
    return 0.5 if first == second else float(first == 1)


def field(reply: Any, name: str, labels: Labels) -> float:
    """The label in a field of the JSON object that the reply is."""
    value = _member(reply, name)
    if not isinstance(value, str) or value not in labels.points:
        raise Unreadable(f"the field {name!r} holds {_short(value)}, which is none of {labels}.")
    return labels.points[value]


def number(reply: Any, bounds: tuple[float, float], several: Several = "equal", after: str | None = None) -> float:
    """The number in double brackets, such as [[7]], within bounds that are allowed themselves."""
    found = NUMBER.findall(_behind(text(reply), after))
    return _within(float(_one(found, several, "no number like [[7]]")), bounds)


def number_field(reply: Any, name: str, bounds: tuple[float, float]) -> float:
    """The number in a field of the JSON object that the reply is."""
    value = _member(reply, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"the field {name!r} holds {_short(value)}, which is no number.")
    return _within(float(value), bounds)


def _whole(label: str) -> str:
    """A pattern for a label that is not part of a longer word."""
    return rf"(?<!\w){re.escape(label)}(?!\w)" if label[0].isalnum() and label[-1].isalnum() else re.escape(label)


def _behind(words: str, after: str | None) -> str:
    if after is None:
        return words
    if after not in words:
        raise Unreadable(f"the reply does not hold {after!r}, behind which the verdict stands.")
    return words.rpartition(after)[2]


def _one(found: Sequence[str], several: Several, nothing: str) -> str:
    if not found:
        raise Unreadable(f"the reply holds {nothing}.")
    if several == "equal" and len(set(found)) > 1:
        raise Unreadable(f"the reply holds different verdicts: {', '.join(map(repr, dict.fromkeys(found)))}.")
    return found[-1]


def _member(reply: Any, name: str) -> Any:
    """A field of the object that a reply spells, also in a fence."""
    words = text(reply)
    fenced = FENCE.match(words)
    try:
        document = json.loads(fenced[1] if fenced else words)
    except (ValueError, RecursionError):
        raise Unreadable("the reply is not one JSON object and nothing else.") from None
    if not isinstance(document, dict):
        raise Unreadable(f"the reply is a JSON {type(document).__name__}, not an object.")
    if name not in document:
        raise Unreadable(f"the object has no field {name!r} (it has {', '.join(map(repr, document)) or 'none'}).")
    return document[name]


def _within(value: float, bounds: tuple[float, float]) -> float:
    lowest, highest = bounds
    if not (lowest <= value <= highest and math.isfinite(value)):
        raise Unreadable(f"the grade {value:g} is not within {lowest:g} to {highest:g}.")
    return value


def _short(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 40 else words[:39] + "…"
