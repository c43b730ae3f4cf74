"""Real dialogues, headless: load, select, train, answer, judge, export, through the command line and real processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.__main__ import run as command_line
from backend.workspace import Workspace
from tests import judge_server, tiny

Winnow = Callable[..., Any]


@pytest.fixture
def winnow(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Winnow:
    """Runs a command with --json and returns its document."""

    def run(*words: str) -> Any:
        code = command_line([*words, "--json", "--workspace", str(ws.root)])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out)

    return run


@pytest.mark.slow
def test_a_slice_of_real_dialogues_goes_the_whole_way(
    shared: Path, winnow: Winnow, ws: Workspace, tmp_path: Path
) -> None:
    path = shared / "preference" / "hh_harmless_base_test.jsonl.gz"
    loaded = winnow("load", str(path), "--limit", "200", "--held-out-share", "0.1", "--drop", "blank_response")
    assert (loaded["rows_read"], loaded["pairs"] + loaded["dropped"].get("blank_response", 0)) == (200, 200)

    subset = winnow("select", loaded["run"], "--strategy", "top", "--signal", "length_difference", "--budget", "24")
    model = {"sha256": ws.adopt(tiny.model_folder(tmp_path / "model", max_position_embeddings=4096))}
    train = {"kind": "train", "method": "dpo", "model": model, "data": subset["run"], "learning_rate": 1e-3,
             "max_length": 1024, "per_device_train_batch_size": 4}  # fmt: skip
    trained = asked(winnow, tmp_path, train)
    assert trained["used"] + sum(trained["left_out"].values()) == 24 and trained["used"] > 0

    answers = []
    for writer in ({"run": trained["run"]}, model):
        generate = {"kind": "generate", "prompts": loaded["run"], "split": "held_out", "limit": 6, "model": writer,
                    "max_new_tokens": 12}  # fmt: skip
        answers.append(asked(winnow, tmp_path, generate))
        assert answers[-1]["responses"] == 6

    with judge_server.served(judge_server.longer) as judge:
        runs = [a["run"] for a in answers]
        words = ("--judge", "pairwise", "--model", "judge-1", "--endpoint", judge.url)
        verdicts = winnow("judge", *runs, *words)
    assert (verdicts["status"], verdicts["judged"], verdicts["missing"]) == ("finished", 6, 0)
    assert 0 <= verdicts["low"] <= verdicts["win_rate"] <= verdicts["high"] <= 1

    exported = winnow("export", subset["run"], str(tmp_path / "subset.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "subset.jsonl").read_text().split("\n") if line]
    assert exported["rows"] == len(rows) == 24 and rows[0]["chosen"][0]["role"] == "assistant"
    lineage = winnow("show", verdicts["run"])["lineage"]
    assert set(lineage) == {*runs, trained["run"], subset["run"], loaded["run"]}


HH = "\n\nHuman: {ask}\n\nAssistant: Well?\n\nHuman: Go on {ask}\n\nAssistant: {said}"


@pytest.mark.slow
def test_answers_of_a_model_are_judged_against_the_chosen_responses_of_dialogues(
    winnow: Winnow, ws: Workspace, tmp_path: Path
) -> None:
    """The HH protocol: load dialogues, answer their prompts, ask which response is more helpful in one drawn order."""
    rows = [{"chosen": HH.format(ask=n, said=f"kind {n}"), "rejected": HH.format(ask=n, said="rude")} for n in range(8)]
    rows.append({**rows[0], "chosen": HH.format(ask=0, said="kind as well")})
    (tmp_path / "hh.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = winnow("load", str(tmp_path / "hh.jsonl"))
    model = {"sha256": ws.adopt(tiny.model_folder(tmp_path / "model"))}
    generate = {"kind": "generate", "prompts": data["run"], "model": model, "max_new_tokens": 4}
    answers = asked(winnow, tmp_path, generate)

    def kind(body: dict[str, Any]) -> Any:
        """The chosen responses begin with "kind"; of question 7 it cannot say."""
        words = body["messages"][0]["content"]
        better = "A" if "<response_A>\nkind" in words else "B"
        return judge_server.says(
            "Comparison: no." if "Go on 7" in words else f"Comparison: so.\nMore helpful: {better}"
        )

    words = ("judge", answers["run"], data["run"], "--reference-side", "chosen", "--judge", "hh", "--model", "judge-1")
    with judge_server.served(kind) as judge:
        first = winnow(*words, "--endpoint", judge.url, "--dry-run")
        assert judge.bodies == []
        found = winnow(*words, "--endpoint", judge.url)
        assert len(judge.bodies) == 9 and first["messages"] in [body["messages"] for body in judge.bodies]
    assert (found["status"], found["items"], found["judged"], found["missing"]) == ("incomplete", 9, 8, 1)
    official = found["official"]
    assert (official["win_rate"], official["n_wins"], official["n_wins_base"], official["n_failed"]) == (0, 0, 8, 1)
    assert official["lower"] == 0 < official["upper"] < 50 and found["failures"] == {"unparsable": 1}


def asked(winnow: Winnow, place: Path, question: dict[str, Any]) -> Any:
    (place / "spec.json").write_text(json.dumps(question))
    return winnow("run", str(place / "spec.json"))
