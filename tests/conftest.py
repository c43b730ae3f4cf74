"""Shared by all tests: one OpenMP thread, no network, a fresh workspace, and the real data where it lies beside us."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest

from backend.workspace import Workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace.open(tmp_path / "workspace")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside a developer's checkout; a user's clone has none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.exists():
        pytest.skip("the real data folder ../shared/data is not there (only developers have it)")
    return folder
