"""Log-probs and rewards of many responses: in packs that share prompts, or by a plain padded pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..measures import Item, Value
from . import loading, packed
from .loading import Dtype
from .rendering import Encoded, encode

TOKEN_BUDGET = 8192  # padded tokens in one forward pass
PACK_TOKENS = 4096  # tokens of a pack


def logprobs(
    items: Sequence[Item], folder: Path, *, max_length: int, dtype: Dtype, alone: bool = False
) -> Iterator[list[Value]]:
    """Summed log-prob of each response's tokens, its end token included, in nats.

    `alone`: without the prompt. Then the tokenizer's BOS token stands before the response where it has one; without
    one the first token has no context and is not scored. NaN where the prompt leaves no room for any response token.
    """
    import torch

    tokenizer = loading.tokenizer(folder)
    model = loading.causal(folder, dtype).eval().to(loading.device())
    encoded = [encode(tokenizer, item.prompt, item.response, max_length) for item in items]
    sequences = [_alone(e, tokenizer.bos_token_id) if alone else e for e in encoded]
    if packed.fits(model, max((len(s.ids) for s in sequences), default=0)):
        yield from _in_packs(model, sequences)
        return
    for batch in _batches(sequences):
        with torch.inference_mode():
            yield _weigh(model, [sequences[i] for i in batch], batch, tokenizer.pad_token_id)


def _in_packs(model: Any, sequences: Sequence[Encoded]) -> Iterator[list[Value]]:
    for pack in packed.packs(packed.groups(sequences), PACK_TOKENS):
        numbers, sums, tokens = packed.logprobs(model, pack)
        yield [
            Value(number, total if count else float("nan"), count, sequences[number].cut)
            for number, total, count in zip(numbers, sums, tokens, strict=True)
        ]


def _alone(encoded: Encoded, bos: int | None) -> Encoded:
    first = [bos] if bos is not None else encoded.response[:1]
    return Encoded(first, encoded.response if bos is not None else encoded.response[1:], encoded.cut)


def _weigh(model: Any, sequences: Sequence[Encoded], numbers: Sequence[int], pad: int) -> list[Value]:
    """One forward pass; the head is applied only where a response token is predicted."""
    import torch

    ids, mask = _padded([s.ids for s in sequences], pad, model.device)
    rows: list[int] = []
    columns: list[int] = []
    for row, s in enumerate(sequences):
        start = max(len(s.prompt), 1)
        columns += range(start - 1, len(s.prompt) + len(s.response) - 1)
        rows += [row] * (len(s.prompt) + len(s.response) - start)
    at, before = (torch.tensor(part, dtype=torch.long, device=ids.device) for part in (rows, columns))
    logits = _logits(model, ids, mask, at, before).float()
    chosen = logits.gather(1, ids[at, before + 1].unsqueeze(1)).squeeze(1) - logits.logsumexp(1)
    sums = torch.zeros(len(sequences), dtype=torch.float64, device=ids.device).index_add_(0, at, chosen.double())
    counts = torch.bincount(at, minlength=len(sequences)).tolist()
    return [
        Value(number, total if count else float("nan"), count, s.cut)
        for number, total, count, s in zip(numbers, sums.tolist(), counts, sequences, strict=True)
    ]


def _logits(model: Any, ids: Any, mask: Any, at: Any, before: Any) -> Any:
    """Logits at the given positions only; of all positions where a model scales them in a way of its own."""
    if any(getattr(model.config, name, None) for name in ("logit_scale", "logits_scaling", "final_logit_softcapping")):
        return model(input_ids=ids, attention_mask=mask).logits[at, before]
    hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
    return model.get_output_embeddings()(hidden[at, before])


def rewards(items: Sequence[Item], folder: Path, *, max_length: int, dtype: Dtype) -> Iterator[list[Value]]:
    """The reward of each prompt and response, from a sequence classifier with one output."""
    import torch

    tokenizer = loading.tokenizer(folder)
    model = loading.rewarder(folder, dtype).eval().to(loading.device())
    model.config.pad_token_id = tokenizer.pad_token_id
    sequences = [encode(tokenizer, item.prompt, item.response, max_length) for item in items]
    for batch in _batches(sequences):
        ids, mask = _padded([sequences[i].ids for i in batch], tokenizer.pad_token_id, model.device)
        with torch.inference_mode():
            values = model(input_ids=ids, attention_mask=mask).logits.squeeze(-1).double().tolist()
        yield [Value(i, v, len(sequences[i].response), sequences[i].cut) for i, v in zip(batch, values, strict=True)]


def _batches(sequences: Sequence[Encoded]) -> Iterable[list[int]]:
    """Numbers of the sequences, longest first (memory fails at once or not at all), about `TOKEN_BUDGET` a batch."""
    batch: list[int] = []
    for number in sorted(range(len(sequences)), key=lambda i: (-len(sequences[i].ids), i)):
        if batch and (len(batch) + 1) * len(sequences[batch[0]].ids) > TOKEN_BUDGET:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _padded(rows: Sequence[list[int]], pad: int, device: Any) -> tuple[Any, Any]:
    import torch

    width = max(1, *(len(row) for row in rows)) if rows else 1
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=device)
    return ids, mask
