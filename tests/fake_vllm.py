"""A stand-in for the module `vllm`: its log-prob of token t is −t / 10, and NaN of token 99."""

from __future__ import annotations

import importlib.machinery
import math
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class FakeLLM:
    """Remembers what it was started with and asked for; breaks down in call number `breaks`."""

    started: list[FakeLLM] = []  # noqa: RUF012
    breaks: int | None = None

    def __init__(self, model: str, **options: Any) -> None:
        self.model, self.options, self.asked, self.closed = model, options, [], False
        self.llm_engine = SimpleNamespace(engine_core=SimpleNamespace(shutdown=lambda: setattr(self, "closed", True)))
        FakeLLM.started.append(self)

    def generate(self, prompts: list[dict[str, list[int]]], how: Any, use_tqdm: bool) -> list[Any]:
        assert (how.max_tokens, how.prompt_logprobs, how.flat_logprobs) == (1, 0, True)
        assert max(len(p["prompt_token_ids"]) for p in prompts) < self.options["max_model_len"]
        if len(self.asked) == self.breaks:
            raise RuntimeError("CUDA out of memory")
        self.asked.append([p["prompt_token_ids"] for p in prompts])
        return [SimpleNamespace(prompt_logprobs=SimpleNamespace(logprobs=_scored(ids))) for ids in self.asked[-1]]


def _scored(ids: list[int]) -> list[float]:
    """From the second token on, as vLLM's flat list has them."""
    return [math.nan if token == 99 else -token / 10 for token in ids[1:]]


def installed(monkeypatch: pytest.MonkeyPatch) -> type[FakeLLM]:
    """Puts the stand-in where `import vllm` finds it."""
    module = ModuleType("vllm")
    module.__spec__ = importlib.machinery.ModuleSpec("vllm", None)
    module.LLM, module.SamplingParams = FakeLLM, SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", module)
    monkeypatch.setattr(FakeLLM, "started", [])
    monkeypatch.setattr(FakeLLM, "breaks", None)
    return FakeLLM
