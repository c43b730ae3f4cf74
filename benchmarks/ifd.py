"""Reference log-probs and both IFD terms in one pass, beside the two passes that a user makes today; five answers.

python benchmarks/ifd.py [pairs] [rounds]

The peers: TRL's precompute for the reference log-probs, then the loop of the IFD literature (one text at a time, one
forward pass with the prompt and one without, the loss from the labels) for both answers. Model and lengths as in
measure.py.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
from datasets import Dataset, disable_progress_bars
from transformers import LlamaForCausalLM
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from backend.models.rendering import Encoded
from benchmarks import measure
from benchmarks.side_by_side import table


def loop(model: Any, sequences: list[Encoded]) -> np.ndarray:
    """float64[2, sequences]: mean negative log-prob of each response with and without its prompt."""
    found = np.zeros((2, len(sequences)))
    with torch.inference_mode():
        for number, s in enumerate(sequences):
            whole, labels = torch.tensor([s.ids]), torch.tensor([[-100] * len(s.prompt) + s.response])
            alone = torch.tensor([s.response])
            found[:, number] = model(whole, labels=labels).loss.item(), model(alone, labels=alone).loss.item()
    return found


def both(model: Any, sequences: list[Encoded]) -> np.ndarray:
    """The same from one pass over packs."""
    alone = [Encoded(s.response[:1], s.response[1:], False) for s in sequences]
    sums = measure.our_pass(model, [*sequences, *alone]).reshape(2, -1)
    return -sums / [[len(s.response) for s in sequences], [len(s.response) - 1 for s in sequences]]


def five_answers(model: Any, rounds: int) -> None:
    """Five answers a prompt, the prompt computed once, beside our own packing with the prompt repeated."""
    rows, chance = measure.pairs(8), np.random.default_rng(1)
    ids = lambda text: [int(word[1:]) for word in text.split()]  # noqa: E731
    answers = [ids(r[side]) for r in rows for side in ("chosen", "rejected")]
    shared = [Encoded(ids(r["prompt"]), answers[n], False) for r in rows for n in chance.integers(len(answers), size=5)]
    repeated = [Encoded([], s.ids, False) for s in shared]
    print(f"tokens: {measure.computed(shared):,} with prompts once, {measure.computed(repeated):,} repeated")
    table(
        "five answers to each of 8 prompts",
        {
            "ours: prompt once": lambda: measure.our_pass(model, shared),
            "ours: packed, prompt repeated": lambda: measure.our_pass(model, repeated),
        },
        rounds,
        clock=time.process_time,
    )


def main(count: int = 16, rounds: int = 3) -> None:
    """Prints the tables and the differences."""
    disable_progress_bars()
    torch.set_num_threads(1)
    model = measure.model()
    with tempfile.TemporaryDirectory() as place:
        args = DPOConfig(place, use_cpu=True, bf16=False, gradient_checkpointing=False, report_to="none",
                         max_length=1024, disable_tqdm=True)  # fmt: skip
        trainer = DPOTrainer(model, LlamaForCausalLM(model.config), args,
                             train_dataset=Dataset.from_list(measure.pairs(count)),
                             processing_class=measure.tokenizer())  # fmt: skip
        trainer.ref_model.load_state_dict(model.state_dict())
        rows = trainer.train_dataset.select_columns(["prompt_ids", "chosen_ids", "rejected_ids"])
        sides = [(row["prompt_ids"], row[f"{side}_ids"]) for side in ("chosen", "rejected") for row in rows]
        sequences = [Encoded(prompt, answer, False) for prompt, answer in sides]
        plain = measure.model()
        theirs, ours = loop(plain, sequences), both(plain, sequences)
        print(f"largest relative difference of a mean log-prob to the loop: {np.abs(ours / theirs - 1).max():.1e}")
        table(
            f"log-probs and both IFD terms of {count} pairs, one thread",
            {
                "ours: one pass": lambda: both(plain, sequences),
                "TRL precompute, then the IFD loop": lambda: (
                    measure.trl_pass(trainer, rows, compact=False),
                    loop(plain, sequences),
                ),
            },
            rounds,
            clock=time.process_time,
        )
    five_answers(plain, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
