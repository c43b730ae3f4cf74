"""Judge: answers to generate, answers to compare."""

from __future__ import annotations

from pathlib import Path

from backend.workspace import Workspace
from tests.graded import graded
from tests.graded import questions as questions_of_mt_bench
from tests.pages.conftest import Open, words
from tests.small_world import World


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
    assert any("model" in w.value for w in at.warning)
    at.text_input(key="judge.pairwise.model").set_value("some-model").run()
    assert not at.exception
    at.selectbox(key="candidate").set_value(world.candidate).run()
    assert "At most 40 requests" in words(at)


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    shown = words(page("judge"))
    assert "Load prompts on the Data page" in shown


def test_a_grading_judge_needs_no_reference_and_takes_a_template_file(
    ws: Workspace, page: Open, tmp_path: Path
) -> None:
    run = graded(ws, {"103": (9, 8)})
    at = page("judge", **{"judge.mt_bench.model": "judge-1"})
    assert at.selectbox(key="judge").value == "mt_bench", "the questions' own judge comes first"
    assert not any(box.label == "Reference" for box in at.selectbox)
    assert f'"candidate":"{ws.spec(run).candidate}"' in at.code[-1].value and '"prompts":null' in at.code[-1].value
    path = tmp_path / "judge_prompts.jsonl"
    path.write_text('{"name": "single-v1", "system_prompt": "", "prompt_template": "{question}"}')
    at.text_input(key="judge.mt_bench.prompts").set_value(str(path)).run()
    assert f'"prompts":"{ws.adopt(path)}"' in at.code[-1].value
    at.text_input(key="judge.mt_bench.prompts").set_value(str(tmp_path / "none")).run()
    assert any("there is no file" in warning.value for warning in at.warning)


def test_mt_benchs_questions_are_answered_at_the_temperature_of_their_category(
    ws: Workspace, page: Open, world: World
) -> None:
    asked = questions_of_mt_bench(ws, ["103"])
    assert '"temperature":"by_category"' in questions(page, prompts=asked)
    assert '"temperature":0.7' in questions(page, prompts=asked, by_category="false")
    assert '"temperature":0.7' in questions(page, prompts=world.load)
