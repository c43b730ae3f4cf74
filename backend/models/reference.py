"""DPO's reference log-probs from the workspace's values: one model in memory, and nothing measured twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .engine import Engine
from .rendering import Encoded


def trainer_class(engine: Engine, max_length: int) -> Any:
    """TRL's DPO trainer, whose reference pass asks the engine. Its rows are those that TRL has tokenized.

    The reference is the policy before its first step: the engine measures what is missing with the model that the
    trainer holds, adapters switched off, in the number format of the training.
    """
    from trl.trainer.dpo_trainer import DPOTrainer

    class DPOWithValues(DPOTrainer):
        def _precompute_ref_logps(self, dataset: Any, name: str, batch_size: int) -> Any:
            how = "bfloat16 autocast" if self.args.bf16 else "float32"
            sides = _sides(dataset, max_length)
            with _as_it_was(self.model) as engine.model, self.accelerator.autocast():
                found = engine.logprobs(sides, how).value.reshape(2, -1)
            for column, values in zip(("ref_chosen_logps", "ref_rejected_logps"), found, strict=True):
                dataset = dataset.add_column(column, values.astype(np.float32))
            engine.model = None
            return dataset

    return DPOWithValues


def _sides(dataset: Any, max_length: int) -> list[Encoded]:
    """All chosen, then all rejected sequences, cut as TRL's collator cuts them."""
    return [
        Encoded(prompt[:max_length], answer[: max(0, max_length - len(prompt))], len(prompt) + len(answer) > max_length)
        for side in ("chosen_ids", "rejected_ids")
        for prompt, answer in zip(dataset["prompt_ids"], dataset[side], strict=True)
    ]


@contextlib.contextmanager
def _as_it_was(model: Any) -> Iterator[Any]:
    """The model without dropout and without the adapters that are about to be trained."""
    training = model.training
    adapters = hasattr(model, "disable_adapter")
    with model.disable_adapter() if adapters else contextlib.nullcontext():
        try:
            yield (model.get_base_model() if adapters else model).eval()
        finally:
            model.train(training)
