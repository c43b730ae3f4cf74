"""`dialogue`: HH-RLHF's texts, two dialogues that share their beginning."""

from __future__ import annotations

import re

from ..errors import BadData
from . import Answer, Example, Message, Row, formats, shared_start, text

HUMAN, ASSISTANT = "\n\nHuman:", "\n\nAssistant:"
ROLES = {HUMAN: "user", ASSISTANT: "assistant"}


@formats.member()
def dialogue(row: Row, *, chosen: str = "chosen", rejected: str = "rejected") -> Example:
    """Dialogues of Human and Assistant turns (HH-RLHF), cut at the last assistant turn that both share.

    The usual cut, at the last marker of the chosen dialogue, gives another prompt where an answer itself holds a
    marker; such rows are flagged `ambiguous_split`.
    """
    sides = [text(row, chosen), text(row, rejected)]
    shared = sides[0][: shared_start(*sides)]
    cut = shared.rfind(ASSISTANT) + len(ASSISTANT)
    if cut < len(ASSISTANT):
        raise BadData(f"chosen and rejected share no {ASSISTANT.strip()!r} turn; choose another format.")
    naive = {side.rfind(ASSISTANT) + len(ASSISTANT) for side in sides}
    return Example(
        prompt=_messages(shared[:cut].removesuffix(ASSISTANT)),
        answers=[Answer(side[cut:].removeprefix(" ")) for side in sides],
        pairs=[(0, 1)],
        flags=() if naive == {cut} else ("ambiguous_split",),
    )


def _messages(start: str) -> list[Message]:
    """The turns of a dialogue; one blank after each marker belongs to the marker."""
    parts = re.split(f"({HUMAN}|{ASSISTANT})", start)
    if parts[0].strip() or len(parts) < 3:
        raise BadData(f"a dialogue must begin with {HUMAN.strip()!r} and a turn, not {start.strip()[:40]!r}.")
    return [
        {"role": ROLES[marker], "content": said.removeprefix(" ")}
        for marker, said in zip(parts[1::2], parts[2::2], strict=True)
    ]
