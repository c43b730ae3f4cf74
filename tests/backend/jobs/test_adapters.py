"""LoRA adapters: laid over a model to measure, to write and to train on; with and without share one base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend import specs
from backend.errors import BadSpec
from backend.jobs import generate, measure, train
from backend.measures import measures
from backend.models import engine, loading
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i}", "y" * (1 + i), "no") for i in range(12)]


def adapter_folder(base: Path, place: Path) -> Path:
    """A LoRA adapter with random weights, saved as PEFT saves it."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(5)
    config = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    get_peft_model(loading.causal(base), config).save_pretrained(str(place))
    return place


@pytest.fixture
def adapted(ws: Workspace, tmp_path: Path) -> specs.LocalModel:
    base = tiny.local_model(ws, tmp_path / "m")
    return base.model_copy(update={"adapter": ws.adopt(adapter_folder(tmp_path / "m", tmp_path / "lora"))})


def values(ws: Workspace, run: str) -> np.ndarray:
    return ws.table(run, "measurements")["value"].to_numpy()


def test_with_and_without_the_adapter_are_measured_in_one_visit_with_one_base_in_memory(
    ws: Workspace, tmp_path: Path, adapted: specs.LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []
    real = loading.causal
    monkeypatch.setattr(engine.loading, "causal", lambda folder, *a, **k: loads.append(folder) or real(folder, *a, **k))
    policy = specs.MeasureSpec(responses=tiny.pool(ws, PAIRS), measure=measures.call("logprob"), model=adapted)
    reference = policy.model_copy(update={"model": adapted.model_copy(update={"adapter": None})})
    for spec in (policy, reference):
        measure.run(tiny.asked(ws, spec))
    assert len(loads) == 1, "the reference was measured with the policy"

    merged = tmp_path / "merged"
    loading.causal(tmp_path / "m", adapter=tmp_path / "lora").save_pretrained(merged)
    loading.tokenizer(tmp_path / "m").save_pretrained(merged)
    plain = Workspace.open(tmp_path / "plain")
    for spec, folder in ((policy, merged), (reference, tmp_path / "m")):
        whole = spec.model_copy(
            update={"model": specs.LocalModel(sha256=plain.adopt(folder)), "responses": tiny.pool(plain, PAIRS)}
        )
        measure.run(tiny.asked(plain, whole))
        np.testing.assert_allclose(values(ws, spec.id), values(plain, whole.id), rtol=1e-5)
    assert np.abs(values(ws, policy.id) - values(ws, reference.id)).max() > 0.1


def test_answers_and_training_start_from_the_model_with_its_adapter(
    ws: Workspace, tmp_path: Path, adapted: specs.LocalModel
) -> None:
    pool = tiny.pool(ws, PAIRS)
    written = []
    for model in (adapted, adapted.model_copy(update={"adapter": None})):
        spec = specs.GenerateSpec(prompts=pool, model=model, max_new_tokens=8, temperature=0.0)
        generate.run(tiny.asked(ws, spec))
        written.append(ws.table(spec.id, "responses")["response"].to_pylist())
    assert written[0] != written[1]
    fixed = {"data": pool, "learning_rate": 1e-3, "max_length": 64, "per_device_train_batch_size": 24}
    start = train.run(tiny.asked(ws, specs.TrainSpec(method="dpo", model=adapted, **fixed)))
    policy = specs.MeasureSpec(responses=pool, measure=measures.call("logprob", max_length=64), model=adapted)
    spent = measure.run(tiny.asked(ws, policy)).facts["spent"]
    assert start.facts["reference"]["tokens"] > 0 and spent["known"] == spent["texts"]


def test_folders_in_the_wrong_place_and_adapters_of_another_model_are_one_sentence(
    ws: Workspace, tmp_path: Path, adapted: specs.LocalModel
) -> None:
    def ask(model: specs.LocalModel, name: str = "logprob") -> None:
        measure.run(
            tiny.asked(ws, specs.MeasureSpec(responses=tiny.pool(ws, PAIRS), measure=measures.call(name), model=model))
        )

    with pytest.raises(BadSpec, match="holds a LoRA adapter; choose its base model"):
        ask(specs.LocalModel(sha256=adapted.adapter))  # type: ignore[arg-type]
    with pytest.raises(BadSpec, match=r"is no LoRA adapter: it has no adapter_config\.json"):
        ask(adapted.model_copy(update={"adapter": adapted.sha256}))
    with pytest.raises(BadSpec, match="takes no LoRA adapter"):
        ask(adapted, "reward")
    other = tiny.local_model(ws, tmp_path / "wide", hidden_size=48)
    with pytest.raises(BadSpec, match="does not fit this model"):
        ask(other.model_copy(update={"adapter": adapted.adapter}))
