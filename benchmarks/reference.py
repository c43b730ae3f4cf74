"""One epoch of DPO with its reference: TRL's three ways beside ours, the first time and with the values known.

python benchmarks/reference.py [pairs] [rounds]

Model and lengths as in measure.py; full fine-tuning, batches of 4 pairs. Every way trains the same weights; the largest
difference of a loss is printed.
"""

from __future__ import annotations

import copy
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from datasets import Dataset, disable_progress_bars
from transformers import PrinterCallback
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from backend.models.engine import Engine
from backend.models.reference import trainer_class
from backend.values import Values
from backend.workspace import Workspace
from benchmarks import measure
from benchmarks.side_by_side import table


def main(count: int = 8, rounds: int = 2) -> None:
    """Prints the table and the largest difference of a loss to TRL's."""
    disable_progress_bars()
    torch.set_num_threads(1)
    rows, tokenizer = Dataset.from_list(measure.pairs(count)), measure.tokenizer()
    losses: dict[str, list[float]] = {}

    def epoch(name: str, trainer_of: Callable[..., Any], reference: bool = False, **settings: Any) -> Callable[[], Any]:
        def train() -> None:
            with tempfile.TemporaryDirectory() as place:
                args = DPOConfig(place, use_cpu=True, bf16=False, gradient_checkpointing=False, report_to="none",
                                 max_length=1024, disable_tqdm=True, per_device_train_batch_size=4, logging_steps=1,
                                 save_strategy="no", learning_rate=1e-4, num_train_epochs=1, **settings)  # fmt: skip
                model = measure.model()
                start = {"ref_model": copy.deepcopy(model)} if reference else {}
                fresh = Dataset.from_list(rows.to_list())
                trainer = trainer_of(model, args=args, train_dataset=fresh, processing_class=tokenizer, **start)
                trainer.remove_callback(PrinterCallback)
                trainer.train()
                losses[name] = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]

        return train

    with tempfile.TemporaryDirectory() as place:
        ws, names = Workspace.open(place), iter(range(1000))
        known = Values(ws, "known")

        def ours(values: Values) -> Any:
            return trainer_class(Engine(Path(place), values), 1024)

        def first() -> None:
            epoch("ours, first", ours(Values(ws, f"new{next(names)}")), precompute_ref_log_probs=True)()

        epoch("ours, known", ours(known), precompute_ref_log_probs=True)()
        table(
            f"DPO, {count} pairs, one epoch, one thread",
            {
                "ours, values known": epoch("ours, known", ours(known), precompute_ref_log_probs=True),
                "ours, first time": first,
                "TRL, reference precomputed": epoch("TRL", DPOTrainer, precompute_ref_log_probs=True),
                "TRL, reference in the step (its default)": epoch("TRL, in step", DPOTrainer, reference=True),
            },
            rounds,
            clock=time.process_time,
        )
    apart = max(np.abs(np.subtract(found, losses["TRL"])).max() for found in losses.values())
    print(f"largest difference of a loss to TRL's: {apart:.1e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
