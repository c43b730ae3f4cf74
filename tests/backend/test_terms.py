"""Prices, and terms that cannot be kept."""

from __future__ import annotations

import pytest

from backend.errors import BadData, BadSpec
from backend.terms import Price, Terms, checked, keep_prices, prices
from backend.workspace import Workspace


def test_a_price_by_hand() -> None:
    assert Price(input=10, output=30).of(1_000, 200) == pytest.approx(0.016)  # 1,000·10/10⁶ + 200·30/10⁶


def test_the_price_table_is_the_users_to_edit(ws: Workspace) -> None:
    assert prices(ws)["gpt-4-1106-preview"] == Price(input=10, output=30)
    ws.write_json(ws.root / "prices.json", {"mine": {"input": 1, "output": 2}})
    assert prices(ws) == {"mine": Price(input=1, output=2)}
    assert Terms().price(ws, "mine") == Price(input=1, output=2) and Terms().price(ws, "gpt-4") is None
    assert Terms(price_in=5, price_out=6).price(ws, "mine") == Price(input=5, output=6)


@pytest.mark.parametrize("text", ['{"mine": 3}', "[1]", "{", '{"mine": {"input": -1, "output": 2}}'])
def test_a_table_that_is_none_is_named(ws: Workspace, text: str) -> None:
    (ws.root / "prices.json").write_text(text)
    with pytest.raises(BadData, match=r"prices.json is no table of prices; it must look like"):
        prices(ws)


def test_what_is_not_given_keeps_its_default(ws: Workspace) -> None:
    assert checked(ws, "m", concurrency=None, max_calls=3) == Terms(max_calls=3)
    assert Terms().retries >= 8


def test_a_cap_on_money_needs_a_price(ws: Workspace) -> None:
    with pytest.raises(BadSpec, match="--max-cost needs the price of 'm'"):
        checked(ws, "m", max_cost=1.0)
    assert checked(ws, "gpt-4o", max_cost=1.0).max_cost == 1.0
    assert checked(ws, "m", max_cost=1.0, price_in=1, price_out=1).max_cost == 1.0


def test_a_kept_table_is_the_next_ones(ws: Workspace) -> None:
    keep_prices(ws, {"mine": Price(input=1, output=2.5)})
    assert prices(ws) == {"mine": Price(input=1, output=2.5)}
