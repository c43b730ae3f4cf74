"""The documents say what is so: links lead somewhere, and what exists is described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.__main__ import main
from backend.measures import measures
from backend.pairings import pairings
from backend.signals import signals
from backend.strategies import strategies

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "data" / "README.md", *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
METHODS = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("member", [m.name for family in (signals, strategies, pairings, measures) for m in family])
def test_every_member_has_its_formula_in_methods(member: str) -> None:
    assert f"`{member}" in METHODS


def test_every_command_is_in_the_readme() -> None:
    with main.make_context("winnow", ["runs"]) as context:
        missing = [n for n in main.list_commands(context) if f"python -m backend {n}" not in README]
    assert missing == []


def test_every_setting_that_the_code_reads_is_in_the_readme() -> None:
    sources = [*(ROOT / "backend").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    read = {name for s in sources for name in re.findall(r"WINNOW_[A-Z_]+", s.read_text(encoding="utf-8"))}
    assert {name for name in read if f"`{name}`" not in README} == set()


def test_the_tree_in_the_readme_is_the_tree() -> None:
    block = README.split("## The tree")[1].split("```")[1]
    named = set(re.findall(r"^\s*([\w.]+/?)\s", block, flags=re.M))
    there = {p.name + "/" * p.is_dir() for p in (ROOT / "backend").iterdir() if p.name != "__pycache__"}
    there |= {p.name for p in (ROOT / "pages").glob("*.py")}
    assert there - named - {"__init__.py"} == set()


def test_no_document_names_a_path_of_a_machine() -> None:
    for document in DOCUMENTS:
        assert not re.search(r"/(work|root|home)/", document.read_text(encoding="utf-8")), document
