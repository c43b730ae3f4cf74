"""Official layouts, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.errors import BadSpec
from backend.judges.templates import ONLY, Template, named, only, read
from backend.workspace import Workspace

ROWS = [
    {"name": "single-v1", "system_prompt": "Be {fair}.", "prompt_template": "[Q]\n{question}\n\n[A]\n{answer}\n{{x}}"},
    {"name": "pair-v2", "system_prompt": "", "prompt_template": "{answer_a}|{answer_b}"},
]


def adopted(ws: Workspace, place: Path, name: str, text: str) -> str:
    path = place / name
    path.write_text(text)
    return ws.adopt(path)


def test_fastchats_rows_are_filled_as_format_does_and_the_system_prompt_is_not(ws: Workspace, tmp_path: Path) -> None:
    digest = adopted(ws, tmp_path, "judge_prompts.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))
    known = read(ws, digest)
    fields = {"question": "why {answer} ?", "answer": "so \u2028 {question}"}
    assert named(known, "single-v1").fill(fields) == [
        {"role": "system", "content": "Be {fair}."},
        {"role": "user", "content": "[Q]\nwhy {answer} ?\n\n[A]\nso \u2028 {question}\n{x}"},
    ]
    assert [m["role"] for m in named(known, "pair-v2").fill({"answer_a": "a", "answer_b": "b"})] == ["user"]
    with pytest.raises(BadSpec, match="no template 'single-v2'; did you mean 'single-v1'"):
        named(known, "single-v2")


@pytest.mark.parametrize("text", ["{question.wise}", "{question[wise]}"])
def test_a_part_of_a_field_is_refused(text: str) -> None:
    with pytest.raises(BadSpec, match="choose another template"):
        Template((("user", text),)).fill({"question": "why ?"})


@pytest.mark.parametrize("name", ["judge_prompts.jsonl", "judge_config.yaml"])
def test_a_template_without_words_is_refused(ws: Workspace, tmp_path: Path, name: str) -> None:
    digest = adopted(ws, tmp_path, name, '{"name": "x", "system_prompt": "", "prompt_template": []}')
    with pytest.raises(BadSpec, match="must"):
        read(ws, digest)


def test_a_field_that_is_not_known_is_named() -> None:
    with pytest.raises(BadSpec, match=r"the field 'ref_answer_1', which is not known here \(known: question\)"):
        Template((("user", "{ref_answer_1}"),)).fill({"question": "a"})


def test_arena_hards_settings_hold_one_template(ws: Workspace, tmp_path: Path) -> None:
    text = 'judge_model: x\nsystem_prompt: "Judge."\nprompt_template: ["<|P|>\\n{question_1}\\n{answer_1}{answer_2}"]\n'
    known = read(ws, adopted(ws, tmp_path, "judge_config.yaml", text))
    assert named(known, "any").fill({"question_1": "q", "answer_1": "a", "answer_2": "b"}) == [
        {"role": "system", "content": "Judge."},
        {"role": "user", "content": "<|P|>\nq\nab"},
    ]


def test_plain_text_is_one_message_of_the_user(ws: Workspace, tmp_path: Path) -> None:
    known = read(ws, adopted(ws, tmp_path, "plain.txt", '{"a": "{instruction}"} {other}'))
    assert known[ONLY].fill({"instruction": "x"}) == [{"role": "user", "content": '{"a": "x"} {other}'}]


def test_the_fields_of_a_template_are_those_that_will_be_filled() -> None:
    assert Template((("system", "{a}"), ("user", "{b} {{c}} {d}"))).fields == {"b", "d"}
    assert Template((("system", "{a}"), ("user", '{"x": "{b}"} {{c}}')), formatted=False).fields == {"a", "b", "c"}
    with pytest.raises(BadSpec, match="braces do not match"):
        _ = Template((("user", "{a"),)).fields


def test_where_one_template_is_meant_a_file_of_several_is_refused() -> None:
    one = Template((("user", "x"),))
    assert only({"pair-v2": one}) == one
    with pytest.raises(BadSpec, match=r"holds 2 templates \(a, b\)"):
        only({"a": one, "b": one})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "<|im_start|>user\nhello", "needs a role of system, user or assistant, and an"),
        ("a.txt", "<|im_start|>judge\nhello<|im_end|>", "needs a role"),
        ("a.jsonl", '{"name": "x"}\n', "a.jsonl, template 1: it must be an object with name, system_prompt"),
        ("a.jsonl", "hello\n", "a.jsonl, template 1"),
        ("a.yaml", "judge_model: x\n", "a.yaml: it must hold system_prompt and prompt_template"),
        ("a.yaml", "- [", "a.yaml: it must hold"),
    ],
)
def test_a_file_that_is_no_template_is_named(ws: Workspace, tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(BadSpec, match=said):
        read(ws, adopted(ws, tmp_path, name, text))
