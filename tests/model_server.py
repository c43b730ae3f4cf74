"""A stand-in for vLLM's server: `python tests/model_server.py [--slow S | --fails | --deaf] <vLLM's options>`.

It takes the options and the key as vLLM does, answers /health, /v1/models and chat completions, and starts a process of
its own, as vLLM starts its engine. The judge prefers the longer answer. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ENGINE = "import time; time.sleep(600)  # the stand-in's engine"


def options() -> argparse.Namespace:
    ask = argparse.ArgumentParser()
    ask.add_argument("--slow", type=float, default=0.0)  # seconds until it listens
    ask.add_argument("--fails", action="store_true")  # while starting
    ask.add_argument("--without-template", action="store_true")
    ask.add_argument("--dies-after", type=int)  # so many answers
    ask.add_argument("--pause", type=float, default=0.0)  # seconds for an answer
    for name in ("host", "model", "served-model-name", "generation-config", "max-model-len"):
        ask.add_argument(f"--{name}", required=True)
    ask.add_argument("--port", type=int, required=True)
    ask.add_argument("--enable-lora", action="store_true")
    ask.add_argument("--max-lora-rank", type=int)
    ask.add_argument("--lora-modules")
    return ask.parse_args()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False
    answers = 0

    def __init__(self, said: argparse.Namespace) -> None:
        self.said = said
        module = [json.loads(said.lora_modules)["name"]] if said.lora_modules else []
        self.models = [said.served_model_name, *module]
        super().__init__((said.host, said.port), Handler)

    def reply(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(self.said.pause)
        self.answers += 1
        if self.answers == self.said.dies_after:
            print("ValueError: the engine ran dry", file=sys.stderr, flush=True)
            os._exit(1)
        if body["model"] not in self.models:
            return 404, {"error": {"message": "no such model"}}
        if self.said.without_template:
            words = "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat"
            return 400, {"error": {"message": f"{words} template if the tokenizer does not define one."}}
        shown = re.findall(r"<answer_[AB]>\n(.*?)\n</answer_", body["messages"][-1]["content"], flags=re.S)
        text = f"[[{'A' if len(shown[0]) > len(shown[1]) else 'B'}]]"
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return 200, {"model": body["model"], "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def send(self, status: int, body: Any) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def allowed(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {os.environ['VLLM_API_KEY']}"

    def do_GET(self) -> None:
        if self.path == "/health":
            self.send(200, None)
        elif not self.allowed():
            self.send(401, {"error": "Unauthorized"})
        else:
            self.send(200, {"data": [{"id": name} for name in self.server.models]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send(*(self.server.reply(body) if self.allowed() else (401, {"error": "Unauthorized"})))


def main() -> None:
    said = options()
    subprocess.Popen([sys.executable, "-c", ENGINE])
    if said.fails:
        raise SystemExit("(EngineCore pid=7) ERROR 11-21 [core.py:1] RuntimeError: too little memory for this model\n"
                         "RuntimeError: Engine core initialization failed.")  # fmt: skip
    time.sleep(said.slow)
    Server(said).serve_forever()


if __name__ == "__main__":
    main()
