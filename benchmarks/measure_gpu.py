"""Log-probs of pairs on one GPU: ours beside TRL's precompute and a plain transformers loop, for three sizes of model.

python benchmarks/measure_gpu.py [1b|3b|8b|tiny] [pairs] [rounds]

Random weights in bfloat16, shaped as Llama 3.2 1B, 3B and Llama 3.1 8B (vocabulary 128,256); lengths as in measure.py.
MFU counts the operations of real tokens only, prompts twice, against the dense bfloat16 peak of the GPU. `tiny` is for
trying the script itself, without a GPU too. Without a GPU the three sizes are not run, and it says so.
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
from transformers import LlamaConfig, LlamaForCausalLM
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from backend.models import engine, packed
from backend.models.gauge import operations
from backend.models.rendering import Encoded
from benchmarks import measure

PEAK = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}  # dense bfloat16, by the name of the GPU
SHAPES = {
    "1b": {"hidden_size": 2048, "num_hidden_layers": 16, "intermediate_size": 8192, "num_attention_heads": 32},
    "3b": {"hidden_size": 3072, "num_hidden_layers": 28, "intermediate_size": 8192, "num_attention_heads": 24},
    "8b": {"hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 14336, "num_attention_heads": 32},
    "tiny": {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128, "num_attention_heads": 8},
}


def model(size: str) -> Any:
    """A Llama of this shape with random weights."""
    torch.manual_seed(0)
    words = measure.WORDS if size == "tiny" else 128_256
    config = LlamaConfig(vocab_size=words, num_key_value_heads=8, max_position_embeddings=1024,
                         tie_word_embeddings=size in ("1b", "3b"), **SHAPES[size])  # fmt: skip
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        return LlamaForCausalLM(config).to(torch.bfloat16).eval()


def loop(language_model: Any, sequences: list[Encoded], batch: int = 8) -> np.ndarray:
    """The plain way: batches in the order given, padded, all logits, log-softmax."""
    found = []
    for start in range(0, len(sequences), batch):
        some = sequences[start : start + batch]
        width = max(len(s.ids) for s in some)
        ids = torch.tensor([s.ids + [0] * (width - len(s.ids)) for s in some], device=language_model.device)
        mask = torch.tensor([[1] * len(s.ids) + [0] * (width - len(s.ids)) for s in some], device=language_model.device)
        with torch.inference_mode():
            logs = language_model(ids, attention_mask=mask).logits[:, :-1].float().log_softmax(-1)
            chosen = logs.gather(2, ids[:, 1:, None]).squeeze(2).double().cpu()
        found += [chosen[row, len(s.prompt) - 1 : len(s.ids) - 1].sum().item() for row, s in enumerate(some)]
    return np.array(found)


def ours(language_model: Any, sequences: list[Encoded]) -> np.ndarray:
    """Packs with shared prompts, as the engine runs them: each read when the next has been launched."""
    found = np.zeros(len(sequences))
    budget = engine.PACK_TOKENS[language_model.device.type]
    waiting: Any = None
    for pack in [*packed.plan(sequences, budget), None]:
        launched = pack and (pack, packed.logprobs(language_model, [sequences[n] for n in pack])[0])
        if waiting:
            found[waiting[0]] = waiting[1].cpu().numpy()
        waiting = launched
    return found


def main(size: str = "1b", count: int = 256, rounds: int = 3) -> None:
    """Prints tokens a second, MFU, memory and ratio of every way, and the largest difference."""
    on_gpu = torch.cuda.is_available()
    if not on_gpu and size != "tiny":
        print("not run: there is no GPU here")
        return
    disable_progress_bars()
    name = torch.cuda.get_device_name() if on_gpu else "no GPU"
    peak = next((value for part, value in PEAK.items() if part in name), float("nan"))
    plain = model(size)
    with tempfile.TemporaryDirectory() as place:
        args = DPOConfig(place, use_cpu=not on_gpu, bf16=on_gpu, gradient_checkpointing=False, report_to="none",
                         max_length=1024, disable_tqdm=True, precompute_ref_batch_size=8)  # fmt: skip
        trainer = DPOTrainer(model(size), model(size), args, processing_class=measure.tokenizer(),
                             train_dataset=Dataset.from_list(measure.pairs(count)))  # fmt: skip
        rows = trainer.train_dataset.select_columns(["prompt_ids", "chosen_ids", "rejected_ids"])
        sides = [(row["prompt_ids"], row[f"{side}_ids"]) for side in ("chosen", "rejected") for row in rows]
        sequences = [Encoded(prompt, answer, False) for prompt, answer in sides]
        order = np.argsort([-len(r["prompt_ids"]) - max(len(r["chosen_ids"]), len(r["rejected_ids"])) for r in rows])
        ordered = rows.select(order).flatten_indices()
        work = sum(sum(operations(plain, [one], vocabulary=True)) for one in sequences)
        ways = {
            "ours: packed, prompt once": lambda: ours(plain, sequences),
            "TRL precompute, as shipped": lambda: measure.trl_pass(trainer, rows, compact=False).reshape(-1),
            "TRL, rows sorted": lambda: measure.trl_pass(trainer, ordered, compact=False).reshape(-1),
            "transformers, plain loop": lambda: loop(plain, sequences),
        }
        found = {way: run() for way, run in ways.items()}  # the first pass of each is not timed
        near = np.abs(found["ours: packed, prompt once"] / found["transformers, plain loop"] - 1)
        print(f"{size} on {name}: largest relative difference to the plain loop {near.max():.1e} (bfloat16)")
        _timed(ways, rounds, sum(len(s.ids) for s in sequences), work / peak)


def _timed(ways: dict[str, Any], rounds: int, tokens: int, floor: float) -> None:
    times: dict[str, list[float]] = {way: [] for way in ways}
    memory = dict.fromkeys(ways, 0)
    for _ in range(rounds):
        for way, run in ways.items():
            if torch.cuda.is_available():
                torch.cuda.reset_peak_memory_stats()
            began = time.perf_counter()
            run()
            times[way].append(time.perf_counter() - began)
            memory[way] = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    first = np.median(next(iter(times.values())))
    for way, taken in times.items():
        seconds = float(np.median(taken))
        print(f"  {way:<30} {seconds:8.3f} s {seconds / first:6.1f} x {tokens / seconds:10,.0f} tokens/s "
              f"{floor / seconds:6.1%} MFU {memory[way] / 2**30:6.1f} GiB")  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:]))
