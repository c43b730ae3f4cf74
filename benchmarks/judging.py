"""805 verdicts from a server that takes 100 ms for each, 16 at a time: ours beside alpaca_eval's own client.

python benchmarks/judging.py [calls] [concurrency] [rounds]

Ours is the whole judge run: requests, verdicts, every attempt kept on disk, replies remembered, the report. alpaca_eval
is the package itself, as shipped (5 at a time) and told to ask as many at a time as ours does. The floor is calls /
concurrency × 0.1 s. The server is a process of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import openai

from backend import specs, tables
from backend.jobs import Job, judge
from backend.judges import judges
from backend.judges.alpaca_eval import OWN, SETTINGS
from backend.registry import Call
from backend.workspace import Workspace
from benchmarks.official import Official
from benchmarks.side_by_side import table

SECONDS = 0.1
TOP = [{"token": token, "logprob": logprob} for token, logprob in (("m", -0.1), ("M", -2.4))]
CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "m"},
          "logprobs": {"content": [{"token": "m", "logprob": -0.1, "top_logprobs": TOP}]}}  # fmt: skip
REPLY = {"id": "x", "object": "chat.completion", "created": 0, "model": "judge", "choices": [CHOICE],
         "usage": {"prompt_tokens": 700, "completion_tokens": 1, "total_tokens": 701}}  # fmt: skip


class Slow(BaseHTTPRequestHandler):
    """Answers the same after a while, on connections that stay open."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """One verdict."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(SECONDS)
        data = json.dumps(REPLY).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data)


def serve() -> None:
    """Prints the base URL, then serves until it is ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}/v1", flush=True)
    server.serve_forever()


def answers(ws: Workspace, name: str, calls: int) -> str:
    """A finished load run of answers of about 2,000 characters."""
    spec = specs.LoadSpec(
        source=specs.FileSource(sha256=f"{tables.content_id(name):064x}", suffix="json"), format=Call(name="answers")
    )
    asked = [[{"role": "user", "content": f"question {n}"}] for n in range(calls)]
    ids = [tables.prompt_id(prompt) for prompt in asked]
    said = [f"{name} {n} " + "word " * 400 for n in range(calls)]
    contents = {
        "prompts": {"prompt_id": ids, "prompt": asked},
        "responses": {
            "response_id": [tables.response_id(i, text, name) for i, text in zip(ids, said, strict=True)],
            "prompt_id": ids, "response": said, "author": [name] * calls, "sample": [0] * calls,
        },
    }  # fmt: skip
    ws.write(ws.folder(spec.id) / "spec.json", lambda place: place.write_text(spec.canonical()))
    for part, columns in contents.items():
        ws.write_table(spec.id, part, tables.build(part, columns))
    return spec.id


def main(calls: int = 805, concurrency: int = 16, rounds: int = 3) -> None:
    """Prints the table."""
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    url = server.stdout.readline().strip()
    fields = {"instruction": "question", "output_1": "word " * 400, "output_2": "word " * 400}
    body = {"model": "judge", "messages": OWN.fill(fields), **SETTINGS["token"]}
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)

    def ours() -> None:
        shutil.rmtree(ws.root / "replies", ignore_errors=True)
        shutil.rmtree(ws.folder(spec.id), ignore_errors=True)
        ws.write(ws.folder(spec.id) / "spec.json", lambda place: place.write_text(spec.canonical()))
        ws.write_json(ws.folder(spec.id) / "terms.json", {"concurrency": concurrency})
        assert judge.run(Job(ws, spec.id, spec)).complete

    def theirs() -> None:
        with ThreadPoolExecutor(concurrency) as pool:
            list(pool.map(lambda _: client.chat.completions.create(**body), range(calls)))

    def official(at_a_time: int | None) -> None:
        assert alpaca_eval.ask("judge", url=url, calls=calls, at_a_time=at_a_time) == {"verdicts": calls}

    try:
        with tempfile.TemporaryDirectory() as folder, Official("official_alpaca_eval.py") as alpaca_eval:
            ws = Workspace.open(folder)
            runs = [answers(ws, name, calls) for name in ("candidate", "reference")]
            call = judges.call("alpaca_eval", model="judge", endpoint=url)
            spec = specs.JudgeSpec(candidate=runs[0], reference=runs[1], judge=call)
            ways = {"a judge run, every attempt kept": ours, "openai client, thread pool, nothing kept": theirs}
            if alpaca_eval.there:
                alpaca_eval.ask("judge", url=url, calls=1, at_a_time=None)  # its imports
                ways[f"alpaca_eval, {concurrency} at a time"] = lambda: official(concurrency)
                ways["alpaca_eval as shipped, 5 at a time"] = lambda: official(None)
            found = table(f"{calls} calls of {SECONDS} s, {concurrency} at a time", ways, rounds)
            floor = calls / concurrency * SECONDS
            print(f"  floor {floor:.2f} s; ours {next(iter(found.values())) / floor:.2f} x of it")
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        main(*map(int, sys.argv[1:]))
