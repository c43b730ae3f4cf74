"""One pass over many responses, side by side and padded: for models that `packed` refuses. The same functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .rendering import Encoded

SCALED = ("logit_scale", "logits_scaling", "final_logit_softcapping")  # models that change their logits after the head


def plan(sequences: Sequence[Encoded], budget: int) -> list[list[int]]:
    """Batches of about `budget` padded tokens, longest first."""
    batches: list[list[int]] = []
    for number in sorted(range(len(sequences)), key=lambda i: (-len(sequences[i].ids), i)):
        if batches and (len(batches[-1]) + 1) * len(sequences[batches[-1][0]].ids) <= budget:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def tokens(batch: Sequence[Encoded]) -> int:
    """How many tokens a batch computes, padding included."""
    return len(batch) * max((len(s.ids) for s in batch), default=0)


def logprobs(model: Any, batch: Sequence[Encoded]) -> tuple[Any, Any]:
    """Summed log-probs (float64[n]) and scored tokens (int64[n]) of the responses of a batch, on the model's device."""
    import torch

    rows: list[int] = []
    columns: list[int] = []
    for row, s in enumerate(batch):
        start = max(len(s.prompt), 1)
        columns += range(start - 1, len(s.ids) - 1)
        rows += [row] * (len(s.ids) - start)
    ids, mask = _padded(batch, model)
    at, before = (torch.tensor(part, dtype=torch.long, device=ids.device) for part in (rows, columns))
    with torch.inference_mode():
        logits = _logits(model, ids, mask, at, before).float()
        chosen = logits.gather(1, ids[at, before + 1].unsqueeze(1)).squeeze(1) - logits.logsumexp(1)
        sums = torch.zeros(len(batch), dtype=torch.float64, device=ids.device).index_add_(0, at, chosen.double())
    return sums, torch.bincount(at, minlength=len(batch))


def rewards(model: Any, batch: Sequence[Encoded]) -> tuple[Any, Any]:
    """Rewards (float64[n]) and tokens (int64[n]) of the responses of a batch."""
    import torch

    ids, mask = _padded(batch, model)
    with torch.inference_mode():
        found = model(input_ids=ids, attention_mask=mask).logits.squeeze(-1).double()
    return found, torch.tensor([len(s.response) for s in batch], device=ids.device)


def embeddings(model: Any, batch: Sequence[Encoded]) -> tuple[Any, Any]:
    """Last hidden states (float32[n, size]) at the last token, and tokens (int64[n]), of the responses of a batch."""
    import torch

    ids, mask = _padded(batch, model)
    with torch.inference_mode():
        hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        found = hidden[torch.arange(len(batch)), mask.sum(dim=1) - 1].float()
    return found, torch.tensor([len(s.response) for s in batch], device=ids.device)


def _logits(model: Any, ids: Any, mask: Any, at: Any, before: Any) -> Any:
    """Logits at the given positions only; of all positions where a model scales them in a way of its own."""
    if any(getattr(model.config, name, None) for name in SCALED):
        return model(input_ids=ids, attention_mask=mask).logits[at, before]
    hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
    return model.get_output_embeddings()(hidden[at, before])


def _padded(batch: Sequence[Encoded], model: Any) -> tuple[Any, Any]:
    import torch

    width, pad = max(1, *(len(s.ids) for s in batch)), model.config.pad_token_id or 0
    ids = torch.tensor([s.ids + [pad] * (width - len(s.ids)) for s in batch], device=model.device)
    mask = torch.tensor([[1] * len(s.ids) + [0] * (width - len(s.ids)) for s in batch], device=model.device)
    return ids, mask
