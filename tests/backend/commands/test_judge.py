"""`judge` from AlpacaEval's files to its figures, with real processes: caps, failures, kills."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from backend import runs
from backend.__main__ import run
from backend.commands._judges._benchmark import summary
from backend.judges.length_controlled import kept
from backend.terms import Terms
from backend.workspace import Workspace
from tests.backend.commands.conftest import Judge, written
from tests.judge_server import by_length, says, served, weighs
from tests.replay import replaying, stats

MODEL = "OpenHermes-2.5-Mistral-7B"


def outputs(place: Path, who: str, *texts: str) -> str:
    rows = [{"instruction": f"question {n}", "output": text, "generator": who} for n, text in enumerate(texts)]
    return written(place, f"{who}.json", rows)


def alpaca(place: Path, ours: tuple[str, ...], theirs: tuple[str, ...], url: str, *more: str) -> list[str]:
    files = ("--outputs", outputs(place, "ours", *ours), "--reference", outputs(place, "base", *theirs))
    return ["alpaca", *files, "--base-url", url, "--model", "judge-1", *more]


@pytest.mark.slow
def test_a_benchmark_is_judged_once_and_known_ever_after(judge: Judge, tmp_path: Path) -> None:
    with served(weighs(by_length)) as server:
        words = alpaca(tmp_path, ("xxx", "same", "x"), ("x", "same", "x" * 4), server.url, "--concurrency", "2")
        found = judge(*words)
        again = judge(*words, "--concurrency", "7")  # how fast is no part of the question
        assert len(server.bodies) == 2
    assert again == found
    assert (found["model"], found["baseline"], found["status"]) == ("ours", "base", "finished")
    assert found["win_rate"] == pytest.approx(100 * (0.75 + 0.5 + 0.2) / 3)
    assert (found["n_wins"], found["n_wins_base"], found["n_draws"], found["n_total"]) == (1, 1, 1, 3)
    counts = ("n_failed", "calls", "retries", "reused", "prompt_tokens", "completion_tokens", "cost", "failures")
    assert [found[name] for name in counts] == [0, 2, 0, 0, 20, 10, None, {}]


@pytest.mark.slow
def test_a_refusal_is_counted_not_retried_and_asked_again_next_time(judge: Judge, tmp_path: Path) -> None:
    refused = says("I'm sorry, but I can't help with that.")
    answer = weighs(by_length)
    with served(lambda body: refused if "question 1\n" in body["messages"][1]["content"] else answer(body)) as server:
        words = alpaca(tmp_path, ("xxx", "xx", "x"), ("x", "x", "xxx"), server.url, "--price-in", "1e6")
        words += ["--price-out", "1e6"]
        first = judge(*words)
        assert len(server.bodies) == 3
        server.answer = answer
        second = judge(*words)
        assert len(server.bodies) == 4
    assert (first["status"], first["n_total"], first["n_failed"]) == ("incomplete", 2, 1)
    assert (first["failures"], first["retries"], first["cost"]) == ({"refused": 1}, 0, 45.0)
    assert (second["status"], second["n_total"], second["failures"], second["calls"]) == ("finished", 3, {}, 4)
    assert second["win_rate"] == pytest.approx(100 * (3 / 4 + 2 / 3 + 1 / 4) / 3)


@pytest.mark.slow
def test_a_judge_that_takes_the_first_and_a_model_with_one_answer_are_flagged(judge: Judge, tmp_path: Path) -> None:
    theirs = tuple(f"answer {n}" for n in range(40))
    with served(weighs(lambda first, second: 0.99)) as server:
        found = judge(*alpaca(tmp_path, ("always the same",) * 40, theirs, server.url))
    first, same = found["notes"]
    assert "prefers the answer shown first in 100 % of its verdicts" in first
    assert "40 of 40 answers of the candidate are one and the same text ('always the same')" in same


@pytest.mark.slow
def test_a_cap_leaves_the_run_incomplete_and_the_next_launch_goes_on(judge: Judge, tmp_path: Path) -> None:
    with served(weighs(by_length)) as server:
        words = alpaca(tmp_path, ("a", "bb", "ccc", "dddd"), ("xx",) * 4, server.url, "--price-in", "1e6")
        words += ["--price-out", "1e6"]
        estimate = judge(*words, "--max-calls", "0")["estimate"]
        assert estimate["calls"] == 4 and server.bodies == []
        dry = judge(*words, "--dry-run")
        assert {name: dry["estimate"][name] for name in ("calls", "prompt_tokens", "cost")} == {
            name: estimate[name] for name in ("calls", "prompt_tokens", "cost")
        }
        assert estimate["cost"] == estimate["prompt_tokens"] + 4, "a dollar a token, one token for each reply"
        capped = judge(*words, "--max-calls", "3")
        assert (capped["status"], capped["n_total"], capped["failures"]) == ("incomplete", 3, {"not_asked": 1})
        assert capped["ended_by"].startswith("the cap of 3 calls is used up")
        first = judge(*words, "--limit", "2")
        assert (first["n_total"], first["items"], first["beyond_limit"]) == (2, 2, 2) and first["run"] != capped["run"]
        assert "2 of 4 answers are judged: those to the first 2 prompts" in first["notes"][0]
        last = judge(*words)
        assert last["n_total"] == 4 and len(server.bodies) == 4, "the first two are not asked about again"
        assert last["estimate"]["calls"] == last["calls"] == 4, "of the whole run, as the calls are"
        sent = sum(len(message["content"]) for body in server.bodies for message in body["messages"])
        assert estimate["prompt_tokens"] == sent // 4


def test_people_read_the_figures_how_the_asking_went_and_what_to_doubt() -> None:
    found = {
        "model": "ours", "run": "judge-1", "status": "incomplete", "calls": 5, "retries": 1, "reused": 2, "cost": 0.25,
        "failures": {"refused": 1}, "notes": ["Beware."],
    }  # fmt: skip
    went = "5 calls, 1 of them again, 2 judgements known before, 0.2500 dollars; missing: 1 refused"
    lines = ["ours: win rate 50.00 %", f"judge-1 (incomplete): {went}", "Beware."]
    assert summary(found, "win rate 50.00 %").split("\n") == lines
    guess = {"estimate": {"calls": 4, "prompt_tokens": 900, "cost": 0.5}, "ended_by": "The end.", "judged": 3}
    guess |= {"items": 1805, "failures": {"not_asked": 1802}}
    first, *rest = summary({**found, **guess}, "win rate 50.00 %").split("\n")
    assert first == "Stopped: The end. What follows is of 3 of 1,805 items; 1,802 judgements were not asked for."
    assert rest[2:] == ["estimated before the start: 4 calls, 900 prompt tokens, at most 0.5000 dollars", "Beware."]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--max-cost", "1"], "--max-cost needs the price of 'judge-1': give --price-in and --price-out"),
        (["--price-in", "1"], "--price-in and --price-out belong together"),
        (["--model", " "], "the judge's name (--model) is ' '; name it as its server does"),
        (["--concurrency", "0"], "--concurrency 0: Input should be greater than or equal to 1"),
        (["--api-key-env", "NO_SUCH_KEY"], "the variable 'NO_SUCH_KEY' named by --api-key-env is not set"),
        (["--orders", "random"], "Invalid value for '--orders'"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_asked(
    judge: Judge, tmp_path: Path, more: list[str], said: str
) -> None:
    code, err = judge(*alpaca(tmp_path, ("a",), ("b",), "http://127.0.0.1:9/v1", *more))
    assert code == 2 and said in err and "\n" not in err


@pytest.mark.slow
def test_a_row_that_cannot_be_read_is_named(judge: Judge, tmp_path: Path) -> None:
    ours = written(tmp_path, "ours.json", [{"instruction": "a", "output": "b"}, {"instruction": "c", "output": None}])
    words = ("--outputs", ours, "--reference", outputs(tmp_path, "base", "x"), "--model", "m", "--base-url", "http://x")
    code, err = judge("alpaca", *words)
    assert (code, err.startswith("ours.json row 2: there is no column 'output'")) == (2, True)


def test_a_misspelt_benchmark_is_guessed(judge: Judge) -> None:
    assert judge("alpcaa", "--outputs", "x") == (2, "'alpcaa' is neither a benchmark nor a run; did you mean 'alpaca'?")
    assert judge() == (2, "Missing command.")


def test_what_names_no_benchmark_is_a_run(judge: Judge) -> None:
    for words in (["judge-000000000000", "x", "--judge", "gold"], ["--judge", "gold", "judge-000000000000", "x"]):
        code, err = judge(*words)
        assert code == 2 and "there is no run 'judge-000000000000'" in err


@pytest.mark.slow
def test_recorded_preferences_come_back_through_limits_and_failures(judge: Judge, ws: Workspace, shared: Path) -> None:
    """All 805 of a real model: every preference equal, and no call but for an item or an injected failure."""
    folder = shared / "alpaca_eval"
    files = ("--outputs", str(folder / MODEL / "model_outputs.json.gz"))
    files += ("--reference", str(folder / "gpt4_1106_preview" / "model_outputs.json.gz"))
    with replaying(shared, "--limit-every", "7", "--fail-every", "50") as url:
        found = judge("alpaca", *files, "--base-url", url, "--model", "replay", "--concurrency", "16")
        seen = stats(url)
    rows = json.loads(gzip.decompress((folder / MODEL / "annotations.json.gz").read_bytes()))
    recorded = {(row["instruction"], row["output_2"]): row["preference"] - 1 for row in rows}
    load = ws.spec(found["run"]).candidate
    said = ws.table(load, "responses").to_pandas().set_index("response_id")["response"]
    asked = {row["prompt_id"]: row["prompt"][0]["content"] for row in ws.table(load, "prompts").to_pylist()}
    verdicts = ws.table(found["run"], "judgements").to_pandas().query("status == 'ok'")
    ours = {(asked[row.prompt_id], said[row.candidate_id]): row.preference for row in verdicts.itertuples()}
    assert ours == pytest.approx(recorded, abs=1e-12)
    assert (found["n_total"], found["n_draws"], found["status"]) == (805, 3, "finished")
    assert seen["calls"] - seen["limited"] - seen["failed"] <= 805 - 3 and seen["repeats"] == 0
    assert found["calls"] == seen["calls"] and found["retries"] == seen["limited"] + seen["failed"]


@pytest.mark.slow
def test_a_killed_judge_goes_on_where_it_was(judge: Judge, ws: Workspace, tmp_path: Path) -> None:
    """SIGKILL half way: the same figures as without, and only calls in flight are made twice."""
    ours, theirs = tuple("x" * n for n in range(1, 61)), ("y" * 30,) * 60
    weigh = weighs(by_length)

    def answer(body: dict[str, Any]) -> Any:
        time.sleep(0.05)
        return weigh(body)

    with served(answer) as server:
        words = alpaca(tmp_path, ours, theirs, server.url, "--max-calls", "0")
        known = judge(*words)["run"]  # nothing is asked yet, but the question is known
        runs.launch(ws, ws.spec(known), terms=Terms(concurrency=4))
        kept, until = ws.folder(known) / "judgements.jsonl", time.monotonic() + 60
        while len(ws.read_lines(kept)) < 20 and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg((ws.read_json(ws.folder(known) / "process.json") or {})["pid"], signal.SIGKILL)
        while runs.status(ws, known) != "lost" and time.monotonic() < until:
            time.sleep(0.01)
        found = judge(*words[:-2], "--concurrency", "4")
        assert len(server.bodies) <= 60 + 4
    assert found["win_rate"] == pytest.approx(100 * sum(n / (n + 30) for n in range(1, 61)) / 60)


@pytest.mark.slow
def test_with_the_calibration_files_the_judge_reports_what_the_report_finds_in_its_export(
    judge: Judge, ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 answers of 20 to 59 characters beside ones of 30: by instruction and by position the same rate."""
    ours, theirs = tuple("x" * (20 + 7 * n % 40) for n in range(40)), ("y" * 30,) * 40
    difficulty, gamed = tmp_path / "difficulty.csv", tmp_path / "gamed.csv"
    difficulty.write_text("index,instruction_difficulty\n" + "".join(f"{n},{n % 5 - 2}\n" for n in range(40)))
    rows = "".join(f"{0.3 + 0.4 * (n % 2)},{1 - n % 2 * 2},{n % 5 - 2}\n" for n in range(40))
    gamed.write_text(f"preference,std_delta_len,instruction_difficulty\n{rows}")
    calibration = ["--difficulty", str(difficulty), "--gamed", str(gamed)]
    with served(weighs(by_length)) as server:
        words = alpaca(tmp_path, ours, theirs, server.url)
        plain = judge(*words)
        found = judge(*words, *calibration, "--resamples", "50")
        by_position = judge(*words, *calibration, "--align", "position")
        assert len(server.bodies) == 40, "each question is asked once"
        assert judge(*words, *calibration[:2]) == (2, "--difficulty and --gamed belong together; give both or neither.")
    assert plain["length_controlled_winrate"] is None and "the two calibration files" in plain["length_notes"][0]
    assert plain["length_adjusted_winrate"] == found["length_adjusted_winrate"] is not None
    assert found["lc_lower"] < found["length_controlled_winrate"] < found["lc_upper"]
    assert by_position["length_controlled_winrate"] == pytest.approx(found["length_controlled_winrate"])
    setting = kept(ws)  # what Results reads
    assert setting and setting.align == "position" and ws.adopted_name(setting.gamed) == "gamed.csv"
    file = tmp_path / "annotations.json"
    assert run(["export", found["run"], str(file), "--alpaca", "--workspace", str(ws.root)]) == 0
    capsys.readouterr()
    words = ["--annotations", str(file), "--reference", str(tmp_path / "base.json"), *calibration, "--resamples", "50"]
    assert run(["report", "alpaca", *words, "--json"]) == 0
    (reported,) = json.loads(capsys.readouterr().out)
    same = [key for key in reported if key.startswith(("length", "lc", "coeff", "win", "n_")) and key != "length_notes"]
    assert {key: found[key] for key in same} == {key: pytest.approx(reported[key]) for key in same}
