"""Judge: answers to generate, answers to compare."""

from __future__ import annotations

import pytest

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


def test_a_server_that_runs_needs_its_address(page: Open, world: World) -> None:
    at = page("judge", judge="pairwise", place="A running server")
    assert any("give the server's base URL" in w.value for w in at.warning)
    at.text_input(key="endpoint").set_value("http://localhost:8000/v1").run()
    at.text_input(key="judge.pairwise.model").set_value("some-model").run()
    assert '"endpoint":"http://localhost:8000/v1"' in "\n".join(code.value for code in at.code)


def test_a_judge_that_runs_here_is_a_model_costs_no_money_and_needs_vllm(
    page: Open, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_VLLM", "/no/such/python -m vllm")
    at = page("judge", judge="pairwise", place="Here, with vLLM")
    assert any("WINNOW_VLLM begins with '/no/such/python'" in w.value for w in at.warning)
    assert f'"model":{{"run":"{world.train}"}}' in "\n".join(code.value for code in at.code)
    assert "No money: vLLM serves the judge" in words(at) and "At most" in words(at)
    assert [box.label for box in at.number_input if box.label == "US dollars at most"] == []


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    shown = words(page("judge"))
    assert "Load prompts on the Data page" in shown
