"""Asking a language model behind an endpoint: what all judges that do so share.

Identical answers are ties without a call; what was said before is not asked again; one request that several items share
is sent once; every attempt becomes a row.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import BadSpec, EndpointError, Unreadable
from ..models.pacing import Caps
from ..models.resolve import weights_of
from ..replies import Replies, key
from ..specs import ModelRef
from ..terms import Price
from ..workspace import Workspace
from . import Asked, Desk, JudgeModel, Place, Row, row

if TYPE_CHECKING:
    from ..models.endpoint import Endpoint, Reply

Messages = list[dict[str, str]]

CHARACTERS_PER_TOKEN = 4
SORRY = re.compile(
    r"\b(?:I(?:'|’)m sorry|I cannot|I can(?:'|’)t|I(?:'|’)m unable|I am unable|I won(?:'|’)t)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Way:
    """How a judge is asked, and how its replies are read.

    `read` gets the first choice of the completion and returns `{"preference": …}` or `{"grade": …}`; Unreadable says
    why it cannot. `again`: what the judge is told, once, about a reply that could not be read, or None; both replies
    then count as one.
    """

    messages: Callable[[Asked], Messages]
    read: Callable[[Any, Asked], dict[str, float]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    again: Callable[[str], str | None] = lambda text: None


@dataclass
class _Answer:
    """What asking about one request brought: a row per attempt, and what ends the whole run, if anything."""

    rows: list[Row]
    problem: EndpointError | None = None


def ask(asked: Sequence[Asked], desk: Desk, way: Way, *, model: JudgeModel, endpoint: str | None) -> Iterator[Row]:
    """Rows as they come. What ends the run is raised last: everything in flight is waited for, and kept."""
    judge = name_of(desk.ws, model, endpoint)
    replies = replies_of(desk.ws, judge)
    waiting: dict[str, list[Asked]] = {}
    for one in asked:
        if one.order != "unordered" and one.shown[0] == one.shown[1]:
            yield row(one, "ok", 0.5, explanation="identical answers")
            continue
        if desk.looked is not None:
            desk.looked.append((one, way))
            continue
        name = request_name(judge, way, one)
        known = replies.find(name)
        if known is not None and (found := _known(known, way, one, name)):
            yield found
        else:
            waiting.setdefault(name, []).append(one)
    price = desk.terms.price(desk.ws, model) if isinstance(model, str) else None
    desk.estimate.update(_estimate([way.messages(same[0]) for same in waiting.values()], way.settings, price))
    desk.estimate.update({} if isinstance(model, str) else {"served": True})
    if waiting and not desk.dry:
        place = Place(endpoint, model) if isinstance(model, str) else _served(desk, model)
        yield from _call(waiting, desk, way, replies, place, price)


def request_name(judge: Mapping[str, str], way: Way, one: Asked) -> str:
    """What a request is found by: all that goes into it."""
    return key({**judge, "messages": way.messages(one), **way.settings})


def replies_of(ws: Workspace, judge: Mapping[str, str]) -> Replies:
    """What a judge (`name_of`) has replied so far."""
    return Replies(ws, " ".join(judge.values()))


def name_of(ws: Workspace, model: JudgeModel, endpoint: str | None) -> dict[str, str]:
    """What a judge's replies are found by, beside what it was sent: where it is and its name, or its weights."""
    if not isinstance(model, str):
        if endpoint:
            raise BadSpec(f"the judge's model is to run here, but is also said to be at {endpoint}; leave one out.")
        return {"weights": weights_of(ws, model)}
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise BadSpec(
            f"the endpoint {endpoint!r} is no URL; it begins with http:// or https:// and mostly ends in /v1."
        )
    place = endpoint or os.environ.get("OPENAI_BASE_URL") or "hosted"  # as the openai client reads it
    return {"endpoint": place.rstrip("/"), "model": model}


def _served(desk: Desk, model: ModelRef) -> Place:
    """Starts the server of a local model; LimitReached where no call may be made anyway."""
    Caps(desk.terms.max_calls).take(0.0)
    return desk.serve(model)


def _estimate(requests: Sequence[Messages], settings: Mapping[str, Any], price: Price | None) -> dict[str, Any]:
    """What a launch takes without failures: calls, prompt tokens by their characters, dollars if replies are long."""
    tokens = sum(len(message["content"]) for messages in requests for message in messages) // CHARACTERS_PER_TOKEN
    most = len(requests) * settings.get("max_tokens", 0)
    return {
        "calls": len(requests),
        "prompt_tokens": tokens,
        "reply_tokens": most,
        "cost": price.of(tokens, most) if price else None,
    }


def _known(reply: Mapping[str, Any], way: Way, one: Asked, name: str) -> Row | None:
    """The row of a verdict that was given before; None where it cannot be read (any more)."""
    try:
        found = way.read(reply["choice"], one)
    except Unreadable:
        return None
    return row(one, "ok", **{"preference": None, **found}, explanation=reply["text"], judge=reply["model"],
               request=name)  # fmt: skip


def _call(
    waiting: Mapping[str, list[Asked]], desk: Desk, way: Way, replies: Replies, place: Place, price: Price | None
) -> Iterator[Row]:
    from ..models.endpoint import Endpoint

    judge = Endpoint(place.model, place.url, way.settings, desk.terms, price, place.key)
    pool = ThreadPoolExecutor(desk.terms.concurrency)
    fatal: EndpointError | None = None
    try:
        calls = {pool.submit(_attempts, judge, way, same[0], name, replies): same for name, same in waiting.items()}
        for done in as_completed(calls):
            if done.cancelled():
                continue
            answer = done.result()
            yield from answer.rows  # also what was in flight when the run had to end: it need not be asked again
            for other in calls[done][1:]:
                yield from _copied(answer.rows, way, other, replies)
            if answer.problem and not fatal:
                fatal = answer.problem
                for call in calls:
                    call.cancel()
        if fatal:
            raise fatal
    finally:
        judge.stop()
        pool.shutdown(cancel_futures=True)


def _copied(rows: Sequence[Row], way: Way, other: Asked, replies: Replies) -> Iterator[Row]:
    """The verdict on another item that is asked about in the same words; nothing where there is none."""
    if rows and rows[-1]["status"] == "ok":
        found = _known(replies.find(rows[-1]["request"]), way, other, rows[-1]["request"])
        if found:
            yield found


def _attempts(judge: Endpoint, way: Way, one: Asked, name: str, replies: Replies) -> _Answer:
    """Every attempt at one verdict, the last one being the one that counts."""
    rows: list[Row] = []
    messages, said = way.messages(one), ""
    try:
        while True:
            for reply in judge.ask(messages):
                if said and reply.status == "ok":
                    reply = replace(reply, text=f"{said}\n{reply.text}", choice={"text": f"{said}\n{reply.text}"})
                rows.append(_row(one._replace(attempts=one.attempts + len(rows)), way, reply, judge, name))
            if not rows or rows[-1]["status"] != "unparsable" or said or not (more := way.again(reply.text)):
                break
            said = reply.text
            messages = [*messages, {"role": "assistant", "content": said}, {"role": "user", "content": more}]
    except EndpointError as problem:
        judge.stop()  # at once: nobody else need find out for themselves
        return _Answer(rows, problem)
    if rows and rows[-1]["status"] == "ok":
        replies.add(name, {"text": reply.text, "choice": reply.choice, "model": reply.model})
    return _Answer(rows)


def _row(one: Asked, way: Way, reply: Reply, judge: Endpoint, name: str) -> Row:
    """An attempt. `reason`, why a reply could not be read, is kept in the run's own file only."""
    status: str = reply.status
    found: dict[str, Any] = {}
    if reply.status == "ok":
        try:
            found = way.read(reply.choice, one)
        except Unreadable as problem:
            status, found = ("refused" if SORRY.search(reply.text) else "unparsable"), {"reason": str(problem)}
    return row(
        one, status, **{"preference": None, **found}, explanation=reply.text, prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens, cost=judge.cost(reply), seconds=reply.seconds, judge=reply.model,
        request=name,
    )  # fmt: skip
