"""An OpenAI-compatible endpoint: one question, every attempt at it, and clear words for what cannot be mended."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from ..errors import EndpointError

CONNECT_SECONDS = 5.0
UNFIT = (400, 413, 422)  # statuses that blame the question: its settings or its length
LONGEST_PAUSE = 60.0
NEVER = float("inf")  # the pause before asking again where the same question would meet the same refusal


@dataclass(frozen=True)
class Reply:
    """One attempt. `text` is the reply, or what went wrong."""

    status: Literal["ok", "refused", "transport", "timeout"]
    text: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str | None = None


class Endpoint:
    """A judge model. Thread-safe. Until it has answered once, a question without an answer is an EndpointError."""

    def __init__(
        self, model: str, url: str | None, *, temperature: float, max_tokens: int, retries: int, timeout: float
    ) -> None:
        import httpx2
        import openai

        key = os.environ.get("OPENAI_API_KEY")
        if not key and url is None:
            raise EndpointError("there is no API key for the hosted API; set OPENAI_API_KEY, or give an endpoint.")
        limits = httpx2.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
        self.client = openai.OpenAI(api_key=key or "none", base_url=url, timeout=limits, max_retries=0)
        self.model, self.retries, self.timeout = model, retries, timeout
        self.settings = {"temperature": temperature, "max_tokens": max_tokens}
        self.answered, self.stopped = threading.Event(), threading.Event()

    def stop(self) -> None:
        """No more retries: the run is over."""
        self.stopped.set()

    def ask(self, messages: list[dict[str, str]]) -> Iterator[Reply]:
        """Attempts until one is answered or the retries are used up; EndpointError where trying again cannot help."""
        for attempt in range(self.retries + 1):
            began = time.monotonic()
            reply, pause = self._try(messages, began)
            yield reply
            if reply.status not in ("transport", "timeout"):
                self.answered.set()
                return
            if pause == NEVER:
                return
            if attempt < self.retries:
                self.stopped.wait(
                    min(LONGEST_PAUSE, pause if pause is not None else 2**attempt * random.uniform(0.5, 1))
                )
            if self.stopped.is_set():
                return
        if not self.answered.is_set():
            raise EndpointError(
                f"the judge at {self.client.base_url} gave no answer in {self.retries + 1} attempts: {reply.text}"
            )

    def _try(self, messages: list[dict[str, str]], began: float) -> tuple[Reply, float | None]:
        import openai

        try:
            done = self.client.chat.completions.create(model=self.model, messages=messages, **self.settings)  # type: ignore[call-overload]
            return self._reply(done, time.monotonic() - began), None
        except openai.APITimeoutError:
            return Reply("timeout", f"no answer within {self.timeout:g} s", time.monotonic() - began), None
        except openai.APIStatusError as error:
            self._give_up(error)
            text = f"{error.status_code} {str(error.message)[:200]}"
            pause = NEVER if error.status_code in UNFIT else retry_after(error.response.headers.get("retry-after"))
            return Reply("transport", text, time.monotonic() - began), pause
        except (openai.APIConnectionError, openai.APIResponseValidationError, ValueError) as error:
            cause = error.__cause__ or error
            return Reply("transport", f"{error} ({cause})"[:200], time.monotonic() - began), None

    def _reply(self, done: Any, seconds: float) -> Reply:
        choices = getattr(done, "choices", None)
        if not choices:
            return Reply("transport", f"the reply holds no choice: {str(done)[:120]}", seconds)
        message, usage = choices[0].message, getattr(done, "usage", None)
        refused = bool(getattr(message, "refusal", None)) or choices[0].finish_reason == "content_filter"
        return Reply(
            "refused" if refused else "ok", (message.refusal if refused else message.content) or "", seconds,
            getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None),
            getattr(done, "model", None),
        )  # fmt: skip

    def _give_up(self, error: Any) -> None:
        """EndpointError for refusals that another attempt would meet again."""
        where, code = self.client.base_url, error.status_code
        if code in (401, 403):
            raise EndpointError(f"the judge at {where} refuses the API key ({code}); check OPENAI_API_KEY.") from None
        if code == 404:
            raise EndpointError(
                f"the judge at {where} has no model {self.model!r} (404); check the model and the URL."
            ) from None
        if code in UNFIT and not self.answered.is_set():
            raise EndpointError(
                f"the judge at {where} does not take the request ({code}): {str(error.message)[:120]}"
            ) from None


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
