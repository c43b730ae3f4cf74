"""vLLM itself beside transformers: `make test-vllm`. The model is a random Llama, in float32 on the CPU."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend import specs
from backend.errors import BadSpec
from backend.jobs import generate, measure
from backend.measures import measures
from backend.models.engine import Engine
from backend.models.rendering import Encoded
from backend.models.vllm_engine import STEP_TOKENS, VllmEngine
from backend.values import Values
from backend.workspace import Workspace
from tests import tiny

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(
        importlib.util.find_spec("vllm") is None, reason="vLLM is not installed here: `make test-vllm` runs these tests"
    ),
]
# Every prompt is shared by two answers, one of which is longer than the limit of 24 tokens.
PAIRS = [(f"say {i}", "yes " * (1 + i), "no") for i in range(9)]
HEADS = {"hidden_size": 64}  # vLLM's attention on a CPU takes heads of 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.model_folder(tmp_path_factory.mktemp("models") / "m", max_position_embeddings=4096, **HEADS)


def question(ws: Workspace, folder: Path, name: str = "logprob", **args: Any) -> specs.MeasureSpec:
    model = specs.LocalModel(sha256=ws.adopt(folder))
    return specs.MeasureSpec(responses=tiny.pool(ws, PAIRS), measure=measures.call(name, **args), model=model)


@pytest.mark.parametrize("name", ["logprob", "logprob_alone", "ifd"])
def test_both_engines_give_the_same_table(ws: Workspace, folder: Path, name: str) -> None:
    found, facts = [], []
    for engine in ("vllm", "transformers"):
        spec = question(ws, folder, name, max_length=24, engine=engine)
        facts.append(measure.run(tiny.asked(ws, spec)).facts)
        found.append(ws.table(spec.id, "measurements"))
    assert facts[0]["cut"] == facts[1]["cut"] > 0
    assert found[0].schema == found[1].schema
    for column in ("response_id", "tokens"):
        assert found[0][column] == found[1][column]
    values = np.stack([table["value"].to_numpy() for table in found])
    apart = np.abs(values[0] - values[1]) / (1 if name == "ifd" else found[0]["tokens"].to_numpy())
    assert apart.max() < 1e-4
    agreement = facts[0]["agreement"]
    assert agreement["n"] == facts[0]["spent"]["texts"] > 0
    assert 0 < agreement["median_per_token"] <= agreement["largest_per_token"] < 1e-4
    assert agreement["rank_correlation"] > 0.99


def test_a_text_that_vllm_computes_in_several_steps_has_the_same_value(ws: Workspace, folder: Path) -> None:
    prompt = [5 + n % 90 for n in range(STEP_TOKENS)]
    long = [5 + n * n % 200 for n in range(STEP_TOKENS + 900)]
    of = [Encoded(prompt[:40], long, False), Encoded(prompt, [7, 8], False), Encoded([], [9, 10, 11], False)]
    values = Values(ws, "m")
    ours, plain = (kind(folder, values).logprobs(of, "float32") for kind in (VllmEngine, Engine))
    assert ours.tokens.tolist() == plain.tokens.tolist() == [STEP_TOKENS + 900, 2, 2]
    assert (np.abs(ours.value - plain.value) / ours.tokens).max() < 1e-4


@pytest.mark.parametrize(("family", "dtype", "apart"), [("qwen2", "float32", 1e-4), ("gemma2", "bfloat16", 1e-1)])
def test_other_families_and_formats_agree_too(
    ws: Workspace, tmp_path: Path, family: str, dtype: str, apart: float
) -> None:
    from tests.backend.models.test_packed import tiny as random_model

    folder = tiny.model_folder(tmp_path / "m")  # for its tokenizer
    random_model(family, hidden_size=128, head_dim=32, vocab_size=261).save_pretrained(folder)
    engine = VllmEngine(folder, Values(ws, "m"))
    engine.logprobs([Encoded([5 + n, 9, 11], [n * k % 200 for k in range(5, 12 + n)], False) for n in range(20)], dtype)
    agreement = engine.agreement(lambda *_: None)
    assert agreement["n"] == 20
    assert 0 < agreement["largest_per_token"] < apart
    assert agreement["rank_correlation"] > 0.98


def test_a_killed_run_goes_on_with_a_fresh_vllm(ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.models import vllm_engine

    monkeypatch.setitem(vllm_engine.CHUNK_TOKENS, vllm_engine.loading.device(), 20)
    of = [Encoded([5, 6], [7 + n] * 8, False) for n in range(8)]

    def stop(done: int, total: int) -> None:
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        VllmEngine(folder, Values(ws, "m"), stop).logprobs(of, "float32")
    rest = VllmEngine(folder, Values(ws, "m"))
    assert np.isfinite(rest.logprobs(of, "float32").value).all()
    assert rest.spent.known == 4


def test_a_model_without_room_or_that_vllm_does_not_know_is_one_sentence(ws: Workspace, tmp_path: Path) -> None:
    small = tiny.model_folder(tmp_path / "small", max_position_embeddings=64, **HEADS)
    text = [Encoded([5] * 60, [6] * 4, False)]
    with pytest.raises(BadSpec, match=r"has 64 tokens and vLLM needs room for one more.* choose max_length 63 or less"):
        VllmEngine(small, Values(ws, "m")).logprobs(text, "float32")
    config = (small / "config.json").read_text().replace("LlamaForCausalLM", "OddForCausalLM")
    (small / "config.json").write_text(config.replace('"llama"', '"odd"'))
    with pytest.raises(BadSpec, match=r"vLLM cannot load .* choose engine 'transformers'"):
        VllmEngine(small, Values(ws, "m")).logprobs(text, "float32")


def test_vllm_writes_what_transformers_writes_where_nothing_is_left_to_chance(ws: Workspace, folder: Path) -> None:
    pool, model = tiny.pool(ws, PAIRS), specs.LocalModel(sha256=ws.adopt(folder))
    written = []
    for engine in ("vllm", "transformers"):
        spec = specs.GenerateSpec(prompts=pool, model=model, engine=engine, temperature=0, max_new_tokens=12)
        generate.run(tiny.asked(ws, spec))
        answers = ws.table(spec.id, "responses")["response"].to_pylist()
        written.append([text.rstrip("\ufffd").strip() for text in answers])  # vLLM holds half a character back
    assert written[0] == written[1]
