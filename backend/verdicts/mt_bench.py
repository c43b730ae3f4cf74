"""MT-Bench: a grade of one answer, or the winner of two. FastChat (0e6d3e4), `llm_judge/common.py`."""

from __future__ import annotations

import ast
import math
import re
from typing import Any

from ..errors import Unreadable
from .replies import text

GRADES = (re.compile(r"\[\[(\d+\.?\d*)\]\]"), re.compile(r"\[(\d+\.?\d*)\]"))
WINNERS = {"[[A]]": "A", "[[B]]": "B", "[[C]]": "tie"}


def grade(reply: Any) -> float:
    """The first `[[number]]`, else the first `[number]`, whatever its size: nothing holds it to 1–10.

    The official tool stores −1 where there is none, and ends with an error at a number that Python cannot read (`08`).
    """
    words = text(reply)
    found = next(filter(None, (pattern.search(words) for pattern in GRADES)), None)
    if not found:
        raise Unreadable("the reply holds no grade like [[7]] or [7].")
    try:
        number = ast.literal_eval(found[1])
    except (SyntaxError, ValueError):
        number = math.inf
    if number == math.inf:
        raise Unreadable(f"the grade {found[0][:40]} is no number that Python reads.")
    return float(number) if isinstance(number, float) else int(number)


def winner(reply: Any) -> str:
    """A, B or tie, of the answers as shown: the first of [[A]], [[B]], [[C]] *in this order* that occurs anywhere."""
    words = text(reply)
    for label, name in WINNERS.items():
        if label in words:
            return name
    raise Unreadable("the reply holds none of [[A]], [[B]], [[C]].")
