"""`votes pairs`: preference pairs of what people preferred."""

from __future__ import annotations

from pathlib import Path

import click

from ... import votes
from ...errors import BadInput
from .. import Session


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def pairs(session: Session, path: Path) -> None:
    """Write a preference pair (JSON Lines that `load` reads) for every two answers of which people prefer one."""
    if path.suffix != ".jsonl":
        raise BadInput(f"cannot write {str(path)!r}: its name must end in .jsonl.")
    found = votes.preferred(session.workspace, votes.read(session.workspace))
    if not found.rows:
        raise BadInput(f"no pair can be made of these votes ({found.undecided} undecided); vote on the Review page.")
    session.write(path, lambda beside: beside.write_bytes(votes.lines(found)))
    facts = {"path": str(path), "pairs": len(found.rows), "undecided": found.undecided, "gone": found.gone}
    session.show(facts, f"{len(found.rows)} pairs written to {path}; {found.undecided} comparisons undecided, "
                 f"{found.gone} whose answers were deleted")  # fmt: skip
