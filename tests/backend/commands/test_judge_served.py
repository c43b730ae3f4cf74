"""`judge … --serve`: a folder becomes a judge, from the command to its figures; the stand-in plays vLLM."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path

import pytest

from backend.workspace import Workspace
from tests.backend.commands.conftest import Judge, written
from tests.backend.jobs.test_serving import SERVER, servers


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """`judge pairwise` of two files by a folder that looks like a model's."""
    monkeypatch.setenv("WINNOW_VLLM", shlex.join([sys.executable, str(SERVER)]))
    folder = tmp_path / "my-judge"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    files = []
    for flag, who, texts in (("--outputs", "ours", ("longer", "x")), ("--reference", "base", ("long", "yy"))):
        rows = [{"instruction": f"q {n}", "output": text, "generator": who} for n, text in enumerate(texts)]
        files += [flag, written(tmp_path, f"{who}.json", rows)]
    return ["pairwise", *files, "--model", str(folder), "--serve"]


@pytest.mark.slow
def test_a_folder_is_served_and_judges_without_money(judge: Judge, ws: Workspace, words: list[str]) -> None:
    guess = judge(*words, "--max-calls", "0")
    tokens = {"prompt_tokens": guess["estimate"]["prompt_tokens"], "reply_tokens": 4 * 512}
    assert guess["estimate"] == {"calls": 4, "cost": None, "served": True, **tokens} and "served" not in guess
    found = judge(*words)
    assert (found["win_rate"], found["calls"], found["cost"], found["status"]) == (50.0, 4, None, "finished")
    assert found["served"]["model"].startswith("my-judge@") and found["served"]["starting"] > 0
    assert (ws.read_json(ws.folder(found["run"]) / "terms.json") or {})["concurrency"] == 32
    assert judge(*words)["run"] == found["run"] and not servers()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--max-cost", "1"], "a judge that runs here costs no money; leave out --max-cost."),
        (["--base-url", "http://x/v1"], "--serve runs the judge here; leave the endpoint http://x/v1 out."),
        (["--model", "no-such"], "'no-such' is no model: neither a train run, nor a folder, nor organisation/name"),
        (["--model", "train-0123456789ab"], "there is no run 'train-0123456789ab'"),
        (["--adapter", "/no/such"], "there is no file or folder '/no/such'"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(judge: Judge, words: list[str], more: list[str], said: str) -> None:
    code, err = judge(*words, *more)
    assert code == 2 and said in err and "\n" not in err


def test_without_vllm_the_command_says_what_to_install(
    judge: Judge, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WINNOW_VLLM")
    if importlib.util.find_spec("vllm"):
        pytest.skip("vLLM is installed here")
    code, err = judge(*words)
    assert code == 2 and "is not installed: on a GPU machine `make run GPU=1` adds it" in err


def test_an_adapter_at_an_endpoint_makes_no_sense(judge: Judge, words: list[str], tmp_path: Path) -> None:
    code, err = judge(*words[:-1], "--adapter", str(tmp_path))
    assert code == 2 and "--adapter belongs to --serve" in err
