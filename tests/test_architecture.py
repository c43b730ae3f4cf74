"""Who may import whom, as a table, checked on the source text."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "backend").rglob("*.py")])

# A library → the only places that may import it.
ROOMS = {
    "streamlit": ("app.py", "pages/"),
    "altair": ("pages/",),
    "torch": ("backend/models/",),
    "transformers": ("backend/models/",),
    "trl": ("backend/models/",),
    "peft": ("backend/models/",),
    "vllm": ("backend/models/",),
    "openai": ("backend/models/",),
    "accelerate": ("backend/models/",),
    "duckdb": ("backend/store/",),
    "huggingface_hub": ("backend/hub.py",),
    "datasets": ("backend/hub.py", "backend/models/"),  # TRL trains on datasets.Dataset
    "click": ("backend/__main__.py", "backend/commands/"),
    # serving.py: the server of a local judge is a child that must end with its job.
    "subprocess": (
        "backend/jobs/starting.py",
        "backend/jobs/shards.py",
        "backend/jobs/serving.py",
        "backend/devices.py",
    ),
    "multiprocessing": (),
    "requests": (),
}
# A part of the backend → the parts it may not import.
FORBIDDEN = {
    "backend/formats/": ("workspace", "runs", "jobs", "store", "models", "commands"),
    "backend/strategies/": ("workspace", "runs", "jobs", "store", "models", "commands"),
    "backend/pairings/": ("workspace", "runs", "jobs", "store", "models", "commands"),
    "backend/signals/": ("runs", "jobs", "store", "models", "commands"),
    "backend/verdicts/": ("workspace", "runs", "jobs", "store", "models", "commands"),
    "backend/report/": ("runs", "jobs", "store", "models", "commands"),
    "backend/jobs/": ("store", "commands", "runs"),
    "backend/models/": ("store", "commands", "runs"),
    "backend/commands/": ("store",),
    "backend/tables.py": ("workspace", "specs", "runs", "jobs", "store", "models"),
    "backend/specs.py": ("workspace", "runs", "jobs", "store", "models"),
    "backend/store/": ("jobs", "models", "commands"),
    "pages/": ("backend.jobs", "backend.models", "backend.queue", "backend.locks"),
    "app.py": ("backend.jobs", "backend.models", "backend.queue", "backend.locks"),
}
EXCEPTIONS = {("backend/commands/index.py", "store")}
BANNED_NAMES = {"utils", "common", "helpers", "base", "manager", "service", "misc"}


def imports(path: Path) -> set[str]:
    """Absolute names of everything a file imports, relative ones resolved."""
    found: set[str] = set()
    package = list(path.relative_to(ROOT).with_suffix("").parts)[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_library_stays_in_its_room(path: Path) -> None:
    strays = {
        name
        for name in imports(path)
        for library, rooms in ROOMS.items()
        if name.split(".")[0] == library and not any(named(path).startswith(room) for room in rooms)
    }
    assert not strays


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_part_imports_a_part_above_or_beside_it(path: Path) -> None:
    seen = imports(path)
    for part, forbidden in FORBIDDEN.items():
        if named(path).startswith(part):
            for other in forbidden:
                if (named(path), other) in EXCEPTIONS:
                    continue
                target = other if other.startswith("backend.") else f"backend.{other}"
                assert not {name for name in seen if name == target or name.startswith(target + ".")}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_the_backend_never_imports_the_pages(path: Path) -> None:
    if named(path).startswith("backend/"):
        assert not {name for name in imports(path) if name.split(".")[0] in ("pages", "app")}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_files_are_small_enough_to_read_and_named_by_what_they_hold(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").split("\n")) <= 301
    assert path.stem not in BANNED_NAMES
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "a module says what it is"


def test_commands_and_pages_start_without_the_heavy_libraries() -> None:
    """Importing what a page or a command needs must not import torch: that costs seconds."""

    code = (
        "import sys, backend.runs, backend.inputs, backend.__main__, backend.commands as c;"
        "import click; ctx = click.Context(backend.__main__.main);"
        "[backend.__main__.main.get_command(ctx, n) for n in backend.__main__.main.list_commands(ctx)];"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'openai', 'streamlit'};"
        "print(heavy & set(sys.modules) or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""
