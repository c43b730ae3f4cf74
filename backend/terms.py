"""On what terms a judge is asked: how fast, how often, at what price, and where it has to stop.

Nothing here could change a verdict, so it is no part of the question: `terms.json` lies beside `spec.json` and is
written anew by every launch.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import BadData, BadSpec
from .workspace import Workspace

PRICES = "prices.json"
MONEY = ("max_cost", "price_in", "price_out", "api_key_env")
MILLION = 1e6
SERVED = {"concurrency": 32, "timeout": 600.0}  # defaults for a server of our own: vLLM takes many calls together
# US dollars for a million tokens, in and out, as published; what a workspace's own table starts with.
PUBLISHED = {
    "gpt-4-1106-preview": (10.0, 30.0),
    "gpt-4-0125-preview": (10.0, 30.0),
    "gpt-4": (30.0, 60.0),
    "gpt-4o": (2.5, 10.0),
    "gpt-4o-mini": (0.15, 0.6),
    "gpt-4.1": (2.0, 8.0),
    "gpt-4.1-mini": (0.4, 1.6),
}

Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: Money
    output: Money

    def of(self, prompt_tokens: float, completion_tokens: float) -> float:
        """US dollars for so many tokens."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / MILLION


class Terms(BaseModel):
    """What a launch may do. Times in seconds, money in US dollars; None: no cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    retries: Annotated[int, Field(ge=0, le=50)] = 8
    timeout: Annotated[float, Field(gt=0)] = 60.0
    max_calls: Annotated[int, Field(ge=0)] | None = None
    max_cost: Money | None = None
    price_in: Money | None = None
    price_out: Money | None = None
    api_key_env: str = "OPENAI_API_KEY"

    def price(self, ws: Workspace, model: str) -> Price | None:
        """What the model costs: as given, else as the workspace's price table says; None where neither does."""
        if self.price_in is not None and self.price_out is not None:
            return Price(input=self.price_in, output=self.price_out)
        return prices(ws).get(model)


def checked(ws: Workspace, model: str | None, **given: Any) -> Terms:
    """Terms of what was given (None: the default), BadSpec where they cannot be kept. `model` None: served here."""
    known = {name: value for name, value in given.items() if value is not None}
    if model is not None and not model.strip():
        raise BadSpec(f"the judge's name (--model) is {model!r}; name it as its server does.")
    if model is None and (money := [f"--{name.replace('_', '-')}" for name in MONEY if name in known]):
        raise BadSpec(f"a judge that runs here costs no money; leave out {', '.join(money)}.")
    try:
        terms = Terms(**{**(SERVED if model is None else {}), **known})
    except ValidationError as error:
        problem = error.errors()[0]
        flag = "--" + str(problem["loc"][0]).replace("_", "-")
        raise BadSpec(f"{flag} {problem['input']!r}: {problem['msg']}.") from None
    if (terms.price_in is None) != (terms.price_out is None):
        raise BadSpec("--price-in and --price-out belong together; give both or neither.")
    if terms.max_cost is not None and model and terms.price(ws, model) is None:
        raise BadSpec(
            f"--max-cost needs the price of {model!r}: give --price-in and --price-out (US dollars for a million "
            f"tokens), or add it to {ws.root / PRICES}."
        )
    if "api_key_env" in terms.model_fields_set and not os.environ.get(terms.api_key_env):
        raise BadSpec(f"the variable {terms.api_key_env!r} named by --api-key-env is not set; set it to the key.")
    return terms


def prices(ws: Workspace) -> dict[str, Price]:
    """The workspace's price table, written with published prices where there is none; it is the user's to edit."""
    path = ws.root / PRICES
    try:
        table = ws.read_json(path)
        if table is None:
            table = {model: {"input": price[0], "output": price[1]} for model, price in PUBLISHED.items()}
            ws.write_json(path, table)
        return {model: Price(**price) for model, price in table.items()}
    except (ValueError, TypeError, AttributeError):
        raise BadData(
            f'{path} is no table of prices; it must look like {{"gpt-4.1": {{"input": 2, "output": 8}}}}, in US '
            "dollars for a million tokens."
        ) from None


def keep_prices(ws: Workspace, table: Mapping[str, Price]) -> None:
    """Replaces the workspace's price table."""
    ws.write_json(ws.root / PRICES, {model: price.model_dump() for model, price in table.items()})
