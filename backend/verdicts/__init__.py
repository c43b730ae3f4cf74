"""Verdicts: what a judge replied → what the official tool stores. Pure, and to the letter of the official rules.

alpaca.py     log-probs of two tokens and ranking lists; which answer AlpacaEval shows first
own.py        the forms that users choose from, for the judges `custom` and `custom_grade`
mt_bench.py   a grade `[[7]]`, a winner `[[A]]`
arena.py      the labels of Arena-Hard v0.1 and v2.0
replies.py    where the text of a recorded reply lies

A parser takes a reply as JSON gives it and returns the value, or raises Unreadable with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import Unreadable, sentence
from . import alpaca, arena, mt_bench

Value = float | str
PARSERS: dict[str, Callable[[Any], Value]] = {
    "alpaca-logprob": alpaca.logprob,
    "alpaca-ranking": alpaca.ranking,
    "mtbench-single": mt_bench.grade,
    "mtbench-pair": mt_bench.winner,
    "arena-v0.1": arena.label_v01,
    "arena-v2": arena.label_v2,
}


@dataclass(frozen=True)
class Verdict:
    """A value, or the reason why there is none: exactly one of the two is None."""

    value: Value | None
    reason: str | None = None


def by(parser: Callable[[Any], Value], reply: Any) -> Verdict:
    """The verdict that a parser finds in a reply."""
    try:
        return Verdict(parser(reply))
    except Unreadable as problem:
        return Verdict(None, sentence(problem))


def read(kind: str, reply: Any, instruction: str | None = None) -> Verdict:
    """The verdict in a reply: its text, or the recorded completion as JSON gives it.

    With an instruction, an AlpacaEval preference is turned from the order shown to (baseline, candidate).
    """
    try:
        value = PARSERS[kind](reply)
        if instruction is not None and isinstance(value, float) and kind.startswith("alpaca-"):
            value = alpaca.reordered(value, instruction)
    except Unreadable as problem:
        return Verdict(None, sentence(problem))
    return Verdict(value)
