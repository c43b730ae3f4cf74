"""Review: filters, the open row, blind votes, agreement."""

from __future__ import annotations

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from backend import tables, votes
from backend.__main__ import run
from backend.store import queries_review
from backend.store.database import open_index
from backend.workspace import Workspace
from tests import judged_world
from tests.graded import graded
from tests.pages.conftest import Open, button, words
from tests.small_world import World, build, finish

VOTING = {"mode": "Vote blind"}


@pytest.fixture
def items(ws: Workspace, world: World) -> dict[str, str]:
    """The names of an item of each outcome."""
    index = open_index(ws)
    found = queries_review.items(index, [world.judge])
    index.close()
    kinds = {
        "flip": (found["lowest"] == 0) & (found["highest"] == 1),
        "won": found["lowest"] == 1,
        "lost": found["highest"] == 0,
        "failed": found["failure"].notna(),
    }
    return {kind: queries_review.name(found[inside].iloc[0].to_dict()) for kind, inside in kinds.items()}


def voter(at: AppTest, name: str = "ann") -> AppTest:
    at.text_input(key="name").set_value(name).run()
    return at


def press(at: AppTest, key: str) -> AppTest:
    next(one for one in at.button if str(one.key).startswith(f"vote {key}")).click().run()
    assert not at.exception, at.exception[0].stack_trace
    return at


def opened(at: AppTest) -> str:
    """The item in the address: a list while it is as the test set it."""
    item = at.query_params["item"]
    return item[0] if isinstance(item, list) else item


def table(at: AppTest) -> list[dict]:
    return at.dataframe[0].value.to_dict("records")


def test_the_table_has_every_verdict(page: Open, world: World) -> None:
    at = page("review")
    assert "**20 of 20** verdicts" in words(at)
    rows = table(at)
    assert len(rows) == 20
    assert all(row["prompt"] for row in rows)
    assert {row["ended"] for row in rows} == {"orders agree", "orders disagree", "unparsable"}
    assert "strategy" not in rows[0]  # all of one


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "Nothing is judged yet" in words(page("review"))


def test_a_link_opens_the_filtered_view_and_a_chip_takes_the_filter_away(page: Open, world: World) -> None:
    at = page("review", orders="orders disagree", score="0.5")
    assert "**4 of 20** verdicts" in words(at)
    assert "ended" not in table(at)[0]  # all of one
    at.button(key="chip orders orders disagree").click().run()
    assert "**8 of 20** verdicts" in words(at)
    button(at, "Clear all").click().run()  # type: ignore[attr-defined]
    assert "**20 of 20** verdicts" in words(at)


def test_a_choice_that_leaves_nothing_says_so(page: Open, world: World) -> None:
    assert "No verdict is left" in words(page("review", score="1", orders="unparsable"))


def test_a_link_to_other_data_is_read_as_far_as_it_goes(page: Open, world: World) -> None:
    at = page("review", verdicts="judge-000000000000", score="17", item="judge-1.zz", order="nonsense")
    assert "**20 of 20** verdicts" in words(at)


def test_an_open_row_shows_both_answers_and_every_attempt(page: Open, items: dict[str, str]) -> None:
    shown = words(page("review", item=items["flip"]))
    assert "Candidate shown first" in shown and "Reference shown first" in shown
    assert "the orders disagree" in shown


def test_an_open_row_without_a_verdict_says_so(page: Open, items: dict[str, str]) -> None:
    shown = words(page("review", item=items["failed"]))
    assert "no verdict" in shown and "unparsable" in shown
    assert "preferred" not in shown


def test_next_and_previous_walk_through_the_table(page: Open, world: World, items: dict[str, str]) -> None:
    at = page("review", item=items["won"])
    before = opened(at)
    way = "Next" if not button(at, "Next").disabled else "Previous"  # type: ignore[attr-defined]
    button(at, way).click().run()  # type: ignore[attr-defined]
    assert opened(at) != before
    button(at, {"Next": "Previous", "Previous": "Next"}[way]).click().run()  # type: ignore[attr-defined]
    assert opened(at) == before


def test_voting_shows_neither_the_verdict_nor_the_sides(page: Open, items: dict[str, str]) -> None:
    at = voter(page("review", item=items["won"], **VOTING))
    shown = words(at)
    assert "First" in shown and "Second" in shown
    for telling in ("andidate preferred", "shown first", "Attempt", "Score", "top"):
        assert telling not in shown


def test_a_vote_is_kept_in_terms_of_the_sides_and_the_next_item_comes(
    ws: Workspace, page: Open, items: dict[str, str]
) -> None:
    for key in ("first", "second", "tie"):
        at = voter(page("review", item=items["won"], **VOTING), f"voter of {key}")
        press(at, key)
        assert opened(at) != items["won"]
        (vote,) = [v for v in votes.read(ws) if v.author == f"voter of {key}"]
        assert vote.on == votes.named(ws, items["won"])
        assert vote.shown_first == votes.shown_first(vote.author, vote.on)
        side = {1.0: "candidate", 0.0: "reference", 0.5: "tie"}[vote.preference]
        assert (side == vote.shown_first) == (key == "first")
        assert (side == "tie") == (key == "tie")
        assert "the judge: candidate preferred" in words(at)


def test_undo_withdraws_the_vote_and_brings_the_item_back(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    at = voter(page("review", item=items["lost"], **VOTING))
    press(at, "first")
    press(at, "undo")
    assert votes.read(ws) == []
    assert opened(at) == items["lost"]
    assert len((ws.root / "votes.jsonl").read_text().splitlines()) == 2


def test_a_skip_is_no_vote_and_can_be_undone(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    at = voter(page("review", item=items["won"], **VOTING))
    press(at, "skip")
    assert opened(at) != items["won"]
    assert "19 to go" in words(at)
    press(at, "undo")
    assert opened(at) == items["won"]
    assert votes.read(ws) == []


def test_everything_is_asked_once(ws: Workspace, page: Open, world: World) -> None:
    at = voter(page("review", **VOTING))
    for _ in range(20):
        press(at, "tie")
    assert "Nothing is left to vote on" in str(at.success[0].value)
    assert len({vote.on for vote in votes.read(ws)}) == 20


def test_the_queue_of_what_the_judge_wavers_on_holds_the_flips(page: Open, world: World) -> None:
    at = voter(page("review", queue="Where the judge wavers", **VOTING))
    assert "4 to go" in words(at)


def test_disagreements_wait_for_a_second_opinion(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    votes.cast(ws, votes.named(ws, items["won"]), 0.0, "bob")
    votes.cast(ws, votes.named(ws, items["lost"]), 0.0, "bob")
    at = voter(page("review", queue="Disagreements", **VOTING))
    assert "1 to go" in words(at)
    assert opened(at) == items["won"]
    assert "Nothing is left" in str(voter(page("review", queue="Disagreements", **VOTING), "bob").success[0].value)


def test_filters_that_tell_of_the_verdict_are_warned_about(page: Open, world: World) -> None:
    at = voter(page("review", score="1", **VOTING))
    shown = [str(getattr(part, "value", "")) for part in at.main]  # from top to bottom
    parts = ("of 20** verdicts", "take that away to vote blind", "A fair sample of what the filters let through")
    places = [next(n for n, text in enumerate(shown) if part in text) for part in parts]
    assert places == sorted(places)
    assert "A fair sample of these verdicts" in words(voter(page("review", **VOTING)))
    assert "to vote blind" not in words(voter(page("review", orders="orders agree", **VOTING)))


def test_votes_stand_beside_the_verdict_with_author_and_agreement(
    ws: Workspace, page: Open, items: dict[str, str]
) -> None:
    votes.cast(ws, votes.named(ws, items["won"]), 1.0, "ann")
    votes.cast(ws, votes.named(ws, items["lost"]), 1.0, "ann")
    at = page("review", item=items["won"])
    assert "**ann** preferred the candidate" in words(at)
    assert "candidate preferred" in words(at) or any("candidate preferred" in str(m.value) for m in at.markdown)
    assert {m.label: m.value for m in at.metric}["Agree with the judge"] == "50%"
    assert [row["votes"] for row in table(at)].count("✓") == 2
    against = page("review", people="against the judge")
    assert "**1 of 20** verdicts" in words(against)


def test_the_figures_on_people_follow_the_filters_and_say_so(
    ws: Workspace, page: Open, world: World, items: dict[str, str]
) -> None:
    votes.cast(ws, votes.named(ws, items["won"]), 1.0, "ann")
    votes.cast(ws, votes.named(ws, items["lost"]), 1.0, "ann")
    at = page("review")
    assert {e.label for e in at.expander} >= {"2 votes on 2 comparisons", "The same on the command line"}
    at = page("review", score="1")
    assert {m.label: m.value for m in at.metric}["Agree with the judge"] == "100%"
    assert "they speak of these verdicts, not of all" in words(at) and "21% to 100%, of 1 vote" in words(at)
    assert [e.label for e in at.expander] == ["1 vote on 1 comparison"]
    assert "Nobody has voted on what the filters let through" in words(page("review", score="0.5"))


def test_a_vote_on_what_two_runs_judged_is_one_vote_and_each_run_is_told_apart(
    ws: Workspace, page: Open, world: World, items: dict[str, str]
) -> None:
    spec = ws.spec(world.judge).model_copy(update={"seed": 9})
    finish(ws, spec, "judged again", {"judgements": ws.table(world.judge, "judgements")}, {})
    votes.cast(ws, votes.named(ws, items["won"]), 1.0, "ann")
    at = page("review")
    assert "21% to 100%, of 1 vote" in words(at) and "**40 of 40** verdicts" in words(at)
    assert "1 voted · 19 to go" in words(voter(page("review", **VOTING)))
    rows = at.dataframe[-1].value[["who", "with", "votes"]].itertuples(index=False, name=None)
    assert set(rows) == {
        ("ann", "the judges", 1), ("everybody", "judged again", 1), ("everybody", "tuned against start", 1)
    }  # fmt: skip


def test_votes_become_a_load_run(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    votes.cast(ws, votes.named(ws, items["won"]), 1.0, "ann")
    at = page("review")
    button(at, "Make preference pairs of these votes").click().run()  # type: ignore[attr-defined]
    loaded = [run for run in ws.run_ids() if ws.about(run).get("title") == "people's votes"]
    assert len(loaded) == 1 and ws.spec(loaded[0]).format.args["label_source"] == "label_source"


def test_ties_become_no_pairs_and_it_says_so(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    votes.cast(ws, votes.named(ws, items["won"]), 0.5, "ann")
    at = page("review")
    button(at, "Make preference pairs of these votes").click().run()  # type: ignore[attr-defined]
    assert "these votes prefer no answer" in words(at)


def test_a_big_table_comes_a_page_at_a_time(ws: Workspace, page: Open) -> None:
    build(ws, pairs=240)
    at = page("review")
    assert "**120 of 120** verdicts" in words(at)
    assert len(table(at)) == 50
    at.number_input(key="page").set_value(3).run()
    assert len(table(at)) == 20


def test_the_next_voter_cannot_undo_the_votes_of_the_one_before(
    ws: Workspace, page: Open, items: dict[str, str]
) -> None:
    at = voter(page("review", item=items["won"], **VOTING))
    press(at, "first")
    button(at, "Change").click().run()  # type: ignore[attr-defined]
    voter(at, "bob")
    assert at.button(key="vote undo").disabled
    assert [vote.author for vote in votes.read(ws)] == ["ann"]


def test_a_vote_that_was_withdrawn_elsewhere_is_no_trouble(ws: Workspace, page: Open, items: dict[str, str]) -> None:
    at = voter(page("review", item=items["won"], **VOTING))
    press(at, "first")
    votes.withdraw(ws, votes.named(ws, items["won"]), "ann")
    press(at, "undo")
    assert "has no vote on these answers" in words(at)
    press(at, "second")
    assert len(votes.read(ws)) == 1


def test_going_from_voting_to_reading_does_not_show_the_verdict_on_the_item_at_hand(page: Open, world: World) -> None:
    at = voter(page("review", **VOTING))
    at.segmented_control(key="mode").set_value("Read").run()
    assert "Select a row to read it" in words(at)


def test_a_link_to_verdicts_that_are_gone_says_so(page: Open, world: World) -> None:
    assert "There is no 'judge-000000000000' here" in words(page("review", verdicts="judge-000000000000"))
    assert "no verdicts of" not in words(page("review", verdicts=world.judge))


@pytest.fixture
def grades(ws: Workspace) -> str:
    """A judge run of two questions of two turns: three grades, and one that could not be read."""
    return graded(ws, {"81": (7, 3), "82": (10, None)})


def test_grades_are_reviewed_like_comparisons_but_not_voted_on(page: Open, grades: str) -> None:
    at = page("review", mode="Vote blind")
    assert "**4 of 4** verdicts" in words(at) and "a vote compares two answers" in words(at)
    assert not at.get("segmented_control") and "Your name" not in [box.label for box in at.text_input]
    assert sorted(row["grade"] for row in table(at) if row["grade"] > 0) == [3, 7, 10]
    assert {row["ended"] for row in table(at)} == {"one verdict", "unparsable"}
    assert not {"preference", "longer", "votes"} & set(table(at)[0])
    assert "**1 of 4** verdicts" in words(page("review", grade="7"))
    assert "**2 of 4** verdicts" in words(page("review", turn="2"))
    assert "**1 of 4** verdicts" in words(page("review", orders="unparsable"))


def test_an_open_grade_shows_the_conversation_and_the_judges_reply(ws: Workspace, page: Open, grades: str) -> None:
    index = open_index(ws)
    found = queries_review.items(index, [grades])
    index.close()
    (item,) = (queries_review.name(row) for row in found[found["grade"] == 3].to_dict("records"))
    at = page("review", verdicts=grades, item=item, order="grade, low first")
    shown = words(at)
    assert "row 1 of 4" in shown
    assert all(said in shown for said in ("what is 81 ?", "why ?", "grade 3", "**Verdict**, attempt 1: grade 3"))
    assert [caption.value for caption in at.caption].count("Answer") == 2
    assert not any(said in shown for said in ("Reference", "preferred", "shown first"))


def test_the_command_that_grades_show_counts_what_the_page_counts(
    ws: Workspace, page: Open, grades: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = (code.value for code in page("review").code if "report" in code.value)
    assert run([*line.split()[3:], "--json", "--workspace", str(ws.root)]) == 0
    (contest,) = json.loads(capsys.readouterr().out)
    (row,) = contest["candidates"]
    assert (row["n"], row["missing"], row["value"]) == (3, 1, pytest.approx(20 / 3))
    assert {turn: part["n"] for turn, part in row["turns"].items()} == {"1": 2, "2": 1}


def test_comparisons_and_grades_are_looked_at_apart(page: Open, world: World, grades: str) -> None:
    at = page("review", order="candidate longer first")
    assert "**20 of 20** verdicts" in words(at)
    options = at.selectbox(key="verdicts").options
    assert [option for option in options if option.startswith("All")] == [
        "All pairs (1 judge run)",
        "All grades (1 judge run)",
    ]
    at.selectbox(key="verdicts").set_value("all grades").run()
    assert not at.exception
    assert "**4 of 4** verdicts" in words(at)
    assert at.selectbox(key="order").value == "prompt"
    at.selectbox(key="verdicts").set_value("all pairs").run()
    assert "**20 of 20** verdicts" in words(at)


def test_a_vote_on_a_later_turn_sees_what_both_sides_said_before(ws: Workspace, page: Open) -> None:
    asked = judged_world.questions(ws, 1, turns=2)
    ours, theirs = (judged_world.answers(ws, asked, title, seed) for seed, title in ((1, "ours"), (2, "theirs")))
    judged_world.judge(ws, judged_world.pairwise("m"), ours, theirs, [1.0, 0.0])
    at = voter(page("review", turn="2", **VOTING))
    shown = re.sub(r"<[^>]+>", "", " ".join(part.proto.body for part in at.get("html")))  # without the marks
    assert all(f"{side} {turn}" in shown for side in ("ours", "theirs") for turn in (0, 1))
    assert [caption.value for caption in at.caption if caption.value in ("First", "Second")] == ["First", "Second"] * 2


def test_the_right_answer_of_a_question_can_be_opened(ws: Workspace, page: Open, grades: str) -> None:
    asked = ws.spec(ws.spec(grades).candidate).prompts
    rows = [row | {"reference": "it is nine"} for row in ws.table(asked, "prompts").to_pylist()]
    ws.write_table(asked, "prompts", tables.build("prompts", rows))
    answer = ws.table(grades, "judgements").to_pylist()[0]
    at = page("review", item=queries_review.name({**answer, "run": grades}))
    assert "The benchmark's reference answer" in [box.label for box in at.expander]
    assert "it is nine" in words(at)


def test_what_to_doubt_about_one_run_stands_above_its_verdicts_but_not_where_people_vote_blind(
    ws: Workspace, page: Open, world: World
) -> None:
    spec = ws.spec(world.judge).model_copy(update={"seed": 9})
    facts = {"notes": ["The judge prefers the answer shown first in 93 % of its verdicts."], "sentence": "Cannot tell."}
    run = finish(ws, spec, "by place", {"judgements": ws.table(world.judge, "judgements")}, facts)
    at = page("review", verdicts=run)
    assert [w.value for w in at.warning] == facts["notes"] and "**by place**: Cannot tell." in words(at)
    assert facts["notes"][0] not in words(page("review")) + words(voter(page("review", verdicts=run, **VOTING)))


def test_verdicts_of_several_judges_say_whose_each_is_and_are_filtered_by_it(ws: Workspace, page: Open) -> None:
    asked = judged_world.questions(ws, 2)
    ours, theirs = (judged_world.answers(ws, asked, title, seed) for seed, title in ((1, "ours"), (2, "theirs")))
    judged_world.judge(ws, judged_world.pairwise("strict"), ours, theirs, [1.0, 0.0])
    alone = page("review")
    assert all("judge" not in row for row in table(alone)), "one judge: nothing to tell apart"
    judged_world.judge(ws, judged_world.pairwise("mild"), ours, theirs, [1.0, 0.5])
    at = page("review")
    names = [row["judge"] for row in table(at)]
    assert sorted(names) == ["pairwise (mild)"] * 2 + ["pairwise (strict)"] * 2
    filtered = page("review", judge="pairwise (mild)")
    assert "**2 of 4** verdicts" in words(filtered) and "judge" not in table(filtered)[0]
    assert "judge: pairwise (mild)" in [one.label for one in filtered.button]
