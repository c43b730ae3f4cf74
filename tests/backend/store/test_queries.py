"""What pages ask the index, checked against the folders' tables."""

from __future__ import annotations

import numpy as np
import pytest

from backend import inputs
from backend.report.verdicts import verdicts
from backend.signals import Signals, compute
from backend.store import (
    queries_explore,
    queries_pairs,
    queries_results,
    queries_runs,
    queries_select,
    queries_training,
)
from backend.store.database import Index
from backend.workspace import Workspace
from tests.small_world import World


@pytest.fixture
def signals(ws: Workspace, world: World) -> Signals:
    roles = {"reward": world.reward, "policy_logprob": world.policy, "reference_logprob": world.reference}
    return compute(ws, world.load, roles)


def test_the_runs_list_shows_every_run_with_its_status(ws: Workspace, index: Index, world: World) -> None:
    (ws.folder(world.train) / "result.json").unlink()
    ws.write_json(ws.mark(world.train), {"at": 0})
    index.refresh()
    rows = {row.run: row for row in queries_runs.overview(index)}
    assert set(rows) == set(ws.run_ids())
    assert rows[world.train].status == "waiting"
    assert rows[world.failed].error
    assert rows[world.judge].status == "incomplete"
    assert rows[world.judge].answered
    assert queries_runs.counts(list(rows.values()))["waiting"] == 1
    assert queries_runs.answered(list(rows.values()))["generate"] == 2


def test_a_run_without_a_title_is_described_by_its_question() -> None:
    spec = {"kind": "select", "strategy": {"name": "dm_mul"}, "budget": 100, "seed": 2}
    assert queries_runs.described(spec) == "select · dm_mul · 100 pairs · seed 2"


def test_pages_of_pairs_hold_every_pair_once_with_its_texts(ws: Workspace, index: Index, world: World) -> None:
    pages = [queries_pairs.page(index, world.load, offset=at, limit=15) for at in (0, 15, 30)]
    rows = [row for page in pages for row in page]
    truth = inputs.texts(ws, world.load, inputs.pairs(ws, world.load, held_out=None)).to_pylist()
    assert queries_pairs.size(index, world.load) == len(rows) == 40
    assert [(r.pair_id, r.chosen, r.rejected, r.prompt) for r in rows] == [
        (t["pair_id"], t["chosen"], t["rejected"], t["prompt"]) for t in truth
    ]


def test_the_pairs_of_a_subset_come_in_rank_order(ws: Workspace, index: Index, world: World) -> None:
    rows = queries_pairs.page(index, world.select, limit=100)
    assert [r.pair_id for r in rows] == ws.table(world.select, "selected")["pair_id"].to_pylist()


def test_histograms_count_every_measured_pair(signals: Signals) -> None:
    values = np.append(signals["external_margin"], [np.nan, 1e9])
    bins = queries_explore.bins(values, 20)
    frame = queries_explore.histogram(values, bins, inside=values > 0)
    assert frame["pairs"].sum() == len(values) - 1
    assert frame["chosen"].sum() == (values > 0).sum()


def test_a_signal_of_one_value_has_bins() -> None:
    values = np.full(5, 2.0)
    assert queries_explore.histogram(values, queries_explore.bins(values))["pairs"].sum() == 5


def test_the_density_counts_every_pair_and_shows_the_share_chosen(signals: Signals) -> None:
    x, y = signals["external_margin"], signals["implicit_margin"]
    frame = queries_explore.density(x, y, inside=x > 0)
    assert frame["pairs"].sum() == len(x)
    assert np.isclose((frame["share"] * frame["pairs"]).sum(), (x > 0).sum())


def test_the_rows_behind_a_region_lie_in_it_and_are_ordered(signals: Signals) -> None:
    inside = queries_explore.within(signals, {"external_margin": (0.0, 2.0), "implicit_margin": (-9.0, 9.0)})
    rows = queries_explore.some(signals, inside, "implicit_margin", limit=4, offset=1)
    everything = queries_explore.some(signals, inside, "implicit_margin", limit=1000)
    assert len(everything) == inside.sum() > 5
    assert list(rows) == list(everything[1:5])
    assert (signals["external_margin"][rows] > 0).all()
    assert list(signals["implicit_margin"][rows]) == sorted(signals["implicit_margin"][rows], reverse=True)


def test_overlap_counts_shared_pairs_of_subsets_of_the_same_pool(ws: Workspace, index: Index, world: World) -> None:
    saved = ws.table(world.select, "selected")["pair_id"].to_numpy()
    pool = inputs.pairs(ws, world.load)["pair_id"].to_numpy()
    mine = np.concatenate([saved[:3], np.setdiff1d(pool, saved)[:3]])
    (row,) = queries_select.overlaps(index, world.load, mine)
    assert (row["run"], row["shared"], row["of this one"]) == (world.select, 3, 0.5)
    assert np.isclose(row["by chance"], len(saved) / len(pool))
    assert queries_select.overlaps(index, "load-000000000000", mine) == []


def test_curves_of_an_ended_run_are_its_table(index: Index, world: World) -> None:
    frame = queries_training.curves(index, [world.train])
    assert len(frame) == 50
    assert set(frame["metric"]) >= {"loss", "rewards/margins"}


def test_curves_of_a_running_run_come_from_its_events(ws: Workspace, index: Index, world: World) -> None:
    (ws.folder(world.train) / "result.json").unlink()
    events = ws.folder(world.train) / "events.jsonl"
    for step, loss in ((1, 0.7), (2, 0.6), (2, 0.5)):  # step 2 again, after a resume
        ws.append(events, {"t": 0, "event": "metrics", "step": step, "split": "train", "epoch": 0.1, "loss": loss})
    index.refresh()
    frame = queries_training.curves(index, [world.train])
    assert frame[["step", "metric", "value"]].values.tolist() == [[1, "loss", 0.7], [2, "loss", 0.5]]


def test_items_are_counted_as_the_report_counts_them(ws: Workspace, index: Index, world: World) -> None:
    seen = verdicts(ws.table(world.judge, "judgements"))
    counts = {name: queries_results.count(index, world.judge, name) for name in queries_results.OUTCOMES}
    assert counts["all"] == seen.items == 20
    assert counts["no verdict"] == seen.missing == 4
    assert counts["order flip"] == seen.rows["flipped"].sum() == 4
    assert counts["tie"] == seen.rows["tie"].sum() == 8
    assert counts["candidate won"] == (seen.rows["preference"] > 0.5).sum() == 4


def test_an_item_shows_both_answers_and_every_attempt(ws: Workspace, index: Index, world: World) -> None:
    rows = queries_results.items(index, world.judge, "order flip", limit=10)
    assert len(rows) == 4
    answers = ws.table(world.candidate, "responses")["response"].to_pylist()
    for row in rows:
        assert row.turns[-1][0] in answers
        assert row.flipped
        assert [(a["order"], a["preference"]) for a in row.attempts] == [
            ("candidate_first", 1.0),
            ("reference_first", 0.0),
        ]


def test_the_mean_length_of_answers_is_in_words(index: Index, world: World) -> None:
    assert queries_results.words(index, world.candidate) == 12.0


def test_the_lengths_are_those_of_the_answers_that_have_a_verdict(ws: Workspace, index: Index, world: World) -> None:
    found = queries_results.lengths(index, world.judge)
    rows = verdicts(ws.table(world.judge, "judgements")).rows
    tables = [ws.table(run, "responses").to_pandas() for run in (world.candidate, world.baseline)]
    said = [dict(zip(table["response_id"], table["response"], strict=True)) for table in tables]
    expected = [
        (row.prompt_id, row.preference, len(said[0][row.candidate_id]), len(said[1][row.reference_id]))
        for row in rows.itertuples()
    ]
    assert list(found.itertuples(index=False, name=None)) == sorted(expected)


def test_the_correlation_is_of_ranks_and_leaves_out_what_is_not_measured() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0, np.nan])
    assert np.isclose(queries_explore.correlation(x, np.exp(x)), 1.0)
    assert np.isclose(queries_explore.correlation(x, np.array([4.0, 3.0, 2.0, np.nan, 1.0])), -1.0)
