"""A judge model's own server: vLLM on this machine, started for one judge run and ended with it, however that ends.

Between the job and the server stands a guard, `python -m backend.jobs.serving <command>`: it reads its standard input,
which ends when the job lets go of it or is gone, and then ends its process group, in which the server and everything
that the server starts are. The group lies in the job's session, so that a cancelled run takes it along.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import devices
from ..errors import BadSpec, EndpointError
from ..judges import Place
from ..models.resolve import adapter_of, folder_of, is_reward_model, name_of
from ..specs import LocalModel, ModelRef
from . import Job
from .starting import ROOT

HOST = "127.0.0.1"
POLL_SECONDS = 0.5
GRACE_SECONDS = 10.0  # for the server to end by itself
PORTS = 3  # tries: between choosing a port and binding it somebody else may take it
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # the largest LoRA ranks that vLLM may be told
# A line of vLLM's log that names an error: no warning, and of pydantic's exceptions what they hold.
COMPLAINT = re.compile(
    r"^\s*(?:\([^)]*\) *)?(?:ERROR [^\]]*\] *)?"
    r"(?:Value error, (?P<value>.+)|(?P<line>(?:\S+: )?[\w.]*(?:Error|Exception|error): (?!\d+ validation error).+))"
)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # past any proxy


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(job: Job, model: ModelRef, *, port: Callable[[], int] = free_port) -> Iterator[Place]:
    """Where the model answers, as long as the block lasts. EndpointError where its server does not start.

    BadSpec where the model can be no judge, or vLLM is not installed. The server's log goes into the run's.
    """
    name = name_of(job.ws, model)
    command = [*devices.vllm_server(), *_options(job, model, name)]
    server = _started(job, command, name, port)
    try:
        yield server.place
    except EndpointError as problem:
        raise _explained(problem, server) from None
    finally:
        server.stop()


def _options(job: Job, model: ModelRef, name: str) -> list[str]:
    """What vLLM is told: requests alone decide how it samples, and the context is as long as the memory allows."""
    if isinstance(model, LocalModel) and model.random:
        raise BadSpec("random weights are no judge; choose a trained model.")
    folder, adapter = folder_of(job.ws, model), adapter_of(job.ws, model)
    if is_reward_model(folder):
        raise BadSpec(f"{name} is a reward model and cannot write; measure with it, and choose the judge reward_model.")
    words = ["--model", str(folder), "--generation-config", "vllm", "--max-model-len", "auto"]
    if adapter is None:
        return [*words, "--served-model-name", name]
    rank = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))["r"]
    room = next((most for most in RANKS if most >= rank), rank)
    module = json.dumps({"name": name, "path": str(adapter)})
    return [*words, "--served-model-name", "base", "--enable-lora", "--max-lora-rank", str(room),
            "--lora-modules", module]  # fmt: skip


@dataclass
class Server:
    """A server under its guard."""

    guard: subprocess.Popen[bytes]
    place: Place
    log: Path
    begins: int  # where its words begin in the log

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self.guard.poll() is not None

    def get(self, path: str) -> Any:
        """The JSON (or nothing) that a GET of this path brings, None where it is not answered."""
        request = urllib.request.Request(f"{str(self.place.url).removesuffix('/v1')}{path}")
        request.add_header("Authorization", f"Bearer {self.place.key}")
        try:
            with DIRECT.open(request, timeout=5) as reply:
                return json.loads(reply.read() or "{}")
        except (OSError, ValueError):
            return None

    @property
    def ours(self) -> bool:
        """Whether the one that answers at this port is this server: it takes the key and has the model."""
        models = self.get("/v1/models") or {}
        return self.place.model in [one.get("id") for one in models.get("data", [])]

    @property
    def outlived(self) -> bool:
        """Whether somebody listens at its port, though it has ended."""
        with socket.socket() as caller:
            return caller.connect_ex((HOST, int(str(self.place.url).removesuffix("/v1").rpartition(":")[2]))) == 0

    @property
    def complaint(self) -> str:
        """What it said of its end."""
        with self.log.open("rb") as file:
            file.seek(self.begins)
            return complaint(file.read().decode(errors="replace"))

    def stop(self) -> None:
        """Lets the guard end it, and sees that it does."""
        assert self.guard.stdin
        self.guard.stdin.close()
        try:
            self.guard.wait(2 * GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.guard.pid, signal.SIGKILL)
            self.guard.wait()


def complaint(log: str) -> str:
    """Why a server ended, by its log: the first error that is named, from which others follow, else the last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [found["value"] or found["line"] for line in lines if (found := COMPLAINT.match(line))]
    return (errors or lines[-1:] or ["it left no word"])[0][:300]


def _started(job: Job, command: list[str], name: str, port: Callable[[], int]) -> Server:
    """The server when it is ready to be asked; a port that turns out to be taken is given up for another."""
    for _ in range(PORTS):
        server = _start(job.folder / "log.txt", command, name, port())
        try:
            if _ready(job, server):
                return server
        except BaseException:
            server.stop()
            raise
        server.stop()
    raise EndpointError(f"no free port was found for the judge's server in {PORTS} tries; launch the run again.")


def _start(log: Path, command: list[str], name: str, port: int) -> Server:
    key = secrets.token_hex(16)
    own = {"VLLM_API_KEY": key, "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
    with log.open("ab") as file:
        begins = file.tell()
        guard = subprocess.Popen(
            [sys.executable, "-m", "backend.jobs.serving", *command, "--host", HOST, "--port", str(port)],
            stdin=subprocess.PIPE, stdout=file, stderr=file, process_group=0, cwd=ROOT, env={**os.environ, **own},
        )  # fmt: skip
    return Server(guard, Place(f"http://{HOST}:{port}/v1", name, key), log, begins)


def _ready(job: Job, server: Server) -> bool:
    """Waits until the server answers, saying how long; False where its port is somebody else's."""
    began = time.monotonic()
    while not server.ended:
        if server.get("/health") is not None:
            return server.ours
        job.progress(round(time.monotonic() - began), None, "s", "starting the judge")
        time.sleep(POLL_SECONDS)
    if server.outlived:
        return False
    raise EndpointError(f"the judge's server ended while it was starting: {server.complaint}; the log says more.")


def _explained(problem: EndpointError, server: Server) -> Exception:
    """What is behind a judge that cannot be asked: a model that takes no conversations, or a server that has ended."""
    if "chat template" in str(problem):
        return BadSpec(
            f"{server.place.model} has no chat template, so that it cannot be asked: it is a base model; choose one "
            "that was trained on conversations (instruct, chat)."
        )
    if server.ended:
        return type(problem)(f"the judge's server ended while it was asked: {server.complaint}; the log says more.")
    return problem


def main(command: list[str]) -> None:
    """The guard: runs the command until it ends or the job lets go; then ends its own process group."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with, args=(server,), daemon=True).start()
    sys.stdin.read()
    server.terminate()
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _end_with(server: subprocess.Popen[bytes]) -> None:
    server.wait()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
