"""The Hub's libraries against a local server. They read their settings once, so every question is a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import NotFound
from tests import hub_server, tiny

ROOT = Path(__file__).parent.parent.parent
ROWS = [{"prompt": f"p{i}", "chosen": f"yes {i}", "rejected": f"no {i}"} for i in range(300)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hub_server.Hub]:
    root = tmp_path_factory.mktemp("hub")
    for name, files in {
        "org/plain": {"train.jsonl": ROWS, "test.jsonl": ROWS[:7]},
        "org/parts": {"easy/train.jsonl": ROWS[:5], "hard/train.jsonl": ROWS[5:8]},
        "org/gated-data": {"train.jsonl": ROWS},
    }.items():
        for path, rows in files.items():
            place = root / "datasets" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("".join(json.dumps(row) + "\n" for row in rows))
    benchmark(root)
    cards = [f"- config_name: {c}\n  data_files: {c}/train.jsonl\n" for c in ("easy", "hard")]
    (root / "datasets" / "org" / "parts" / "README.md").write_text(f"---\nconfigs:\n{''.join(cards)}---\n")
    tiny.model_folder(root / "models" / "org" / "tiny")
    with hub_server.served(root) as server:
        yield server


def benchmark(root: Path) -> None:
    """MT-Bench's and Arena-Hard's repositories with two questions each, AlpacaEval's without its file."""
    asked = [{"question_id": 81 + n, "category": "writing", "turns": [f"q{n} ?", "two ?"]} for n in range(2)]
    uids = [{"uid": f"u{n}", "category": ("hard_prompt", "creative_writing")[n], "prompt": f"q{n}"} for n in range(2)]
    said = [{"uid": f"u{n}", "model": "base", "messages": [{"content": {"answer": f"a{n}"}}]} for n in range(2)]
    folder = "datasets/lmarena-ai/arena-hard-auto/data/arena-hard-v2.0"
    for path, rows in {
        "spaces/lmsys/mt-bench/data/mt_bench/question.jsonl": asked,
        f"{folder}/question.jsonl": uids,
        f"{folder}/model_answer/gemini-2.0-flash-001.jsonl": said,
        "datasets/tatsu-lab/alpaca_eval/README.jsonl": [],
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("".join(json.dumps(row) + "\n" for row in rows))


def winnow(place: Path, hub: hub_server.Hub | str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    url = hub if isinstance(hub, str) else hub.url
    online = {"HF_ENDPOINT": url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(place / "cache")}
    return subprocess.run(
        [sys.executable, "-m", "backend", *words, "--workspace", str(place / "ws")],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **online, **settings}, timeout=300,
    )  # fmt: skip


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_dataset_is_loaded_from_the_commit_that_its_branch_means(tmp_path: Path, hub: hub_server.Hub) -> None:
    facts = document(winnow(tmp_path, hub, "load", "org/plain", "--json"))
    assert (facts["rows_read"], facts["pairs"]) == (300, 300)
    spec = document(winnow(tmp_path, hub, "show", facts["run"], "--json"))["spec"]
    assert spec["source"] == {"repo": "org/plain", "split": "train", "revision": hub_server.COMMIT}
    again = document(winnow(tmp_path, hub, "load", "org/plain", "--revision", "v1", "--json"))
    assert again == facts, "the tag means the same commit, so it is the same question"
    other = document(winnow(tmp_path, hub, "load", "org/plain", "--split", "test", "--limit", "4", "--json"))
    assert (other["rows_read"], other["run"] != facts["run"]) == (4, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("org/nothing",),
            "there is no dataset 'org/nothing' on the Hub, or it is private; check the name, or set HF_TOKEN",
        ),
        (("org/private-data",), "on the Hub, or it is private"),
        (("org/gated-data",), "is gated: accept its terms on its page, and set HF_TOKEN"),
        (("org/plain", "--revision", "v2"), "has no revision 'v2'"),
        (("org/plain", "--split", "tset"), "has no split 'tset'; did you mean 'test'?"),
        (("org/parts",), "has the configs easy, hard; choose one"),
        (("org/parts", "--config", "esy"), "has no config 'esy'; did you mean 'easy'?"),
    ],
)
def test_what_the_hub_does_not_have_is_one_line_and_exit_2(
    tmp_path: Path, hub: hub_server.Hub, words: tuple[str, ...], said: str
) -> None:
    done = winnow(tmp_path, hub, "load", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and done.stderr.count("\n") == 1 and len(done.stderr) < 300
    assert not list((tmp_path / "ws" / "runs").iterdir())


@pytest.mark.slow
def test_without_a_network_the_answer_comes_within_the_time_limit(tmp_path: Path) -> None:
    began = time.monotonic()
    done = winnow(tmp_path, "http://127.0.0.1:9", "load", "org/plain", WINNOW_HUB_SECONDS="4")
    assert done.returncode == 2 and time.monotonic() - began < 40
    assert "cannot reach the Hub" in done.stderr or "did not answer" in done.stderr


@pytest.mark.slow
def test_a_benchmark_is_its_files_of_the_hub_in_one_run(tmp_path: Path, hub: hub_server.Hub) -> None:
    facts = document(winnow(tmp_path, hub, "load", "--benchmark", "mt_bench", "--json"))
    assert (facts["rows_read"], facts["prompts"], facts["responses"]) == (2, 4, 0), "a prompt for each turn"
    about = json.loads((tmp_path / "ws" / "runs" / facts["run"] / "about.json").read_text())
    assert about["title"] == "MT-Bench"
    assert about["note"] == f"lmsys/mt-bench@{hub_server.COMMIT[:8]}/data/mt_bench/question.jsonl"
    local = hub.root / "spaces/lmsys/mt-bench/data/mt_bench/question.jsonl"
    same = document(winnow(tmp_path, hub, "load", "--benchmark", "mt_bench", "--questions", str(local), "--json"))
    assert same["run"] == facts["run"], "the same content is the same question, wherever it is from"
    creative = document(winnow(tmp_path, hub, "load", "--benchmark", "arena_hard_v2_creative", "--json"))
    assert (creative["rows_read"], creative["prompts"], creative["responses"]) == (2, 1, 1), "one of each category"
    done = winnow(tmp_path, hub, "load", "--benchmark", "alpaca_eval")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "there is no alpaca_eval_gpt4_baseline.json of dataset 'tatsu-lab/alpaca_eval' on the Hub" in done.stderr
    off = winnow(tmp_path, hub, "load", "--benchmark", "arena_hard_v01", WINNOW_OFFLINE="1")
    assert off.returncode == 2 and "the Hub is switched off" in off.stderr


def test_the_offline_switch_answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend import hub as ours

    monkeypatch.setenv("WINNOW_OFFLINE", "1")
    with pytest.raises(NotFound, match=r"the Hub is switched off \(WINNOW_OFFLINE or HF_HUB_OFFLINE\)"):
        ours.source("org/plain")


@pytest.mark.slow
def test_a_model_of_the_hub_measures_and_is_fetched_once(tmp_path: Path, hub: hub_server.Hub) -> None:
    pool = document(winnow(tmp_path, hub, "load", "org/plain", "--limit", "5", "--json"))["run"]
    spec = {"kind": "measure", "responses": pool, "measure": {"name": "logprob", "args": {}},
            "model": {"repo": "org/tiny", "revision": hub_server.COMMIT}}  # fmt: skip
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    facts = document(winnow(tmp_path, hub, "run", str(tmp_path / "spec.json"), "--json"))
    assert facts["measured"] == 10
    missing = {**spec, "model": {"repo": "org/none", "revision": hub_server.COMMIT}}
    (tmp_path / "spec.json").write_text(json.dumps(missing))
    done = winnow(tmp_path, hub, "run", str(tmp_path / "spec.json"))
    assert done.returncode == 2 and "there is no model 'org/none' on the Hub" in done.stderr


def test_a_hub_that_never_answers_does_not_keep_the_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"http://127.0.0.1:{silent.getsockname()[1]}"
        env = {**os.environ, "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": place, "WINNOW_HUB_SECONDS": "1"}
        words = [sys.executable, "-m", "backend", "--workspace", str(tmp_path), "load", "org/none"]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "did not answer about dataset 'org/none' within 1 s" in done.stderr
