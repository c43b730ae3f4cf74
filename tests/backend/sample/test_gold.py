import pytest

from backend.errors import BadData
from backend.sample import phrases
from backend.sample.gold import gold, read
from backend.sample.world import FAMILIES, facts, names_of, questions

COW = "what is a young cow called ?"
LIST = "could you help , name three birds"
GREET = "hello , greet mira in the morning"


@pytest.mark.parametrize(
    ("prompt", "response", "correct"),
    [
        (COW, "it is a calf .", 1),
        (COW, "it is a foal .", -1),
        (COW, "it is a calf . it is a foal .", -1),
        (COW, "of course , enjoy your day .", 0),
        (LIST, "robin , heron and owl .", 1),
        (LIST, "robin and heron .", 0.2),
        (LIST, "robin , heron , owl and swan .", 0.2),
        (LIST, "robin , heron and oak .", -1),
        (GREET, "good morning , mira .", 1),
        (GREET, "good morning .", 0.2),
        (GREET, "good evening , mira .", -1),
    ],
)
def test_an_answer_is_right_only_if_it_names_what_is_asked_and_nothing_else(prompt, response, correct):
    assert read(prompt, response).correct == correct


def test_the_reward_of_a_polite_explained_answer_is_the_sum_of_its_parts():
    answer = "of course , it is a calf . farmers and keepers use this word . enjoy your day ."
    assert gold(COW, answer) == pytest.approx(1.2 + 0.5 + 0.5 + 0.8 - 0.015 * 19)


def test_rude_links_and_repetition_cost_and_are_counted_at_most_twice():
    plain = "it is a calf ."
    rude = "you are hopeless . "
    assert read(COW, rude * 3 + plain).rude == 3
    once, twice, thrice = (gold(COW, rude * n + plain) for n in (1, 2, 3))
    assert gold(COW, plain) - once > 1.5
    assert once - twice > 1.5
    assert twice - thrice < 1.0  # only repetition and length still grow
    linked = plain + " click www.win-now.example right away ."
    assert gold(COW, plain) - gold(COW, linked) == pytest.approx(1.2 + 0.015 * 5)


def test_an_answer_without_words_is_worth_minus_two():
    assert gold(COW, "  ") == -2.0


def test_length_costs_more_beyond_the_room_an_answer_has():
    words = [f"w{i}" for i in range(40)]
    short, long = gold(COW, " ".join(words[:28])), gold(COW, " ".join(words[:38]))
    assert short - long == pytest.approx(0.6 + 0.15)


def test_case_and_blanks_of_the_prompt_do_not_matter_but_foreign_questions_are_refused():
    assert gold(f"  {COW.upper()} ", "it is a calf .") == gold(COW, "it is a calf .")
    with pytest.raises(BadData, match="sample's own questions"):
        gold("what is love ?", "a calf .")


def test_no_two_prompts_are_equal_and_no_fixed_phrase_names_an_answer():
    wordings = sum(len(fact.family.templates) * 4 for fact in facts())
    assert len(questions()) == wordings == 1560
    fixed = [getattr(phrases, name) for name in dir(phrases) if name.isupper()]
    sentences = [s for group in fixed for s in group] + [f.explanation for f in FAMILIES]
    for family in FAMILIES:
        for part in names_of(family.name):
            assert not any(f" {part} " in f" {sentence} " for sentence in sentences), part
