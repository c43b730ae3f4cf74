"""Review in a browser: bars are clicked, rows opened, votes typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backend import votes
from backend.workspace import Workspace
from tests.browser.conftest import Screen, Server
from tests.small_world import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_votes_are_typed_one_after_the_other_and_undone(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    build(ws)
    user = screen(dashboard())
    user.open("review?mode=Vote+blind")
    user.types("Your name", "ann")
    user.sees("0 voted · 20 to go")
    for key, left in (("1", "1 voted · 19"), ("2", "2 voted · 18"), ("t", "3 voted · 17"), ("s", "3 voted · 16"),
                      ("u", "3 voted · 17"), ("u", "2 voted · 18"), ("1", "3 voted · 17")):  # fmt: skip
        user.settle()  # a key that is pressed while the page is being drawn is lost
        user.page.keyboard.press(key)
        user.sees(f"{left} to go")
    cast = votes.read(ws)
    assert [vote.author for vote in cast] == ["ann"] * 3
    assert [(vote.preference == 1.0) == (vote.shown_first == "candidate") for vote in cast] == [True, False, True]
    assert len(ws.read_lines(ws.root / "votes.jsonl")) == 5
    user.clicks("^Read$", "radio")
    user.sees("3 votes on 3 comparisons")
    assert user.complaints == []


def test_keys_faster_than_the_page_vote_once_and_only_on_what_was_on_screen(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    ws = Workspace.open(tmp_path / "workspace")
    world = build(ws, pairs=200)
    user = screen(dashboard())
    user.open("review?mode=Vote+blind")
    user.types("Your name", "ann")
    user.sees("0 voted · 100 to go")
    user.page.evaluate("""() => {
        window.seen = [];
        const look = () => window.seen.push(document.querySelector("[data-testid=stMain]").textContent);
        window.addEventListener("keydown", look, true);
    }""")
    for wait in (0, 0, 30, 60, 90, 120, 200, 300, 400, 500):
        user.page.wait_for_timeout(wait)
        user.page.keyboard.press("1")
        user.page.keyboard.press("2")
    user.settle()
    user.waits(lambda: user.page.get_by_text(f"{len(votes.read(ws))} voted").count(), "the page has counted every vote")
    cast, seen = votes.read(ws), [" ".join(text.split()) for text in user.page.evaluate("() => window.seen")]
    assert len(ws.read_lines(ws.root / "votes.jsonl")) == len(cast) > 0
    said = {row["response_id"]: row["response"] for row in ws.table(world.candidate, "responses").to_pylist()}
    assert all(any(said[vote.candidate_id] in text for text in seen) for vote in cast)
    user.page.keyboard.press("u")
    user.sees(f"{len(cast) - 1} voted")
    assert user.complaints == []


def test_clicking_a_bar_filters_everything_and_clicking_it_again_lets_go(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    build(Workspace.open(tmp_path / "workspace"))
    user = screen(dashboard())
    user.open("review")
    user.sees("20 of 20 verdicts")
    for expected in ("orders=orders", None):
        chart = user.page.get_by_test_id("stVegaLiteChart").nth(1)
        chart.locator("svg, canvas").first.wait_for()
        user.page.wait_for_timeout(1500)
        box = chart.bounding_box()
        user.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.45 * box["height"])
        user.page.wait_for_url(re.compile(expected) if expected else re.compile(r"^(?!.*orders=).*$"))
    user.sees("20 of 20 verdicts")
    assert user.complaints == []


def test_a_row_is_opened_by_a_click_and_the_next_by_a_key_and_the_address_opens_it_again(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    build(Workspace.open(tmp_path / "workspace"))
    server = dashboard()
    user = screen(server)
    user.open("review?orders=orders+disagree")
    user.sees("4 of 20 verdicts")
    table = user.page.get_by_test_id("stDataFrame").bounding_box()
    user.page.mouse.click(table["x"] + 17, table["y"] + 52)
    user.sees("row 1 of 4")
    user.page.get_by_role("heading", name="Review").click()
    user.page.keyboard.press("j")
    user.sees("row 2 of 4")
    other = screen(server)
    other.open("review?" + user.page.url.split("?")[1])
    other.sees("row 2 of 4")
    other.sees("the orders disagree")
    assert user.complaints == other.complaints == []
