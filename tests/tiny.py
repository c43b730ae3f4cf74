"""Tiny things that are real: a byte-level Llama, and load runs written without loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend import jobs, specs, tables
from backend.registry import Call
from backend.workspace import Workspace

TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}"
    "{% if m['role'] == 'assistant' %}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def model_folder(place: Path, *, seed: int = 0, template: str | None = TEMPLATE, **config: Any) -> Path:
    """A Llama of two layers over bytes, with random weights, saved as transformers saves it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<pad>", "</s>", "<user>", "<assistant>", "<system>"]
    alphabet = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    raw = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    raw.add_special_tokens(special)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="</s>")
    tokenizer.chat_template = template
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
             "max_position_embeddings": 512, **config}  # fmt: skip
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(alphabet), pad_token_id=0, eos_token_id=1, **shape))
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


def local_model(ws: Workspace, place: Path, **config: Any) -> specs.LocalModel:
    """A reference to a fresh tiny model."""
    return specs.LocalModel(sha256=ws.adopt(model_folder(place, **config)))


def ask(question: str) -> list[dict[str, str]]:
    """A prompt of one user message."""
    return [{"role": "user", "content": question}]


def pool(ws: Workspace, pairs: list[tuple[str, str, str]], held_out: int = 0) -> str:
    """A finished load run of (question, chosen, rejected); the last `held_out` pairs are set aside."""
    spec = specs.LoadSpec(
        source=specs.FileSource(sha256=f"{tables.content_id(str(pairs), held_out):064x}", suffix="jsonl"),
        format=Call(name="preference"),
    )
    prompts: dict[int, Any] = {}
    responses: dict[int, Any] = {}
    rows = []
    for number, (question, *sides) in enumerate(pairs):
        p = tables.prompt_id(ask(question))
        prompts[p] = {"prompt_id": p, "prompt": ask(question)}
        ids = [tables.response_id(p, text, "dataset") for text in sides]
        for i, text in zip(ids, sides, strict=True):
            responses[i] = {"response_id": i, "prompt_id": p, "response": text, "author": "dataset", "sample": 0}
        split = "held_out" if number >= len(pairs) - held_out else None
        rows.append({"pair_id": tables.pair_id(p, *ids, number), "prompt_id": p, "chosen_id": ids[0],
                     "rejected_id": ids[1], "label_source": "dataset", "split": split})  # fmt: skip
    contents = {"prompts": list(prompts.values()), "responses": list(responses.values()), "pairs": rows}
    return finished(ws, spec, **{name: tables.build(name, part) for name, part in contents.items()})


def finished(ws: Workspace, spec: Any, summary: dict[str, Any] | None = None, **contents: Any) -> str:
    """A finished run with these tables."""
    ws.write(ws.folder(spec.id) / "spec.json", lambda p: p.write_text(spec.canonical()))
    for name, table in contents.items():
        ws.write_table(spec.id, name, table)
    ws.write_json(ws.folder(spec.id) / "result.json", {"outcome": "finished", "summary": summary or {}})
    return spec.id


def asked(ws: Workspace, spec: Any) -> jobs.Job:
    """A job for a spec, to be run in this process."""
    ws.write(ws.folder(spec.id) / "spec.json", lambda p: p.write_text(spec.canonical()))
    return jobs.Job(ws, spec.id, spec)
