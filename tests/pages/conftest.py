"""Pages run by Streamlit's own test runner on a workspace with one finished run of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.workspace import Workspace
from pages.parts import session
from tests.small_world import World, build

ROOT = Path(__file__).parent.parent.parent
Open = Callable[..., AppTest]


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


@pytest.fixture
def page(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a page (None: through the router) with query parameters, in the test's workspace."""
    monkeypatch.setenv("WINNOW_WORKSPACE", str(ws.root))
    monkeypatch.setenv("WINNOW_SAMPLE", "0")

    def show(name: str | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if name:
            at.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception[0].stack_trace
        return at

    yield show
    session.forget(ws)


def button(at: AppTest, label: str) -> object:
    """The button with this label."""
    return next(b for b in at.button if b.label == label)


def words(at: AppTest) -> str:
    """Everything that the page says in running text."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success", "code", "text")
    return "\n".join(str(part.value) for kind in kinds for part in getattr(at, kind))
