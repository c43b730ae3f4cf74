from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend import inputs, specs, tables
from backend.errors import BadData, BadSpec
from backend.jobs import pair, select
from backend.pairings import pairings
from backend.registry import Call
from backend.strategies import strategies
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i}", f"yes {i}", f"no {i}") for i in range(10)]


def rewards(ws: Workspace, run: str, values: Any = range(20)) -> str:
    said = ws.table(run, "responses")["response_id"].to_pylist()
    spec = specs.MeasureSpec(responses=run, measure=Call(name="rating"))
    table = tables.build("measurements", {"response_id": said[: len(values)], "value": list(values)})
    return tiny.finished(ws, spec, measurements=table)


def test_a_subset_is_written_best_first_and_read_back_in_that_order(ws: Workspace) -> None:
    run = tiny.pool(ws, PAIRS, held_out=2)
    measure = rewards(ws, run, [float((7 * i) % 20) for i in range(20)])
    spec = specs.SelectSpec(pairs=run, strategy=strategies.call("top"), budget=3, measurements={"reward": measure})
    facts = select.run(tiny.asked(ws, spec)).facts
    assert (facts["pool"], facts["chosen"], facts["share"]) == (8, 3, 3 / 8)
    rows = ws.table(spec.id, "selected").to_pandas()
    assert rows["rank"].tolist() == [0, 1, 2] and rows["value"].is_monotonic_decreasing
    assert inputs.pairs(ws, spec.id)["pair_id"].to_pylist() == rows["pair_id"].tolist()


def test_a_budget_above_the_pool_writes_nothing(ws: Workspace) -> None:
    spec = specs.SelectSpec(pairs=tiny.pool(ws, PAIRS), strategy=strategies.call("random"), budget=11)
    with pytest.raises(BadSpec, match="budget 11 does not fit the pool of 10 pairs"):
        select.run(tiny.asked(ws, spec))
    assert not list(ws.folder(spec.id).glob("*.parquet"))


def test_new_pairs_are_labelled_by_their_pairing_and_keep_prompts_set_aside(ws: Workspace) -> None:
    run = tiny.pool(ws, PAIRS, held_out=2)
    spec = specs.PairSpec(responses=run, pairing=pairings.call("best_worst"), measurements={"reward": rewards(ws, run)})
    facts = pair.run(tiny.asked(ws, spec)).facts
    table = ws.table(spec.id, "pairs")
    assert (facts["pairs"], facts["prompts"], facts["not_measured"]) == (10, 10, 0)
    assert set(table["label_source"].to_pylist()) == {"best_worst"}
    assert inputs.pairs(ws, spec.id).num_rows == 8
    texts = inputs.texts(ws, spec.id)
    assert all(said.startswith("no") for said in texts["chosen"].to_pylist()), "later answers have higher rewards"


def test_responses_that_are_not_measured_are_counted_and_no_pair_is_one_sentence(ws: Workspace) -> None:
    run = tiny.pool(ws, PAIRS)
    spec = specs.PairSpec(
        responses=run, pairing=pairings.call("best_worst"), measurements={"reward": rewards(ws, run, [0, 1, 2])}
    )
    facts = pair.run(tiny.asked(ws, spec)).facts
    assert (facts["not_measured"], facts["notes"]["one_answer"]) == (17, 1)
    flat = spec.model_copy(update={"measurements": {"reward": rewards(ws, run, np.zeros(20))}})
    with pytest.raises(BadData, match="makes no pair of 20 responses"):
        pair.run(tiny.asked(ws, flat))
    with pytest.raises(BadSpec, match="exactly one measure run, for the role 'reward'"):
        pair.run(tiny.asked(ws, spec.model_copy(update={"measurements": {}})))
