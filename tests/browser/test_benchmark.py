"""Click by click: MT-Bench's files → a model's two-turn answers → grades by its own template → both official tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend import runs
from backend.workspace import Workspace
from tests import judge_server, tiny
from tests.browser.conftest import Screen, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SINGLE = "{question} {answer}"
AGAIN = "{question_1} {answer_1} {question_2} {answer_2}"


def lines(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def material(place: Path) -> dict[str, str]:
    """Questions 103 (right) and 104 (known bad), one right answer to each, a template file and a tiny model."""
    asked = [{"question_id": n, "category": "reasoning", "turns": [f"what is {n} ?", "why ?"]} for n in (103, 104)]
    right = [{"question_id": n, "model_id": "gpt-4", "choices": [{"turns": ["so", "thus"]}]} for n in (103, 104)]
    parts = [("single-math-v1", SINGLE + " {ref_answer_1}"), ("single-math-v1-multi-turn", AGAIN + " {ref_answer_2}")]
    prompts = [{"name": name, "system_prompt": "Grade.", "prompt_template": text} for name, text in parts]
    return {
        "questions": lines(place / "question.jsonl", asked),
        "reference": lines(place / "gpt-4.jsonl", right),
        "prompts": lines(place / "judge_prompts.jsonl", prompts),
        "model": str(tiny.model_folder(place / "model")),
    }


def by_question(body: dict[str, Any]) -> Any:
    """9 for question 103, 1 for the other."""
    return judge_server.says("[[9]]" if "what is 103" in body["messages"][-1]["content"] else "[[1]]")


def walk(user: Screen, ws: Workspace, files: dict[str, str], url: str) -> None:
    """From the Data page to the official figures."""

    def answered(kind: str) -> bool:
        return any(run.startswith(kind) and runs.status(ws, run) == "finished" for run in ws.run_ids())

    user.open("data")
    user.clicks("A benchmark", "radio")
    user.sees("Choose a benchmark")
    user.page.get_by_test_id("stSelectbox").locator("input").first.click()
    user.page.get_by_role("option").filter(has_text="MT-Bench").first.click()
    user.settle()
    user.types("The 80 questions (question.jsonl)", files["questions"])
    user.sees("not judged as MT-Bench judges them")
    user.types("The right answers to 30 of them (FastChat's reference_answer/gpt-4.jsonl; not on the Hub)",
               files["reference"])  # fmt: skip
    user.clicks("^Load$")
    user.waits(lambda: answered("load"), "load")

    user.go("Judge")
    user.clicks("A folder", "radio")
    user.types("Folder with the model's files", files["model"])
    user.types("Longest answer (tokens)", "8")
    assert user.page.get_by_role("checkbox", name="Temperature by category").is_checked()
    user.clicks("^Generate$")
    user.waits(lambda: answered("generate"), "answers to both turns")

    user.open("judge")
    user.clicks("2 · Compare the answers", "tab")
    user.chooses("Candidate", "Answers of")
    user.sees("A grade from 1 to 10 for each answer alone")
    assert not user.page.get_by_text("What the candidate has to beat").count(), "a grade needs no reference"
    user.types("model", "judge-1")
    user.clicks("A running server", "radio")
    user.types("Base URL of the server", url)
    user.types("Template", files["prompts"])
    user.clicks("^Judge$")
    user.waits(lambda: answered("judge"), "grades")


def test_from_a_benchmarks_files_to_its_official_figures_with_and_without_wrong_references(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace(tmp_path / "workspace")
    user = screen(dashboard())
    with judge_server.served(by_question) as server:
        walk(user, ws, material(tmp_path), server.url)
    sent = {body["messages"][-1]["content"].split(" ? ")[0] for body in server.bodies}
    assert len(server.bodies) == 4 and sent == {"what is 103", "what is 104"}
    assert all(body["messages"][-1]["content"].endswith((" so", " thus")) for body in server.bodies), "byte for byte"

    user.open("results")
    user.clicks("^Benchmarks$", "tab")
    user.sees("One run closely")
    user.page.get_by_text("Also without the 13 questions").first.click()
    user.settle()
    assert not user.complaints
    (run,) = [run for run in ws.run_ids() if run.startswith("judge")]
    assert runs.answer(ws, run)["official"]["average"] == 5, "(9 + 9 + 1 + 1) / 4; without question 104 it is 9"
    user.open(f"runs?run={run}&without_known_bad=true")
    user.sees("Also without the 13 questions")
    assert not user.complaints
