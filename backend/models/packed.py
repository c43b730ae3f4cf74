"""Log-probs of many responses in one pass: prompts are computed once and nothing is padded.

A pack is one row `[P | R1 | R2 … | P' | R1' …]`: each prompt followed by all its responses, whose positions go on from
the prompt. Attention goes through transformers' attention registry: `[P | R1]` is one causal segment; each further
response attends to its prompt and, causally, to itself. Hidden states meet the vocabulary only where a response token
is predicted, some rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .rendering import Encoded

NAME = "winnow_shared_prompt"
HEAD_ROWS = 1024  # rows of the vocabulary's logits at a time
# Models that do something to their logits or attention scores that a pack does not; they take the plain path.
OWN_WAYS = ("logit_scale", "logits_scaling", "final_logit_softcapping", "attn_logit_softcapping")


@dataclass(frozen=True)
class Group:
    """A prompt with all its responses. `numbers`: which sequences they are."""

    prompt: tuple[int, ...]
    responses: list[list[int]]
    numbers: list[int]

    @property
    def tokens(self) -> int:
        """How many tokens are computed."""
        return len(self.prompt) + sum(map(len, self.responses))


@dataclass(frozen=True)
class Segment:
    """Where a group lies in a pack: its start, the prompt's length, the lengths of its responses."""

    start: int
    prompt: int
    responses: tuple[int, ...]


def fits(model: Any, longest: int) -> bool:
    """Whether this model can be measured in packs: its attention goes through the registry and sees everything."""
    config = model.config
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    return (
        bool(getattr(model, "_supports_attention_backend", False))
        and not any(getattr(config, name, None) for name in OWN_WAYS)
        and (window is None or window >= longest)
    )


def groups(sequences: Sequence[Encoded]) -> list[Group]:
    """Sequences with the same prompt together, the largest groups first."""
    by_prompt: dict[tuple[int, ...], Group] = {}
    for number, sequence in enumerate(sequences):
        prompt = tuple(sequence.prompt)
        group = by_prompt.setdefault(prompt, Group(prompt, [], []))
        group.responses.append(sequence.response)
        group.numbers.append(number)
    return sorted(by_prompt.values(), key=lambda g: (-g.tokens, g.numbers[0]))


def packs(of: Sequence[Group], budget: int) -> Iterator[list[Group]]:
    """Groups of about `budget` tokens together; a larger group is a pack of its own."""
    pack: list[Group] = []
    size = 0
    for group in of:
        if pack and size + group.tokens > budget:
            yield pack
            pack, size = [], 0
        pack.append(group)
        size += group.tokens
    if pack:
        yield pack


def logprobs(model: Any, pack: Sequence[Group]) -> tuple[list[int], list[float], list[int]]:
    """Sequence numbers, summed log-probs (float64) and scored tokens of every response in a pack."""
    import torch

    ids, positions, segments = _laid_out(pack)
    at, target, owner = _predictions(pack, segments)
    with attention_of(model), torch.inference_mode():
        row = torch.tensor([ids], device=model.device)
        place = torch.tensor([positions], device=model.device)
        hidden = model.base_model(input_ids=row, position_ids=place, use_cache=False, segments=segments)[0][0]
        chosen = _chosen(model, hidden, torch.tensor(at, dtype=torch.long), torch.tensor(target, dtype=torch.long))
    count = sum(len(group.numbers) for group in pack)
    owners = torch.tensor(owner, dtype=torch.long)
    sums = torch.zeros(count, dtype=torch.float64).index_add_(0, owners, chosen.double().cpu())
    tokens = torch.bincount(owners, minlength=count)
    return [number for group in pack for number in group.numbers], sums.tolist(), tokens.tolist()


def _laid_out(pack: Sequence[Group]) -> tuple[list[int], list[int], list[Segment]]:
    ids: list[int] = []
    positions: list[int] = []
    segments = []
    for group in pack:
        size = len(group.prompt)
        segments.append(Segment(len(ids), size, tuple(map(len, group.responses))))
        ids += group.prompt
        positions += range(size)
        for response in group.responses:
            ids += response
            positions += range(size, size + len(response))
    return ids, positions, segments


def _predictions(pack: Sequence[Group], segments: Sequence[Segment]) -> tuple[list[int], list[int], list[int]]:
    """Which position predicts which token of which response. A first token without a prompt is not predicted."""
    at: list[int] = []
    target: list[int] = []
    owner: list[int] = []
    response_number = 0
    for group, segment in zip(pack, segments, strict=True):
        start = segment.start + segment.prompt
        for response in group.responses:
            first = 0 if segment.prompt else 1
            before = [segment.start + segment.prompt - 1, *range(start, start + len(response) - 1)]
            at += before[first : len(response)]
            target += response[first:]
            owner += [response_number] * len(response[first:])
            start += len(response)
            response_number += 1
    return at, target, owner


def _chosen(model: Any, hidden: Any, at: Any, target: Any) -> Any:
    """The log-prob of each target: logit − log-sum-exp in float32."""
    import torch

    head, parts = model.get_output_embeddings(), []
    for rows, wanted in zip(at.split(HEAD_ROWS), target.split(HEAD_ROWS), strict=True):
        logits = head(hidden[rows.to(hidden.device)]).float()
        found = logits.gather(1, wanted.to(hidden.device).unsqueeze(1)).squeeze(1)
        parts.append(found - logits.logsumexp(1))
    return torch.cat(parts) if parts else torch.zeros(0)


class attention_of:  # noqa: N801
    """Within it, the model attends by segments."""

    def __init__(self, model: Any) -> None:
        from transformers import AttentionInterface

        AttentionInterface.register(NAME, _attend)
        self.model, self.before = model, model.config._attn_implementation

    def __enter__(self) -> None:
        self.model.config._attn_implementation = NAME

    def __exit__(self, *error: object) -> None:
        self.model.config._attn_implementation = self.before


def _attend(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float | None = None,
    segments: Sequence[Segment] = (), **_: Any,
) -> tuple[Any, None]:  # fmt: skip
    """Attention over the segments of one row: [1, heads, tokens, size] → [1, tokens, heads, size]."""
    import torch
    from torch.nn.attention.bias import causal_lower_right
    from torch.nn.functional import scaled_dot_product_attention as attend

    shared = {"scale": scaling, "enable_gqa": query.shape[1] != key.shape[1]}
    parts = []
    for segment in segments:
        prompt = slice(segment.start, segment.start + segment.prompt)
        first = segment.responses[0] if segment.responses else 0
        end = prompt.stop + first
        whole = slice(prompt.start, end)
        if end > prompt.start:
            q, k, v = (part[:, :, whole] for part in (query, key, value))
            parts.append(attend(q, k, v, is_causal=True, **shared))
        for length in segment.responses[1:]:
            own = slice(end, end + length)
            end += length
            if length:
                keys, values = (torch.cat((part[:, :, prompt], part[:, :, own]), dim=2) for part in (key, value))
                mask = causal_lower_right(length, length + segment.prompt)
                parts.append(attend(query[:, :, own], keys, values, attn_mask=mask, **shared))
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None
