"""`report mtbench`, `report arena` and `report agreement` as they are called."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.__main__ import run

Outcome = tuple[int, str, str]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `report …`: (exit code, standard output, standard error)."""

    def command(*arguments: object) -> Outcome:
        code = run(["report", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def grade(score: float | None, question: int = 1) -> dict[str, Any]:
    return {"model": "m", "question_id": question, "turn": 1, "score": score, "judge": ["j", "single-v1"]}


def test_grades_and_matches_of_one_file_have_exactly_these_keys(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    pair = {"model_1": "a", "model_2": "b", "question_id": 1, "turn": 1, "g1_winner": "model_1", "g2_winner": "tie"}
    questions = lines(tmp_path / "question.jsonl", [{"question_id": 1, "category": "math", "turns": ["?", "!"]}])
    code, out, err = report("mtbench", "--judgments", lines(tmp_path / "both.jsonl", [grade(7), pair, grade(9)]),
                            "--questions", questions, "--json")  # fmt: skip
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {"model": "m", "turn_1": 9, "turn_2": None, "average": 9, "n": 1, "n_failed": 0, "n_duplicates": 1,
         "categories": {"math": 9}},
        {"model_1": "a", "model_2": "b", "win": 0, "loss": 0, "tie": 1, "inconsistent": 1, "errors": 0,
         "win_rate": 0, "win_rate_adjusted": 50},
    ]  # fmt: skip


def test_questions_with_a_wrong_reference_are_left_out_beside_all_of_them(
    tmp_path: Path, report: Callable[..., Outcome]
) -> None:
    """Of 101, 104 and 130 the last two have a wrong reference: 9 remains; the mean of all is (9 + 1 + 2) / 3."""
    rows = [grade(9, 101), grade(1, 104), grade(2, 130), {**grade(None, 101), "turn": 2}]
    pair = {"model_1": "a", "model_2": "b", "turn": 1, "g1_winner": "model_1", "g2_winner": "model_1"}
    rows += [{**pair, "question_id": 128}, {**pair, "question_id": 102, "g2_winner": "tie"}]
    rows += [{**pair, "model_1": "c", "question_id": 104}]
    path = lines(tmp_path / "both.jsonl", rows)
    (tmp_path / "mine.txt").write_text("101\n130\n")
    code, out, _ = report("mtbench", "--judgments", path, "--without-known-bad", "--leave-out",
                          tmp_path / "mine.txt", "--json")  # fmt: skip
    one, *matches = json.loads(out)
    known, mine = one.pop("without_known_bad"), one.pop("without_left_out")
    assert (code, one["average"], one["n"], one["n_failed"]) == (0, 4, 3, 1)
    assert known == {"turn_1": 9, "turn_2": None, "average": 9, "n": 1, "n_failed": 1, "n_duplicates": 0,
                     "categories": None}  # fmt: skip
    assert (mine["average"], mine["n"], mine["n_failed"]) == (1, 1, 0)
    won, gone = sorted(matches, key=lambda row: row["model_1"])
    assert (won["win"], won["tie"], won["without_known_bad"]["win"], won["without_known_bad"]["tie"]) == (1, 1, 0, 1)
    assert (gone["model_1"], gone["win"], gone["without_known_bad"]) == ("c", 1, None)
    text = report("mtbench", "--judgments", path, "--without-known-bad")[1]
    assert "Without the 13 questions whose reference answer is wrong:" in text


def test_a_list_of_no_questions_is_refused(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    (tmp_path / "none.txt").write_text("\n")
    path = lines(tmp_path / "single.jsonl", [grade(7)])
    code, _, err = report("mtbench", "--judgments", path, "--leave-out", tmp_path / "none.txt")
    assert code == 2 and "none.txt names no question" in err


def test_repeated_pair_rows_are_left_out_and_said(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    pair = {"model_1": "a", "model_2": "b", "question_id": 1, "turn": 1, "g1_winner": "model_1", "g2_winner": "tie"}
    path = lines(tmp_path / "pair.jsonl", [pair, pair])
    assert report("mtbench", "--judgments", path)[2].startswith("1 repeated pair rows left out")
    assert report("mtbench", "--judgments", path, "--duplicates", "all")[2] == ""


def test_the_shared_options_may_stand_on_every_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(lines(tmp_path / "single.jsonl", [grade(7)]))
    ways = [
        ["--json", "report", "mtbench", "--judgments", path],
        ["report", "--json", "mtbench", "--judgments", path],
        ["report", "mtbench", "--judgments", path, "--json", "--workspace", str(tmp_path / "none")],
    ]
    found = []
    for way in ways:
        assert run(way) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1] == found[2]
    assert not (tmp_path / "none").exists()  # a report needs no workspace


def test_agreement_reads_a_list_and_lines_and_gz(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    rows = [{"label": "A", "verdicts": ["A", "A"]}, {"label": "B", "verdicts": ["A", None]}]
    (tmp_path / "list.json").write_text(json.dumps(rows))
    (tmp_path / "lines.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    for name in ("list.json", "lines.jsonl.gz"):
        code, out, _ = report("agreement", "--file", tmp_path / name, "--json")
        assert code == 0
        assert json.loads(out) == {
            "n": 2, "accuracy_1": 0.5, "accuracy_2": 0.5, "both_right": 0.5, "agreement": 0.5,
            "kappa": None, "inconsistent": 0, "null": 1,
        }  # fmt: skip


def test_a_table_for_people_shows_what_is_missing(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    out = report("mtbench", "--judgments", lines(tmp_path / "s.jsonl", [grade(7), grade(-1, 2)]))[1]
    head, row = out.splitlines()
    assert head.split() == ["model", "turn_1", "turn_2", "average", "n", "n_failed", "n_duplicates", "categories"]
    assert row.split() == ["m", "7.00", "-", "7.00", "1", "1", "0", "-"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("s.jsonl", '{"model": "m", "turn": 1, "question_id": 1, "score": "9"}', "s.jsonl row 1: 'score' is \"9\""),
        ("s.jsonl", '{"model": "m"}', "s.jsonl row 1 has no 'score'"),
        ("s.jsonl", "not json", "s.jsonl line 1 is no JSON"),
        ("s.jsonl", "", "s.jsonl holds no rows"),
        ("s.txt", "x", "its ending must be one of"),
        ("s.jsonl.gz", "x", "no whole gzip file"),
    ],
)
def test_bad_files_are_exit_2_and_one_sentence(
    tmp_path: Path, report: Callable[..., Outcome], name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content)
    code, out, err = report("mtbench", "--judgments", tmp_path / name)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_an_unknown_report_and_a_missing_file_are_exit_2(report: Callable[..., Outcome]) -> None:
    assert report("mt-bench")[::2] == (2, "there is no command 'mt-bench'; did you mean 'mtbench'?\n")
    assert report("agreement", "--file", "no-such-file.json")[0] == 2


def judged(*labels: str | None, question: str = "q", model: str = "m") -> dict[str, Any]:
    return {"question_id": question, "model": model, "games": [{"score": label} for label in labels]}


def test_arena_from_judgments_and_from_battles_is_one_leaderboard(
    tmp_path: Path, report: Callable[..., Outcome]
) -> None:
    judgments = lines(tmp_path / "m.jsonl", [judged("A>>B", "A>B", question="1"), judged("A=B", None, question="2")])
    winners = [("1", "model_a")] * 3 + [("1", "model_b"), ("2", "tie")]
    battle = {"model_a": "base", "model_b": "m"}
    battles = lines(tmp_path / "b.jsonl", [{**battle, "question_id": q, "winner": w} for q, w in winners])
    found = []
    for source in (("--judgments", judgments), ("--battles", battles)):
        code, out, err = report("arena", *source, "--baseline", "base", "--json")
        assert (code, err) == (0, "")
        found.append(json.loads(out))
    assert [list(row) for row in found[0]] == [["model", "score", "lower", "upper", "n", "n_null"]] * 2
    assert [(row["model"], row["score"], row["n"], row["n_null"]) for row in found[0]] == [
        ("base", 50, 5, 1),
        ("m", 30, 5, 1),
    ]
    assert [{**row, "n_null": 1} for row in found[1]] == found[0]


def test_the_weight_and_several_judgment_files_are_taken(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    one = lines(tmp_path / "one.jsonl", [judged("B>>A", "B>A", model="one")])
    two = lines(tmp_path / "two.jsonl", [judged("A>B", "B>A", model="two")])
    out = report("arena", "--judgments", one, "--judgments", two, "--baseline", "b", "--weight", 7, "--json")[1]
    assert [(r["model"], r["score"]) for r in json.loads(out)] == [("one", 87.5), ("b", 50), ("two", 0)]


def test_arena_wants_one_kind_of_file_and_a_baseline_that_is_there(
    tmp_path: Path, report: Callable[..., Outcome]
) -> None:
    path = lines(tmp_path / "b.jsonl", [{"question_id": 1, "model_a": "x", "model_b": "y", "winner": "tie"}])
    assert report("arena", "--baseline", "x")[::2] == (
        2, "give either --battles or --judgments: the files that the leaderboard is made from.\n",
    )  # fmt: skip
    code, out, err = report("arena", "--battles", path, "--baseline", "z")
    assert (code, out) == (2, "") and "no battle of the baseline 'z'; known: x, y." in err


def test_style_control_reads_the_answers_of_all_models(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    labels = [("A>B", "A>B"), ("B>A", "B>A"), ("A>B", "B>A"), ("B>A", "A>B")]
    rows = [{**judged(*pair), "uid": f"u{n}"} for n, pair in enumerate(labels)]
    judgments = lines(tmp_path / "m.jsonl", rows)
    answers = [
        {"uid": f"u{n}", "model": model, "metadata": {"token_len": tokens + n, "header_count": {"h1": n % 2},
                                                      "list_count": {"ordered": n // 2}, "bold_count": {"**": 1}}}
        for n in range(4) for model, tokens in (("m", 100), ("base", 90))
    ]  # fmt: skip
    path = lines(tmp_path / "answers.jsonl", answers)
    asked = ("arena", "--judgments", judgments, "--baseline", "base", "--style-control")
    code, out, err = report(*asked, "--answers", path, "--json")
    assert (code, err) == (0, "")
    assert [list(row["coefficients"]) for row in json.loads(out)] == [["length", "headers", "lists", "bold"]] * 2
    assert report(*asked)[::2] == (
        2, "--style-control and --answers belong together: the styles are read from the answer files.\n",
    )  # fmt: skip
    lines(path, answers[:3])
    assert "no answer of 'm' to question 'u2'" in report(*asked, "--answers", path)[2]


def test_the_official_interval_is_of_90_percent_in_version_2_and_of_95_in_version_1(
    tmp_path: Path, report: Callable[..., Outcome]
) -> None:
    """The same battles in both layouts: what is drawn is the same, only the quantiles differ."""
    rows = [judged(("A>B", "B>A", "A=B")[n % 3], ("B>A", "B>>A")[n % 2], question=str(n)) for n in range(60)]
    renamed = [{("uid" if name == "question_id" else name): value for name, value in row.items()} for row in rows]
    widths = {}
    for version, layout in (("v0.1", rows), ("v2.0", renamed)):
        for resample in ("rows", "questions"):
            path = lines(tmp_path / f"{version}.jsonl", layout)
            out = report("arena", "--judgments", path, "--baseline", "base", "--resample", resample, "--json")[1]
            (row,) = [row for row in json.loads(out) if row["model"] == "m"]
            widths[version, resample] = row["upper"] - row["lower"]
    assert widths["v2.0", "rows"] < widths["v0.1", "rows"]
    assert widths["v2.0", "questions"] == widths["v0.1", "questions"]
