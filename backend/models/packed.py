"""One pass over many responses: prompts are computed once and nothing is padded.

A pack is one row `[P | R1 | R2 … | P' | R1' …]`: each prompt followed by its responses, whose positions go on from the
prompt. Attention goes through transformers' attention registry: `[P | R1]` is one causal segment; each further response
attends to its prompt and, causally, to itself. Log-probs: hidden states meet the vocabulary only where a response token
is predicted, some rows at a time. Rewards: the head meets the last token of each response. Embeddings are that token's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .rendering import Encoded

NAME = "winnow_shared_prompt"
HEAD_ROWS = 1024  # rows of the vocabulary's logits at a time
# Models that do something to their logits or attention scores that a pack does not; they take the plain path.
OWN_WAYS = ("logit_scale", "logits_scaling", "final_logit_softcapping", "attn_logit_softcapping")


@dataclass(frozen=True)
class Segment:
    """Where a prompt and its responses lie in a pack: the start, and the lengths of all."""

    start: int
    prompt: int
    responses: tuple[int, ...]


def refusal(model: Any, longest: int) -> str:
    """Why a model cannot be measured in packs, in words; empty where it can."""
    config = model.config
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    if not getattr(model, "_supports_attention_backend", False):
        return "its attention does not go through transformers' registry"
    if name := next((name for name in OWN_WAYS if getattr(config, name, None)), None):
        return f"it changes its scores in a way of its own ({name})"
    if window is not None and window < longest:
        return f"its attention sees {window} tokens at a time, and the longest text has {longest}"
    return ""


def fits(model: Any, longest: int) -> bool:
    """Whether this model can be measured in packs."""
    return not refusal(model, longest)


def plan(sequences: Sequence[Encoded], budget: int) -> list[list[int]]:
    """Packs of about `budget` tokens, as numbers of sequences: those with one prompt together, large ones first.

    More responses to a prompt than fit are shared out over several packs; a sequence longer than the budget is a pack
    of its own. The same sequences give the same packs, so that work can be split and repeated.
    """
    by_prompt: dict[tuple[int, ...], list[int]] = {}
    for number, sequence in enumerate(sequences):
        by_prompt.setdefault(tuple(sequence.prompt), []).append(number)
    parts = [part for group in by_prompt.values() for part in _filled([[n] for n in group], sequences, budget)]
    parts.sort(key=lambda part: (-tokens([sequences[n] for n in part]), part[0]))
    return list(_filled(parts, sequences, budget))


def _filled(parts: Sequence[list[int]], sequences: Sequence[Encoded], budget: int) -> Iterator[list[int]]:
    """Parts in their order, joined up to the budget."""
    joined: list[int] = []
    size, prompt = 0, None
    for part in parts:
        first = sequences[part[0]]
        more = tokens([sequences[n] for n in part])
        shared = len(first.prompt) if joined and first.prompt == prompt else 0
        if joined and size + more - shared > budget:
            yield joined
            joined, size, shared = [], 0, 0
        joined, size, prompt = joined + part, size + more - shared, sequences[part[-1]].prompt
    if joined:
        yield joined


def tokens(pack: Sequence[Encoded]) -> int:
    """How many tokens a pack computes: neighbours with the same prompt share it."""
    return sum(len(prompt) + sum(len(s.response) for s in of) for prompt, of in groupby(pack, lambda s: s.prompt))


def logprobs(model: Any, pack: Sequence[Encoded]) -> tuple[Any, Any]:
    """Summed log-probs (float64[n]) and scored tokens (int64[n]) of the responses of a pack, on the model's device."""
    import torch

    segments = _segments(pack)
    at, target, owner = _predictions(pack, segments)
    on = lambda numbers: torch.tensor(numbers, dtype=torch.long, device=model.device)  # noqa: E731
    with torch.inference_mode():
        chosen = _chosen(model, _hidden(model, pack, segments), on(at), on(target)).double()
        sums = torch.zeros(len(pack), dtype=torch.float64, device=model.device).index_add_(0, on(owner), chosen)
        return sums, torch.bincount(on(owner), minlength=len(pack))


def rewards(model: Any, pack: Sequence[Encoded]) -> tuple[Any, Any]:
    """Rewards (float64[n]) and tokens (int64[n]) of the responses of a pack."""
    import torch

    segments = _segments(pack)
    with torch.inference_mode():
        hidden = _hidden(model, pack, segments)
        found = model.score(hidden[_last(pack, segments, model.config.pad_token_id)]).squeeze(-1).double()
        return found, torch.tensor([len(s.response) for s in pack], device=model.device)


def embeddings(model: Any, pack: Sequence[Encoded]) -> tuple[Any, Any]:
    """Last hidden states (float32[n, size]) at the last token, and tokens (int64[n]), of the responses of a pack."""
    import torch

    segments = _segments(pack)
    with torch.inference_mode():
        found = _hidden(model, pack, segments)[_last(pack, segments, None)].float()
        return found, torch.tensor([len(s.response) for s in pack], device=model.device)


def _hidden(model: Any, pack: Sequence[Encoded], segments: Sequence[Segment]) -> Any:
    """The last hidden states of a pack: [tokens, size]."""
    import torch

    ids: list[int] = []
    positions: list[int] = []
    for prompt, of in groupby(pack, lambda s: s.prompt):
        ids += prompt
        positions += range(len(prompt))
        for sequence in of:
            ids += sequence.response
            positions += range(len(prompt), len(prompt) + len(sequence.response))
    row, place = (torch.tensor([numbers], device=model.device) for numbers in (ids, positions))
    with attention_of(model):
        return model.base_model(input_ids=row, position_ids=place, use_cache=False, segments=segments)[0][0]


def _segments(pack: Sequence[Encoded]) -> list[Segment]:
    segments, start = [], 0
    for prompt, of in groupby(pack, lambda s: s.prompt):
        lengths = tuple(len(s.response) for s in of)
        segments.append(Segment(start, len(prompt), lengths))
        start += len(prompt) + sum(lengths)
    return segments


def _starts(segments: Sequence[Segment]) -> Iterator[tuple[Segment, int]]:
    """Every response's segment and the place of its first token."""
    for segment in segments:
        start = segment.start + segment.prompt
        for length in segment.responses:
            yield segment, start
            start += length


def _predictions(pack: Sequence[Encoded], segments: Sequence[Segment]) -> tuple[list[int], list[int], list[int]]:
    """Which position predicts which token of which response. A first token without a prompt is not predicted."""
    at: list[int] = []
    target: list[int] = []
    owner: list[int] = []
    for number, (sequence, (segment, start)) in enumerate(zip(pack, _starts(segments), strict=True)):
        response, first = sequence.response, 0 if segment.prompt else 1
        before = [segment.start + segment.prompt - 1, *range(start, start + len(response) - 1)]
        at += before[first : len(response)]
        target += response[first:]
        owner += [number] * len(response[first:])
    return at, target, owner


def _last(pack: Sequence[Encoded], segments: Sequence[Segment], pad: int | None) -> list[int]:
    """Where each response ends: as transformers pools it, at the last token that is not the padding token."""
    found = []
    for sequence, (segment, start) in zip(pack, _starts(segments), strict=True):
        places = [*range(segment.start, segment.start + segment.prompt), *range(start, start + len(sequence.response))]
        words = zip(reversed(places), reversed(sequence.ids), strict=True)
        found.append(next((place for place, token in words if token != pad), places[0]))
    return found


def _chosen(model: Any, hidden: Any, at: Any, target: Any) -> Any:
    """The log-prob of each target: logit − log-sum-exp in float32."""
    import torch

    head, parts = model.get_output_embeddings(), []
    for rows, wanted in zip(at.split(HEAD_ROWS), target.split(HEAD_ROWS), strict=True):
        logits = head(hidden[rows]).float()
        parts.append(logits.gather(1, wanted.unsqueeze(1)).squeeze(1) - logits.logsumexp(1))
    return torch.cat(parts) if parts else hidden.new_zeros(0)


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
