"""A link opens the same view, even as the first request of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.workspace import Workspace
from tests.browser.conftest import Screen, Server
from tests.small_world import build

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
