"""`load`, `select` and `run` as a user types them, through the real queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend import runs
from backend.__main__ import run as command_line
from backend.workspace import Workspace
from tests import tiny
from tests.backend.exchange.recordings import conversations

Outcome = tuple[int, str, str]


@pytest.fixture
def winnow(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs a command line: (exit code, standard output, standard error)."""

    def command(*words: str) -> Outcome:
        code = command_line([*words, "--workspace", str(ws.root)])
        return code, *capsys.readouterr()

    return command


def written(place: Path, *rows: Any, name: str = "mine.jsonl") -> str:
    path = place / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(path)


def pair(number: int) -> dict[str, str]:
    return {"prompt": f"p{number}", "chosen": f"yes {number}", "rejected": f"no {number}"}


@pytest.mark.slow
def test_load_prints_exactly_its_counts_and_the_same_again(winnow: Callable[..., Outcome], tmp_path: Path) -> None:
    path = written(tmp_path, *map(pair, range(5)), pair(0), {**pair(9), "chosen": "no 9"})
    code, first, err = winnow("load", path, "--json")
    assert (code, err) == (0, "")
    facts = json.loads(first)
    run = facts.pop("run")
    assert facts == {"rows_read": 7, "prompts": 6, "responses": 11, "pairs": 7, "dropped": {},
                     "flagged": {"exact_duplicate": 1, "identical_sides": 1}}  # fmt: skip
    assert winnow("load", path, "--json") == (0, first, "")
    code, dropped, _ = winnow("load", path, "--drop", "exact_duplicate,identical_sides", "--json")
    facts = json.loads(dropped)
    assert (code, facts["pairs"], facts["dropped"]) == (0, 5, {"exact_duplicate": 1, "identical_sides": 1})
    assert facts["run"] != run


@pytest.mark.slow
def test_load_says_in_words_which_row_does_not_fit_and_where_the_rest_is_listed(
    winnow: Callable[..., Outcome], tmp_path: Path
) -> None:
    code, out, _ = winnow("load", written(tmp_path, pair(0), {"prompt": "p", "choosen": "a", "rejected": "b"}))
    assert code == 0 and "dropped: 1 unreadable_row" in out
    assert "row 2 does not fit: there is no column 'chosen' (found: choosen, prompt, rejected)" in out
    assert Path(out.strip().rsplit(" ", 1)[1]).name == "flagged.jsonl"


def answer(n: int, who: str = "me") -> dict[str, str]:
    return {"instruction": f"q{n}", "output": "yes", "generator": who, "dataset": ("koala", "oasst")[n % 2]}


@pytest.mark.slow
def test_answers_are_called_as_their_model_and_have_their_benchmarks_parts(
    winnow: Callable[..., Outcome], ws: Workspace, tmp_path: Path
) -> None:
    file = written(tmp_path, *map(answer, range(3)), name="model_outputs.jsonl")
    one = json.loads(winnow("load", file, "--json")[1])["run"]
    assert ws.about(one)["title"] == "me"
    assert sorted(ws.table(one, "prompts")["category"].to_pylist()) == ["koala", "koala", "oasst"]
    two = json.loads(winnow("load", file, "--limit", "2", "--title", "first two", "--json")[1])["run"]
    assert ws.about(two)["title"] == "first two"
    several = written(tmp_path, answer(0), answer(1, "other"), name="several.jsonl")
    assert ws.about(json.loads(winnow("load", several, "--json")[1])["run"])["title"] == "several.jsonl"


@pytest.mark.slow
def test_answers_to_a_benchmark_are_loaded_beside_their_questions(
    winnow: Callable[..., Outcome], ws: Workspace, tmp_path: Path
) -> None:
    questions, answers = map(str, conversations(tmp_path, "ours"))
    code, out, err = winnow("load", answers)
    assert (code, out) == (2, "") and "give its question.jsonl with --questions" in err
    run = json.loads(winnow("load", answers, "--questions", questions, "--json")[1])["run"]
    assert ws.about(run)["title"] == "ours" and ws.table(run, "responses").num_rows == 8
    code, _, err = winnow("load", questions, "--questions", questions)
    assert code == 2 and "leave --questions out" in err


@pytest.mark.slow
def test_select_takes_the_strategys_own_flags(winnow: Callable[..., Outcome], ws: Workspace, tmp_path: Path) -> None:
    load = json.loads(winnow("load", written(tmp_path, *map(pair, range(8))), "--json")[1])["run"]
    words = ("select", load, "--strategy", "top", "--signal", "length_difference", "--budget")
    facts = json.loads(winnow(*words, "3", "--json")[1])
    assert (facts["chosen"], facts["pool"], ws.spec(facts["run"]).strategy.args) == (
        3,
        8,
        {"signal": "length_difference"},
    )
    code, out, err = winnow(*words, "30")
    assert (code, out) == (2, "") and "budget 30 does not fit the pool of 8 pairs" in err and err.count("\n") == 1
    code, _, err = winnow("select", load, "--strategy", "dm_mul", "--budget", "2")
    assert code == 2 and "signal 'external_margin' is not measured" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "preferences"), "there is no format 'preferences'; did you mean 'preference'?"),
        (("--column", "prompt"), "--column 'prompt' must be NAME=COLUMN"),
        (("--format", "preference", "--column", "promt=p"), "there is no argument 'promt'; did you mean 'prompt'?"),
        (("--drop", "duplicates"), "there is no reason 'duplicates' to drop a row"),
        (("--held-out-share", "1.5"), "1.5 is not in the range"),
        (("--limit", "none"), "'none' is not a valid integer"),
        (("--held-out", "load-000000000000"), "there is no run 'load-000000000000'"),
        (("--held-out", "nosuch"), "held_out = 'nosuch'"),
    ],
)
def test_what_load_cannot_do_is_one_line_and_exit_2(
    winnow: Callable[..., Outcome], tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    code, out, err = winnow("load", written(tmp_path, pair(1)), *words)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1 and len(err) < 300


def test_run_takes_any_question_and_names_what_is_wrong_with_it(
    winnow: Callable[..., Outcome], ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "wake_queue", lambda _: None)
    load = tiny.pool(ws, [("a", "b", "c")])
    question = {"kind": "generate", "prompts": load, "model": {"sha256": "0" * 64}, "samples": 0}
    code, _, err = winnow("run", written(tmp_path, question, name="spec.json"))
    assert code == 2 and "samples = 0" in err
    code, out, _ = winnow("run", written(tmp_path, {**question, "samples": 1}, name="spec.json"), "--no-wait", "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "waiting") and ws.spec(document["run"]).samples == 1
    assert winnow("run", "nowhere.json")[0] == 2
    code, _, err = winnow("run", written(tmp_path, *map(pair, range(40)), name="rows.json"))
    assert code == 2 and "it is no JSON" in err and len(err) < 300
    for bad in (
        tmp_path,
        tmp_path / "none" / "x.jsonl",
        tmp_path / "rows.json" / "x.jsonl",
        Path("y" * 256 + ".jsonl"),
    ):
        (tmp_path / "folder.jsonl").mkdir(exist_ok=True)
        place = tmp_path / "folder.jsonl" if bad == tmp_path else bad
        code, _, err = winnow("export", load, str(place))
        assert code == 2 and f"cannot write {str(place)!r}" in err and err.count("\n") == 1
    assert not (tmp_path / "none").exists()
    code, _, err = winnow(
        "run", written(tmp_path, {**question, "samples": 1, "prompts": "load-000000000000"}, name="spec.json")
    )
    assert code == 2 and "there is no run 'load-000000000000'" in err
