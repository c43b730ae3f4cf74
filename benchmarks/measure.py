"""Log-probs of both answers of many pairs: ours beside TRL's precompute, as shipped and at its best.

python benchmarks/measure.py [pairs] [rounds]

At its best means: rows sorted by length, and the vocabulary applied to the answers only, as TRL does on GPUs. A Llama
of 13.3 M parameters with random weights; lengths as in chat data (log-normal), nothing cut.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

os.environ["TQDM_DISABLE"] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch
import trl.trainer.utils as trl_utils
from datasets import Dataset, disable_progress_bars
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from backend.models import packed
from backend.models.rendering import Encoded
from benchmarks.side_by_side import table

WORDS, LONGEST, BUDGET = 6144, 1022, 4096


def pairs(count: int) -> list[dict[str, str]]:
    """Rows of words drawn from a Zipf law, in TRL's standard layout."""
    chance = np.random.default_rng(0)

    def length(mean: float, sigma: float, low: int, high: int) -> int:
        return int(np.clip(chance.lognormal(np.log(mean) - sigma**2 / 2, sigma), low, high))

    def words(size: int) -> str:
        return " ".join(f"w{2 + (int(z) - 1) % (WORDS - 2)}" for z in chance.zipf(1.2, size))

    rows = []
    for _ in range(count):
        prompt = length(190, 0.9, 12, 640)
        chosen, rejected = (min(length(m, s, 4, 720), LONGEST - 1 - prompt) for m, s in ((330, 0.65), (290, 0.75)))
        rows.append({"prompt": words(prompt) + " ", "chosen": words(chosen), "rejected": words(rejected)})
    return rows


def tokenizer() -> PreTrainedTokenizerFast:
    """One word, one token."""
    vocabulary = {"<pad>": 0, "</s>": 1} | {f"w{i}": i for i in range(2, WORDS)}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    raw.add_special_tokens(["<pad>", "</s>"])
    return PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="</s>")


def model() -> Any:
    """13.3 M parameters."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=WORDS, hidden_size=320, num_hidden_layers=8, intermediate_size=896, num_attention_heads=10,
        num_key_value_heads=5, initializer_range=0.06, max_position_embeddings=1024, tie_word_embeddings=True,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def trl_pass(trainer: DPOTrainer, rows: Dataset, compact: bool) -> np.ndarray:
    """TRL's own precompute, never from its cache: float64[2, pairs], chosen and rejected."""
    shipped = trl_utils._use_triton
    trl_utils._use_triton = (lambda device: True) if compact else shipped
    try:
        fresh = Dataset(rows.data, info=rows.info, fingerprint=uuid.uuid4().hex)
        done = trainer._precompute_ref_logps(fresh, "train", 8)
    finally:
        trl_utils._use_triton = shipped
    return np.array([done["ref_chosen_logps"], done["ref_rejected_logps"]])


def our_pass(language_model: Any, sequences: list[Encoded]) -> np.ndarray:
    """Packs with shared prompts: float64[sequences]."""
    found = np.zeros(len(sequences))
    for pack in packed.plan(sequences, BUDGET):
        found[pack] = packed.logprobs(language_model, [sequences[n] for n in pack])[0].numpy()
    return found


def computed(sequences: list[Encoded]) -> int:
    """The tokens that our pass computes."""
    return sum(packed.tokens([sequences[n] for n in pack]) for pack in packed.plan(sequences, BUDGET))


def main(count: int = 32, rounds: int = 3) -> None:
    """Prints the table, the differences, and how many tokens each way computes."""
    disable_progress_bars()
    torch.set_num_threads(1)
    language_model = model()
    with tempfile.TemporaryDirectory() as place:
        args = DPOConfig(place, use_cpu=True, bf16=False, gradient_checkpointing=False, report_to="none",
                         max_length=1024, disable_tqdm=True)  # fmt: skip
        trainer = DPOTrainer(language_model, LlamaForCausalLM(language_model.config), args,
                             train_dataset=Dataset.from_list(pairs(count)), processing_class=tokenizer())  # fmt: skip
        trainer.ref_model.load_state_dict(language_model.state_dict())
        rows = trainer.train_dataset.select_columns(["prompt_ids", "chosen_ids", "rejected_ids"])
        sides = [(row["prompt_ids"], row[f"{side}_ids"]) for side in ("chosen", "rejected") for row in rows]
        sequences = [Encoded(prompt, answer, False) for prompt, answer in sides]
        order = np.argsort([-len(r["prompt_ids"]) - max(len(r["chosen_ids"]), len(r["rejected_ids"])) for r in rows])
        ordered = rows.select(order).flatten_indices()
        ours = our_pass(trainer.ref_model, sequences).reshape(2, -1)
        theirs = trl_pass(trainer, rows, compact=False)
        print(
            f"largest relative difference to TRL: {np.abs(ours / theirs - 1).max():.1e}, sums about {theirs.mean():.0f}"
        )
        twice = sum(len(s.ids) for s in sequences)
        print(f"tokens: {computed(sequences):,} with prompts once, {twice:,} with prompts twice")
        table(
            f"log-probs of {count} pairs, one thread",
            {
                "ours: packed, prompt once": lambda: our_pass(trainer.ref_model, sequences),
                "TRL precompute, as shipped": lambda: trl_pass(trainer, rows, compact=False),
                "TRL, rows sorted, answers-only head": lambda: trl_pass(trainer, ordered, compact=True),
            },
            rounds,
            clock=time.process_time,
            tokens=twice,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
