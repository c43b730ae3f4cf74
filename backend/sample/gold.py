"""The sample's gold reward: how good an answer really is, read from its text.

The same linear function scores the bundled answers and whatever a trained model writes, so nothing about how an
answer came about can leak into it. It plays the part of the true preference that real data never shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BadData
from . import phrases
from .world import Fact, names_of, questions

ROOM = 28  # words that an answer may have before its length counts against it


@dataclass(frozen=True)
class Features:
    """What is read from an answer. Counts are of phrases; `repeated` counts word trigrams that were there before."""

    correct: float  # 1 right, 0.2 incomplete or too much of it, 0 no answer, -1 wrong or mixed
    opening: bool
    closing: bool
    explained: bool
    rude: int
    links: int
    off_topic: int
    fillers: int
    repeated: int
    dont_know: bool
    words: int


def gold(prompt: str, response: str) -> float:
    """The gold reward of an answer to a question of the sample; higher is better, about -5 to 2.5.

    `prompt` is the text of the user's message. BadData where the sample does not know the question.
    """
    return reward(read(prompt, response))


def reward(f: Features) -> float:
    """The weights of the gold reward."""
    if not f.words:
        return -2.0
    return (
        1.2 * f.correct
        + 0.5 * f.opening
        + 0.5 * f.closing
        + 0.8 * f.explained
        - 1.5 * min(f.rude, 2)
        - 1.2 * min(f.links, 2)
        - 0.8 * min(f.off_topic, 2)
        - 0.5 * min(f.fillers, 2)
        - 0.8 * min(f.repeated / 4, 1.0)
        - 0.5 * f.dont_know
        - 0.06 * max(f.words - ROOM, 0)
        - 0.015 * f.words  # small: it only breaks ties
    )


def read(prompt: str, response: str) -> Features:
    """The features of an answer."""
    fact = _fact(prompt)
    words = response.lower().split()
    text = f" {' '.join(words)} "
    return Features(
        correct=_correct(fact, text),
        opening=_count(text, phrases.OPENINGS) > 0,
        closing=_count(text, phrases.CLOSINGS) > 0,
        explained=_count(text, [fact.family.explanation]) > 0,
        rude=_count(text, phrases.RUDE),
        links=_count(text, phrases.LINKS),
        off_topic=_count(text, phrases.OFF_TOPIC),
        fillers=_count(text, phrases.FILLERS),
        repeated=_repeated(words),
        dont_know=_count(text, phrases.DONT_KNOW) > 0,
        words=len(words),
    )


def _fact(prompt: str) -> Fact:
    text = " ".join(prompt.lower().split())
    if text not in questions():
        raise BadData(f"the gold reward knows only the sample's own questions, not {text[:80]!r}; use another judge.")
    return questions()[text]


def _correct(fact: Fact, text: str) -> float:
    """How right the answer is; see `Features.correct`."""
    said = {part for part in names_of(fact.family.name) if f" {part} " in text}
    if said - set(fact.parts):
        return -1
    if not said:
        return 0
    return 1 if len(said) == fact.needed else 0.2


def _count(text: str, wanted: Iterable[str]) -> int:
    return sum(text.count(f" {phrase}") for phrase in wanted)  # phrases end with a mark, so no word goes on


def _repeated(words: list[str]) -> int:
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    return len(trigrams) - len(set(trigrams))
