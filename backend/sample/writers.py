"""Who writes the sample's answers: five writers of uneven quality."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random

from . import phrases
from .world import Fact, facts


@dataclass(frozen=True)
class Habits:
    """A writer: the probability of each trait, independently for every answer."""

    right: float
    opening: float
    closing: float
    explained: float
    rude: float
    link: float
    off_topic: float
    filler: float
    twice: float
    dont_know: float


@dataclass(frozen=True)
class Traits:
    """What one answer will be like, before it is worded."""

    right: bool
    opening: bool
    closing: bool
    explained: bool
    rude: bool
    link: bool
    off_topic: bool
    filler: bool
    twice: bool
    dont_know: bool


WRITERS = {
    #                 right open  close expl. rude  link  off   fill  twice don't know
    "expert": Habits(0.97, 0.55, 0.45, 0.65, 0.00, 0.02, 0.02, 0.05, 0.02, 0.00),
    "plain": Habits(0.92, 0.30, 0.20, 0.25, 0.02, 0.05, 0.08, 0.20, 0.05, 0.03),
    "sloppy": Habits(0.65, 0.20, 0.15, 0.15, 0.10, 0.10, 0.35, 0.55, 0.30, 0.15),
    "seller": Habits(0.80, 0.45, 0.45, 0.20, 0.02, 0.85, 0.30, 0.15, 0.20, 0.05),
    "grump": Habits(0.80, 0.02, 0.02, 0.10, 0.85, 0.05, 0.15, 0.25, 0.10, 0.15),
}


def draw(rng: Random, writer: str | None = None) -> tuple[str, Traits]:
    """A writer (uniformly, unless named) and the traits of one answer."""
    writer = writer or rng.choice(list(WRITERS))
    habits = WRITERS[writer]
    return writer, Traits(**{f.name: rng.random() < getattr(habits, f.name) for f in fields(Habits)})


def write(fact: Fact, traits: Traits, rng: Random) -> str:
    """An answer with these traits, in words."""
    bodies = [_body(fact, traits, rng) for _ in range(2 if traits.twice else 1)]
    rude = rng.choice(phrases.RUDE) if traits.rude else ""
    rude_first = rng.random() < 0.5
    return " ".join(
        part
        for part in (
            rude if rude_first else "",
            rng.choice(phrases.FILLERS) if traits.filler else "",
            rng.choice(phrases.OPENINGS) if traits.opening else "",
            *bodies,
            fact.family.explanation if traits.explained else "",
            rng.choice(phrases.OFF_TOPIC) if traits.off_topic else "",
            rng.choice(phrases.LINKS) if traits.link else "",
            "" if rude_first else rude,
            rng.choice(phrases.CLOSINGS) if traits.closing else "",
        )
        if part
    )


def _body(fact: Fact, traits: Traits, rng: Random) -> str:
    if traits.dont_know:
        return rng.choice(phrases.DONT_KNOW)
    said = _right(fact, rng) if traits.right else _wrong(fact, rng)
    listed = " and ".join(filter(None, (" , ".join(said[:-1]), said[-1])))
    return rng.choice(fact.family.bodies).format(*said, all=listed)


def _right(fact: Fact, rng: Random) -> list[str]:
    return list(fact.parts) if len(fact.parts) == fact.needed else rng.sample(fact.parts, fact.needed)


def _wrong(fact: Fact, rng: Random) -> list[str]:
    """The answer to another question of the family; for a list, half the time one item too few."""
    if len(fact.parts) > fact.needed and rng.random() < 0.5:
        return rng.sample(fact.parts, fact.needed - 1)
    others = [f for f in facts() if f.family is fact.family and f.parts != fact.parts and f.needed == fact.needed]
    return _right(rng.choice(others), rng)
