"""What the sample's front desk is asked: seven families of questions with one right answer each.

Everything is lower case and its tokens are separated by blanks, so that a word-level tokenizer suffices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

PREFIXES = ("", "hello , ", "could you help , ", "one more thing , ")


@dataclass(frozen=True)
class Family:
    """Questions of one kind: how they are worded, how answers are worded, and the sentence that explains."""

    name: str
    templates: tuple[str, ...]
    bodies: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class Fact:
    """One thing to know. A right answer names `needed` of the `parts` and nothing that belongs to another fact."""

    family: Family
    asks: Mapping[str, str]
    parts: tuple[str, ...]
    needed: int = 1


GREET = Family(
    "greet",
    (
        "greet {name} in the {time}",
        "it is {time} , say hello to {name}",
        "{name} comes in this {time} , what do you say ?",
    ),
    ("{0} , {1} .", "{0} to you , {1} .", "a very {0} , {1} ."),
    "using the name makes a guest feel welcome .",
)
LIST = Family(
    "list",
    ("name {count} {group}", "make a list of {count} {group}", "which {count} {group} come to mind ?"),
    ("{all} .", "for example {all} .", "you could say {all} ."),
    "all of these are easy to find .",
)
TIP = Family(
    "tip",
    (
        "how do i take care of my {thing} ?",
        "any advice for my {thing} ?",
        "what is good for {thing} ?",
        "tell me a trick for {thing}",
        "what should i do with my {thing} ?",
        "i need a hint about {thing}",
        "what would you do with old {thing} ?",
        "what helps with my {thing} ?",
    ),
    ("{0} .", "it is best to {0} .", "we always {0} ."),
    "a little care saves money later .",
)
YOUNG = Family(
    "young",
    (
        "what is a young {animal} called ?",
        "how do you call the baby of a {animal} ?",
        "a {animal} has a baby , what is it ?",
        "the young of a {animal} is a what ?",
    ),
    ("it is a {0} .", "people call it a {0} .", "the word is {0} ."),
    "farmers and keepers use this word .",
)
PAST = Family(
    "past",
    (
        "what is the past of {verb} ?",
        "put {verb} into the past",
        "now i {verb} , what did i do before ?",
        "how does {verb} change in a story ?",
    ),
    ("it is {0} .", "the past is {0} .", "in a story you say {0} ."),
    "this verb does not follow the usual rule .",
)
TROUBLE = Family(
    "trouble",
    (
        "{trouble} and i am not happy",
        "i want to complain , {trouble}",
        "excuse me but {trouble}",
        "{trouble} , what will you do ?",
    ),
    ("we will {0} .", "sorry about that , we will {0} .", "let us {0} ."),
    "this should be settled within the hour .",
)
PLACE = Family(
    "place",
    ("where is the {event} ?", "where do i find the {event} ?", "i am looking for the {event}"),
    ("it is {0} .", "you find it {0} .", "please go {0} ."),
    "the way is marked with yellow arrows .",
)
FAMILIES = (GREET, LIST, TIP, YOUNG, PAST, TROUBLE, PLACE)

NAMES = ["mira", "jonas", "aiko", "pedro", "leila", "tomas", "nadia", "erik", "ines", "omar"]
TIMES = ("morning", "afternoon", "evening")
COUNTS = {"two": 2, "three": 3, "four": 4}
GROUPS = {
    "birds": "robin heron owl swan eagle crow finch gull",
    "tools": "hammer drill pliers wrench chisel ruler spade clamp",
    "fruits": "apple pear plum grape melon cherry peach fig",
    "fish": "trout salmon cod carp herring tuna perch eel",
    "trees": "oak birch maple willow cedar elm ash linden",
    "drinks": "tea coffee juice cocoa milk water lemonade cider",
    "clothes": "shirt scarf coat glove sock hat skirt belt",
    "instruments": "violin flute drum harp trumpet cello oboe guitar",
}
TIPS = {
    "bread": "wrap it in a linen cloth",
    "bikes": "oil the chain every month",
    "roses": "cut them just above a bud",
    "knives": "draw the blade along a wet stone",
    "boots": "rub them with warm wax",
    "windows": "wipe them with vinegar and paper",
    "soup": "let it simmer under a lid",
    "pianos": "keep them away from the heater",
}
YOUNG_ONES = {
    "cow": "calf", "horse": "foal", "sheep": "lamb", "goat": "kid", "dog": "puppy", "cat": "kitten", "bear": "cub",
    "deer": "fawn", "goose": "gosling", "duck": "duckling", "frog": "tadpole", "pig": "piglet", "hen": "chick",
    "kangaroo": "joey",
}  # fmt: skip
PAST_FORMS = {
    "go": "went", "see": "saw", "buy": "bought", "sing": "sang", "think": "thought", "write": "wrote", "fly": "flew",
    "eat": "ate", "know": "knew", "swim": "swam", "give": "gave", "break": "broke", "drive": "drove",
}  # fmt: skip
REMEDIES = {
    "the parcel is late": "call the driver at once",
    "the lamp flickers": "send you a new bulb",
    "the room is cold": "turn on the heating",
    "the bill is wrong": "print a correct one",
    "the door squeaks": "grease both hinges",
    "the meal is salty": "bring another bowl",
    "the music is loud": "ask the band to play softly",
    "the towel is missing": "put two fresh ones in the bath",
}
PLACES = {
    "choir": "in the chapel", "market": "by the harbour", "yoga": "on the terrace", "chess": "down in the cellar",
    "cinema": "behind the station", "pottery": "inside the barn", "picnic": "near the lake", "dance": "at the school",
}  # fmt: skip


@cache
def facts() -> tuple[Fact, ...]:
    """Everything there is to know, family by family."""
    greetings = [
        Fact(GREET, {"name": name, "time": time}, (f"good {time}", name), needed=2) for name in NAMES for time in TIMES
    ]
    lists = [
        Fact(LIST, {"count": word, "group": group}, tuple(items.split()), needed=count)
        for group, items in GROUPS.items()
        for word, count in COUNTS.items()
    ]
    simple = [
        Fact(family, {slot: asked}, (answer,))
        for family, slot, known in (
            (TIP, "thing", TIPS),
            (YOUNG, "animal", YOUNG_ONES),
            (PAST, "verb", PAST_FORMS),
            (TROUBLE, "trouble", REMEDIES),
            (PLACE, "event", PLACES),
        )
        for asked, answer in known.items()
    ]
    return (*greetings, *lists, *simple)


@cache
def questions() -> Mapping[str, Fact]:
    """Every prompt of the sample and the fact it asks for."""
    return {
        prefix + template.format(**fact.asks): fact
        for fact in facts()
        for template in fact.family.templates
        for prefix in PREFIXES
    }


@cache
def names_of(family: str) -> frozenset[str]:
    """All parts of answers that a family knows, right or wrong for one question."""
    return frozenset(part for fact in facts() if fact.family.name == family for part in fact.parts)
