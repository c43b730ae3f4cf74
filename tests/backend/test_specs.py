"""Questions and their ids."""

from __future__ import annotations

import pytest

from backend import specs
from backend.errors import BadSpec
from backend.registry import Call

LOAD = specs.LoadSpec(source=specs.FileSource(sha256="0" * 64, suffix="jsonl"), format=Call(name="preference"))


def test_the_id_is_the_hash_of_the_canonical_question() -> None:
    assert LOAD.canonical() == (
        '{"drop":[],"format":{"args":{},"name":"preference"},"held_out_share":0.0,"kind":"load","max_chars":16384,'
        '"source":{"sha256":"' + "0" * 64 + '","suffix":"jsonl"}}'
    )
    assert LOAD.id == "load-" + __import__("hashlib").sha256(LOAD.canonical().encode()).hexdigest()[:12]


def test_a_spec_survives_its_json() -> None:
    assert specs.parse(LOAD.canonical()) == LOAD


def test_what_differs_has_another_id() -> None:
    assert LOAD.id != LOAD.model_copy(update={"limit": 10}).id


def test_inputs_are_found_wherever_they_stand() -> None:
    measure = specs.MeasureSpec(
        responses=LOAD.id, measure=Call(name="reward"), model=specs.RunModel(run="train-0123456789ab")
    )
    select = specs.SelectSpec(
        pairs=LOAD.id, strategy=Call(name="dm_add"), budget=5, measurements={"reward": measure.id, "truth": measure.id}
    )
    assert measure.inputs == (LOAD.id, "train-0123456789ab")
    assert select.inputs == (LOAD.id, measure.id)


def test_a_wrong_field_is_named_with_its_value() -> None:
    with pytest.raises(BadSpec, match="budget = 0"):
        specs.parse({"kind": "select", "pairs": LOAD.id, "strategy": {"name": "random"}, "budget": 0})


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadSpec, match="design"):
        specs.parse({"kind": "design"})


@pytest.mark.parametrize(
    ("method", "use", "beta", "fits"),
    [
        ("dpo", "pairs", 0.1, True),
        ("sft", "responses", None, True),
        ("sft", "pairs", None, False),
        ("dpo", "chosen", 0.1, False),
        ("reward", "pairs", 0.1, False),
    ],
)
def test_train_settings_must_fit_the_method(method: str, use: str, beta: float | None, fits: bool) -> None:
    question = {
        "kind": "train", "method": method, "use": use, "beta": beta, "learning_rate": 1e-3,
        "model": {"sha256": "0" * 64}, "data": LOAD.id,
    }  # fmt: skip
    if fits:
        assert specs.parse(question).id.startswith("train-")
    else:
        with pytest.raises(BadSpec):
            specs.parse(question)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_bad_input(seed: int) -> None:
    select = {"kind": "select", "pairs": LOAD.id, "strategy": Call(name="random"), "budget": 1}
    with pytest.raises(BadSpec, match="seed"):
        specs.parse({**select, "seed": seed})
