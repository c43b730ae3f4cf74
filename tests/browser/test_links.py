"""A link opens the same view, even as the first request of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.workspace import Workspace
from tests.browser.conftest import Screen, Server
from tests.small_world import build, finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_link_to_a_region_opens_it_below_the_strip(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    world = build(Workspace.open(tmp_path / "workspace"))
    user = screen(dashboard())
    user.open(f"explore?pairs={world.load}&region=external_margin:-9:9")
    user.sees("Results")
    user.sees("1 failed")
    user.clicks("Two signals", "tab")
    user.sees("36 of 36 pairs")
    assert not user.complaints


def test_a_box_whose_choice_is_gone_shows_what_the_page_works_with(
    dashboard: Callable[..., Server], screen: Callable[[Server], Screen], tmp_path: Path
) -> None:
    """The reward measure's box holds a reward model; a log-prob cannot be measured with it."""
    ws = Workspace.open(tmp_path / "workspace")
    from playwright.sync_api import expect

    world = build(ws)
    spec = ws.spec(world.train).model_copy(update={"method": "reward", "beta": None})
    finish(ws, spec, "the reward model", {}, {})
    user = screen(dashboard())
    user.open("explore?measure=reward")
    user.unfolds("Measure: run a model")
    user.page.wait_for_url(f"**{spec.id}**")
    user.chooses("Measure", "logprob")
    box = user.page.get_by_test_id("stSelectbox").filter(has=user.page.get_by_text("Model", exact=True))
    user.page.wait_for_url(f"**{world.train}**")
    expect(box.locator("visible=true").first.locator("input")).not_to_have_value("the reward model")
