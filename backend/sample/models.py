"""The sample's model folders: a tiny Llama's config and a word-level tokenizer with a chat template; no weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from . import phrases
from .world import FAMILIES, PREFIXES, facts, questions

SPECIAL = ("<pad>", "<unk>", "<eos>", "<user>", "<bot>")
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}<user> {{ message['content'] }} "
    "{% else %}<bot> {% generation %}{{ message['content'] }} <eos>{% endgeneration %} {% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<bot> {% endif %}"
)


def words() -> list[str]:
    """Every word of the sample, in the order of its first use."""
    fixed = itertools.chain.from_iterable(getattr(phrases, name) for name in sorted(dir(phrases)) if name.isupper())
    texts: Iterable[str] = itertools.chain(
        PREFIXES,
        questions(),
        fixed,
        (" , and",),
        (f.explanation for f in FAMILIES),
        (body.format("", "", all="") for f in FAMILIES for body in f.bodies),
        (part for fact in facts() for part in fact.parts),
    )
    return list(dict.fromkeys(word for text in texts for word in text.split()))


def tokenizer() -> dict[str, dict[str, Any]]:
    """`tokenizer.json` and `tokenizer_config.json`."""
    vocabulary = {word: i for i, word in enumerate((*SPECIAL, *words()))}
    added = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True}
        for i, token in enumerate(SPECIAL)
    ]  # fmt: skip
    model = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }  # fmt: skip
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "<eos>",
        "padding_side": "left", "model_max_length": 128, "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }  # fmt: skip
    return {"tokenizer.json": model, "tokenizer_config.json": config}


def llama(hidden: int) -> dict[str, Any]:
    """A Llama of two layers. Weights start wider than usual (0.08): a model this small learns nothing from 0.02."""
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": len(SPECIAL) + len(words()),
        "hidden_size": hidden, "intermediate_size": 3 * hidden, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 4, "max_position_embeddings": 128, "initializer_range": 0.08,
        "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "rms_norm_eps": 1e-5,
        "pad_token_id": 0, "bos_token_id": None, "eos_token_id": 2, "use_cache": True,
    }  # fmt: skip
