"""Messages → token ids, exactly as TRL renders a conversational row, so that measured and trained log-probs agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Used, and saved with the model, where a tokenizer has no chat template of its own.
FALLBACK_TEMPLATE = (
    "{% for message in messages %}{% if not loop.first %}{{ '\n\n' }}{% endif %}"
    "{{ message['role'] | capitalize }}: {{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\n\nAssistant:' }}{% endif %}"
)

Message = Mapping[str, str]


@dataclass(frozen=True)
class Encoded:
    """A prompt and a response as token ids, cut to the length limit from the end. `cut`: something was lost."""

    prompt: list[int]
    response: list[int]
    cut: bool

    @property
    def ids(self) -> list[int]:
        """The whole sequence."""
        return self.prompt + self.response


def give_template(tokenizer: Any) -> Any:
    """The tokenizer with a chat template (the fallback where it has none) and a padding token."""
    if not tokenizer.chat_template:
        tokenizer.chat_template = FALLBACK_TEMPLATE
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def encode(tokenizer: Any, prompt: Sequence[Message], response: str, max_length: int) -> Encoded:
    """Prompt and response as TRL tokenizes them: the response starts where prompt and conversation part ways."""
    return encode_all(tokenizer, [prompt], [response], max_length)[0]


def encode_all(
    tokenizer: Any, prompts: Sequence[Sequence[Message]], responses: Sequence[str], max_length: int
) -> list[Encoded]:
    """As `encode`, for a response to each prompt; equal prompts are tokenized once."""
    number: dict[str, int] = {}
    which = [number.setdefault(repr(prompt), len(number)) for prompt in prompts]
    first = dict(zip(reversed(which), reversed(prompts), strict=True))
    asked = _template(tokenizer, [first[n] for n in range(len(first))], add_generation_prompt=True)
    talks = [[*p, {"role": "assistant", "content": text}] for p, text in zip(prompts, responses, strict=True)]
    return [
        encode_ids(asked[n], whole, max_length) for n, whole in zip(which, _template(tokenizer, talks), strict=True)
    ]


def encode_ids(asked: list[int], whole: list[int], max_length: int) -> Encoded:
    """As `encode`, from the ids of the prompt and of the whole conversation."""
    shared = next(
        (i for i, (a, b) in enumerate(zip(asked, whole, strict=False)) if a != b), min(len(asked), len(whole))
    )
    return Encoded(whole[:shared][:max_length], whole[shared:max_length], len(whole) > max_length)


def prompt_ids(tokenizer: Any, prompt: Sequence[Message]) -> list[int]:
    """The prompt with the marker that asks the model to speak."""
    return _template(tokenizer, [prompt], add_generation_prompt=True)[0]


def _template(tokenizer: Any, conversations: Sequence[Sequence[Message]], **options: bool) -> list[list[int]]:
    if not conversations:
        return []
    plain = [[dict(message) for message in messages] for messages in conversations]
    return tokenizer.apply_chat_template(plain, tokenize=True, return_dict=True, **options)["input_ids"]
