"""A small workspace and its index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.store.database import Index, open_index
from backend.workspace import Workspace
from tests.small_world import World, build


@pytest.fixture
def world(ws: Workspace) -> World:
    return build(ws)


@pytest.fixture
def index(ws: Workspace, world: World) -> Iterator[Index]:
    opened = open_index(ws)
    yield opened
    opened.close()
