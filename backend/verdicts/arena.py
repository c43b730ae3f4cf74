"""Arena-Hard: a label of five steps, of the answers as shown (A first). `gen_judgment.py` and `show_result.py`."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Unreadable
from .replies import text

DOUBLE, SINGLE = re.compile(r"\[\[([AB<>=]+)\]\]"), re.compile(r"\[([AB<>=]+)\]")
LABELS = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
LABELS_V2 = (*LABELS, "A<<B", "A<B", "B=A", "B<A", "B<<A")
NONE = "the reply holds no label like [[A>B]]."


def label_v01(reply: Any) -> str:
    """The label, if all `[[…]]` of the reply are one and the same (v0.1, efc012e).

    The reply is all attempts joined, as the official file stores them. A label that v0.1 does not score (it weighs
    `A<B` 0) is no verdict.
    """
    found = set(DOUBLE.findall(text(reply)))
    if not found:
        raise Unreadable(NONE)
    if len(found) > 1:
        raise Unreadable(f"the reply holds different labels: {', '.join(sorted(found))}.")
    return _scored(found.pop(), LABELS)


def label_v2(reply: Any) -> str:
    """The last `[[…]]` of the reply in upper case, else the last `[…]` (v2.0, 196f6b8), as it is written there."""
    words = text(reply).upper()
    found = DOUBLE.findall(words) or SINGLE.findall(words)
    if not found:
        raise Unreadable(NONE)
    return _scored(found[-1], LABELS_V2)


def _scored(label: str, known: tuple[str, ...]) -> str:
    if label not in known:
        raise Unreadable(f"the label {label[:20]} is none of {', '.join(known)}.")
    return label
