"""A model folder → tokenizer and model, on the device of this job."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from ..errors import BadSpec, sentence
from .rendering import give_template
from .resolve import is_reward_model

Dtype = Literal["float32", "bfloat16"]


def device() -> str:
    """`cuda` where the job was given a GPU, else `cpu`."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def out_of_memory(error: Exception) -> bool:
    """Whether a library ran out of memory, on a GPU or on the CPU."""
    return "out of memory" in (said := str(error).lower()) or "can't allocate memory" in said


def free_memory() -> None:
    """Gives back what a failed attempt left reserved on the GPU."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def peak_memory() -> int:
    """The most bytes this process has held: on its GPU where it has one, else in main memory."""
    import resource

    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def tokenizer(folder: Path, padding_side: str = "right") -> Any:
    """The tokenizer of a model folder, with a chat template and a padding token."""
    from transformers import AutoTokenizer

    with _said(folder, "tokenizer"):
        return give_template(AutoTokenizer.from_pretrained(folder, padding_side=padding_side))


def hidden_size(folder: Path) -> int:
    """The size of a model's hidden states, from its config alone."""
    from transformers import AutoConfig

    with _said(folder, "model"):
        return int(AutoConfig.from_pretrained(folder).get_text_config().hidden_size)


def causal(folder: Path, dtype: Dtype = "float32", *, random: bool = False, adapter: Path | None = None) -> Any:
    """A language model. `random`: from its config, with the random weights of the current torch seed.

    `adapter`: a LoRA adapter, merged into the weights.
    """
    from transformers import AutoModelForCausalLM

    if is_reward_model(folder):
        raise BadSpec(f"{folder} is a reward model and cannot write or weigh text; choose a language model.")
    with _said(folder, "language model"):
        model = _build(AutoModelForCausalLM, folder, dtype, random)
    # PEFT freezes what it adapts; a merged model is a model like any other.
    return adapted(model, adapter).merge_and_unload().requires_grad_(True) if adapter else model


def adapted(model: Any, adapter: Path) -> Any:
    """The model with a LoRA adapter that can be switched off; BadSpec where the two do not fit."""
    from peft import PeftModel

    with _said(adapter, "LoRA adapter"):
        return PeftModel.from_pretrained(model, str(adapter))


def rewarder(folder: Path, dtype: Dtype = "float32") -> Any:
    """A sequence-classification reward model with one output."""
    from transformers import AutoModelForSequenceClassification

    if not is_reward_model(folder):
        raise BadSpec(f"{folder} is no reward model (a sequence classifier); choose one, or train one first.")
    with _said(folder, "reward model"):
        model = _build(AutoModelForSequenceClassification, folder, dtype, False)
    if model.config.num_labels != 1:
        raise BadSpec(f"{folder} gives {model.config.num_labels} numbers per text; a reward model gives one.")
    return model


def untrained_rewarder(folder: Path, dtype: Dtype = "float32", *, random: bool = False) -> Any:
    """A language model's body with a new scalar head (random, by the current torch seed)."""
    from transformers import AutoModelForSequenceClassification

    with _said(folder, "model"):
        return _build(AutoModelForSequenceClassification, folder, dtype, random, num_labels=1)


def vllm(folder: Path, *, dtype: str, **options: Any) -> Any:
    """vLLM's offline `LLM` of a language model. BadSpec where it is not installed or cannot take the model."""
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")  # it would report to its makers
    if is_reward_model(folder):
        raise BadSpec(f"{folder} is a reward model and cannot write or weigh text; choose a language model.")
    if importlib.util.find_spec("vllm") is None:
        raise BadSpec(
            "engine 'vllm' is not installed here; on a GPU machine `make run GPU=1` adds it, elsewhere choose engine "
            "'transformers'."
        )
    try:
        from vllm import LLM

        return LLM(model=str(folder), dtype=dtype, **options)
    except Exception as error:
        said = sentence(error).rpartition("Value error, ")[2]  # without pydantic's preface
        raise BadSpec(f"vLLM cannot load {folder}: {said[:200]}; choose engine 'transformers'.") from error


def _build(auto: Any, folder: Path, dtype: Dtype, random: bool, **options: Any) -> Any:
    from transformers import AutoConfig
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # a log is read later, line by line
    if random:
        config = AutoConfig.from_pretrained(folder, **options)
        return auto.from_config(config, dtype=dtype)
    return auto.from_pretrained(folder, dtype=dtype, **options)


@contextlib.contextmanager
def _said(folder: Path, what: str) -> Iterator[None]:
    """Turns whatever a library says about a broken model folder into one sentence."""
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        raise BadSpec(f"cannot load a {what} from {folder}: {sentence(error)[:200]}") from error
    except RuntimeError as error:
        if "size mismatch" in str(error):
            raise BadSpec(
                f"the {what} in {folder.name} does not fit this model: its layers have other sizes."
            ) from error
        if not out_of_memory(error):
            raise
        raise BadSpec(f"the {what} in {folder} does not fit into memory; choose a smaller one.") from error
