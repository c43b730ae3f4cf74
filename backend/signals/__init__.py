"""Signals: one value per pair, pure functions of measurements. Nothing is stored: a million pairs take a moment.

A member gets `Measured` and returns float64[n], NaN where it cannot be told. `needs` names the roles of the measure
runs it reads; a signal with no needs reads the texts' lengths only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import pyarrow.compute as pc
from pydantic import AfterValidator

from .. import inputs
from ..errors import BadSpec, nearest
from ..registry import Family
from ..workspace import Workspace

signals = Family("signal", __name__)

ROLES = {
    "reward": "a reward model's reward, or a rating",
    "policy_logprob": "log-prob under a model after preference training (the small proxy)",
    "reference_logprob": "log-prob under the model that it started from",
    "ifd": "perplexity given the prompt over perplexity without it",
    "truth": "a measure that knows which answer is better (the sample's gold reward)",
}

# Which measures may stand for a role.
FITS = {
    "reward": ("reward", "rating", "gold"),
    "policy_logprob": ("logprob",),
    "reference_logprob": ("logprob",),
    "ifd": ("ifd",),
    "truth": ("gold", "rating"),
}


def _known(name: str) -> str:
    signals[name]  # BadSpec where there is no such signal
    return name


SignalName = Annotated[str, AfterValidator(_known), "signal"]


@dataclass(frozen=True)
class Measured:
    """A pool of n pairs over m responses: row numbers of the two sides, and what is known of each response.

    `values[role]` and `tokens[role]`: float64[m], NaN where not measured. `prompts`: the prompt's id of each response.
    """

    chosen: np.ndarray
    rejected: np.ndarray
    prompts: np.ndarray
    characters: np.ndarray
    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    tokens: Mapping[str, np.ndarray] = field(default_factory=dict)

    def margin(self, per_response: np.ndarray) -> np.ndarray:
        """chosen − rejected of a value per response."""
        return per_response[self.chosen] - per_response[self.rejected]


@dataclass(frozen=True)
class Signals:
    """The signals of n pairs: `signals["pvar"]` is float64[n].

    `cut_alike`: ids of pairs whose two sides became the same when a measure cut them at its length limit. They have no
    signal: what tells them apart was not read.
    """

    pair_ids: np.ndarray
    prompt_ids: np.ndarray
    values: Mapping[str, np.ndarray]
    cut_alike: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def __len__(self) -> int:
        return len(self.pair_ids)

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self.values:
            return self.values[name]
        roles = " and ".join(signals[name].attributes["needs"])
        raise BadSpec(f"signal {name!r} is not measured: add a measure run for the role {roles}.")

    def take(self, rows: np.ndarray) -> Signals:
        """These rows, in this order."""
        return Signals(self.pair_ids[rows], self.prompt_ids[rows], {k: v[rows] for k, v in self.values.items()})


def computable(roles: Iterable[str]) -> list[str]:
    """The signals whose needs these roles meet."""
    have = set(roles)
    return [member.name for member in signals if set(member.attributes["needs"]) <= have]


def compute(ws: Workspace, run: str, measurements: Mapping[str, str], names: Iterable[str] | None = None) -> Signals:
    """The signals of the pairs of a run that may be selected: all that can be computed, or those that are named."""
    for role in measurements:
        if role not in ROLES:
            raise BadSpec(f"there is no role {role!r} for a measure run; {nearest(role, ROLES)}")
        _check_fits(ws, role, measurements[role])
    pairs = inputs.pairs(ws, run)
    measured = measure(ws, run, pairs, measurements)
    can = computable(measurements)
    wanted = can if names is None else [name for name in names if name in can]
    values = {name: signals[name].function(measured) for name in wanted}
    ids = pairs["pair_id"].to_numpy()
    alike = _cut_alike(ws, run, measurements, measured)
    if alike.any():
        values = {
            name: np.where(alike & bool(signals[name].attributes["needs"]), np.nan, v) for name, v in values.items()
        }
    return Signals(ids, pairs["prompt_id"].to_numpy(), values, ids[alike])


def _cut_alike(ws: Workspace, run: str, measurements: Mapping[str, str], measured: Measured) -> np.ndarray:
    """Which pairs have two sides that were both cut and then had the same value: bool[n]."""
    alike = np.zeros(len(measured.chosen), dtype=bool)
    for role, other in measurements.items():
        cut = inputs.cut_responses(ws, other)
        if len(cut):
            was_cut = np.isin(inputs.responses(ws, run)["response_id"].to_numpy(), cut)
            value = measured.values[role]
            same = value[measured.chosen] == value[measured.rejected]
            alike |= was_cut[measured.chosen] & was_cut[measured.rejected] & same
    return alike


def _check_fits(ws: Workspace, role: str, run: str) -> None:
    spec = ws.spec(run)
    name = spec.measure.name if spec.kind == "measure" else spec.kind
    if name not in FITS[role]:
        wanted = " or ".join(FITS[role])
        raise BadSpec(
            f"run {run} cannot stand for the role {role!r}: it is {name!r}; choose a measure run of {wanted}."
        )


def measure(ws: Workspace, run: str, pairs: Any, measurements: Mapping[str, str]) -> Measured:
    """The measurements of a run's responses beside the given pairs of it."""
    said = inputs.responses(ws, run)
    ids = said["response_id"].to_numpy()
    columns = {role: _columns(ws, other, ids) for role, other in measurements.items()}
    return Measured(
        chosen=inputs.positions(ids, pairs["chosen_id"]),
        rejected=inputs.positions(ids, pairs["rejected_id"]),
        prompts=said["prompt_id"].to_numpy(),
        characters=pc.utf8_length(said["response"]).to_numpy().astype(np.float64),
        values={role: value for role, (value, _) in columns.items()},
        tokens={role: tokens for role, (_, tokens) in columns.items()},
    )


def _columns(ws: Workspace, run: str, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """value and tokens of each response; NaN where the run did not measure it. BadSpec where it measured none."""
    rows = inputs.measurements(ws, run)
    keys = rows["response_id"].to_numpy()
    if np.array_equal(keys, ids):  # measured in the order of the responses: nothing to look up
        at = np.arange(len(ids))
    else:
        order = np.argsort(keys)
        at = order[np.minimum(np.searchsorted(keys, ids, sorter=order), len(keys) - 1)]
    there = keys[at] == ids
    if len(ids) and not there.any():
        raise BadSpec(f"run {run} measured none of these responses: it belongs to other data.")
    tokens = rows["tokens"].cast("double").to_numpy(zero_copy_only=False)
    return (np.where(there, rows["value"].to_numpy()[at], np.nan), np.where(there, tokens[at], np.nan))
