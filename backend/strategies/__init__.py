"""Strategies: signals and a budget → the chosen pairs. `choose` checks everything once, for all members.

A member sees the pool without pairs whose needed signals are not measured. What it leaves to chance it decides by
`chance`, a hash of the pair's id and the seed, so that the same seed chooses the same
pairs whatever the order of the rows.
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
    pool = signals if measured.all() else signals.take(np.flatnonzero(measured))
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
    if not len(ids):
        raise BadSpec(f"{call} chooses none of the {len(pool)} pairs; loosen its arguments.")
    if len(np.unique(ids)) < len(ids) or len(ids) > budget or not np.isin(ids, pool.pair_ids).all():
        raise WinnowError(f"strategy {call.name!r} broke its promise: at most {budget} different pairs of the pool.")
    if chosen.values is not None and len(chosen.values) != len(ids):
        raise WinnowError(f"strategy {call.name!r} gave {len(chosen.values)} values for {len(ids)} pairs.")


def chance(pair_ids: np.ndarray, seed: int) -> np.ndarray:
    """A random number for each pair by its id and the seed: uint64[n]. SplitMix64, Steele, Lea and Flood (2014)."""
    golden, first, second = (np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
    with np.errstate(over="ignore"):
        mixed = pair_ids.astype(np.uint64) + np.uint64(seed + 1) * golden
        mixed = (mixed ^ (mixed >> np.uint64(30))) * first
        mixed = (mixed ^ (mixed >> np.uint64(27))) * second
    return mixed ^ (mixed >> np.uint64(31))


def by_chance(pool: Signals, rows: np.ndarray, budget: int, seed: int) -> np.ndarray:
    """So many of the rows, drawn without putting back."""
    drawn = chance(pool.pair_ids[rows], seed)
    if budget < len(rows):
        few = np.argpartition(drawn, budget)[:budget]
        rows, drawn = rows[few], drawn[few]
    return rows[np.lexsort((pool.pair_ids[rows], drawn))]


def largest(pool: Signals, value: np.ndarray, budget: int, seed: int, *ties: np.ndarray) -> np.ndarray:
    """Rows of the largest values, best first. Equal values are ordered by `ties` (larger first), then by chance."""
    rows = np.arange(len(value))
    if budget < len(value):  # only rows that can be among the best need sorting
        rows = np.flatnonzero(value >= np.partition(value, len(value) - budget)[len(value) - budget])
    keys = (chance(pool.pair_ids[rows], seed), *(-tie[rows] for tie in reversed(ties)), -value[rows])
    return rows[np.lexsort(keys)[:budget]]
