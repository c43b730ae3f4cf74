"""Votes: added, changed, withdrawn, never overwritten; what people preferred as pairs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend import inputs, sources, votes
from backend.errors import BadInput, NotFound
from backend.jobs import load
from backend.votes import Compared, Vote
from backend.workspace import Workspace
from tests import tiny
from tests.backend.exchange.recordings import imported, match, written
from tests.graded import graded
from tests.small_world import World, build, finish

ON = Compared(1, 2, 3)


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


def stand(ws: Workspace) -> list[tuple[str, float]]:
    return [(vote.author, vote.preference) for vote in votes.read(ws)]


def lines(ws: Workspace) -> list[dict]:
    return [json.loads(line) for line in (ws.root / "votes.jsonl").read_text().splitlines()]


def judged(ws: Workspace, world: World, row: int) -> Compared:
    return Compared(**ws.table(world.judge, "judgements", [*Compared._fields]).slice(row, 1).to_pylist()[0])


def test_a_workspace_without_votes_has_none(ws: Workspace) -> None:
    assert votes.read(ws) == []
    assert len(votes.frame([])) == 0


def test_the_last_vote_of_each_person_stands_and_every_line_stays(ws: Workspace) -> None:
    votes.cast(ws, ON, 1.0, "ann")
    votes.cast(ws, ON, 0.0, "bob")
    votes.cast(ws, ON, 0.5, "ann")
    assert sorted(stand(ws)) == [("ann", 0.5), ("bob", 0.0)]
    assert [line["preference"] for line in lines(ws)] == [1.0, 0.0, 0.5]


def test_a_withdrawal_is_a_line_and_gives_the_vote_before_it_back(ws: Workspace) -> None:
    votes.cast(ws, ON, 1.0, "ann")
    votes.cast(ws, ON, 0.0, "ann")
    assert votes.withdraw(ws, ON, "ann").preference == 0.0
    assert stand(ws) == [("ann", 1.0)]
    votes.withdraw(ws, ON, "ann")
    assert stand(ws) == []
    assert [line["preference"] for line in lines(ws)] == [1.0, 0.0, None, None]


def test_a_withdrawal_takes_only_its_authors_vote_on_these_answers(ws: Workspace) -> None:
    other = Compared(1, 2, 4)
    votes.cast(ws, ON, 1.0, "ann")
    votes.cast(ws, other, 1.0, "ann")
    votes.cast(ws, ON, 1.0, "bob")
    votes.withdraw(ws, ON, "ann")
    assert {(vote.author, vote.on) for vote in votes.read(ws)} == {("ann", other), ("bob", ON)}


def test_nothing_can_be_withdrawn_twice(ws: Workspace) -> None:
    votes.cast(ws, ON, 1.0, "ann")
    votes.withdraw(ws, ON, "ann")
    with pytest.raises(BadInput, match="ann has no vote"):
        votes.withdraw(ws, ON, "ann")
    assert len(lines(ws)) == 2


def test_a_line_that_a_kill_cut_short_costs_only_itself(ws: Workspace) -> None:
    votes.cast(ws, ON, 1.0, "ann")
    path = ws.root / "votes.jsonl"
    path.write_bytes(path.read_bytes() + b'{"prompt_id": 1, "candi\n{"note": "not a vote"}\n')
    votes.cast(ws, ON, 0.0, "bob")
    assert stand(ws) == [("ann", 1.0), ("bob", 0.0)]


@pytest.mark.parametrize("author", ["", "  ", "x" * 61])
def test_a_vote_needs_a_name(ws: Workspace, author: str) -> None:
    with pytest.raises(BadInput, match="needs the name"):
        votes.cast(ws, ON, 1.0, author)
    assert not (ws.root / "votes.jsonl").exists()


def test_a_vote_is_for_one_side_or_a_tie(ws: Workspace) -> None:
    with pytest.raises(BadInput, match="candidate, tie, reference"):
        votes.cast(ws, ON, 0.7, "ann")


def test_a_name_is_kept_without_its_blanks(ws: Workspace) -> None:
    assert votes.cast(ws, ON, 1.0, "  Ann   Lee ").author == "Ann Lee"


def test_the_side_shown_first_is_chance_but_stays_and_is_kept_with_the_vote(ws: Workspace) -> None:
    sides = [votes.shown_first("ann", Compared(n, 2 * n, 3 * n)) for n in range(400)]
    assert sides == [votes.shown_first("ann", Compared(n, 2 * n, 3 * n)) for n in range(400)]
    assert 150 < sides.count("candidate") < 250
    assert sides != [votes.shown_first("bob", Compared(n, 2 * n, 3 * n)) for n in range(400)]
    assert votes.cast(ws, ON, 1.0, "ann").shown_first == votes.shown_first("ann", ON)


def test_votes_as_json_keep_all_64_bits(ws: Workspace) -> None:
    (row,) = votes.rows(ws, [votes.cast(ws, Compared(1, 2**64 - 1, 3), 0.0, "ann")])
    assert (row["candidate_id"], row["prompt_id"], row["prefers"]) == ("f" * 16, "0" * 15 + "1", "reference")


def test_votes_as_json_say_what_they_are_on(ws: Workspace, world: World) -> None:
    spec = ws.spec(world.judge).model_copy(update={"seed": 9})
    again = finish(ws, spec, "judged again", {"judgements": ws.table(world.judge, "judgements")}, {})
    on = judged(ws, world, 7)
    (row,) = votes.rows(ws, [votes.cast(ws, on, 0.0, "ann")])
    prompts = ws.table(world.load, "prompts").to_pylist()
    assert [row["prompt"]] == [p["prompt"][-1]["content"] for p in prompts if p["prompt_id"] == on.prompt_id]
    assert (row["candidate"], row["reference"]) == tuple(
        ws.about(run)["title"] for run in (world.candidate, world.baseline)
    )
    assert sorted(row["items"]) == sorted(votes.item(run, on._asdict()) for run in (world.judge, again))
    assert {votes.named(ws, item) for item in row["items"]} == {on}


def test_a_vote_on_what_was_deleted_is_told_without_its_words(ws: Workspace) -> None:
    (row,) = votes.rows(ws, [votes.cast(ws, ON, 0.0, "ann")])
    assert (row["prompt"], row["candidate"], row["reference"], row["items"]) == (None, None, None, [])


def test_an_item_is_named_by_its_run_and_answers(ws: Workspace, world: World) -> None:
    on = judged(ws, world, 7)
    assert votes.named(ws, votes.item(world.judge, on._asdict())) == on
    assert votes.named(ws, f"{world.judge}.{on.candidate_id:016x}") == on


def test_an_answer_that_was_compared_with_two_others_needs_the_other_ones_name(ws: Workspace, world: World) -> None:
    rows = ws.table(world.judge, "judgements").slice(0, 2)
    twice = rows.set_column(rows.column_names.index("candidate_id"), "candidate_id", rows["candidate_id"].take([0, 0]))
    spec = ws.spec(world.judge).model_copy(update={"seed": 9})
    run = finish(ws, spec, "two references", {"judgements": twice}, {})
    for row in twice.to_pylist():
        assert votes.named(ws, votes.item(run, row)).reference_id == row["reference_id"]
    with pytest.raises(BadInput, match="with 2 others"):
        votes.named(ws, votes.item(run, twice.to_pylist()[0]).rpartition(".")[0])


@pytest.mark.parametrize(("item", "words"), [
    ("judge-000000000000.0000000000000001", "there is no run"), ("{judge}.0000000000000001", "judged no answer"),
    ("{judge}", "is no item"), ("{judge}.xyz", "is no item"), ("{judge}.-1", "is no item"),
    ("{judge}." + "f" * 17, "is no item"), ("{judge}.0000000000000001.2", "is no item"),
    ("{load}.0000000000000001", "has no table"),
])  # fmt: skip
def test_an_item_that_is_not_there_is_refused(ws: Workspace, world: World, item: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refusal:
        votes.named(ws, item.format(judge=world.judge, load=world.load))
    assert isinstance(refusal.value, NotFound) == (words != "is no item")


def vote(on: Compared, preference: float, author: str) -> Vote:
    return Vote(*on, shown_first="candidate", preference=preference, author=author, at=0.0)


def test_what_most_people_prefer_becomes_a_pair(ws: Workspace, world: World) -> None:
    one, two, three, four = (judged(ws, world, row) for row in range(4))
    given = [vote(one, 1.0, "bob"), vote(one, 0.5, "ann"),  # one and a half of two votes for the candidate
             vote(two, 0.0, "ann"), vote(three, 1.0, "ann"), vote(three, 0.0, "bob"), vote(four, 0.5, "ann"),
             vote(Compared(9, 9, 9), 1.0, "ann")]  # fmt: skip
    found = votes.preferred(ws, given)
    said = {row["response_id"]: row["response"] for run in (world.candidate, world.baseline)
            for row in ws.table(run, "responses").to_pylist()}  # fmt: skip
    texts = [(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in found.rows]
    assert texts == [(said[one.candidate_id], said[one.reference_id]), (said[two.reference_id], said[two.candidate_id])]
    assert [(row["label_source"], row["votes"]) for row in found.rows] == [("ann, bob", 2), ("ann", 1)]
    assert (found.undecided, found.gone) == (2, 1)


def test_pairs_of_votes_are_loaded_as_they_are(ws: Workspace, world: World, tmp_path: Path) -> None:
    found = votes.preferred(ws, [vote(judged(ws, world, row), 1.0, "ann") for row in range(3)])
    path = tmp_path / "votes.jsonl"
    path.write_bytes(votes.lines(found))
    source = sources.from_file(ws, path)
    call, _ = sources.format_of(sources.first_rows(ws, source))
    job = tiny.asked(ws, sources.load_spec(source, call))
    load.run(job)
    assert inputs.texts(ws, job.run)["chosen"].to_pylist() == [row["chosen"][0]["content"] for row in found.rows]


def test_a_vote_on_one_turn_is_none_on_another_though_the_answers_are_the_same_words(
    ws: Workspace, tmp_path: Path
) -> None:
    """A turn's prompt is in the ids of its answers: two models that say "yes" and "no" to both turns of a question."""
    asked = [{"question_id": 81, "category": "writing", "turns": ["really?", "really?"]}]
    beside = [written(tmp_path, "question.jsonl", asked)]
    for who, says in (("ours", "yes"), ("theirs", "no")):
        answer = {"question_id": 81, "model_id": who, "choices": [{"index": 0, "turns": [says, says]}]}
        beside.append(written(tmp_path, f"{who}.jsonl", [answer]))
    rows = [match(0, turn, "model_1", "model_1") for turn in (1, 2)]
    ((one, _),) = imported(ws, written(tmp_path, "pair.jsonl", rows), *beside)
    on = {
        row["turn"]: Compared(*(row[name] for name in Compared._fields))
        for row in ws.table(one.spec.id, "judgements").to_pylist()
    }
    assert not set(on[1]) & set(on[2])
    votes.cast(ws, votes.named(ws, f"{one.spec.id}.{on[2].candidate_id:016x}"), 0.0, "ann")
    assert [vote.on for vote in votes.read(ws)] == [on[2]]


def test_a_grade_is_no_comparison_and_takes_no_vote(ws: Workspace) -> None:
    run = graded(ws, {"81": (7, 3)})
    with pytest.raises(BadInput, match="grades single answers"):
        votes.named(ws, f"{run}.{ws.table(run, 'judgements')['candidate_id'][0].as_py():016x}")
