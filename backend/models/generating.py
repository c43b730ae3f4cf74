"""Answers to prompts: transformers on CPU or GPU, vLLM where it is installed.

A batch's answers depend on the spec and the batch's number only, so a killed run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BadSpec
from ..specs import GenerateSpec, LocalModel
from ..tables import content_id
from . import loading
from .rendering import prompt_ids

BATCH = 128  # sequences written at a time
LONGEST = 1_000_000  # some tokenizers say "no limit" by an astronomic number


class Answer(NamedTuple):
    """One answer: the prompt's number, the sample's number, the text, its tokens, and whether it came to an end."""

    prompt: int
    sample: int
    text: str
    tokens: int
    ended: bool


class Asked(NamedTuple):
    """A prompt. `earlier`: of a later turn the numbers of the prompts before it, whose answers stand between its
    messages.
    """

    messages: Sequence[Mapping[str, str]]
    temperature: float
    earlier: tuple[int, ...] = ()


Kept = Sequence[Sequence[Any]]  # the answers of a batch, as they are or as a file gives them


def answers(
    spec: GenerateSpec, folder: Path, asked: Sequence[Asked], done: Mapping[int, Kept], adapter: Path | None = None
) -> Iterator[tuple[int, int, list[Answer]]]:
    """Yields (batch number, number of batches, answers) for every batch that is not `done`, first turns first."""
    batches = _batches(asked, spec.samples)
    said = {(p, s): text for batch in done.values() for p, s, text, *_ in batch}
    todo = [number for number in range(len(batches)) if number not in done]
    if not todo:
        return
    if spec.engine == "vllm" and adapter:
        raise BadSpec("vLLM is not given LoRA adapters here; choose engine 'transformers', or merge the adapter first.")
    write = _vllm(spec, folder) if spec.engine == "vllm" else _transformers(spec, folder, adapter)
    for number in todo:
        wanted, seed = batches[number], content_id("batch", spec.seed, number) % 2**31
        prompts = [_so_far(asked[p], [said[before, s] for before in asked[p].earlier]) for p, s in wanted]
        texts = write(prompts, asked[wanted[0][0]].temperature, seed)
        found = [Answer(p, s, *text) for (p, s), text in zip(wanted, texts, strict=True)]
        said |= {(one.prompt, one.sample): one.text for one in found}
        yield number, len(batches), found


def _batches(asked: Sequence[Asked], samples: int) -> list[list[tuple[int, int]]]:
    """(prompt, sample) of every answer, in batches of one turn and one temperature."""

    def kind(one: tuple[int, int]) -> tuple[int, float]:
        return len(asked[one[0]].earlier), asked[one[0]].temperature

    wanted = sorted(((p, s) for p in range(len(asked)) for s in range(samples)), key=kind)
    groups = [list(group) for _, group in groupby(wanted, kind)]
    return [group[i : i + BATCH] for group in groups for i in range(0, len(group), BATCH)]


def _so_far(one: Asked, said: Sequence[str]) -> list[Mapping[str, str]]:
    """The messages of a prompt, each answered but the last where they are turns of a conversation."""
    if not said:
        return list(one.messages)
    answered = zip(one.messages, said, strict=False)
    turns = [part for message, text in answered for part in (message, {"role": "assistant", "content": text})]
    return [*turns, one.messages[-1]]


Written = tuple[str, int, bool]


def _transformers(spec: GenerateSpec, folder: Path, adapter: Path | None) -> Any:
    import torch

    tokenizer = loading.tokenizer(folder, padding_side="left")
    random = isinstance(spec.model, LocalModel) and spec.model.random
    torch.manual_seed(spec.seed)
    model = loading.causal(folder, spec.dtype, random=random, adapter=adapter).eval().to(loading.device())
    room = getattr(model.config, "max_position_embeddings", LONGEST)
    ends = _ends(model, tokenizer)

    def write(prompts: list[Any], temperature: float, seed: int) -> list[Written]:
        sampling = {"do_sample": True, "temperature": temperature, "top_p": spec.top_p, "top_k": 0}
        encoded = [prompt_ids(tokenizer, prompt) for prompt in prompts]
        _check_room(max(map(len, encoded)), spec.max_new_tokens, room)
        batch = tokenizer.pad({"input_ids": encoded}, padding=True, return_tensors="pt").to(model.device)
        torch.manual_seed(seed)
        with torch.inference_mode():
            written = model.generate(
                **batch, max_new_tokens=spec.max_new_tokens, pad_token_id=tokenizer.pad_token_id, eos_token_id=ends,
                **(sampling if temperature else {"do_sample": False}),
            )  # fmt: skip
        return [_text(tokenizer, row, ends) for row in written[:, batch["input_ids"].shape[1] :].tolist()]

    return write


def _check_room(prompt: int, new: int, room: int) -> None:
    if prompt + new > room:
        raise BadSpec(
            f"the longest prompt has {prompt} tokens and max_new_tokens is {new}, but the model has room for {room}; "
            f"choose max_new_tokens {max(room - prompt, 0)} or less, or shorter prompts."
        )


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """Every token that ends an answer, by the model's generation settings and by the tokenizer."""
    named = getattr(model.generation_config, "eos_token_id", None)
    named = [named] if isinstance(named, int) else list(named or [])
    return list(dict.fromkeys([*named, *([tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else [])]))


def _text(tokenizer: Any, ids: list[int], ends: list[int]) -> Written:
    stop = next((i for i, token in enumerate(ids) if token in ends), None)
    kept = ids if stop is None else ids[:stop]
    return tokenizer.decode(kept, skip_special_tokens=True).strip(), len(kept), stop is not None


def _vllm(spec: GenerateSpec, folder: Path) -> Any:
    if isinstance(spec.model, LocalModel) and spec.model.random:
        raise BadSpec("vLLM cannot start from random weights; choose engine 'transformers'.")
    tokenizer = loading.tokenizer(folder)
    model = loading.vllm(folder, dtype=spec.dtype, seed=spec.seed)
    from vllm import SamplingParams

    def write(prompts: list[Any], temperature: float, seed: int) -> list[Written]:
        sampling = [
            SamplingParams(temperature=temperature, top_p=spec.top_p, max_tokens=spec.max_new_tokens, seed=seed + i)
            for i in range(len(prompts))
        ]
        asked = [{"prompt_token_ids": prompt_ids(tokenizer, prompt)} for prompt in prompts]
        outputs = [request.outputs[0] for request in model.generate(asked, sampling, use_tqdm=False)]
        return [(o.text.strip(), len(o.token_ids), o.finish_reason == "stop") for o in outputs]

    return write
