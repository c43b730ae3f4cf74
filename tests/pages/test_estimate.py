"""The estimate before the click: offered, said, and held against what came true."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend import devices
from backend.specs import EstimateSpec, MeasureSpec
from backend.workspace import Workspace
from tests import tiny
from tests.pages.conftest import words
from tests.small_world import World

FACTS = {
    "responses": 72, "reused": 0, "known": 10, "texts": 72, "tokens": 41_131, "seconds": 83.0, "reading": 1.0,
    "loading": 2.0, "computing": 80.0, "tokens_per_second": 514.1, "gflops": 6.0, "memory": 3 * 2**30,
}  # fmt: skip


@pytest.fixture
def offered(ws: Workspace, world: World, monkeypatch: pytest.MonkeyPatch):
    """Draws the offer for a measure run of the small world."""
    monkeypatch.setenv("WINNOW_WORKSPACE", str(ws.root))

    def draw(spec: MeasureSpec) -> AppTest:
        script = (
            "from backend.specs import parse\nfrom pages.parts import estimate_view\n"
            f"estimate_view.offer(parse({spec.canonical()!r}))\n"
        )
        at = AppTest.from_string(script, default_timeout=60).run()
        assert not at.exception, at.exception[0].stack_trace
        return at

    return draw


def test_a_run_that_was_not_asked_can_be_estimated_and_one_without_a_model_needs_not(
    ws: Workspace, world: World, offered, tmp_path: Path
) -> None:
    new = ws.spec(world.policy).model_copy(update={"model": tiny.local_model(ws, tmp_path / "m")})
    assert [b.label for b in offered(new).button] == ["Estimate the cost"]
    assert not offered(new.model_copy(update={"model": None})).button


def test_an_estimate_says_time_tokens_and_memory_then_what_came_true(
    ws: Workspace, world: World, offered, tmp_path: Path
) -> None:
    new = ws.spec(world.policy).model_copy(update={"model": tiny.local_model(ws, tmp_path / "m")})
    tiny.finished(ws, EstimateSpec(of=new, machine=devices.machine()), FACTS)
    said = words(offered(new))
    assert "About 1 min 23 s" in said and "41,131 tokens" in said and "3.0 GiB" in said
    assert "10 of 72 texts are known already" in said
    tiny.finished(ws, new)
    ws.write_json(ws.folder(new.id) / "result.json", {"outcome": "finished", "seconds": 90.0, "summary": {}})
    assert "Estimated 1 min 23 s, took 1 min 30 s." in words(offered(new))
