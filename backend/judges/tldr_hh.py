"""`tldr` and `hh`: the win-rate protocols of the DPO paper, for summaries and for dialogues. The wording is our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from ..verdicts import own
from ..verdicts.own import Labels
from . import Asked, Desk, JudgeModel, Row, judges, templates
from .asking import Way, ask
from .custom import beside, filled
from .pairwise import fields, with_flips
from .templates import Template

LABELS = Labels("A", "B")
SUMMARY, DIALOGUE = "Preferred:", "More helpful:"  # begins the line that is read; as in the paper, so its templates do

TLDR = """A forum post and two summaries of it follow. Judge which summary gives the post's main points better{concise}.

<post>
{{question}}
</post>

<summary_A>
{{answer_a}}
</summary_A>

<summary_B>
{{answer_b}}
</summary_B>

Reply with two lines. The first begins with "Comparison:" and says in one sentence which summary you prefer, and why. \
The second is "Preferred: A" or "Preferred: B"."""
CONCISE = ", leaving out what does not matter: a good summary is exact and short"
HH = """A conversation with an assistant and two ways in which it could go on follow. Judge which of the two responses \
helps the person more.

<conversation>
{question}
</conversation>

<response_A>
{answer_a}
</response_A>

<response_B>
{answer_b}
</response_B>

Reply with two lines. The first begins with "Comparison:" and says in one sentence which response helps more, and why. \
The second is "More helpful: A" or "More helpful: B"."""


def _ask(asked: Sequence[Asked], desk: Desk, words: str, prompts: str | None, after: str, settings: dict[str, Any],
         model: JudgeModel, endpoint: str | None) -> Iterator[Row]:  # fmt: skip
    template = templates.only(templates.read(desk.ws, prompts)) if prompts else Template((("user", words),))
    way = Way(
        lambda one: filled(template, {**fields(one), **beside(one)}, ("answer_a", "answer_b")),
        lambda choice, one: {"preference": one.preferred(own.label(choice, LABELS, "equal", after))},
        settings,
    )
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


@judges.member(ordered=True, figures=with_flips)
def tldr(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    wording: Literal["concise", "simple"] = "concise",
    both_orders: bool = False,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 256,
) -> Iterator[Row]:
    """Which summary of a forum post is better, mostly against the one that a person wrote (TL;DR).

    Rafailov et al. (2023), "Direct Preference Optimization", section 6 and appendix C.2: one order for each item, drawn
    by the seed, unless `both_orders`; the letter behind "Preferred:" is read, and there are no ties. `wording`:
    `concise` (the paper's C) asks that what does not matter be left out; `simple` (S) does not, and a judge then
    prefers longer summaries than people do. `prompts`: a template with {question}, {answer_a} and {answer_b} instead of
    Winnow's own wording.
    """
    words = TLDR.format(concise=CONCISE if wording == "concise" else "")
    settings = {"temperature": temperature, "max_tokens": max_tokens}
    yield from _ask(asked, desk, words, prompts, SUMMARY, settings, model, endpoint)


@judges.member(ordered=True, figures=with_flips)
def hh(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    both_orders: bool = False,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 256,
) -> Iterator[Row]:
    """Which response to a dialogue is more helpful, mostly against the one that was chosen in the data (Anthropic HH).

    Rafailov et al. (2023), section 6 and appendix C.2: one order for each item, drawn by the seed, unless
    `both_orders`; the letter behind "More helpful:" is read, and there are no ties. `prompts`: a template with
    {question}, {answer_a} and {answer_b} instead of Winnow's own wording.
    """
    settings = {"temperature": temperature, "max_tokens": max_tokens}
    yield from _ask(asked, desk, HH, prompts, DIALOGUE, settings, model, endpoint)
