"""`alpaca_eval`: which of two answers is better, as continuous preference from the log-probs of one token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..errors import BadSpec
from ..report.alpaca import Annotations, summaries
from ..verdicts import alpaca
from . import Asked, Desk, Item, Judged, JudgeModel, Order, Row, judges, templates
from .asking import Messages, Way, ask

SYSTEM = (
    "You compare the answers of two models to the same request and say which one a careful person who made the request "
    "would rather have. You reply with one letter and nothing else."
)
QUESTION = """<request>
{instruction}
</request>

<answer model="m">
{output_1}
</answer>

<answer model="M">
{output_2}
</answer>

Which model gives the better answer? What counts is that it is right, does what was asked, leaves out nothing that \
matters and is clear; its length and its place here do not. Reply with the model's letter alone, m or M."""
SETTINGS: dict[str, dict[str, Any]] = {
    "token": {"temperature": 1.0, "max_tokens": 1, "logprobs": True, "top_logprobs": 5},
    "ranking": {"temperature": 0.0, "max_tokens": 100},
}
OWN = templates.Template((("system", SYSTEM), ("user", QUESTION)))


def official_order(item: Item) -> Order:
    """AlpacaEval's own: drawn once for each instruction."""
    return "candidate_first" if alpaca.is_candidate_first(item.prompt[-1]["content"]) else "reference_first"


def win_rates(judged: Sequence[Judged]) -> dict[str, Any]:
    """The row of `report alpaca`, in percent, of the items that have a verdict; the others are `n_failed`."""
    found = Annotations(
        model="candidate",
        baseline="reference",
        file="this run",
        preferences=np.array([np.nan if (p := one.preference) is None else 1 + p for one in judged]),
        instructions=tuple(one.item.prompt[-1]["content"] for one in judged),
        baseline_outputs=tuple(one.item.reference for one in judged),
        outputs=tuple(one.item.candidate for one in judged),
    )
    (row,) = summaries([found], None)
    return {name: value for name, value in row.items() if name not in ("model", "notes")}


@judges.member(ordered=True, single=official_order, figures=win_rates)
def alpaca_eval(
    asked: Sequence[Asked],
    desk: Desk,
    *,
    model: JudgeModel,
    endpoint: str | None = None,
    both_orders: bool = False,
    prompts: templates.OptionalFile = None,
    reply: Literal["token", "ranking"] = "token",
    temperature: Annotated[float, Field(ge=0)] | None = None,
) -> Iterator[Row]:
    """One token says which answer is better; its log-probs say how surely.

    Li et al. (2023), AlpacaEval 2 (`weighted_alpaca_eval_gpt4_turbo`): the answers stand as models m and M, the judge
    names one, the preference is P(M) / (P(m) + P(M)). One order per instruction, by AlpacaEval's rule, unless
    `both_orders`. The endpoint must return log-probs. `prompts`: sha256 of a template file with {instruction},
    {output_1}, {output_2}; without it the wording is Winnow's own. `reply`: `ranking` reads the list of AlpacaEval 1
    (`alpaca_eval_gpt4`), whose template must be given. `temperature`: the official one, 1 for a token, 0 for a list.
    """
    if reply == "ranking" and not prompts:
        raise BadSpec("a ranking is what AlpacaEval 1's template asks for; give it with --prompts.")
    template = templates.named(templates.read(desk.ws, prompts), "alpaca_eval") if prompts else OWN

    def messages(one: Asked) -> Messages:
        (*_, first), (*_, second) = one.shown
        instruction = one.item.prompt[-1]["content"]
        return template.fill({"instruction": instruction, "output_1": first, "output_2": second})

    def read(choice: Any, one: Asked) -> dict[str, float]:
        return {"preference": one.preferred(2 - (alpaca.logprob if reply == "token" else alpaca.ranking)(choice))}

    settings = SETTINGS[reply] if temperature is None else {**SETTINGS[reply], "temperature": temperature}
    yield from ask(asked, desk, Way(messages, read, settings), model=model, endpoint=endpoint)
