import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest

from backend.sample.__main__ import FOLDER, SEEDS, files, main, seeded, split
from backend.sample.annotators import clean
from backend.sample.gold import gold, read
from backend.sample.models import SPECIAL, words
from backend.sample.world import questions
from backend.sample.writers import WRITERS, draw, write


def margin(row: dict[str, str]) -> float:
    return gold(row["prompt"], row["chosen"]) - gold(row["prompt"], row["rejected"])


@pytest.fixture(scope="module")
def sample() -> dict[int, dict[str, list]]:
    return {seed: seeded(seed) for seed in SEEDS}


def test_the_script_writes_the_bundled_files_and_the_same_bytes_every_time(tmp_path: Path):
    first, second = dict(files()), dict(files())
    assert first == second
    main(tmp_path)
    for name in first:
        new, bundled = (tmp_path / name).read_bytes(), (FOLDER / name).read_bytes()
        if name.endswith(".gz"):  # another zlib may compress differently
            new, bundled = gzip.decompress(new), gzip.decompress(bundled)
        assert new == bundled, name


def test_the_bundled_sample_stays_under_two_megabytes():
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) < 2_000_000


def test_a_third_of_the_noisy_labels_is_wrong_and_each_annotator_errs_in_its_own_measure(sample):
    for seed in SEEDS:
        rows = sample[seed]["pairs-noisy"]
        margins = defaultdict(list)
        for row in rows:
            margins[row["annotator"]].append(margin(row))
        flipped = {who: sum(m < 0 for m in found) / len(found) for who, found in margins.items()}
        assert 0.12 < flipped["careful"] < 0.22
        assert 0.34 < flipped["hasty"] < 0.45
        assert 0.52 < flipped["flashy"] < 0.66
        everything = [m for found in margins.values() for m in found]
        assert 0.30 < sum(m < 0 for m in everything) / len(rows) < 0.40
        assert sum(m == 0 for m in everything) / len(rows) < 0.07


def test_a_small_gap_is_mislabelled_more_often_than_a_large_one(sample):
    rows = [row for seed in SEEDS for row in sample[seed]["pairs-noisy"] if row["annotator"] == "careful"]
    small = [margin(r) < 0 for r in rows if 0 < abs(margin(r)) < 0.5]
    large = [margin(r) < 0 for r in rows if abs(margin(r)) > 1.5]
    assert sum(small) / len(small) > 3 * sum(large) / len(large)


def test_clean_labels_are_never_wrong_and_belong_to_the_same_pairs(sample):
    for seed in SEEDS:
        clean_rows, noisy = sample[seed]["pairs-clean"], sample[seed]["pairs-noisy"]
        assert min(margin(row) for row in clean_rows) >= 0
        sides = [[{row["chosen"], row["rejected"]} for row in rows] for rows in (clean_rows, noisy)]
        assert sides[0] == sides[1]
    assert clean("greet mira in the morning", "", "good morning , mira .")[1] == "good morning , mira ."


def test_every_prompt_of_the_pool_has_four_pairs_over_five_answers(sample):
    for seed in SEEDS:
        answers, pairs = defaultdict(set), Counter()
        for row in sample[seed]["pairs-noisy"]:
            answers[row["prompt"]] |= {row["chosen"], row["rejected"]}
            pairs[row["prompt"]] += 1
        assert len(pairs) == 400
        assert set(pairs.values()) == {4}
        assert {len(found) for found in answers.values()} == {5}


def test_no_prompt_is_in_two_places_where_it_would_leak(sample):
    held_out = set(split()[0])
    assert len(held_out) == 200
    for seed in SEEDS:
        prompts = {name: {row["prompt"] for row in rows} for name, rows in sample[seed].items()}
        assert not any(found & held_out for found in prompts.values())
        assert not prompts["pairs-noisy"] & prompts["reward"]


def test_reward_data_is_cleaner_than_the_pool(sample):
    for seed in SEEDS:
        rows = sample[seed]["reward"]
        assert len(rows) == 800
        assert 0.1 < sum(margin(row) < 0 for row in rows) / 800 < 0.25


def test_seeds_have_data_of_their_own(sample):
    assert sample[0]["pairs-noisy"] != sample[1]["pairs-noisy"]
    assert sample[0]["sft"] != sample[1]["sft"]


def test_writers_differ_in_quality_in_the_order_they_are_meant_to(sample):
    rewards = defaultdict(list)
    for row in sample[0]["sft"]:
        for completion in row["completions"]:
            rewards[completion["model"]].append(gold(row["prompt"], completion["response"]))
    mean = {who: sum(found) / len(found) for who, found in rewards.items()}
    assert sum(map(len, rewards.values())) == 6000
    assert mean["expert"] > mean["plain"] + 0.5 > 0.5 > mean["sloppy"] > mean["grump"]


def test_an_answer_has_the_traits_it_was_written_with():
    rng = Random(0)
    for prompt in rng.sample(sorted(questions()), 300):
        _, traits = draw(rng, rng.choice(list(WRITERS)))
        seen = read(prompt, write(questions()[prompt], traits, rng))
        assert (seen.opening, seen.closing, seen.explained) == (traits.opening, traits.closing, traits.explained)
        assert (seen.rude, seen.links, seen.off_topic) == (traits.rude, traits.link, traits.off_topic)
        assert (seen.fillers, seen.dont_know) == (traits.filler, traits.dont_know)
        if not traits.right or traits.dont_know:
            assert seen.correct < 1
        elif not traits.twice:  # two right lists together name too much
            assert seen.correct == 1


def test_the_tokenizer_knows_every_word_of_the_data(sample):
    known = set(words())
    for seed in SEEDS:
        for rows in sample[seed].values():
            for row in rows:
                texts = [text for key, text in row.items() if key in ("prompt", "chosen", "rejected")]
                texts += [completion["response"] for completion in row.get("completions", [])]
                assert {word for text in texts for word in text.split()} <= known
    config = json.loads((FOLDER / "models/policy/config.json").read_text())
    assert config["vocab_size"] == len(SPECIAL) + len(known)
