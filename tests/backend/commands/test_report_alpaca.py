"""`report alpaca` as a user types it: flags, files, one line for what is wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.__main__ import run

Outcome = tuple[int, str, str]
KEYS = ["model", "win_rate", "standard_error", "n_wins", "n_wins_base", "n_draws", "n_total", "n_failed",
        "discrete_win_rate", "avg_length", "length_controlled_winrate", "lc_standard_error", "lc_lower", "lc_upper",
        "coefficients", "notes", "length_adjusted_winrate", "length_adjusted_lower", "length_adjusted_upper",
        "length_matched_winrate", "length_matched_lower", "length_matched_upper", "length_matched_n",
        "length_notes"]  # fmt: skip


@pytest.fixture
def winnow(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def command(*words: Any) -> Outcome:
        return run([str(word) for word in words]), *capsys.readouterr()

    return command


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A benchmark of 40 questions: two models, one of them lacking a row, the baseline, the calibration."""
    rows = [{"instruction": f"q{n}", "output_1": "x" * 30, "output_2": f"{n}" + "y" * (n * 7 % 50),
             "generator_1": "base", "generator_2": "one",
             "preference": None if n == 5 else 1 + n % 4 / 3} for n in range(40)]  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(rows))
    two = [json.dumps({**row, "generator_2": "two", "preference": 1.5}) for row in rows[1:]]
    (tmp_path / "two.jsonl.gz").write_bytes(gzip.compress("\n".join(two).encode()))
    (tmp_path / "base.json").write_text(
        json.dumps([{"instruction": row["instruction"], "output": "x"} for row in rows])
    )
    difficulty = "\n".join(f"{n},{n % 5 - 2}" for n in range(40))
    (tmp_path / "difficulty.csv").write_text(f"index,instruction_difficulty\n{difficulty}\n")
    gamed = "\n".join(f"{0.3 + 0.4 * (n % 2)},{n},{1 - n % 2 * 2},{n % 5 - 2}" for n in range(40))
    (tmp_path / "gamed.csv").write_text(f"preference,index,std_delta_len,instruction_difficulty\n{gamed}\n")
    return tmp_path


def calibration(files: Path) -> list[str]:
    return ["--difficulty", str(files / "difficulty.csv"), "--gamed", str(files / "gamed.csv")]


def test_several_files_after_one_flag_give_one_row_a_model(winnow: Callable[..., Outcome], files: Path) -> None:
    words = ["report", "alpaca", "--annotations", files / "one.json", files / "two.jsonl.gz", *calibration(files)]
    code, out, err = winnow(*words, "--resamples", 20, "--json")
    assert (code, err) == (0, "")
    one, two = json.loads(out)
    assert list(one) == KEYS == list(two)
    assert (one["model"], one["n_total"], one["n_failed"], two["n_total"], two["n_failed"]) == ("one", 39, 1, 39, 0)
    assert (two["win_rate"], two["n_draws"], two["discrete_win_rate"]) == (50, 39, 50)
    for row in (one, two):
        assert row["lc_lower"] <= row["length_controlled_winrate"] <= row["lc_upper"]
        assert set(row["coefficients"]) == {"length", "difficulty", "model"}
    repeated = winnow(*words[:4], "--annotations", *words[4:], "--resamples", 20, "--json")
    assert repeated == (0, out, "")
    assert winnow("--json", "report", *words[1:], "--resamples", 20) == (0, out, "")


def test_an_incomplete_file_alone_needs_the_reference(winnow: Callable[..., Outcome], files: Path) -> None:
    words = ["report", "alpaca", "--annotations", files / "two.jsonl.gz", *calibration(files), "--json"]
    [without] = json.loads(winnow(*words)[1])
    assert (
        without["length_controlled_winrate"] is None
        and "give the baseline's outputs (--reference)" in without["notes"][0]
    )
    [beside] = json.loads(winnow(*words, "--reference", files / "base.json")[1])
    assert beside["length_controlled_winrate"] == pytest.approx(50, abs=0.5) and beside["notes"] == []
    [by_position] = json.loads(winnow(*words, "--align", "position")[1])
    assert by_position["length_controlled_winrate"] is not None


def test_in_words(winnow: Callable[..., Outcome], files: Path) -> None:
    code, out, _ = winnow("report", "alpaca", "--annotations", files / "one.json")
    assert code == 0 and out.startswith("one: win rate ") and "length-controlled –" in out
    assert "1 failed" in out and "\n  1 of 40 verdicts are missing" in out
    assert "\n  length-adjusted " in out and ", length-matched " in out and " of 10 answers" in out


def test_without_calibration_files_there_is_a_rate_at_equal_length_under_its_own_name(
    winnow: Callable[..., Outcome], files: Path
) -> None:
    """One of one's: lengths 1 to 51 beside 30, of which 25 to 37 are within a fifth, one of them not readable."""
    [one] = json.loads(winnow("report", "alpaca", "--annotations", files / "one.json", "--json")[1])
    assert one["length_controlled_winrate"] is None and one["length_notes"] == []
    assert one["length_adjusted_lower"] < one["length_adjusted_winrate"] < one["length_adjusted_upper"]
    lengths = [len(f"{n}") + n * 7 % 50 for n in range(40)]
    near = [n for n in range(40) if n != 5 and abs(lengths[n] - 30) <= 0.2 * max(lengths[n], 30)]
    assert one["length_matched_n"] == len(near)
    assert one["length_matched_winrate"] == pytest.approx(100 * sum(n % 4 / 3 for n in near) / len(near))
    rows = [{**row, "output_2": None} for row in json.loads((files / "one.json").read_text())]
    (files / "textless.json").write_text(json.dumps(rows))
    [textless] = json.loads(winnow("report", "alpaca", "--annotations", files / "textless.json", "--json")[1])
    assert (textless["length_adjusted_winrate"], textless["length_matched_winrate"]) == (None, None)
    assert textless["length_notes"] == [
        "No length-adjusted or length-matched win rate: 40 rows lack output_1 or output_2."
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing option '--annotations'"),
        (["--annotations", "nowhere.json"], "'nowhere.json' does not exist"),
        (["--annotations", "one.json", "nowhere.json"], "'nowhere.json' does not exist"),
        (["--annotations", "one.json", "--difficulty", "difficulty.csv"], "--difficulty and --gamed belong together"),
        (["--annotations", "one.json", "--align", "row"], "'row' is not one of 'instruction', 'position'"),
        (["--annotations", "base.json"], "base.json row 1 has no generator_2"),
        (
            ["--annotations", "one.json", "--difficulty", "gamed.csv", "--gamed", "difficulty.csv"],
            "has no std_delta_len",
        ),
        (["--annotations", "one.json", "--difficulty", "one.json", "--gamed", "gamed.csv"], "row 1 has no index"),
        (["--annotations", "notes.txt"], "cannot read 'notes.txt'"),
        (["--annotations", "empty.json"], "empty.json"),
    ],
)
def test_bad_input_is_exit_2_and_one_line(
    winnow: Callable[..., Outcome], files: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(files)
    (files / "notes.txt").write_text("a")
    (files / "empty.json").write_text("[]")
    code, out, err = winnow("report", "alpaca", *words)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1 and len(err) < 300


def test_a_report_that_is_not_there_is_exit_2_with_the_nearest_name(winnow: Callable[..., Outcome]) -> None:
    code, _, err = winnow("report", "alpacca")
    assert code == 2 and "did you mean 'alpaca'?" in err
