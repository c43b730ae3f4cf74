"""Strategies: signals and a budget → the chosen pairs. `choose` checks everything once, for all members.

A member sees the pool in the order of the pair ids, without pairs whose needed signals are not measured, so that the
same seed chooses the same pairs whatever the order of the rows.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import BadSpec, WinnowError
from ..registry import Call, Family
from ..signals import SignalName, Signals

strategies = Family("strategy", __name__)


@dataclass(frozen=True)
class Chosen:
    """The chosen pairs, best first; the value that ranked each; what the reader should know."""

    pair_ids: np.ndarray
    values: np.ndarray | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


def needed(call: Call) -> list[str]:
    """The signals that a call reads: the member's own, and those its arguments name."""
    member = strategies[call.name]
    hints = typing.get_type_hints(member.function, include_extras=True)
    named = [value for name, value in member.bind(call.args).items() if hints.get(name) == SignalName]
    return list(dict.fromkeys([*member.attributes.get("needs", ()), *named]))


def choose(call: Call, signals: Signals, budget: int | None, seed: int) -> Chosen:
    """Runs a strategy. BadSpec where a signal is not measured or the budget does not fit the pool."""
    member = strategies[call.name]
    measured = np.ones(len(signals), dtype=bool)
    for name in needed(call):
        measured &= np.isfinite(signals[name])
    rows = np.flatnonzero(measured)
    pool = signals.take(rows[np.argsort(signals.pair_ids[rows])])
    number = _fitting(call, budget, len(pool), len(signals))
    chosen = member.function(pool, number, seed=seed, **member.bind(call.args))
    _check(call, chosen, pool, number)
    missing = len(signals) - len(pool)
    notes = {**chosen.notes, **({"not_measured": missing} if missing else {})}
    return Chosen(chosen.pair_ids, chosen.values, notes)


def _fitting(call: Call, budget: int | None, pool: int, given: int) -> int:
    """The budget, if the strategy and the pool can have it."""
    size = f"{pool} pairs" + (f" ({given - pool} of {given} are not measured)" if pool < given else "")
    if not pool:
        raise BadSpec(f"there is nothing to choose from: the pool has {size}.")
    if strategies[call.name].attributes.get("whole"):
        if budget not in (None, pool):
            raise BadSpec(f"strategy {call.name!r} takes the whole pool of {size}; leave the budget out.")
        return pool
    if budget is None:
        raise BadSpec(f"strategy {call.name!r} needs a budget: a number of pairs from 1 to {pool}.")
    if not 1 <= budget <= pool:
        raise BadSpec(f"budget {budget} does not fit the pool of {size}; choose a number from 1 to {pool}.")
    return budget


def _check(call: Call, chosen: Chosen, pool: Signals, budget: int) -> None:
    """What every strategy promises."""
    ids = chosen.pair_ids
    if len(np.unique(ids)) < len(ids) or len(ids) > budget or not np.isin(ids, pool.pair_ids).all():
        raise WinnowError(f"strategy {call.name!r} broke its promise: at most {budget} different pairs of the pool.")
    if chosen.values is not None and len(chosen.values) != len(ids):
        raise WinnowError(f"strategy {call.name!r} gave {len(chosen.values)} values for {len(ids)} pairs.")


def largest(pool: Signals, value: np.ndarray, budget: int, seed: int, *ties: np.ndarray) -> np.ndarray:
    """Rows of the largest values, best first. Equal values are ordered by `ties` (larger first), then by chance."""
    chance = np.random.default_rng(seed).permutation(len(pool))
    if budget < len(value) // 8 and not ties:  # only rows that can be among the best need sorting
        least = np.partition(value, len(value) - budget)[len(value) - budget]
        rows = np.flatnonzero(value >= least)
        return rows[np.lexsort((chance[rows], -value[rows]))[:budget]]
    return np.lexsort((chance, *(-tie for tie in reversed(ties)), -value))[:budget]
