"""An OpenAI-compatible endpoint: one question, every attempt at it, and clear words for what cannot be mended."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from ..errors import EndpointError, LimitReached
from ..terms import Price, Terms
from .pacing import Caps, Gate

CONNECT_SECONDS = 5.0
UNFIT = (400, 413, 422)  # statuses that blame the question: its settings or its length
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0  # seconds between tries, doubling
LONGEST_ASKED = 600.0  # seconds that a server may ask to wait
KNOCKS = 3  # tries at a server that was never reached: a mistyped address need not take a minute
BYTES_PER_TOKEN = 2  # fewer than any tokenizer's mean, so that money set aside is enough
NEVER = float("inf")  # the pause before asking again where the same question would meet the same refusal

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Reply:
    """One attempt. `text` is the reply, or what went wrong; `choice` the first choice of the completion as JSON."""

    status: Literal["ok", "refused", "transport", "timeout"]
    text: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str | None = None
    choice: Any = None
    reached: bool = True  # False: there was nobody to take the call


class Endpoint:
    """A judge model. Thread-safe. Until it has answered once, a question without an answer is an EndpointError."""

    def __init__(
        self, model: str, url: str | None, settings: Mapping[str, Any], terms: Terms, price: Price | None = None,
        key: str | None = None,
    ) -> None:  # fmt: skip
        """`settings` go into the request beside model and messages: temperature, max_tokens, logprobs, …

        `key`: of a server of our own, on this machine; without it the key is the one that the terms name.
        """
        import httpx2
        import openai

        direct = openai.DefaultHttpxClient(trust_env=False) if key else None  # past any proxy
        key = key or os.environ.get(terms.api_key_env)
        if not key and url is None:
            raise EndpointError(
                f"there is no API key for the hosted API; set {terms.api_key_env}, or give an endpoint."
            )
        limits = httpx2.Timeout(terms.timeout, connect=min(CONNECT_SECONDS, terms.timeout))
        self.client = openai.OpenAI(
            api_key=key or "none", base_url=url, timeout=limits, max_retries=0, http_client=direct
        )
        self.model, self.settings, self.terms, self.price = model, dict(settings), terms, price
        self.gate, self.caps = Gate(terms.concurrency), Caps(terms.max_calls, terms.max_cost)
        self.answered, self.stopped = threading.Event(), threading.Event()
        self._unanswered = 0  # questions in a row that used up their tries

    def request(self, messages: Messages) -> dict[str, Any]:
        """The body that is sent."""
        return {"model": self.model, "messages": messages, **self.settings}

    def stop(self) -> None:
        """No more retries: the run is over."""
        self.stopped.set()
        self.gate.stop()

    def cost(self, reply: Reply) -> float | None:
        """US dollars of an answer, None where its tokens or their price are not known."""
        if self.price is None or reply.prompt_tokens is None:
            return None
        return self.price.of(reply.prompt_tokens, reply.completion_tokens or 0)

    def ask(self, messages: Messages) -> Iterator[Reply]:
        """Attempts until one is answered or the retries are used up; EndpointError where trying again cannot help."""
        for attempt in range(self.terms.retries + 1):
            if self.stopped.is_set():
                return
            reply, pause = self._paced(messages)
            yield reply
            if reply.status not in ("transport", "timeout"):
                self.answered.set()
                self._unanswered = 0
                return
            if pause == NEVER:
                return
            nobody = not reply.reached and not self.answered.is_set() and attempt + 1 >= KNOCKS
            if nobody or attempt == self.terms.retries:
                self._give_up_on_silence(reply, attempt + 1)
                return
            self.stopped.wait(pause_before(attempt, pause))

    def _paced(self, messages: Messages) -> tuple[Reply, float | None]:
        """One attempt, when there is room for it and money is left."""
        with self.gate.turn():
            worst = self._worst(messages)
            self.caps.take(worst)
            spent = worst  # what is not known to be less: an answer that never came may have been paid for
            try:
                sent = time.monotonic()
                reply, pause = self._try(messages, sent)
                spent = 0.0 if reply.status == "transport" else self.cost(reply) or worst
            finally:
                self.caps.settle(worst, spent)
            if reply.status in ("ok", "refused"):
                self.gate.answered()
            elif reply.text.startswith("429"):
                self.gate.limited(sent, pause)
            return reply, pause

    def _worst(self, messages: Messages) -> float:
        if self.price is None:
            return 0.0
        size = sum(len(message["content"].encode("utf-8", "replace")) for message in messages)
        return self.price.of(size / BYTES_PER_TOKEN + 100, self.settings.get("max_tokens", 4096))

    def _try(self, messages: Messages, began: float) -> tuple[Reply, float | None]:
        import httpx2
        import openai

        try:
            done = self.client.post("/chat/completions", cast_to=object, body=self.request(messages))
            return self._reply(done, time.monotonic() - began), None
        except openai.APITimeoutError:
            return Reply("timeout", f"no answer within {self.terms.timeout:g} s", time.monotonic() - began), None
        except openai.APIStatusError as error:
            self._refuse_for_good(error)
            text = f"{error.status_code} {str(error.message)[:200]}"
            pause = NEVER if error.status_code in UNFIT else retry_after(error.response.headers.get("retry-after"))
            return Reply("transport", text, time.monotonic() - began), pause
        except (openai.APIConnectionError, openai.APIResponseValidationError, ValueError) as error:
            cause = error.__cause__ or error
            text, reached = f"{error} ({cause})"[:200], not isinstance(cause, httpx2.ConnectError)
            return Reply("transport", text, time.monotonic() - began, reached=reached), None

    def _reply(self, done: Any, seconds: float) -> Reply:
        done = storable(done)
        choices = done.get("choices") if isinstance(done, dict) else None
        if not choices or not isinstance(choices[0], dict):
            return Reply("transport", f"the reply holds no choice: {str(done)[:120]}", seconds)
        choice, usage = choices[0], done.get("usage") or {}
        message = choice.get("message") or {}
        refused = bool(message.get("refusal")) or choice.get("finish_reason") == "content_filter"
        said = (message.get("refusal") if refused else message.get("content")) or ""
        text = said if isinstance(said, str) else json.dumps(said)
        tokens = usage.get("prompt_tokens"), usage.get("completion_tokens")
        return Reply("refused" if refused else "ok", text, seconds, *tokens, done.get("model"), choice)

    def _refuse_for_good(self, error: Any) -> None:
        """EndpointError for refusals that another attempt would meet again."""
        where, code = self.client.base_url, error.status_code
        if code in (401, 403):
            raise EndpointError(
                f"the judge at {where} refuses the API key ({code}); check {self.terms.api_key_env}."
            ) from None
        if code == 404:
            raise EndpointError(
                f"the judge at {where} has no model {self.model!r} (404); check the model and the URL."
            ) from None
        if code in UNFIT and not self.answered.is_set():
            raise EndpointError(
                f"the judge at {where} does not take the request ({code}): {str(error.message)[:120]}"
            ) from None

    def _give_up_on_silence(self, last: Reply, attempts: int) -> None:
        """EndpointError where nothing was ever answered, LimitReached where as many in a row as may be in flight."""
        if self.stopped.is_set():
            return
        where = f"the judge at {self.client.base_url}"
        if not self.answered.is_set():
            raise EndpointError(f"{where} gave no answer in {attempts} attempts: {last.text}")
        self._unanswered += 1
        if self._unanswered >= max(KNOCKS, self.terms.concurrency):
            raise LimitReached(
                f"{where} fell silent: the last {self._unanswered} questions had no answer in {attempts} attempts "
                f"each: {last.text}"
            )


def storable(document: Any) -> Any:
    """A JSON document in which half characters (lone surrogates), which no file of ours can hold, became `?`."""
    text = json.dumps(document, ensure_ascii=False)
    return document if text.isascii() else json.loads(text.encode("utf-8", "replace"))


def pause_before(attempt: int, asked: float | None) -> float:
    """Seconds before trying again: what the server asks for, else doubling from a quarter of a second, with jitter.

    A server that says 0 is taken at its word once, then the pauses grow as well.
    """
    if asked:
        return min(LONGEST_ASKED, asked)
    step = attempt if asked is None else attempt - 1
    return 0.0 if step < 0 else min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**step) * random.uniform(0.5, 1)


def retry_after(asked: str | None) -> float | None:
    """Seconds that the server asks to wait: a number or a date (RFC 9110, section 10.2.3); None: it does not say."""
    try:
        return max(0.0, float(asked or ""))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked or "").timestamp() - time.time())
    except ValueError:
        return None
