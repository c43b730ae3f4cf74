"""What a reader should know before believing verdicts, in sentences. Pure: values in, sentences out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

PLACE_SHARE = 0.9  # of the verdicts in favour of one place, from which on the judge judges the place
FEWEST = 5  # verdicts in each order, below which nothing is said of places
SAME_ANSWER = 0.1  # share of the answers with one and the same text that is worth a note
FEWEST_SAME = 3


def place_share(shown_first: Sequence[float], candidate_first: Sequence[bool]) -> float | None:
    """How often the answer shown first is preferred (ties half): the mean of the shares in both orders.

    So the strength of a model does not count, however often it was shown first. None where an order has too few
    verdicts. `shown_first`: how far the answer shown first is preferred, 0 to 1.
    """
    shares = []
    for order in (True, False):
        found = [
            first for first, is_candidate in zip(shown_first, candidate_first, strict=True) if is_candidate == order
        ]
        if len(found) < FEWEST:
            return None
        shares.append(sum(0.5 if first == 0.5 else float(first > 0.5) for first in found) / len(found))
    return sum(shares) / 2


def on_place(shown_first: Sequence[float], candidate_first: Sequence[bool]) -> Iterator[str]:
    """A note where the judge prefers a place, whichever answer stands there."""
    share = place_share(shown_first, candidate_first)
    if share is not None and not 1 - PLACE_SHARE < share < PLACE_SHARE:
        where, often = ("first", share) if share > 0.5 else ("second", 1 - share)
        yield (
            f"The judge prefers the answer shown {where} in {100 * often:.0f} % of its verdicts, whichever it is: it "
            "judges the place, not the answer."
        )


def on_answers(answers: Sequence[str], whose: str) -> Iterator[str]:
    """A note where many answers are the same text."""
    text, often = Counter(answers).most_common(1)[0] if answers else ("", 0)
    if often >= max(FEWEST_SAME, SAME_ANSWER * len(answers)):
        yield (
            f"{often} of {len(answers)} answers of the {whose} are one and the same text ({text[:40]!r}): the judge "
            "may have been talked into its verdicts, do not take them for quality."
        )


def on_reasons(reasons: Sequence[str]) -> Iterator[str]:
    """A note on why verdicts could not be read, the most frequent reason."""
    if reasons:
        reason, often = Counter(reasons).most_common(1)[0]
        yield f"{len(reasons)} replies could not be read; {often} of them because {reason}"
