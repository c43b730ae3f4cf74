"""`votes …` as it is called."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from backend.__main__ import run
from backend.workspace import Workspace
from tests.small_world import World, build, finish

Outcome = tuple[int, str, str]


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


@pytest.fixture
def votes(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `votes …` in the test's workspace: (exit code, standard output, standard error)."""

    def command(*arguments: object) -> Outcome:
        code = run(["votes", *map(str, arguments), "--workspace", str(ws.root)])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def item(ws: Workspace, world: World, row: int) -> str:
    answer = ws.table(world.judge, "judgements")["candidate_id"][row].as_py()
    return f"{world.judge}.{answer:016x}"


def shown(outcome: Outcome) -> Any:
    assert outcome[0] == 0, outcome
    return json.loads(outcome[1])


def test_a_vote_is_added_listed_changed_and_withdrawn(
    ws: Workspace, world: World, votes: Callable[..., Outcome]
) -> None:
    name = item(ws, world, 1)
    added = shown(
        votes("add", name, "--prefer", "candidate", "--author", "ann", "--shown-first", "reference", "--json")
    )
    assert (added["author"], added["prefers"], added["shown_first"]) == ("ann", "candidate", "reference")
    assert shown(votes("list", "--json")) == [added]
    at, sides, *items = votes("list")[1].splitlines()
    assert "ann" in at and "candidate" in at and added["prompt"][:20] in at
    assert (sides.strip(), [line.strip() for line in items]) == (
        f"{added['candidate']} against {added['reference']}", added["items"]
    )  # fmt: skip
    votes("add", name, "--prefer", "tie", "--author", "ann")
    assert [row["prefers"] for row in shown(votes("list", "--json"))] == ["tie"]
    assert shown(votes("withdraw", name, "--author", "ann", "--json"))["prefers"] == "tie"
    assert [row["prefers"] for row in shown(votes("list", "--author", "ann", "--json"))] == ["candidate"]
    assert shown(votes("list", "--author", "bob", "--json")) == []


def test_agreement_has_exactly_these_keys(ws: Workspace, world: World, votes: Callable[..., Outcome]) -> None:
    for row, choice in ((1, "candidate"), (2, "candidate"), (3, "tie")):  # the judge: candidate, reference, tie
        votes("add", item(ws, world, row), "--prefer", choice, "--author", "ann", "--shown-first", "candidate")
    found = shown(votes("agreement", "--json"))
    shares = {"judge": found["judge"]["agree"]["share"], "runs": list(found["runs"]), "authors": list(found["authors"])}
    assert found | shares == {
        "votes": 3, "comparisons": 3, "judge": pytest.approx(2 / 3), "runs": [world.judge], "authors": ["ann"],
        "people": {"agree": {"share": None, "low": None, "high": None, "n": 0},
                   "decided": {"share": None, "low": None, "high": None, "n": 0}, "kappa": None},
        "first_preferred": {"share": 1.0, "low": pytest.approx(0.342, abs=1e-3), "high": 1.0, "n": 2},
    }  # fmt: skip
    assert found["judge"]["decided"]["n"] == 2 and found["judge"]["kappa"] == pytest.approx(0.5)
    assert shown(votes("agreement", world.judge, "--json")) == found
    assert "66.7 % of 3 votes (" in votes("agreement")[1]


def test_agreement_with_two_runs_of_the_same_answers_counts_each_vote_once(
    ws: Workspace, world: World, votes: Callable[..., Outcome]
) -> None:
    spec = ws.spec(world.judge).model_copy(update={"seed": 9})
    other = finish(ws, spec, "again", {"judgements": ws.table(world.judge, "judgements")}, {})
    for row in (1, 2, 3):  # the judge, both times: candidate, reference, tie
        votes("add", item(ws, world, row), "--prefer", "candidate", "--author", "ann")
    found = shown(votes("agreement", "--json"))
    assert (found["votes"], found["judge"]["agree"]["n"], found["authors"]["ann"]["agree"]["n"]) == (3, 3, 3)
    assert {run: one["agree"]["n"] for run, one in found["runs"].items()} == {world.judge: 3, other: 3}
    one = shown(votes("agreement", other, "--json"))
    assert (one["judge"], list(one["runs"])) == (found["judge"], [other])
    assert f"  {other}" in votes("agreement")[1]


def test_agreement_with_one_run_leaves_votes_against_another_reference_out(
    ws: Workspace, world: World, votes: Callable[..., Outcome]
) -> None:
    votes("add", item(ws, world, 1), "--prefer", "candidate", "--author", "ann")
    rows = ws.table(world.judge, "judgements")
    ids = pa.array([number ^ 1 for number in rows["reference_id"].to_pylist()], rows["reference_id"].type)
    rows = rows.set_column(rows.column_names.index("reference_id"), "reference_id", ids)
    other = finish(ws, ws.spec(world.judge).model_copy(update={"seed": 9}), "another", {"judgements": rows}, {})
    assert shown(votes("agreement", other, "--json"))["votes"] == 0
    assert shown(votes("agreement", world.judge, "--json"))["votes"] == 1


def test_pairs_are_written_for_load(ws: Workspace, world: World, votes: Callable[..., Outcome], tmp_path: Path) -> None:
    votes("add", item(ws, world, 0), "--prefer", "reference", "--author", "ann")
    votes("add", item(ws, world, 1), "--prefer", "tie", "--author", "ann")
    path = tmp_path / "votes.jsonl"
    assert shown(votes("pairs", path, "--json")) == {"path": str(path), "pairs": 1, "undecided": 1, "gone": 0}
    (row,) = map(json.loads, path.read_text().splitlines())
    assert row["chosen"][0]["content"] in ws.table(world.baseline, "responses")["response"].to_pylist()


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such"],
        ["add", "nothing", "--prefer", "tie", "--author", "ann"],
        ["add", "judge-000000000000.1", "--prefer", "tie", "--author", "ann"],
        ["add", "{item}", "--prefer", "best", "--author", "ann"],
        ["add", "{item}", "--prefer", "tie"],
        ["add", "{item}", "--prefer", "tie", "--author", " "],
        ["withdraw", "{item}", "--author", "ann"],
        ["agreement", "judge-000000000000"],
        ["pairs", "votes.txt"],
        ["pairs", "no/such/folder/votes.jsonl"],
        ["pairs", "votes.jsonl"],
    ],
)
def test_bad_input_is_exit_2_and_one_short_line(
    arguments: list[str], ws: Workspace, world: World, votes: Callable[..., Outcome]
) -> None:
    code, out, err = votes(*(word.format(item=item(ws, world, 0)) for word in arguments))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and 10 < len(err) < 300


def test_agreement_where_nothing_is_judged_says_what_to_do(votes: Callable[..., Outcome]) -> None:
    assert "no answers are compared" in votes("agreement")[2]
    assert "Review page" in votes("list")[1]
