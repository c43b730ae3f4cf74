from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend import specs
from backend.errors import BadData, BadSpec, Cancelled
from backend.jobs import Job, train
from backend.workspace import Workspace, content_sha256
from tests import tiny

PAIRS = [(f"say {i}", f"yes {i} fine", f"no {i}") for i in range(16)]


def dpo(ws: Workspace, tmp_path: Path, data: str | None = None, **settings: object) -> specs.TrainSpec:
    start = tiny.local_model(ws, tmp_path / "start")
    fixed = {"learning_rate": 1e-3, "max_length": 64, "per_device_train_batch_size": 4, "save_steps": 2, **settings}
    return specs.TrainSpec(method="dpo", model=start, data=data or tiny.pool(ws, PAIRS), **fixed)


def weights(ws: Workspace, run: str) -> str:
    return content_sha256(ws.folder(run) / "model")


def test_dpo_leaves_a_model_a_metric_line_per_step_and_no_checkpoints(ws: Workspace, tmp_path: Path) -> None:
    spec = dpo(ws, tmp_path, num_train_epochs=2)
    facts = train.run(tiny.asked(ws, spec)).facts
    rows = ws.table(spec.id, "training").to_pandas()
    assert facts["used"] == 16 and facts["steps"] == 8
    assert set(rows["metric"]) >= {"loss", "rewards/margins", "rewards/accuracies", "logps/chosen", "logps/rejected"}
    assert sorted(rows[rows["metric"] == "loss"]["step"]) == list(range(1, 9))
    assert not (ws.folder(spec.id) / "checkpoints").exists()


def test_a_stopped_run_resumes_to_the_weights_and_metrics_of_an_undisturbed_one(ws: Workspace, tmp_path: Path) -> None:
    spec = dpo(ws, tmp_path, num_train_epochs=2, seed=3)
    train.run(tiny.asked(ws, spec))
    undisturbed, table = weights(ws, spec.id), ws.table(spec.id, "training")
    again = Workspace.open(tmp_path / "again")
    stopped = dpo(again, tmp_path, num_train_epochs=2, seed=3)
    assert stopped.id == spec.id

    with pytest.raises(Cancelled):
        train.run(StopsAfter(again, stopped.id, stopped, steps=3))
    train.run(tiny.asked(again, stopped))
    assert [e["step"] for e in metrics(again, spec.id)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert weights(again, spec.id) == undisturbed
    assert again.table(spec.id, "training").equals(table)


class StopsAfter(Job):
    """A job that is asked to stop after some steps, as SIGTERM asks."""

    def __init__(self, *given: object, steps: int) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.steps = steps
        tiny.asked(self.ws, self.spec)

    def progress(self, done: float, total: float | None, unit: str, note: str = "") -> None:
        self.stop_requested = done + 1 >= self.steps and unit == "steps"


def metrics(ws: Workspace, run: str) -> list[dict[str, float]]:
    rows = ws.read_lines(ws.folder(run) / "events.jsonl")
    return list({row["step"]: row for row in rows if row["event"] == "metrics"}.values())


def test_a_checkpoint_that_a_kill_cut_short_is_not_resumed_from(ws: Workspace, tmp_path: Path) -> None:
    spec = dpo(ws, tmp_path)
    job = tiny.asked(ws, spec)
    (job.folder / "checkpoints" / "checkpoint-2").mkdir(parents=True)
    assert train.run(job).facts["steps"] == 4


def test_trl_logs_the_logprobs_that_we_measure(ws: Workspace, tmp_path: Path) -> None:
    """One batch of all pairs: the mean over the batch at step 1 is of the untrained model."""
    from backend.jobs import measure
    from backend.registry import Call

    spec = dpo(ws, tmp_path, per_device_train_batch_size=16)
    train.run(tiny.asked(ws, spec))
    logged = {e["metric"]: e["value"] for e in ws.table(spec.id, "training").to_pylist()}
    question = specs.MeasureSpec(responses=spec.data, measure=Call(name="logprob"), model=spec.model)
    measure.run(tiny.asked(ws, question))
    ours = dict(
        zip(*(ws.table(question.id, "measurements")[c].to_pylist() for c in ("response_id", "value")), strict=True)
    )
    pairs = ws.table(spec.data, "pairs")
    for side in ("chosen", "rejected"):
        mean = np.mean([ours[i] for i in pairs[f"{side}_id"].to_pylist()])
        assert logged[f"logps/{side}"] == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("settings", [{}, {"lora_r": 2}, {"max_length": 20}, {"eval_share": 0.3}])
def test_reference_log_probs_from_the_values_train_as_trls_own_do(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    from trl.trainer.dpo_trainer import DPOTrainer

    from backend.models import training

    spec = dpo(ws, tmp_path, num_train_epochs=2, **settings)
    facts = train.run(tiny.asked(ws, spec)).facts
    assert facts["reference"]["texts"] > 0 and facts["reference"]["tokens"] > 0
    ours = ws.table(spec.id, "training").to_pandas()
    monkeypatch.setattr(training, "trainer_class", lambda engine, max_length: DPOTrainer)
    train.run(tiny.asked(ws, spec))
    theirs = ws.table(spec.id, "training").to_pandas()
    assert (ours["metric"] == theirs["metric"]).all()
    certain = (ours["metric"] != "rewards/accuracies") | (ours["step"] > 1)  # before the first step all rewards are 0
    np.testing.assert_allclose(ours["value"][certain], theirs["value"][certain], atol=2e-4, rtol=1e-4)


def test_a_second_training_and_a_training_after_measuring_pay_for_no_reference(ws: Workspace, tmp_path: Path) -> None:
    from backend.jobs import measure
    from backend.registry import Call

    first = dpo(ws, tmp_path)
    measured = specs.MeasureSpec(responses=first.data, measure=Call(name="logprob"), model=first.model)
    measure.run(tiny.asked(ws, measured))
    for spec in (first, first.model_copy(update={"seed": 1, "beta": 0.3})):
        reference = train.run(tiny.asked(ws, spec)).facts["reference"]
        assert (reference["texts"], reference["known"], reference["tokens"]) == (32, 32, 0)


def test_random_weights_of_two_seeds_are_two_references(ws: Workspace, tmp_path: Path) -> None:
    first = dpo(ws, tmp_path)
    random = first.model_copy(update={"model": first.model.model_copy(update={"random": True})})
    for spec in (first, random, random.model_copy(update={"seed": 1})):
        assert train.run(tiny.asked(ws, spec)).facts["reference"]["known"] == 0


def test_our_implicit_margins_are_trls_rewards_margins_divided_by_beta(ws: Workspace, tmp_path: Path) -> None:
    """TRL evaluates a trained policy against its start, all pairs at once and pair by pair."""
    from datasets import Dataset
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    from backend import inputs
    from backend.jobs import measure
    from backend.models import loading
    from backend.registry import Call
    from backend.signals import compute

    spec = dpo(ws, tmp_path, num_train_epochs=2)
    tiny.finished(ws, spec, train.run(tiny.asked(ws, spec)).facts)
    roles = {}
    for role, model in (("policy_logprob", specs.RunModel(run=spec.id)), ("reference_logprob", spec.model)):
        question = specs.MeasureSpec(responses=spec.data, measure=Call(name="logprob"), model=model)
        measure.run(tiny.asked(ws, question))
        roles[role] = question.id
    margins = compute(ws, spec.data, roles)["implicit_margin"]

    said = lambda text: [{"role": "assistant", "content": text}]  # noqa: E731
    rows = [
        {"prompt": row["prompt"], "chosen": said(row["chosen"]), "rejected": said(row["rejected"])}
        for row in inputs.texts(ws, spec.data).to_pylist()
    ]
    policy, start = ws.folder(spec.id) / "model", tmp_path / "start"
    args = DPOConfig(str(tmp_path / "trl"), use_cpu=True, bf16=False, report_to="none", disable_tqdm=True, beta=0.5,
                     per_device_eval_batch_size=16)  # fmt: skip
    trainer = DPOTrainer(loading.causal(policy), loading.causal(start), args, train_dataset=Dataset.from_list(rows),
                         processing_class=loading.tokenizer(start))  # fmt: skip
    theirs = lambda some: trainer.evaluate(Dataset.from_list(some))["eval_rewards/margins"]  # noqa: E731
    assert theirs(rows) == pytest.approx(0.5 * margins.mean(), abs=1e-4)
    for number in (0, 5, 15):
        assert theirs([rows[number]]) == pytest.approx(0.5 * margins[number], abs=1e-4)


def test_pairs_that_the_length_limit_makes_useless_are_left_out_and_counted(ws: Workspace, tmp_path: Path) -> None:
    long = "x" * 70
    data = tiny.pool(ws, [*PAIRS[:4], (long, "a", "b"), ("short", long + "a", long + "b"), ("short", "a", long)])
    facts = train.run(tiny.asked(ws, dpo(ws, tmp_path, data))).facts
    assert facts["left_out"] == {"prompt_fills_max_length": 1, "identical_after_cut": 1}
    assert (facts["rows"], facts["used"], facts["cut"]) == (7, 5, 1)


def test_nothing_left_to_train_on_is_one_sentence(ws: Workspace, tmp_path: Path) -> None:
    data = tiny.pool(ws, [("x" * 70, "a", "b")])
    with pytest.raises(BadData, match=r"none of the 1 rows can be trained on \(1 prompt_fills_max_length\)"):
        train.run(tiny.asked(ws, dpo(ws, tmp_path, data)))


def test_held_out_pairs_are_not_trained_on_and_kept_back_pairs_give_their_own_curve(
    ws: Workspace, tmp_path: Path
) -> None:
    spec = dpo(ws, tmp_path, tiny.pool(ws, PAIRS, held_out=6), eval_share=0.5)
    facts = train.run(tiny.asked(ws, spec)).facts
    assert facts["used"] + facts["held_back"] == 10
    assert set(ws.table(spec.id, "training")["split"].to_pylist()) == {"train", "eval"}


def test_sft_learns_from_responses_and_a_reward_model_from_pairs(ws: Workspace, tmp_path: Path) -> None:
    from backend.models.resolve import is_reward_model

    data = tiny.pool(ws, PAIRS, held_out=2)
    common = {"data": data, "learning_rate": 1e-2, "max_length": 64, "num_train_epochs": 8}
    sft = specs.TrainSpec(method="sft", use="responses", model=tiny.local_model(ws, tmp_path / "m"), **common)
    assert train.run(tiny.asked(ws, sft)).facts["rows"] == 28
    loss = ws.table(sft.id, "training").to_pandas().query("metric == 'loss'")["value"]
    assert loss.iloc[-1] < loss.iloc[0]
    tiny.finished(ws, sft)
    reward = specs.TrainSpec(method="reward", model=specs.RunModel(run=sft.id), **common)
    assert train.run(tiny.asked(ws, reward)).facts["final"]["accuracy"] > 0.9
    assert is_reward_model(ws.folder(reward.id) / "model")


def test_a_lora_run_saves_a_whole_model_that_differs_from_its_start(ws: Workspace, tmp_path: Path) -> None:
    spec = dpo(ws, tmp_path, lora_r=2)
    facts = train.run(tiny.asked(ws, spec)).facts
    assert facts["trainable"] < facts["parameters"] / 5
    saved = ws.folder(spec.id) / "model"
    assert (saved / "model.safetensors").exists() and not (saved / "adapter_config.json").exists()
    assert content_sha256(saved / "model.safetensors") != content_sha256(tmp_path / "start" / "model.safetensors")


def test_bfloat16_on_a_cpu_and_a_reward_model_as_policy_are_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match="ten times slower"):
        train.run(tiny.asked(ws, dpo(ws, tmp_path, dtype="bfloat16")))
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing")
    nothing = specs.LocalModel(sha256=ws.adopt(tmp_path / "empty"))
    with pytest.raises(BadSpec, match=r"no config\.json"):
        train.run(tiny.asked(ws, dpo(ws, tmp_path).model_copy(update={"model": nothing})))
