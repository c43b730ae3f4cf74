"""Device turns: which GPUs this machine has, and which run may use which.

A measure run takes every GPU that is free, one process each; any other model run takes one. Without a GPU, model runs
share `WINNOW_JOBS` slots (default: the cores, at most 2), each on one OpenMP thread: two spinning OpenMP pools on
shared cores are many times slower than two single threads.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .errors import BadSpec

VLLM = ("-m", "vllm.entrypoints.openai.api_server")  # `vllm serve`, but also in rebuilds that lack the command
LIGHT_SLOTS = 4  # runs that need no model: load, select, pair, and judging over HTTP


@cache
def gpus() -> tuple[int, ...]:
    """The indices of the GPUs to share out: CUDA_VISIBLE_DEVICES where set, else what nvidia-smi lists."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(int(index) for index in visible.split(",") if index.strip().isdigit())
    if not shutil.which("nvidia-smi"):
        return ()
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return tuple(range(sum(line.startswith("GPU ") for line in listing.stdout.splitlines())))


@cache
def machine() -> str:
    """What this machine computes with, in words: its GPUs, or its processor and the number of cores."""
    if gpus():
        query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        names = subprocess.run(query, capture_output=True, text=True, check=False).stdout.split("\n")
        return f"{len(gpus())} × {names[0].strip() or 'GPU'}"
    info = Path("/proc/cpuinfo")
    lines = info.read_text(errors="replace").split("\n") if info.exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} cores"


def cpu_slots() -> int:
    """How many model runs share the CPU at a time."""
    return int(os.environ.get("WINNOW_JOBS") or min(2, os.cpu_count() or 1))


def measure_processes() -> int:
    """How many processes a measure run starts on a machine without a GPU."""
    return int(os.environ.get("WINNOW_MEASURE_PROCESSES") or 1)


def vllm_server() -> list[str]:
    """The command that starts vLLM's OpenAI-compatible server here; BadSpec where there is none.

    `WINNOW_VLLM` names it where vLLM lies in an environment of its own, or needs options that this machine asks for.
    """
    own = shlex.split(os.environ.get("WINNOW_VLLM", ""))
    if own and not shutil.which(own[0]):
        raise BadSpec(f"WINNOW_VLLM begins with {own[0]!r}, which is no program on this machine; correct or unset it.")
    if not own and importlib.util.find_spec("vllm") is None:
        raise BadSpec(
            "vLLM, which serves a judge model on this machine, is not installed: on a GPU machine `make run GPU=1` "
            f"adds it; where another Python has it, set WINNOW_VLLM='/path/to/python {shlex.join(VLLM)}'."
        )
    return own or [sys.executable, *VLLM]


def wants_model(spec: Any) -> bool:
    """Whether a run computes with a model on this machine."""
    if spec.kind in ("train", "generate"):
        return True
    if spec.kind == "estimate":
        return wants_model(spec.of)
    if spec.kind == "judge":
        return spec.judge.name == "reward_model" or spec.served is not None
    return spec.kind == "measure" and spec.model is not None


@dataclass(frozen=True)
class Turn:
    """What a running run occupies: a model's place (on its GPUs, or on the CPU), or one of the light places."""

    model: bool = False
    gpus: list[int] = field(default_factory=list)


def free_turn(spec: Any, busy: list[Turn]) -> Turn | None:
    """The turn a run may take now, beside those that are taken; None where it has to wait."""
    models = sum(turn.model for turn in busy)
    if not wants_model(spec):
        return Turn() if len(busy) - models < LIGHT_SLOTS else None
    if gpus():
        held = {index for turn in busy for index in turn.gpus}
        free = [index for index in gpus() if index not in held]
        return Turn(model=True, gpus=free if spec.kind == "measure" else free[:1]) if free else None
    return Turn(model=True) if models < cpu_slots() else None


def environment(turn: Turn) -> dict[str, str]:
    """The environment of a job: its GPUs and no others, one OpenMP thread unless the user says otherwise."""
    fixed = {"CUDA_VISIBLE_DEVICES": ",".join(map(str, turn.gpus)), "PYTHONUNBUFFERED": "1"}
    quiet = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return {**quiet, **os.environ, **fixed}
