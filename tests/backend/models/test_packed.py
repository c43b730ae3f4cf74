"""Packs give what a plain forward pass gives, for every family whose attention goes through the registry."""

from __future__ import annotations

from typing import Any

import pytest

from backend.models import packed
from backend.models.rendering import Encoded

SHAPE = {"vocab_size": 50, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128, "pad_token_id": 0,
         "head_dim": 8, "initializer_range": 0.3}  # fmt: skip
FAMILIES = ["llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "phi3"]


def tiny(family: str, **changes: Any) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **{**SHAPE, **changes})
    return AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").eval()


def sequences() -> list[Encoded]:
    """Three prompts (one empty) with one to three responses, one of them empty."""
    import random

    chance = random.Random(1)
    ids = lambda n: [chance.randrange(1, 50) for _ in range(n)]  # noqa: E731
    prompts = [ids(7), ids(11), []]
    sizes = [(5, 9, 1), (6,), (4, 8)]
    return [Encoded(p, ids(n), False) for p, many in zip(prompts, sizes, strict=True) for n in many] + [
        Encoded(prompts[1], [], True)
    ]


def plainly(model: Any, one: Encoded) -> float:
    """One sequence, all logits."""
    import torch

    with torch.inference_mode():
        logs = model(torch.tensor([one.ids])).logits[0].log_softmax(-1) if one.ids else None
    start = max(len(one.prompt), 1)
    return sum(logs[i - 1, one.ids[i]].item() for i in range(start, len(one.ids))) if logs is not None else 0.0


def measured(model: Any, of: list[Encoded], budget: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for pack in packed.plan(of, budget):
        sums, _ = packed.logprobs(model, [of[n] for n in pack])
        found |= dict(zip(pack, sums.tolist(), strict=True))
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_packs_agree_with_a_plain_pass_or_are_refused(family: str) -> None:
    model, of = tiny(family), sequences()
    if not packed.fits(model, 20):
        assert family == "gemma2", "only a model that caps its scores may be refused"
        return
    for budget in (1, 25, 1000):
        found = measured(model, of, budget)
        assert found == pytest.approx({i: plainly(model, one) for i, one in enumerate(of)}, abs=2e-4)


def test_a_window_that_cuts_is_refused_and_one_that_does_not_is_taken() -> None:
    assert not packed.fits(tiny("mistral", sliding_window=16), 20)
    assert packed.fits(tiny("mistral", sliding_window=16), 16)


def test_a_prompt_is_computed_once_for_all_its_responses() -> None:
    of = sequences()
    (pack,) = packed.plan(of, 1000)
    once = sum(len(p) for p in {tuple(s.prompt) for s in of}) + sum(len(s.response) for s in of)
    assert packed.tokens([of[n] for n in pack]) == once


def test_more_responses_than_fit_are_shared_out_over_packs_within_the_budget() -> None:
    of = [Encoded([1], [2] * size, False) for size in range(1, 31)]
    packs = packed.plan(of, 40)
    assert sorted(n for pack in packs for n in pack) == list(range(30))
    assert max(packed.tokens([of[n] for n in pack]) for pack in packs) <= 40
    assert len(packs) <= 2 * sum(range(1, 31)) / 40


def test_the_model_attends_as_before_afterwards() -> None:
    model = tiny("llama")
    measured(model, sequences(), 100)
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("family", ["llama", "qwen2", "mistral"])
def test_rewards_of_a_pack_are_those_of_a_plain_pass_even_where_the_end_token_pads(family: str) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **{**SHAPE, "num_labels": 1, "pad_token_id": 3})
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="sdpa").eval()
    of = [*sequences(), Encoded([5, 6, 7], [8, 9, 3], False)]
    for budget in (1, 25, 1000):
        for pack in packed.plan(of, budget):
            found, _ = packed.rewards(model, [of[n] for n in pack])
            with torch.inference_mode():
                plain = [model(torch.tensor([of[n].ids])).logits.item() for n in pack]
            assert found.tolist() == pytest.approx(plain, abs=1e-5)
