"""Words that users and models wrote, where a page shows Markdown."""

from __future__ import annotations


def plain(text: str) -> str:
    """Names and answers as they are, not as markup."""
    return "".join(rf"\{c}" if c in "*_[]`$<>~\\" else c for c in text)
