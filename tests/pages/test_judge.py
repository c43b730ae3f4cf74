"""Judge: answers to generate, answers to compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend import tables
from backend.judges import judges
from backend.specs import GenerateSpec, HubModel, JudgeSpec
from backend.workspace import Workspace
from tests.graded import graded
from tests.graded import questions as questions_of_mt_bench
from tests.pages.conftest import Open, button, words
from tests.small_world import World, finish


def questions(page: Open, **query: str) -> str:
    return "\n".join(code.value for code in page("judge", **query).code)


def test_the_form_asks_for_answers_of_a_trained_model(page: Open, world: World) -> None:
    shown = questions(page)
    assert f'"model":{{"run":"{world.train}"}}' in shown
    assert f'"prompts":"{world.load}"' in shown


def test_candidate_and_reference_are_never_the_same(page: Open, world: World) -> None:
    at = page("judge", judge="gold")
    assert at.selectbox(key="candidate").value != at.selectbox(key="reference").value


def test_the_endpoint_judge_needs_a_model_and_says_what_it_will_ask(page: Open, world: World) -> None:
    at = page("judge", judge="pairwise")
    assert not at.warning and "Still to give: the name of the judge's model" in "\n".join(i.value for i in at.info)
    assert button(at, "Judge").disabled  # type: ignore[attr-defined]
    at.text_input(key="judge.pairwise.model").set_value("some-model").run()
    assert not at.exception
    at.selectbox(key="candidate").set_value(world.candidate).run()
    assert "40 calls for 40 judgements" in words(at) and "No price is known for this judge; add it" in words(at)


def test_a_server_that_runs_needs_its_address(page: Open, world: World) -> None:
    at = page("judge", judge="pairwise", place="A running server")
    assert any("Still to give: the server's base URL" in info.value for info in at.info)
    assert button(at, "Judge").disabled and at.text_input(key="judge.pairwise.model")  # type: ignore[attr-defined]
    at.text_input(key="endpoint").set_value("http://localhost:8000/v1").run()
    at.text_input(key="judge.pairwise.model").set_value("some-model").run()
    assert '"endpoint":"http://localhost:8000/v1"' in "\n".join(code.value for code in at.code)


def test_a_judge_that_runs_here_is_a_model_costs_no_money_and_needs_vllm(
    page: Open, world: World, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ws.result(world.train) or {}
    known = {**result, "summary": {**result["summary"], "weights": "a" * 24}}
    ws.write_json(ws.folder(world.train) / "result.json", known)
    monkeypatch.setenv("WINNOW_VLLM", "/no/such/python -m vllm")
    at = page("judge", judge="pairwise", place="Here, with vLLM")
    assert any("WINNOW_VLLM begins with '/no/such/python'" in w.value for w in at.warning)
    assert f'"model":{{"run":"{world.train}"}}' in "\n".join(code.value for code in at.code)
    assert "at most 20,480 of replies. No money: vLLM serves the judge" in words(at)
    assert [box.label for box in at.number_input if box.label == "US dollars at most"] == []


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    shown = words(page("judge"))
    assert "Load prompts on the Data page" in shown


def test_a_custom_judge_shows_its_first_request_and_how_a_reply_is_read(page: Open, world: World) -> None:
    at = page("judge", judge="custom", candidate=world.candidate, reference=world.baseline)
    at.text_input(key="judge.custom.model").set_value("some-model")
    at.text_area(key="judge.custom.prompts.text").set_value("Q {question} 1 {answer_a} 2 {answer_b}").run()
    assert not at.exception and not at.warning
    assert any(code.value.startswith("Q ") and " 1 " in code.value for code in at.code)
    at.text_area(key="judge.try").set_value("[[B]]").run()
    assert "Read as: the reference is preferred" in words(at)
    at.text_area(key="judge.try").set_value("[[B]] or [[A]]").run()
    assert "cannot be read: the reply holds different verdicts: '[[B]]', '[[A]]'" in words(at)


def test_what_says_how_to_read_a_reply_is_asked_only_where_it_matters(page: Open, world: World) -> None:
    at = page("judge", judge="custom")
    labels = {w.label for w in (*at.text_input, *at.selectbox)}
    assert "Read only what stands after" in labels and "Field of the JSON object" not in labels
    at.selectbox(key="judge.custom.reply").set_value("json").run()
    labels = {w.label for w in (*at.text_input, *at.selectbox)}
    assert "Read only what stands after" not in labels and "Field of the JSON object" in labels
    at.selectbox(key="judge.custom.reply").set_value("token").run()
    assert not any("Said when neither" in w.label for w in at.text_input)


def test_a_template_in_the_link_is_used_and_a_bad_one_is_said_before_anything_is_asked(
    page: Open, world: World, ws: Workspace
) -> None:
    known = ws.adopt_bytes(b"{question} {answer_a}", "half.txt")
    query = {"judge": "custom", "judge.custom.model": "m", "judge.custom.prompts": known}
    at = page("judge", candidate=world.candidate, reference=world.baseline, **query)
    assert "In use: **half.txt**" in words(at) and "the template does not hold {answer_b}" in words(at)
    assert button(at, "Judge").disabled  # type: ignore[attr-defined]


def test_of_a_reference_that_holds_pairs_a_side_is_chosen(page: Open, world: World) -> None:
    at = page("judge", judge="hh", candidate=world.candidate, reference=world.load)
    at.text_input(key="judge.hh.model").set_value("some-model").run()
    assert '"reference_side":"chosen"' in "\n".join(code.value for code in at.code)
    at.segmented_control(key="side").set_value("rejected").run()
    assert '"reference_side":"rejected"' in "\n".join(code.value for code in at.code)
    titles = at.selectbox(key="candidate").options
    assert "pool.jsonl" not in titles and "pool.jsonl" in at.selectbox(key="reference").options


def test_a_grading_judge_needs_no_reference_and_takes_a_template_file(
    ws: Workspace, page: Open, tmp_path: Path
) -> None:
    run = graded(ws, {"103": (9, 8)})
    at = page("judge", **{"judge.mt_bench.model": "judge-1"})
    assert at.selectbox(key="judge").value == "mt_bench", "the questions' own judge comes first"
    assert not any(box.label == "Reference" for box in at.selectbox)
    assert f'"candidate":"{ws.spec(run).candidate}"' in at.code[-1].value and '"prompts":null' in at.code[-1].value
    path = tmp_path / "judge_prompts.jsonl"
    first = '{"name": "single-v1", "system_prompt": "", "prompt_template": "{question}"}'
    path.write_text(first)
    at.text_input(key="judge.mt_bench.prompts.path").set_value(str(path)).run()
    assert button(at, "Judge").disabled  # type: ignore[attr-defined]
    assert "has no template 'single-v1-multi-turn'" in words(at), "the second turn needs one"
    path = tmp_path / "both_turns.jsonl"
    path.write_text(first + "\n" + first.replace("v1", "v1-multi-turn"))
    at.text_input(key="judge.mt_bench.prompts.path").set_value(str(path)).run()
    assert f'"prompts":"{ws.adopt(path)}"' in at.code[-1].value
    assert not button(at, "Judge").disabled  # type: ignore[attr-defined]
    at.text_input(key="judge.mt_bench.prompts.path").set_value(str(tmp_path / "none")).run()
    assert any("there is no file" in warning.value for warning in at.warning)


def test_mt_benchs_questions_are_answered_at_the_temperature_of_their_category(
    ws: Workspace, page: Open, world: World
) -> None:
    asked = questions_of_mt_bench(ws, ["103"])
    assert '"temperature":"by_category"' in questions(page, prompts=asked)
    assert '"temperature":0.7' in questions(page, prompts=asked, by_category="false")
    assert '"temperature":0.7' in questions(page, prompts=world.load)


def test_a_run_that_was_made_says_what_to_doubt_and_what_may_be_said(page: Open, world: World, ws: Workspace) -> None:
    call = {"judge": "pairwise", "judge.pairwise.model": "judge-1", "candidate": world.candidate}
    at = page("judge", reference=world.baseline, **call)
    spec = JudgeSpec(candidate=world.candidate, reference=world.baseline,
                     judge=judges.call("pairwise", model="judge-1"))  # fmt: skip
    assert at.selectbox(key="reference").value == world.baseline
    finish(ws, spec, "places", {}, {"calls": 40, "notes": ["It judges the place."], "sentence": "Cannot tell."})
    shown = words(page("judge", reference=world.baseline, **call))
    assert "It judges the place." in shown and "Cannot tell." in shown and "It took 40 calls" in shown


def answers(ws: Workspace, world: World, author: str, *, of: str | None = None) -> str:
    """A run of another model's answers to the world's prompts; with `of` they are that run's texts."""
    spec = GenerateSpec(prompts=world.load, model=HubModel(repo=f"some/{author}", revision="1"))
    rows = ws.table(of or world.candidate, "responses").to_pylist()
    said = [{**row, "response_id": row["response_id"] + len(author), "author": author,
             "response": row["response"] if of else f"{author} says so"} for row in rows]  # fmt: skip
    return finish(ws, spec, author, {"responses": tables.build("responses", said)}, {"responses": len(said)})


def test_another_models_answers_are_proposed_and_the_candidates_own_text_is_warned_of(
    page: Open, world: World, ws: Workspace
) -> None:
    """The candidate's own answers under another name are newer, its model's other answers as well."""
    other, copy = answers(ws, world, "other"), answers(ws, world, "copied", of=world.candidate)
    query = {"candidate": world.candidate, "judge": "pairwise", "judge.pairwise.model": "m"}
    at = page("judge", **query)
    assert at.selectbox(key="reference").value == other
    warned = "All 20 answers are the same text as the reference's"
    assert warned not in words(at)
    at.selectbox(key="reference").set_value(copy).run()
    assert warned in "\n".join(w.value for w in at.warning)


def test_only_the_first_prompts_are_judged_where_a_number_is_given(page: Open, world: World) -> None:
    query = {"candidate": world.candidate, "reference": world.baseline, "judge": "pairwise"}
    at = page("judge", **query, **{"judge.pairwise.model": "m", "judge.limit": "5"})
    assert "10 calls for 10 judgements (one for each order) on 5 of 20 answers" in words(at)
    assert '"limit":5' in "\n".join(code.value for code in at.code)


def test_the_name_of_a_run_that_exists_can_be_changed(page: Open, world: World, ws: Workspace) -> None:
    judge = judges.call("pairwise", model="m")
    made = finish(ws, JudgeSpec(candidate=world.candidate, reference=world.baseline, judge=judge), "places", {}, {})
    query = {"candidate": world.candidate, "reference": world.baseline, "judge": "pairwise"}
    at = page("judge", **query, **{"judge.pairwise.model": "m"})
    next(box for box in at.text_input if box.value == "places").set_value("the one that counts").run()
    assert ws.about(made)["title"] == "the one that counts"
    at = page("runs", run=made)
    assert "the one that counts" in [header.value for header in at.subheader]
    next(box for box in at.text_input if box.label == "Name").set_value("another").run()
    assert ws.about(made)["title"] == "another" and "another" in [header.value for header in at.subheader]


def test_a_link_to_a_run_that_is_gone_is_said_until_another_is_chosen(page: Open, world: World) -> None:
    """What is judged is paid for: another candidate must not take the linked one's place without a word."""
    query = {"candidate": "load-000000000000", "reference": world.load, "judge": "pairwise"}
    at = page("judge", **query)
    gone = "There is no 'load-000000000000' here: it was deleted, or the link is from another workspace."
    assert [w.value for w in at.warning if "load-0" in w.value] == [gone]
    at.text_input(key="judge.pairwise.model").set_value("m").run()
    assert gone in words(at), "the address names the other candidate by now"
    other = next(run for run in (world.candidate, world.baseline) if run != at.selectbox(key="candidate").value)
    at.selectbox(key="candidate").set_value(other).run()
    assert gone not in words(at)


def test_a_candidate_that_becomes_the_reference_is_no_stale_link(page: Open, world: World) -> None:
    at = page("judge", candidate=world.candidate, reference=world.baseline, judge="pairwise")
    at.selectbox(key="candidate").set_value(world.baseline).run()
    assert at.selectbox(key="reference").value != world.baseline
    assert "cannot be chosen" not in words(at) and "There is no" not in words(at)
    assert f"{world.train!r} cannot be chosen here" in words(page("judge", candidate=world.train))
