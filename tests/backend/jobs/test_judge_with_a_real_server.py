"""The pairwise judge against a server that we did not write: `transformers serve` on a tiny model."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import specs
from backend.jobs import judge
from backend.judges import judges
from backend.workspace import Workspace
from tests import tiny
from tests.backend.jobs.test_judge import answers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Base URL and model id; ready when /health answers (its /v1/models needs a cache folder)."""
    folder = tiny.model_folder(tmp_path / "judge", max_position_embeddings=4096)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder), "--host", "127.0.0.1"]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "--port", port, "--device", "cpu", "--dtype", "float32"], stdout=log, stderr=log,
            env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
    try:
        _ready(f"http://127.0.0.1:{port}/health", tmp_path / "serve.log")
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.kill()
        process.wait()


def _ready(url: str, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"transformers serve did not start: {log.read_text()[-2000:]}")


@pytest.mark.slow
def test_a_random_model_says_nothing_readable_and_every_reply_is_kept(ws: Workspace, server: tuple[str, str]) -> None:
    url, model = server
    call = judges.call("pairwise", model=model, endpoint=url, max_tokens=8)
    ours, theirs = answers(ws, ["a", "b", "same"], "ours"), answers(ws, ["c", "d", "same"], "theirs")
    spec = specs.JudgeSpec(candidate=ours, reference=theirs, judge=call)
    summary = judge.run(tiny.asked(ws, spec))
    rows = ws.table(spec.id, "judgements").to_pandas()
    assert not summary.complete
    assert summary.facts["statuses"] == {"ok": 2, "unparsable": 4}, "only the identical answers have a verdict"
    asked = rows[rows["status"] == "unparsable"]
    assert (asked["prompt_tokens"] > 50).all() and (asked["completion_tokens"] <= 8).all()
    assert asked["explanation"].notna().all() and (asked["seconds"] > 0).all()
