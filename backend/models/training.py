"""SFT, reward model and DPO through TRL's trainers, with exact resume and a metric line per step."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadSpec, Cancelled, JobFailed
from ..jobs import Job
from ..specs import LocalModel, TrainSpec
from ..values import Values
from . import loading
from .engine import Engine, Spent
from .reference import trainer_class
from .resolve import adapter_of, weights_of

CHECKPOINTS = "checkpoints"
COMPLETE = "complete"  # an empty file, written when everything else of a checkpoint has been
NOT_STEPS = ("train_runtime", "train_loss")  # keys of TRL's closing summaries


@dataclass(frozen=True)
class Trained:
    """What a training ended with. `log`: one dict of metrics a step, TRL's names."""

    log: Sequence[Mapping[str, float]]
    steps: int
    parameters: int
    trainable: int
    reference: Spent  # what DPO's reference log-probs cost


def train(job: Job, folder: Path, rows: list[dict[str, Any]], held_back: list[dict[str, Any]]) -> Trained:
    """Trains on conversational rows and saves the model under `<run>/model`. Cancelled after saving a checkpoint.

    A relaunched job goes on from its last complete checkpoint and ends with the weights and metrics of an
    undisturbed run: TRL restores the optimizer, the schedule, the order of the data and the random state.
    """
    import torch
    from datasets import Dataset, disable_progress_bars
    from transformers import set_seed

    disable_progress_bars()
    spec: TrainSpec = job.spec
    if spec.dtype == "bfloat16" and not torch.cuda.is_available():
        raise BadSpec("training in bfloat16 on a CPU is ten times slower than in float32; choose dtype float32.")
    set_seed(spec.seed)
    model = _model(spec, folder, adapter_of(job.ws, spec.model))
    tokenizer = loading.tokenizer(folder)
    model.config.pad_token_id = tokenizer.pad_token_id
    engine = Engine(folder, Values(job.ws, _reference_weights(job)), _ticker(job))
    trainer = _trainer(
        job, engine, model, tokenizer, Dataset.from_list(rows), held_back and Dataset.from_list(held_back)
    )
    sizes = _sizes(trainer.model)
    _watch(trainer, job)
    trainer.train(resume_from_checkpoint=_last_checkpoint(job.folder / CHECKPOINTS))
    if trainer.state.global_step < trainer.state.max_steps:
        raise Cancelled
    log = [entry for entry in trainer.state.log_history if not any(key in entry for key in NOT_STEPS)]
    _check_finite(log)
    _save(trainer, tokenizer, job.folder / "model")
    shutil.rmtree(job.folder / CHECKPOINTS, ignore_errors=True)
    return Trained(log, trainer.state.global_step, *sizes, engine.spent)


def _reference_weights(job: Job) -> str:
    """The name of the weights that training starts from; random ones are named by their seed too."""
    weights = weights_of(job.ws, job.spec.model)
    return f"{weights}-random-{job.spec.seed}" if getattr(job.spec.model, "random", False) else weights


def _ticker(job: Job) -> Any:
    return lambda done, total: job.progress(done, total, "tokens", "reference log-probs")


def _model(spec: TrainSpec, folder: Path, adapter: Path | None) -> Any:
    random = isinstance(spec.model, LocalModel) and spec.model.random
    if adapter and spec.method == "reward":
        raise BadSpec("a reward model is not trained from a LoRA adapter; merge the adapter into its model first.")
    if spec.method != "reward":
        return loading.causal(folder, random=random, adapter=adapter)
    if loading.is_reward_model(folder):
        return loading.rewarder(folder)
    return loading.untrained_rewarder(folder, random=random)


def _trainer(job: Job, engine: Engine, model: Any, tokenizer: Any, rows: Any, held_back: Any) -> Any:
    spec: TrainSpec = job.spec
    common = {
        "args": _config(spec, job.folder / CHECKPOINTS, bool(held_back), len(rows)),
        "train_dataset": rows,
        "eval_dataset": held_back or None,
        "processing_class": tokenizer,
        "peft_config": _lora(spec),
    }
    if spec.method == "sft":
        from trl.trainer.sft_trainer import SFTTrainer

        return SFTTrainer(model, **common)
    if spec.method == "reward":
        from trl.trainer.reward_trainer import RewardTrainer

        return RewardTrainer(model, **common)
    return trainer_class(engine, spec.max_length)(model, **common)


def _config(spec: TrainSpec, place: Path, evaluate: bool, rows: int) -> Any:
    """TRL's configuration. A line is logged every step, so that a resumed run logs what an undisturbed one does."""
    import torch
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.reward_config import RewardConfig
    from trl.trainer.sft_config import SFTConfig

    cpu = not torch.cuda.is_available()
    batch = spec.per_device_train_batch_size * spec.gradient_accumulation_steps
    steps = math.ceil(rows / batch) * spec.num_train_epochs
    settings: dict[str, Any] = spec.model_dump(include=set(_SHARED))
    settings |= {
        "output_dir": str(place), "use_cpu": cpu, "bf16": spec.dtype == "bfloat16", "gradient_checkpointing": not cpu,
        "report_to": "none", "disable_tqdm": True, "logging_steps": 1, "logging_first_step": True,
        "save_strategy": "steps", "save_total_limit": 2, "data_seed": spec.seed, "dataloader_pin_memory": not cpu,
        "eval_strategy": "steps" if evaluate else "no", "eval_steps": max(1, int(steps // 10)),
        "per_device_eval_batch_size": spec.per_device_train_batch_size,
    }  # fmt: skip
    if spec.method == "dpo":
        dpo = {name: value for name in ("beta", "loss_type") if (value := getattr(spec, name)) is not None}
        return DPOConfig(**settings, **dpo, precompute_ref_log_probs=True)
    return (SFTConfig if spec.method == "sft" else RewardConfig)(**settings)


_SHARED = (
    "learning_rate", "num_train_epochs", "per_device_train_batch_size", "gradient_accumulation_steps", "warmup_steps",
    "lr_scheduler_type", "weight_decay", "max_length", "save_steps", "seed",
)  # fmt: skip


def _lora(spec: TrainSpec) -> Any:
    if spec.lora_r is None:
        return None
    from peft import LoraConfig

    task = "SEQ_CLS" if spec.method == "reward" else "CAUSAL_LM"
    return LoraConfig(r=spec.lora_r, lora_alpha=2 * spec.lora_r, target_modules="all-linear", task_type=task)


def _sizes(model: Any) -> tuple[int, int]:
    counts = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return sum(n for n, _ in counts), sum(n for n, trained in counts if trained)


def _watch(trainer: Any, job: Job) -> None:
    """Progress and metrics into the run's events; a request to stop becomes a checkpoint and an early end."""
    from transformers import PrinterCallback, TrainerCallback

    class Watch(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if job.stop_requested:
                control.should_save = control.should_training_stop = True
            else:
                job.progress(state.global_step, state.max_steps, "steps", "training")

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs and not any(key in logs for key in NOT_STEPS):
                split, values = split_of(logs)
                job.event("metrics", step=state.global_step, split=split, **values)

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            Path(args.output_dir, f"checkpoint-{state.global_step}", COMPLETE).touch()

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Watch())


def split_of(entry: Mapping[str, float]) -> tuple[str, dict[str, float]]:
    """`train` or `eval`, and the metrics without TRL's `eval_` prefix."""
    held_back = any(key.startswith("eval_") for key in entry)
    return ("eval" if held_back else "train"), {key.removeprefix("eval_"): value for key, value in entry.items()}


def _last_checkpoint(place: Path) -> str | None:
    whole = [p.parent for p in place.glob(f"checkpoint-*/{COMPLETE}")]
    last = max(whole, key=lambda p: int(p.name.split("-")[1]), default=None)
    for folder in place.glob("checkpoint-*"):
        if folder not in whole:
            shutil.rmtree(folder)  # a kill came while it was written
    return str(last) if last else None


def _check_finite(log: Sequence[Mapping[str, float]]) -> None:
    for entry in log:
        if not math.isfinite(entry.get("loss", 0.0)):
            raise JobFailed(
                f"the loss became {entry['loss']} at step {entry.get('step')}; lower the learning_rate or add warmup."
            )


def _save(trainer: Any, tokenizer: Any, place: Path) -> None:
    """The whole model (adapters merged) and its tokenizer, whole or not at all."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.config.use_cache = True  # training switches it off, and generation is ten times slower without
    if getattr(model, "generation_config", None):
        model.generation_config.use_cache = True
    beside = place.with_name(".model")
    shutil.rmtree(beside, ignore_errors=True)
    model.save_pretrained(beside)
    tokenizer.save_pretrained(beside)
    shutil.rmtree(place, ignore_errors=True)
    beside.rename(place)
