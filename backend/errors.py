"""Everything that Winnow says no with.

WinnowError
├── BadInput            the user can mend it: one sentence, with the value and what to do (exit code 2)
│   ├── BadData         a file or dataset that cannot be read as asked
│   ├── BadSpec         a question that makes no sense (unknown member, budget above the pool, ...)
│   └── NotFound        a run, file, repository or model that is not there
├── WorkspaceError      the disk is full, read-only, or owned by somebody else
├── IndexBusy           another dashboard holds the index of this workspace
├── EndpointError       a judge endpoint that is down, refuses, limits, or answers nonsense
│   └── LimitReached    a run's cap on calls or money is used up, or the judge fell silent: what it said so far stays
└── JobFailed           a run ended without an answer (exit code 1)

`Cancelled` is no error: it unwinds a job that was asked to stop.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WinnowError(Exception):
    """Base of all errors that are shown to the user as one sentence."""


class BadInput(WinnowError):
    """Something the user gave cannot be used; nothing was written."""


class BadData(BadInput):
    """A file or dataset that cannot be read as asked."""


class BadSpec(BadInput):
    """A question that cannot be asked."""


class NotFound(BadInput):
    """A run, file, repository or model that is not there."""


class WorkspaceError(WinnowError):
    """The workspace cannot be read or written."""


class IndexBusy(WinnowError):
    """Another process owns the index of this workspace."""


class EndpointError(WinnowError):
    """A judge endpoint that cannot be used."""


class LimitReached(EndpointError):
    """A run may ask no further: its answers so far stay readable, and a later launch goes on from them."""


class JobFailed(WinnowError):
    """A run ended without an answer."""


class Unreadable(WinnowError):
    """A judge's reply that holds no verdict."""


class Cancelled(Exception):
    """The job was asked to stop."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` where something close is known, else the list of what is known."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}."


def sentence(error: BaseException) -> str:
    """The error as one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if isinstance(error, WinnowError) else f"{type(error).__name__}: {text}"
