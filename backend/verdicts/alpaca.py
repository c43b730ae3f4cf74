"""AlpacaEval: two answers are shown as "m" and "M", or as "model_1" and "model_2"; which is the better one?

A preference is 1 (the answer shown first is better) to 2 (the other one). The rules are those of alpaca_eval 0.6.6,
`completion_parsers.py` and `processors.py`.
"""

from __future__ import annotations

import ast
import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Unreadable
from .replies import choice, dig, text

FIRST, SECOND = "m", "M"
FENCED = re.compile(r"```json(.*?)```", re.DOTALL)
NO_LOGPROBS = "the reply holds no log-probs of the alternatives; ask the judge with logprobs and top_logprobs=5."


def is_candidate_first(instruction: str) -> bool:
    """Whether AlpacaEval shows the candidate before the baseline: chance, but fixed for each instruction.

    `RandomSwitchTwoColumnsProcessor` with the seed 0. All candidates get the same order on a question.
    """
    try:
        return random.Random(f"is_switched_outputs{instruction}0").choices([False, True])[0]
    except UnicodeEncodeError:
        raise Unreadable("the instruction holds half a surrogate pair, which is no text; mend the file.") from None


def reordered(preference: float, instruction: str) -> float:
    """A preference as shown in terms of (baseline, candidate), and back: the mapping is its own inverse."""
    return 3 - preference if is_candidate_first(instruction) else preference


def logprob(reply: Any, first: str = FIRST, second: str = SECOND) -> float:
    """2 − P(first) / (P(first) + P(second)) from the alternatives of the one token that the judge was asked for.

    `logprob_parser` of `weighted_alpaca_eval_gpt4_turbo`, whose tokens are m and M. A token that is not among the
    alternatives counts 0. Where neither is, and where there are several tokens, there is no preference.
    """
    tokens = dig(choice(_spelled(reply) if isinstance(reply, str) else reply), "logprobs", "content")
    if not isinstance(tokens, list) or not tokens:
        raise Unreadable(NO_LOGPROBS)
    if len(tokens) > 1:
        raise Unreadable(f"the reply has {len(tokens)} tokens; the official judge is asked for one (max_tokens=1).")
    found = _logprobs(tokens[0], first, second)
    top = max(found.values())
    one, other = (math.exp(found.get(token, -math.inf) - top) for token in (first, second))
    return 2 - one / (one + other)


def _logprobs(token: Any, first: str, second: str) -> dict[str, float]:
    """The log-probs of the two tokens, of which at least one is finite."""
    alternatives = dig(token, "top_logprobs")
    if not isinstance(alternatives, list):
        raise Unreadable(NO_LOGPROBS)
    pairs = [(dig(one, "token"), dig(one, "logprob")) for one in alternatives]
    found = {name: value for name, value in pairs if name in (first, second)}
    if not found:
        raise Unreadable(f"neither {first!r} nor {second!r} is among the alternatives: the judge named neither answer.")
    for name, value in found.items():
        if not isinstance(value, int | float) or not (value == -math.inf or abs(value) < 1e9):
            raise Unreadable(f"the log-prob of {name!r} is {value!r}, which is none.")
    if max(found.values()) == -math.inf:
        raise Unreadable(f"the alternatives give {first!r} and {second!r} the probability 0.")
    return found


def ranking(reply: Any) -> float:
    """The rank of the answer shown first, 1 or 2.

    A reply is a Python list `[{'model': 'model_1', 'rank': 1}, …]` with nothing around it (`ranking_parser` of
    `alpaca_eval_gpt4`), or the arguments of a function call `{"ordered_models": […]}` (the judges `*_fn`, of which some
    call the answers "m" and "M"): an object, JSON also in a fence, or a Python literal, as files store them.
    """
    rows = listed(reply)
    names = ("model_1", FIRST) if isinstance(_listing(reply), Mapping) else ("model_1",)
    ranks = [row.get("rank") for name in names for row in rows if row["model"] == name]
    if not ranks:
        raise Unreadable(f"the list does not rank the answer shown first ({' or '.join(names)}).")
    if ranks[0] not in (1, 2):
        raise Unreadable(f"the rank of the answer shown first is {ranks[0]!r}; it must be 1 or 2.")
    return 1.0 if ranks[0] == 1 else 2.0


def listed(reply: Any) -> Sequence[Mapping[str, Any]]:
    """The rows {model, rank} of a ranking; Unreadable where the reply is none."""
    listing = _listing(reply)
    rows = dig(listing, "ordered_models") if isinstance(listing, Mapping) else listing
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) and "model" in row for row in rows):
        raise Unreadable("the reply must be a list of {'model': …, 'rank': …} and nothing else.")
    return rows


def _listing(reply: Any) -> Any:
    ready = isinstance(reply, list) or dig(reply, "ordered_models") is not None
    return reply if ready else _spelled(text(reply))


def _spelled(words: str) -> Any:
    """What a text spells: a Python literal, or a JSON object, also in a fence; None where it spells neither."""
    try:
        return ast.literal_eval(words)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        fenced = FENCED.search(words)
    try:
        document = json.loads(fenced[1] if fenced else words)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
