"""The measuring engine: what a model says of many texts, each text once.

What the workspace's values know is looked up; the rest goes through the model in packs (`packed`), or padded where the
model needs it (`padded`), and every pack is kept as soon as it is done. Out of memory halves the packs and goes on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from ..errors import BadData
from ..values import Scores, Values, key, keys
from . import loading, packed, padded
from .loading import Dtype
from .rendering import Encoded, encode_all
from .work import Kind, Work

PACK_TOKENS = {"cpu": 4096, "cuda": 16_384}  # more pays little on a CPU; a GPU needs more to be busy


class Text(Protocol):
    """A prompt's messages and a response."""

    @property
    def prompt(self) -> Sequence[Mapping[str, str]]: ...
    @property
    def response(self) -> str: ...


@dataclass
class Spent:
    """What measuring cost: texts asked for and known already, tokens computed (a shared prompt counts once), seconds
    of tokenizing, loading and computing, the most bytes of memory that were held, and why it was padded, if it was."""

    texts: int = 0
    known: int = 0
    tokens: int = 0
    reading: float = 0.0
    loading: float = 0.0
    computing: float = 0.0
    memory: int = 0
    padded: str = ""


def _silent(done: int, total: int) -> None:
    """No progress is told."""


@dataclass
class Engine:
    """A model folder, the values it has given, and where progress is told (tokens done, tokens in all).

    With a LoRA adapter, the model without it is measured in the same visit, as the reference that it usually is.
    `model` is used where it is already in memory; else the folder is loaded when something is missing.
    """

    folder: Path
    values: Values
    tick: Callable[[int, int], None] = _silent
    apart: Callable[[Work], bool] | None = None  # does the work in other processes, or says that it does not
    spent: Spent = field(default_factory=Spent)
    model: Any = None
    adapter: Path | None = None  # a LoRA adapter over the model
    base: Values | None = None  # of the model without its adapter: it is in memory anyway, and is measured too

    def encode(self, items: Sequence[Text], max_length: int) -> list[Encoded]:
        """Prompts and responses as token ids, cut to `max_length` from the end."""
        began = time.monotonic()
        prompts, responses = [item.prompt for item in items], [item.response for item in items]
        sequences = encode_all(loading.tokenizer(self.folder), prompts, responses, max_length)
        self.spent.reading += time.monotonic() - began
        return sequences

    def logprobs(self, sequences: Sequence[Encoded], dtype: str) -> Scores:
        """Summed log-prob in nats and scored tokens of each response given its prompt. NaN where none is scored."""
        return self._measure("logprob", sequences, dtype)

    def rewards(self, sequences: Sequence[Encoded], dtype: str) -> Scores:
        """Reward of each response after its prompt. NaN where no token of the response is left."""
        return self._measure("reward", sequences, dtype)

    def embeddings(self, sequences: Sequence[Encoded], dtype: str) -> Scores:
        """Last hidden state at the last token of each response: float32[n, hidden size], NaN where no token is left."""
        self.values = self.values.vectors(loading.hidden_size(self.folder))
        if self.base:
            self.base = self.base.vectors(self.values.width)
        return self._measure("embedding", sequences, dtype)

    def alone(self, sequences: Sequence[Encoded]) -> list[Encoded]:
        """The responses without their prompts: after BOS, or, where there is none, from the second token on."""
        bos = loading.tokenizer(self.folder).bos_token_id
        return [_without_prompt(s, bos) for s in sequences]

    def _measure(self, kind: Kind, sequences: Sequence[Encoded], dtype: str) -> Scores:
        wanted = [key(f"{kind} {dtype}", s.prompt, s.response) for s in sequences]
        first = {name: number for number, name in reversed(list(enumerate(wanted)))}
        names = keys(wanted)
        unknown = self.values.missing(names)
        missing = sorted(n for n in first.values() if unknown[n] and _counts(kind, sequences[n]))
        self.spent.texts += len(first)
        self.spent.known += len(first) - len(missing)
        if missing:
            work = Work(kind, dtype, [sequences[n] for n in missing], names[missing])
            if not (self.apart and self.apart(work)):
                self._do(work)
            self.values.refresh()
        return self.values.find(names)

    def _do(self, work: Work) -> None:
        model = self.model or self.loaded(work)
        if self.adapter is None:
            perform(model, work, self.values, self.tick, self.spent)
            return
        both = loading.adapted(model, self.adapter).eval()
        perform(both.get_base_model(), work, self.values, lambda done, total: self.tick(done, 2 * total), self.spent)
        if self.base:
            last = lambda done, total: self.tick(total + done, 2 * total)  # noqa: E731
            with both.disable_adapter():
                perform(both.get_base_model(), work.without(self.base), self.base, last, self.spent)

    def loaded(self, work: Work) -> Any:
        """The model, ready to measure, on this process's device."""
        began = time.monotonic()
        model = (loading.rewarder if work.kind == "reward" else loading.causal)(self.folder, cast(Dtype, work.dtype))
        model.config.pad_token_id = loading.tokenizer(self.folder).pad_token_id
        model = model.eval().to(loading.device())
        self.spent.loading += time.monotonic() - began
        return model


def _counts(kind: Kind, sequence: Encoded) -> bool:
    """Whether there is anything to measure."""
    return len(sequence.response) > (1 if kind == "logprob" and not sequence.prompt else 0)


def _without_prompt(whole: Encoded, bos: int | None) -> Encoded:
    first = [bos] if bos is not None else whole.response[:1]
    return Encoded(first, whole.response if bos is not None else whole.response[1:], whole.cut)


def perform(
    model: Any, work: Work, values: Values, tick: Callable[[int, int], None] = _silent, spent: Spent | None = None,
    share: tuple[int, int] = (0, 1),
) -> None:  # fmt: skip
    """Measures the sequences of the work with a model in memory; every pack's values are kept at once.

    `share` = (k, n): only every n-th pack, from the k-th on.
    """
    if not work.sequences:
        return
    path = path_of(model, work)
    packs = path.plan(work.sequences, PACK_TOKENS[model.device.type])[share[0] :: share[1]]
    total = sum(path.tokens([work.sequences[n] for n in pack]) for pack in packs)
    done, began = 0, time.monotonic()
    tick(0, total)
    for pack, scores in _results(model, path, work, packs):
        values.add(work.names[pack], scores)
        done += path.tokens([work.sequences[n] for n in pack])
        tick(min(done, total), total)
    if spent:
        spent.padded = why_padded(model, work)
        spent.tokens, spent.computing = spent.tokens + done, spent.computing + time.monotonic() - began
        spent.memory = max(spent.memory, loading.peak_memory())


def why_padded(model: Any, work: Work) -> str:
    """Why this work cannot be done in packs, in words; empty where it can."""
    if work.kind == "reward" and not hasattr(model, "score"):
        return "its reward is not read at the last token"
    return packed.refusal(model, max(len(s.ids) for s in work.sequences))


def path_of(model: Any, work: Work) -> Any:
    """`packed` where the model allows it, else `padded`."""
    return padded if why_padded(model, work) else packed


def head_of(path: Any, work: Work) -> Callable[[Any, Sequence[Encoded]], tuple[Any, Any]]:
    """The pass that gives this kind of value."""
    return {"logprob": path.logprobs, "reward": path.rewards, "embedding": path.embeddings}[work.kind]


def _results(model: Any, path: Any, work: Work, packs: Sequence[list[int]]) -> Iterator[tuple[list[int], Scores]]:
    """Each pack's values. A pack is read only when the next one has been launched: a GPU is never idle."""
    head = head_of(path, work)
    waiting: tuple[list[int], Any] | None = None
    ahead = deque(packs)
    while ahead:
        pack = ahead.popleft()
        try:
            launched = head(model, [work.sequences[n] for n in pack])
        except RuntimeError as error:
            if not loading.out_of_memory(error):
                raise
            ahead = deque(_halved(path, work.sequences, [pack, *ahead]))
            continue
        if waiting:
            yield waiting[0], _read(waiting[1])
        waiting = pack, launched
    if waiting:
        yield waiting[0], _read(waiting[1])


def _halved(path: Any, sequences: Sequence[Encoded], packs: Sequence[list[int]]) -> list[list[int]]:
    """The same sequences in packs of half the size of the first; BadData where that is one text already."""
    size = path.tokens([sequences[n] for n in packs[0]])
    if len(packs[0]) == 1:
        raise BadData(f"a text of {size} tokens does not fit into memory; choose a smaller model or max_length.")
    loading.free_memory()
    numbers = [n for pack in packs for n in pack]
    return [[numbers[i] for i in pack] for pack in path.plan([sequences[n] for n in numbers], size // 2)]


def _read(launched: tuple[Any, Any]) -> Scores:
    return Scores(*(part.cpu().numpy() for part in launched))
