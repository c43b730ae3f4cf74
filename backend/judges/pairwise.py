"""`pairwise`: a language model behind an OpenAI-compatible endpoint compares two answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ..errors import Unreadable
from ..report.estimate import cells, estimate
from ..verdicts.replies import text
from . import Asked, Desk, Judged, JudgeModel, Row, judges, templates
from .alpaca_eval import win_rates
from .asking import Messages, Way, ask

SYSTEM = (
    "You compare two answers to the same request. Judge what a careful person who made the request would want: an "
    "answer that is right, does what was asked, leaves out nothing that matters, and is clear. Neither length nor the "
    "order in which the answers are shown counts for or against an answer."
)
QUESTION = """<request>
{question}
</request>

<answer_A>
{answer_a}
</answer_A>

<answer_B>
{answer_b}
</answer_B>

Say in two or three sentences what decides between the two. Then end with one line that holds only [[A]] if answer A \
is better, [[B]] if answer B is better, or [[C]] if neither is."""
LABEL = re.compile(r"\[\[([ABC])\]\]")


def with_flips(judged: Sequence[Judged]) -> dict[str, Any]:
    """Win rate with its interval over prompts, in percent; the items whose two orders have different winners."""
    seen = [[row["preference"] for row in one.rows.values() if row is not None] for one in judged]
    flips = sum(min(found, default=1) < 0.5 < max(found, default=0) for found in seen)
    read = [(one.item.prompt_id, p) for one in judged if (p := one.preference) is not None]
    prompts, preferences = np.array([p for p, _ in read], dtype=np.uint64), np.array([p for _, p in read])
    found = estimate(cells([(prompts, preferences)]), bounded=True) if read else None
    interval = {"lower": 100 * found.low, "upper": 100 * found.high} if found else {"lower": None, "upper": None}
    return {**win_rates(judged), **interval, "flips": flips}


@judges.member(ordered=True, figures=with_flips)
def pairwise(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    both_orders: bool = True,
    prompts: templates.OptionalFile = None,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 512,
) -> Iterator[Row]:
    """A model compares the two answers, in both orders unless told otherwise; labels A, B or neither.

    Zheng et al. (2023), "Judging LLM-as-a-Judge", section 3.4: a verdict counts when it survives the swap; opposite
    verdicts make a tie and are counted as order flips. `endpoint`: base URL (none: the hosted OpenAI API); the key
    comes from OPENAI_API_KEY. Identical answers are ties without a call. `prompts`: sha256 of a template file with
    {question}, {answer_a} and {answer_b}, of several the one named pair-v2; without it the wording is Winnow's own.
    """
    template = templates.named(templates.read(desk.ws, prompts), "pair-v2") if prompts else None

    def messages(one: Asked) -> Messages:
        return template.fill(fields(one)) if template else own(one)

    way = Way(messages, read, {"temperature": temperature, "max_tokens": max_tokens})
    yield from ask(asked, desk, way, model=model, endpoint=endpoint)


def fields(one: Asked) -> dict[str, str]:
    """What a template may hold. A prompt of several messages is shown with their roles."""
    item = one.item
    asked = item.prompt[0]["content"] if len(item.prompt) == 1 else "\n\n".join(
        f"[{m['role']}]\n{m['content']}" for m in item.prompt
    )  # fmt: skip
    (*_, first), (*_, second) = one.shown
    return {"question": asked, "answer_a": first, "answer_b": second}


def own(one: Asked) -> Messages:
    """What the judge is sent without a template."""
    question = QUESTION.format(**fields(one))
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]


def read(choice: Any, one: Asked) -> dict[str, float]:
    """The preference for the candidate. Two different labels in one reply cannot be read."""
    labels = set(LABEL.findall(text(choice)))
    if len(labels) != 1:
        raise Unreadable("the reply must hold one of [[A]], [[B]], [[C]], and no other of them.")
    return {"preference": one.preferred({"A": 1.0, "B": 0.0, "C": 0.5}[labels.pop()])}
