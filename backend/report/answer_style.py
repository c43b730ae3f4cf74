"""How long an answer is and how much markdown it has: what Arena-Hard v2.0 controls for (`add_markdown_info.py`)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from ..errors import BadData
from ..files import Row, field

NAMES = ("length", "headers", "lists", "bold")
Style = tuple[int, int, int, int]  # tokens, headers, list items, bold spans
_FENCED = re.compile(r"```[^`]*```")
_MARKDOWN = [
    [re.compile(r"^#{1,6}\s", re.MULTILINE)],
    [re.compile(r"^\s*\d+\.\s", re.MULTILINE), re.compile(r"^\s*[-*+]\s", re.MULTILINE)],
    [re.compile(r"\*\*[^*\n]+\*\*"), re.compile(r"__[^_\n]+__")],
]
_KEYS = ("token_len", "header_count", "list_count", "bold_count")


def markdown(answer: str) -> tuple[int, int, int]:
    """Headers, list items and bold spans outside fenced code blocks."""
    for block in _FENCED.findall(answer):  # every occurrence of the block's text, as the official code cuts it
        answer = answer.replace(block, "")
    headers, lists, bold = (sum(len(one.findall(answer)) for one in kinds) for kinds in _MARKDOWN)
    return headers, lists, bold


def from_answers(rows: Iterable[tuple[str, Row]]) -> dict[tuple[str, Hashable], Style]:
    """(model, question) → style, from the `metadata` of v2.0 answer rows {uid, model, metadata}; BadData without it."""
    found: dict[tuple[str, Hashable], Style] = {}
    for place, row in rows:
        about = field(row, "metadata", dict, place)
        tokens, headers, lists, bold = (_count(about, key, place) for key in _KEYS)
        found[field(row, "model", str, place), field(row, "uid", (str, int), place)] = tokens, headers, lists, bold
    return found


def contrast(model: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """How much more of each the model's answer has: float64[..., 4] from counts [..., 4] of both sides.

    Tokens: (a − b) / (a + b). Markdown: (a − b) / (a + b + 1) of counts per token, which are 0 for an empty answer.
    """
    a, b = (
        np.concatenate([side[..., :1], side[..., 1:] / np.maximum(side[..., :1], 1)], -1) for side in (model, baseline)
    )
    total = a + b + np.array([0, 1, 1, 1])
    return np.asarray((a - b) / np.where(total > 0, total, 1))


def standardised(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Columns of rows that come `weight` times, at mean 0 and standard deviation 1 (n − 1); 0 where all are equal."""
    total = weight.sum()
    centred = values - weight @ values / total
    deviation = np.sqrt(weight @ centred**2 / max(total - 1, 1))
    return np.asarray(np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 1e-12))


def _count(about: dict[str, Any], key: str, place: str) -> int:
    """A number, or the sum of a table of numbers such as {"h1": 0, "h2": 3, …}."""
    found = field(about, key, (int, dict), f"{place}, metadata")
    parts = list(found.values()) if isinstance(found, dict) else [found]
    if not all(isinstance(part, int) and part >= 0 for part in parts):
        raise BadData(f"{place}, metadata: {key!r} holds something that is no count; mend or remove the row.")
    return sum(parts)
