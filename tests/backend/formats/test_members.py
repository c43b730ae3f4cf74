"""Every format on rows as they are found in the wild."""

from __future__ import annotations

from typing import Any

import pytest

from backend.errors import BadData
from backend.formats import Answer, Example, formats, user
from backend.formats.detection import answers_alone, author_of, detect

HELLO = [{"role": "user", "content": "hello"}]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def read(name: str, row: dict[str, Any], **args: Any) -> Example:
    member = formats[name]
    return member.function(row, **member.bind(args))


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "hello", "chosen": "yes", "rejected": "no"},
        {"prompt": HELLO, "chosen": said("yes"), "rejected": said("no")},
        {"prompt": HELLO, "chosen": "yes", "rejected": "no"},
        {"chosen": HELLO + said("yes"), "rejected": HELLO + said("no")},
        {"prompt": "hello", "chosen": HELLO + said("yes"), "rejected": HELLO + said("no")},
        {"prompt": "hello", "chosen": said("yes"), "rejected": said("no")},
    ],
)
def test_every_layout_of_trl_is_the_same_preference(row: dict[str, Any]) -> None:
    example = read("preference", row)
    assert example.prompt == HELLO
    assert ([a.text for a in example.answers], example.pairs) == (["yes", "no"], [(0, 1)])
    assert detect([row]).call.name == "preference"


def test_texts_with_a_common_start_are_cut_as_trl_cuts_them() -> None:
    from trl import extract_prompt

    row = {"chosen": "The sky is blue.", "rejected": "The sky is green."}
    theirs = extract_prompt(dict(row))
    example = read("preference", row)
    assert example.prompt == user(theirs["prompt"])
    assert [a.text for a in example.answers] == [theirs["chosen"], theirs["rejected"]]


def test_columns_are_mapped_by_the_user() -> None:
    row = {"q": "hello", "good": "yes", "bad": "no", "who": "ann", "kind": "talk", "score_chosen": 3}
    example = read("preference", row, prompt="q", chosen="good", rejected="bad", label_source="who", category="kind")
    assert (example.label_source, example.category) == ("ann", "talk")
    assert [a.rating for a in example.answers] == [3.0, None]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"prompt": "a", "choosen": "b", "rejected": "c"},
            "there is no column 'chosen' (found: choosen, prompt, rejected)",
        ),
        ({"prompt": "a", "chosen": 1, "rejected": 2}, "column 'chosen' must hold a list of messages, not '1'"),
        ({"chosen": "abc", "rejected": "xyz"}, "there is no prompt"),
        ({"chosen": HELLO + said("a") + said("b"), "rejected": HELLO + said("c")}, "not: assistant, assistant"),
        ({"chosen": [{"role": "user"}], "rejected": HELLO}, "needs a role and a content"),
    ],
)
def test_a_row_that_is_no_preference_says_why(row: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadData) as caught:
        read("preference", row)
    assert expected in str(caught.value)


def dialogue(*turns: str) -> str:
    return "".join(f"\n\n{'Assistant' if i % 2 else 'Human'}: {turn}" for i, turn in enumerate(turns))


def test_a_dialogue_is_cut_at_the_last_turn_both_share() -> None:
    row = {"chosen": dialogue("hi", "hey", "bye", "good bye"), "rejected": dialogue("hi", "hey", "bye", "go")}
    example = read("dialogue", row)
    assert [(m["role"], m["content"]) for m in example.prompt] == [
        ("user", "hi"),
        ("assistant", "hey"),
        ("user", "bye"),
    ]
    assert ([a.text for a in example.answers], example.flags) == (["good bye", "go"], ())
    assert detect([row]).call.name == "dialogue"


def test_a_marker_inside_an_answer_is_flagged_and_does_not_move_the_cut() -> None:
    row = {"chosen": dialogue("hi", "one", "two", "three"), "rejected": dialogue("hi", "other")}
    example = read("dialogue", row)
    assert [m["content"] for m in example.prompt] == ["hi"]
    assert (example.answers[0].text, example.flags) == ("one\n\nHuman: two\n\nAssistant: three", ("ambiguous_split",))


def test_dialogues_that_share_no_turn_are_refused() -> None:
    with pytest.raises(BadData, match="share no 'Assistant:' turn"):
        read("dialogue", {"chosen": dialogue("a", "b"), "rejected": dialogue("c", "d")})


def test_completions_keep_their_authors_and_ratings() -> None:
    parts = [
        {"model": "m1", "response": "a", "rating": "4.5"},
        {"model": "m2", "response": "b", "rating": "N/A"},
        {"response": "c"},
    ]
    example = read("rated", {"prompt": "hello", "completions": parts, "source": "s"})
    assert example.answers == [Answer("a", "m1", 4.5), Answer("b", "m2"), Answer("c", "dataset")]
    assert (example.pairs, example.source) == ([], "s")


def test_ultrafeedback_is_detected_with_its_columns() -> None:
    row = {
        "instruction": "hello",
        "models": ["m"],
        "completions": [{"model": "m", "response": "a", "overall_score": 7}],
    }
    found = detect([row])
    assert (found.call.name, found.call.args["prompt"], found.call.args["rating"]) == (
        "rated",
        "instruction",
        "overall_score",
    )
    assert "'completions'" in found.why


def test_an_input_stands_below_its_instruction() -> None:
    row = {"instruction": "add", "input": "1 2", "chosen": "3", "rejected": "4"}
    assert read("instruction", row).prompt == user("add\n\n1 2")
    assert read("instruction", {**row, "input": ""}).prompt == user("add")
    assert detect([row]).call.name == "instruction"


def test_of_several_turns_the_first_is_asked_and_the_row_is_flagged() -> None:
    row = {"question_id": 1, "category": "math", "turns": ["one", "two"], "reference": ["r1", "r2"]}
    example = read("prompts", row, prompt="turns")
    assert (example.prompt, example.category, example.reference) == (user("one"), "math", "r1")
    assert example.flags == ("later_turns",)
    assert detect([{"turns": ["one", "two"]}]).call.args["prompt"] == "turns"


def test_questions_of_several_turns_become_a_prompt_for_each() -> None:
    row = {"question_id": 81, "category": "math", "turns": ["one ?", "two ?"], "reference": ["h1", "h2"]}
    found = detect([row])
    assert found.call.name == "mt_bench" and "questions of several turns" in found.why
    first, second = formats["mt_bench"].function(row, **formats["mt_bench"].bind(found.call.args))
    assert [m["content"] for m in second.prompt] == ["one ?", "two ?"] and first.prompt == user("one ?")
    assert (second.answers, second.category, second.source, second.reference) == ([], "math", "81", None)
    right = {"choices": [{"turns": ["r1", "r2"]}]}
    assert formats["mt_bench"].function({**row, "right_answer": right}, **found.call.args)[1].reference == "r2"


def test_other_names_are_guessed_and_told() -> None:
    found = detect([{"question": "q", "response_chosen": "a", "response_rejected": "b"}])
    assert (found.call.args["prompt"], found.call.args["chosen"]) == ("question", "response_chosen")
    assert "'response_chosen'" in found.why
    with pytest.raises(BadData, match="cannot tell the format from the columns id, label"):
        detect([{"id": 1, "label": 2}])


def test_half_a_surrogate_pair_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadData, match="half a character"):
        read("preference", {"prompt": "a\ud800", "chosen": "b", "rejected": "c"})


def test_one_answer_a_row_is_told_by_its_author() -> None:
    row = {"instruction": "hello", "output": "yes", "generator": "me", "dataset": "subset"}
    found = detect([row])
    assert found.call.name == "answers" and "one answer a row in 'output', by 'generator'" in found.why
    example = read("answers", row)
    assert (example.prompt, example.answers, example.category) == (HELLO, [Answer("yes", "me")], "subset")
    assert found.call == formats.call("answers"), "as `judge alpaca` reads AlpacaEval's outputs"
    assert read("answers", {**row, "kind": "talk"}, category="kind").category == "talk"
    assert detect([{**row, "category": "c"}]).call.args["category"] == "category"
    assert detect([{"instruction": "hello", "output": "yes"}]).call.name == "prompts"
    with pytest.raises(BadData, match="column 'output' holds a int, not text"):
        read("answers", {**row, "output": 3})


def test_a_prompt_with_a_completion_or_a_summary_has_an_answer_whoever_gave_it() -> None:
    for prompt, said in (("prompt", "completion"), ("post", "summary")):
        found = detect([{prompt: "hello", said: "yes"}])
        assert found.call.name == "answers" and f"one answer a row in {said!r} to the prompt in {prompt!r}" in found.why
        row = {prompt: "hello", said: "yes"}
        example = formats["answers"].function(row, **formats["answers"].bind(found.call.args))
        assert (example.prompt, example.answers) == (HELLO, [Answer("yes")])


def test_an_answer_may_be_to_a_conversation() -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    assert read("answers", {"instruction": turns, "output": "d", "generator": "me"}).prompt == turns


def test_a_conversation_becomes_an_example_for_each_turn() -> None:
    row = {
        "question_id": 81, "model_id": "me", "choices": [{"turns": ["a1", "a2"]}, {"turns": ["other"]}],
        "question": {"category": "math", "turns": ["one ?", "two ?"]},
        "right_answer": {"choices": [{"turns": ["r1", "r2"]}]},
    }  # fmt: skip
    first, second = formats["mt_bench"].function(row, **formats["mt_bench"].bind({}))
    assert [m["content"] for m in second.prompt] == ["one ?", "two ?"] and len(first.prompt) == 1
    assert ([a.text for a in first.answers], [a.text for a in second.answers]) == (["a1"], ["a2"])
    assert (second.reference, second.category, second.source) == ("r2", "math", "81")
    with pytest.raises(BadData, match="the question has 2 turns, its answer 1"):
        read("mt_bench", {**row, "choices": [{"turns": ["a1"]}]})
    with pytest.raises(BadData, match="the answer has no list of `turns`"):
        read("mt_bench", {**row, "choices": []})


def test_arena_answers_and_questions_of_both_versions_are_read() -> None:
    old = {"question_id": "x", "model_id": "me", "choices": [{"turns": [{"content": "yes", "token_len": 1}]}],
           "question": {"turns": [{"content": "hello"}], "category": "c"}}  # fmt: skip
    new = {"uid": "x", "model": "me", "messages": [{"content": "hello"}, {"content": {"answer": "yes"}}],
           "question": {"prompt": "hello", "category": "c"}}  # fmt: skip
    assert read("arena_hard", old) == read("arena_hard", new)
    assert read("arena_hard", new).answers == [Answer("yes", "me")]
    assert read("arena_hard", new, only="c").answers == [Answer("yes", "me")]
    assert read("arena_hard", new, only="other") == []
    assert formats.call("arena_hard").args == {"category": "category"}, "runs from before `only` keep their ids"
    with pytest.raises(BadData, match="the answer has no text where Arena-Hard keeps it"):
        read("arena_hard", {**new, "messages": []})


@pytest.mark.parametrize(("row", "form"), [
    ({"question_id": 81, "model_id": "me", "choices": [{"turns": ["a1", "a2"]}]}, "mt_bench"),
    ({"question_id": "x", "model_id": "me", "choices": [{"turns": [{"content": "yes"}]}]}, "arena_hard"),
    ({"uid": "x", "model": "me", "messages": [{"role": "assistant", "content": {"answer": "y"}}]}, "arena_hard"),
])  # fmt: skip
def test_answers_apart_from_their_questions_are_told_by_their_rows(row: dict[str, Any], form: str) -> None:
    found = detect([row])
    assert found.call == formats.call(form) and "whose questions are a file beside it" in found.why
    assert (answers_alone(row), author_of(row)) == (True, "me")


def test_only_a_row_of_one_answer_has_an_author() -> None:
    assert author_of({"instruction": "a", "output": "b", "generator": "me"}) == "me"
    assert author_of({"instruction": "a", "output": "b"}) is None
    assert author_of({"prompt": "a", "chosen": "b", "rejected": "c", "model": "me"}) is None
    assert author_of({"question_id": 81, "model": "me", "judgment": "[[7]]", "score": 7, "turn": 1}) is None
