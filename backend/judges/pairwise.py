"""`pairwise`: a language model behind an OpenAI-compatible endpoint compares two answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ..errors import EndpointError
from ..workspace import Workspace
from . import Asked, Row, judges, row

if TYPE_CHECKING:
    from ..models.endpoint import Endpoint

SYSTEM = (
    "You compare two answers to the same request. Judge what a careful person who made the request would want: an "
    "answer that is right, does what was asked, leaves out nothing that matters, and is clear. Neither length nor the "
    "order in which the answers are shown counts for or against an answer."
)
QUESTION = """<request>
{prompt}
</request>

<answer_A>
{first}
</answer_A>

<answer_B>
{second}
</answer_B>

Say in two or three sentences what decides between the two. Then end with one line that holds only [[A]] if answer A \
is better, [[B]] if answer B is better, or [[C]] if neither is."""
LABEL = re.compile(r"\[\[([ABC])\]\]")
SORRY = re.compile(
    r"\b(?:I(?:'|’)m sorry|I cannot|I can(?:'|’)t|I(?:'|’)m unable|I am unable|I won(?:'|’)t)\b", re.IGNORECASE
)


@judges.member(ordered=True)
def pairwise(
    asked: Sequence[Asked],
    ws: Workspace,
    *,
    model: str,
    endpoint: str | None = None,
    both_orders: bool = True,
    temperature: Annotated[float, Field(ge=0)] = 0.0,
    max_tokens: Annotated[int, Field(ge=1)] = 512,
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8,
    retries: Annotated[int, Field(ge=0, le=20)] = 4,
    timeout: Annotated[float, Field(gt=0)] = 60.0,
) -> Iterator[Row]:
    """A model compares the two answers, in both orders unless told otherwise; labels A, B or neither.

    Zheng et al. (2023), "Judging LLM-as-a-Judge", section 3.4: a verdict counts when it survives the swap; opposite
    verdicts make a tie and are counted as order flips. `endpoint`: base URL (none: the hosted OpenAI API); the key
    comes from OPENAI_API_KEY. Identical answers are ties without a call.
    """
    calls = [one for one in asked if one.item.candidate != one.item.reference]
    for one in asked:
        if one.item.candidate == one.item.reference:
            yield row(one, "ok", 0.5, explanation="identical answers")
    if not calls:
        return
    from ..models import endpoint as endpoints

    judge = endpoints.Endpoint(
        model, endpoint, temperature=temperature, max_tokens=max_tokens, retries=retries, timeout=timeout
    )
    pool = ThreadPoolExecutor(concurrency)
    fatal: EndpointError | None = None
    try:
        waiting = [pool.submit(_attempts, judge, one) for one in calls]
        for done in as_completed(waiting):
            if done.cancelled():
                continue
            rows, problem = done.result()
            yield from rows  # also what was in flight when the run had to end: it need not be asked again
            if problem and not fatal:
                fatal = problem
                judge.stop()
                for one_call in waiting:
                    one_call.cancel()
        if fatal:
            raise fatal
    finally:
        judge.stop()
        pool.shutdown(cancel_futures=True)


def _attempts(judge: Endpoint, one: Asked) -> tuple[list[Row], EndpointError | None]:
    """Every attempt at one verdict, the last one being the one that counts; what ends the whole run, if anything."""
    rows: list[Row] = []
    try:
        for reply in judge.ask(messages(one)):
            status, preference = (reply.status, None) if reply.status != "ok" else read(reply.text, one.order)
            rows.append(
                row(
                    one._replace(attempts=one.attempts + len(rows)), status, preference, explanation=reply.text,
                    prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens,
                    seconds=reply.seconds, judge=reply.model,
                )
            )  # fmt: skip
    except EndpointError as problem:
        return rows, problem
    return rows, None


def messages(one: Asked) -> list[dict[str, str]]:
    """What the judge is sent. A prompt of several messages is shown with their roles."""
    item = one.item
    asked = item.prompt[0]["content"] if len(item.prompt) == 1 else "\n\n".join(
        f"[{m['role']}]\n{m['content']}" for m in item.prompt
    )  # fmt: skip
    first, second = item.candidate, item.reference
    if one.order == "reference_first":
        first, second = second, first
    question = QUESTION.format(prompt=asked, first=first, second=second)
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]


def read(text: str, order: str) -> tuple[Literal["ok", "refused", "unparsable"], float | None]:
    """Status and preference for the candidate. Two different labels in one reply cannot be read."""
    labels = set(LABEL.findall(text))
    if len(labels) != 1:
        return ("refused" if not labels and SORRY.search(text) else "unparsable"), None
    label = labels.pop()
    if label == "C":
        return "ok", 0.5
    return "ok", float((label == "A") == (order == "candidate_first"))
