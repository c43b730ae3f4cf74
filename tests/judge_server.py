"""A judge over real HTTP that makes trouble on request: one OpenAI-compatible route, standard library only."""

from __future__ import annotations

import contextlib
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], Any]  # status, headers, body


def says(text: str, **message: Any) -> Answer:
    """A chat completion."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, **message}}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return (
        200,
        {},
        {"id": "x", "object": "chat.completion", "created": 0, "model": "judge-1", "choices": [choice], "usage": usage},
    )


def fails(status: int, **headers: str) -> Answer:
    """An error of the server."""
    return status, {k.replace("_", "-"): v for k, v in headers.items()}, {"error": {"message": f"error {status}"}}


def longer(body: dict[str, Any]) -> Answer:
    """Prefers the longer answer, whatever the order."""
    first, second = shown(body)
    return says(f"The longer one. [[{'A' if len(first) > len(second) else 'B' if len(second) > len(first) else 'C'}]]")


def weighs(how: Callable[[str, str], float]) -> Callable[[dict[str, Any]], Answer]:
    """A judge that says with its log-probs how likely the answer shown first ("m") is the better one."""

    def answer(body: dict[str, Any]) -> Answer:
        text = body["messages"][-1]["content"]
        found = dict(re.findall(r'<answer model="([mM])">\n(.*?)\n</answer>', text, flags=re.S))
        chances = {"m": how(found["m"], found["M"])}
        chances["M"] = 1 - chances["m"]
        status, headers, document = says(max(chances, key=lambda token: chances[token]))
        top = [{"token": token, "logprob": math.log(chance)} for token, chance in chances.items() if chance]
        document["choices"][0]["logprobs"] = {"content": [{"token": "m", "top_logprobs": top}]}
        return status, headers, document

    return answer


def by_length(first: str, second: str) -> float:
    """The chance of the first answer: its share of the characters."""
    return len(first) / (len(first) + len(second))


def shown(body: dict[str, Any]) -> tuple[str, str]:
    """The two answers of a question."""
    text = body["messages"][-1]["content"]
    found = re.findall(r"<answer_([AB])>\n(.*?)\n</answer_\1>", text, flags=re.S)
    return found[0][1], found[1][1]


class Judge(ThreadingHTTPServer):
    """Counts what it is asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[dict[str, Any]], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.bodies, self.lock = answer, [], threading.Lock()
        self.now = self.most = 0  # calls in flight
        self.keys: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def repeats(self) -> int:
        """How often a question was asked again that had been answered."""
        asked = [body["messages"][-1]["content"] for body in self.bodies]
        return len(asked) - len(set(asked))


class _Handler(BaseHTTPRequestHandler):
    server: Judge

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.add(self.headers["Authorization"])
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            status, headers, document = self.server.answer(body)
        finally:
            with self.server.lock:
                self.server.now -= 1
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        with contextlib.suppress(BrokenPipeError):  # the asker was killed
            self.end_headers()
            self.wfile.write(data)


@contextmanager
def served(answer: Callable[[dict[str, Any]], Answer]) -> Iterator[Judge]:
    """The judge on a free port."""
    judge = Judge(answer)
    thread = threading.Thread(target=judge.serve_forever, daemon=True)
    thread.start()
    try:
        yield judge
    finally:
        judge.shutdown()
        judge.server_close()


def slow(seconds: float) -> Callable[[dict[str, Any]], Answer]:
    """A judge that takes its time."""

    def answer(body: dict[str, Any]) -> Answer:
        time.sleep(seconds)
        return longer(body)

    return answer
