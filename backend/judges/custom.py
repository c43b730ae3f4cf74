"""`custom` and `custom_grade`: the user's template, and how its replies are read, chosen from `verdicts.own`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from ..errors import BadSpec, nearest
from ..registry import Only
from ..verdicts import own
from ..verdicts.own import Labels, Several
from . import Asked, Desk, JudgeModel, Row, judges, templates
from .asking import Messages, Way, ask
from .mt_bench import grades
from .pairwise import fields as both
from .pairwise import with_flips
from .templates import Template

Reply = Literal["label", "token", "ranking", "json"]
Named = Annotated[str, Field(min_length=1, title="Field of the JSON object")]
After = Annotated[str | None, Field(title="Read only what stands after"), Only("reply", "label", "number")]
Of = Annotated[Several, Field(title="Of several in a reply, they must be equal or the last counts"),
               Only("reply", "label", "number")]  # fmt: skip
Tie = Annotated[str | None, Field(title="Said when neither is better (empty: never)"), Only("reply", "label", "json")]
HOW = "How a reply is read"
ONE_TOKEN = {"max_tokens": 1, "logprobs": True, "top_logprobs": 5}


def preference(given: Mapping[str, Any]) -> Callable[[Any], float]:
    """How the arguments of `custom` read a reply: how far the answer shown first is preferred."""
    reply, ties = given["reply"], given["reply"] in ("label", "json")
    labels = Labels(given["first"], given["second"], given["tie"] if ties else None)
    return {
        "label": lambda said: own.label(said, labels, given["several"], given["after"]),
        "token": lambda said: own.token(said, labels),
        "ranking": lambda said: own.ranks(said, labels),
        "json": lambda said: own.field(said, given["field"], labels),
    }[reply]


def grade(given: Mapping[str, Any]) -> Callable[[Any], float]:
    """How the arguments of `custom_grade` read a reply."""
    bounds = (given["lowest"], given["highest"])
    if bounds[0] >= bounds[1]:
        raise BadSpec(f"the lowest grade {bounds[0]:g} is not below the highest {bounds[1]:g}; change one of them.")
    if given["reply"] == "json":
        return lambda said: own.number_field(said, given["field"], bounds)
    return lambda said: own.number(said, bounds, given["several"], given["after"])


@judges.member(ordered=True, figures=with_flips, reads=preference)
def custom(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.File,
    reply: Annotated[Reply, Field(title=HOW)] = "label",
    first: Annotated[str, Field(min_length=1, title="Said when the answer shown first is better")] = "[[A]]",
    second: Annotated[str, Field(min_length=1, title="Said when the answer shown second is better")] = "[[B]]",
    tie: Tie = "[[C]]",
    several: Of = "equal",
    after: After = None,
    field: Annotated[Named, Only("reply", "json")] = "winner",
    both_orders: bool = True,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1), Only("reply", "label", "ranking", "json")] = 512,
) -> Iterator[Row]:
    """Your own template compares two answers; you say how its replies are read.

    `prompts`: sha256 of the template, a text or any official layout. It holds {answer_a} and {answer_b}, the answers in
    the order shown, and may hold {question}, {reference} and {category}, where the data has them. `reply`:

    - `label`: the words `first`, `second` and `tie` (none: no ties), as words of their own, in the reply, or in what
      stands `after` the last place of a text of yours. Of `several`, all must be equal, or the last counts.
    - `token`: the log-probs of the two tokens `first` and `second`, of which the judge says one.
    - `ranking`: a list [{'model': first, 'rank': 1}, {'model': second, 'rank': 2}] and nothing else.
    - `json`: an object, in whose `field` one of the labels stands.

    What cannot be read in exactly one way has no verdict, and the reason is kept. Identical answers are ties.
    """
    template = templates.only(templates.read(desk.ws, prompts))
    settings = {"temperature": temperature, **(ONE_TOKEN if reply == "token" else {"max_tokens": max_tokens})}
    given = {"reply": reply, "first": first, "second": second, "tie": tie, "several": several, "after": after}
    read = preference({**given, "field": field})
    way = Way(
        lambda one: filled(template, {**both(one), **beside(one)}, ("answer_a", "answer_b")),
        lambda choice, one: {"preference": one.preferred(read(choice))},
        settings,
    )
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


@judges.member(alone=True, figures=grades, reads=grade)
def custom_grade(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    prompts: templates.File,
    reply: Annotated[Literal["number", "json"], Field(title=HOW)] = "number",
    lowest: Annotated[float, Field(title="Lowest grade")] = 1.0,
    highest: Annotated[float, Field(title="Highest grade")] = 10.0,
    several: Of = "equal",
    after: After = None,
    field: Annotated[Named, Only("reply", "json")] = "grade",
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 512,
) -> Iterator[Row]:
    """Your own template grades each answer alone, with a number between bounds of yours.

    `prompts`: sha256 of the template, which holds {answer} and may hold {question}, {reference} and {category}.
    `reply`: a `number` in double brackets, as [[7]], or a `json` object with the number in its `field`. A number
    outside `lowest` to `highest` is no grade. `several` and `after` as for `custom`.
    """
    template = templates.only(templates.read(desk.ws, prompts))
    given = {"reply": reply, "lowest": lowest, "highest": highest, "several": several, "after": after}
    read = grade({**given, "field": field})

    def messages(one: Asked) -> Messages:
        shown = both(one)
        alone = {"question": shown["question"], "answer": shown["answer_a"]}
        return filled(template, {**alone, **beside(one)}, ("answer",))

    way = Way(messages, lambda choice, one: {"grade": read(choice)},
              {"temperature": temperature, "max_tokens": max_tokens})  # fmt: skip
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


def beside(one: Asked) -> dict[str, str]:
    """The benchmark's reference answer and the category, where the data has them."""
    right = one.item.right[-1] if one.item.right else None
    found = {"reference": right, "category": one.item.category}
    return {name: text for name, text in found.items() if text is not None}


def filled(template: Template, known: Mapping[str, str], needed: Sequence[str]) -> Messages:
    """What is sent. BadSpec where the template lacks an answer, or asks for what there is not."""
    if missing := [name for name in needed if name not in template.fields]:
        raise BadSpec(f"the template does not hold {{{missing[0]}}}: the judge would not see that answer; add it.")
    for name in sorted(template.fields - known.keys()):
        if name in ("reference", "category"):
            raise BadSpec(f"the template asks for {{{name}}}, but a question has none; take it out of the template.")
        raise BadSpec(f"the template asks for {{{name}}}, which is not known; {nearest(name, known)}")
    return template.fill(known)
