"""vLLM as a second measuring engine: log-probs of responses through its offline `LLM`, kept under keys of their own.

vLLM scores a whole text as a prompt of which it must also write one token. Where log-probs of a prompt are asked for it
reads no prefix cache, so that a prompt with k responses is computed k times; what it gains is its kernels.
"""

from __future__ import annotations

import gc
import heapq
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadInput, BadSpec, JobFailed, sentence
from ..values import Scores, key
from . import loading
from .engine import Engine, Work
from .rendering import Encoded

CHUNK_TOKENS = {"cpu": 16_384, "cuda": 262_144}  # what a kill loses at most: some seconds of work
STEP_TOKENS = 2048  # vLLM's plan of its memory leaves out the logits of prompts, which grow with the tokens of a step
# What it may take for its cache, which holds no more than what it computes at a time; on a GPU the rest is for them.
PLACE: dict[str, dict[str, Any]] = {"cpu": {"kv_cache_memory_bytes": 2 << 30}, "cuda": {"gpu_memory_utilization": 0.8}}
COMPARED = 64


@dataclass(frozen=True)
class Sample:
    """Some of the texts that were asked for, their values from vLLM, and the number format."""

    dtype: str
    sequences: list[Encoded]
    scores: Scores


@dataclass
class VllmEngine(Engine):
    """An engine whose log-probs come from vLLM; it measures no rewards. `sample`: of the last texts asked for."""

    sample: Sample | None = None

    def logprobs(self, sequences: Sequence[Encoded], dtype: str) -> Scores:
        """As `Engine.logprobs`. The values never mix with those of transformers."""
        found = super().logprobs(sequences, f"vllm {dtype}")
        at = _by_chance(sequences, found)
        self.sample = Sample(dtype, [sequences[n] for n in at], Scores(found.value[at], found.tokens[at]))
        return found

    def rewards(self, sequences: Sequence[Encoded], dtype: str) -> Scores:
        """BadSpec: vLLM is asked for log-probs only."""
        raise BadSpec("rewards are measured with the transformers engine only; choose it.")

    def agreement(self, tick: Callable[[int, int], None]) -> dict[str, Any]:
        """Up to 64 of the texts by transformers too: `n`, and what `compared` says, or `why` nothing was compared."""
        if self.sample is None or not self.sample.sequences:
            return {"n": 0, "why": "no text has a value"}
        try:
            plain = Engine(self.folder, self.values, tick).logprobs(self.sample.sequences, self.sample.dtype)
        except (BadInput, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not loading.out_of_memory(error):
                raise
            return {"n": 0, "why": sentence(error)}
        return compared(self.sample.scores, plain)

    def _do(self, work: Work) -> None:
        longest = max(len(s.ids) for s in work.sequences)
        began = time.monotonic()
        model = self._opened(work.dtype.removeprefix("vllm "), longest)
        self.spent.loading += time.monotonic() - began
        try:
            self._fill(model, work)
        finally:
            _close(model)

    def _opened(self, dtype: str, longest: int) -> Any:
        """vLLM with room for the longest text and the token that it must write."""
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # a kill must leave no process that holds the GPU
        try:
            return loading.vllm(
                self.folder, dtype=dtype, max_model_len=longest + 1, generation_config="vllm", enforce_eager=True,
                enable_prefix_caching=False, max_num_batched_tokens=STEP_TOKENS, **PLACE[loading.device()],
            )  # fmt: skip
        except BadSpec as error:
            config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
            room = config.get("max_position_embeddings", math.inf)
            if longest < room or "max_model_len" not in str(error.__cause__):
                raise
            raise BadSpec(
                f"the longest text has {longest} tokens and vLLM needs room for one more, but the model has room for "
                f"{room}; choose max_length {room - 1} or less, or engine 'transformers'."
            ) from error

    def _fill(self, model: Any, work: Work) -> None:
        """Measures chunk by chunk; the values of each are kept at once."""
        total = sum(len(s.ids) for s in work.sequences)
        done, began = 0, time.monotonic()
        self.tick(0, total)
        for chunk in _chunks(work.sequences, CHUNK_TOKENS[loading.device()]):
            texts = [work.sequences[n] for n in chunk]
            self.values.add(work.names[chunk], _scores(model, texts))
            done += sum(len(s.ids) for s in texts)
            self.tick(done, total)
        self.spent.tokens += done
        self.spent.computing += time.monotonic() - began
        self.spent.memory = max(self.spent.memory, loading.peak_memory())


def _scores(model: Any, texts: Sequence[Encoded]) -> Scores:
    """Summed log-probs and scored tokens of the responses. JobFailed where vLLM breaks down."""
    from vllm import SamplingParams

    # No alternatives (0): the log-probs of the tokens themselves, in one flat list from the second token on.
    how = SamplingParams(max_tokens=1, prompt_logprobs=0, flat_logprobs=True, detokenize=False)
    try:
        outputs = model.generate([{"prompt_token_ids": s.ids} for s in texts], how, use_tqdm=False)
    except Exception as error:
        raise JobFailed(
            f"vLLM broke down ({sentence(error)[:200]}); the log says why. What was measured is kept: run it again, or "
            "choose engine 'transformers'."
        ) from error
    first = [max(len(s.prompt), 1) - 1 for s in texts]  # a first token without a prompt is not predicted
    scored = [output.prompt_logprobs.logprobs[start:] for output, start in zip(outputs, first, strict=True)]
    return Scores(np.array([math.fsum(s) for s in scored]), np.array([len(s) for s in scored], dtype=np.int64))


def _chunks(sequences: Sequence[Encoded], budget: int) -> Iterator[list[int]]:
    """Numbers of sequences, in their order, in chunks of at most `budget` tokens; a longer text is one of its own."""
    chunk: list[int] = []
    size = 0
    for number, sequence in enumerate(sequences):
        if chunk and size + len(sequence.ids) > budget:
            yield chunk
            chunk, size = [], 0
        chunk.append(number)
        size += len(sequence.ids)
    if chunk:
        yield chunk


def _close(model: Any) -> None:
    """Gives back what vLLM holds, so that transformers has the GPU to itself."""
    model.llm_engine.engine_core.shutdown()
    gc.collect()
    loading.free_memory()


def _by_chance(sequences: Sequence[Encoded], scores: Scores) -> list[int]:
    """The numbers of up to `COMPARED` distinct sequences with a value: always the same of the same texts."""
    names = {key("", s.prompt, s.response): n for n, s in enumerate(sequences) if np.isfinite(scores.value[n])}
    return [names[name] for name in heapq.nsmallest(COMPARED, names)]


def compared(ours: Scores, theirs: Scores) -> dict[str, Any]:
    """How far two engines' log-probs are apart: `n` texts, the largest and median |difference| in nats per token, and
    Spearman's rank correlation of the log-probs per token (left out below three texts, or where all are equal)."""
    from scipy.stats import rankdata

    both = np.stack((ours.value, theirs.value)) / ours.tokens
    apart = np.abs(both[0] - both[1])
    facts = {"n": len(apart), "largest_per_token": float(apart.max()), "median_per_token": float(np.median(apart))}
    ranks = rankdata(both, axis=1)
    if len(apart) < 3 or not ranks.std(axis=1).all():
        return facts
    return {**facts, "rank_correlation": round(float(np.corrcoef(ranks)[0, 1]), 6)}
