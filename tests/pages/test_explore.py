"""Explore: distributions, a region in the URL, the rows behind it."""

from __future__ import annotations

from backend import tables
from backend.signals import compute
from backend.workspace import Workspace
from tests.pages.conftest import Open, words
from tests.small_world import World


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    assert "There are no pairs yet" in words(page("explore"))


def test_every_signal_that_is_measured_is_summed_up(page: Open, world: World) -> None:
    names = page("explore").dataframe[0].value["signal"].tolist()
    assert names == ["external_margin", "implicit_margin", "length_difference", "pvar", "reward_gap"]


def test_roles_are_guessed_from_an_earlier_subset(page: Open, world: World) -> None:
    at = page("explore")
    assert at.selectbox(key="role policy_logprob").value == world.policy
    assert at.selectbox(key="role reference_logprob").value == world.reference


def test_without_measures_only_lengths_are_known(page: Open, world: World) -> None:
    nothing = dict.fromkeys(("reward", "policy_logprob", "reference_logprob", "logprob"), "none")
    at = page("explore", **nothing)
    assert at.dataframe[0].value["signal"].tolist() == ["length_difference"]
    assert "implicit_margin needs policy_logprob and reference_logprob" in words(at)


def test_a_link_opens_the_same_region_and_its_rows(ws: Workspace, page: Open, world: World) -> None:
    at = page("explore", region="external_margin:0.5:3")
    signals = compute(ws, world.load, {"reward": world.reward})
    inside = ((signals["external_margin"] >= 0.5) & (signals["external_margin"] <= 3)).sum()
    assert f"**{inside:,} of 36 pairs**" in words(at)


def test_a_region_can_be_cleared(page: Open, world: World) -> None:
    at = page("explore", region="external_margin:90:91")
    assert "No pair lies there" in words(at)
    next(b for b in at.button if b.label == "Clear the region").click().run()
    assert "**36 of 36 pairs**" in words(at)


def test_a_region_that_cannot_be_read_is_no_region(page: Open, world: World) -> None:
    assert "**36 of 36 pairs**" in words(page("explore", region="nonsense:1:2;external_margin:1;pvar:low:high"))


def test_the_measure_form_shows_the_command(page: Open, world: World) -> None:
    at = page("explore", measure="rating")
    assert any('"name":"rating"' in code.value for code in at.code)


def test_a_page_beyond_the_end_of_a_smaller_region_becomes_its_last(page: Open, world: World) -> None:
    at = page("explore")
    at.number_input(key="page").set_value(8).run()
    at.query_params["region"] = "external_margin:0.5:3"
    at.run()
    assert not at.exception
    assert at.number_input(key="page").value < 8


def test_the_pairs_of_a_subset_can_be_explored_with_the_measures_of_their_pool(page: Open, world: World) -> None:
    at = page("explore", pairs=world.select)
    assert "**12 of 12 pairs**" in words(at)
    assert at.selectbox(key="role reward").value == world.reward


def test_pairs_that_the_length_limit_made_alike_are_counted_and_shown(ws: Workspace, page: Open, world: World) -> None:
    pair = next(p for p in ws.table(world.load, "pairs").to_pylist() if p["split"] is None)
    sides = [pair["chosen_id"], pair["rejected_id"]]
    rows = ws.table(world.policy, "measurements").to_pylist()
    same = [row | ({"value": -5.0} if row["response_id"] in sides else {}) for row in rows]
    ws.write_table(world.policy, "measurements", tables.build("measurements", same))
    ws.write_json(ws.folder(world.policy) / "cut.json", {"responses": sides})
    at = page("explore")
    assert any("1 pairs are the same on both sides once cut" in e.label for e in at.expander)
    assert "No strategy takes them" in words(at)


def test_a_link_to_measures_that_are_gone_says_so_and_none_is_no_link(page: Open, world: World) -> None:
    at = page("explore", reward="measure-000000000000", policy_logprob="none")
    assert [w.value for w in at.warning if "There is no" in w.value] == [
        "There is no 'measure-000000000000' here: it was deleted, or the link is from another workspace."
    ]
