"""A study's report in words: the same ones on the results page and on a terminal."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from ..report.estimate import Estimate
from .report import Arm, Report


def findings(shown: Report) -> list[tuple[str, list[str]]]:
    """What the study shows, as a heading and the arms it holds for: the sure things first."""
    told = [arm for arm in shown.arms if arm.comparison and arm.against_control]
    told.sort(key=lambda arm: -arm.against_control.value if arm.against_control else 0.0)
    found = []
    for verdict in ("better", "no worse", "worse", "cannot tell"):
        arms = [arm for arm in told if arm.comparison and arm.comparison.verdict == verdict]
        if arms:
            found.append((_heading(arms[0], shown.control), [_named(arm) for arm in arms]))
    return found


def _heading(arm: Arm, control: str) -> str:
    assert arm.comparison
    heading = {
        "better": f"Better than {control}",
        "no worse": f"No worse than {control} within {100 * arm.comparison.delta:g} points",
        "worse": f"Worse than {control}",
        "cannot tell": f"Cannot tell from {control}",
    }
    return heading[arm.comparison.verdict]


def _named(arm: Arm) -> str:
    assert arm.comparison and arm.against_control
    text = f"{arm.name} {100 * arm.against_control.value:+.1f}"
    if arm.comparison.verdict == "cannot tell" and arm.comparison.needed:
        text += f" (about {arm.comparison.needed:,} prompts could)"
    return text


def sizes(shown: Report) -> str:
    """What a study of this size can find, and how it was corrected; empty without a comparison."""
    told = [(arm.comparison, arm.against_control) for arm in shown.arms if arm.comparison and arm.against_control]
    if not told:
        return ""
    first, gap = told[0]
    corrected = f", corrected for {first.comparisons} comparisons (Holm)" if first.comparisons > 1 else ""
    sizes = [comparison.detectable for comparison, _ in told if not math.isnan(comparison.detectable)]
    least = f" At this size a difference of {_from_to(sizes)} points is found four times in five." if sizes else ""
    least += " More training seeds would tell more; more prompts alone would not." if _few_seeds(shown) else ""
    seeds = "1 training seed" if gap.seeds == 1 else f"{gap.seeds} training seeds"
    return f"In points of win rate, over {gap.prompts:,} prompts and {seeds}{corrected}.{least}"


def _few_seeds(shown: Report) -> bool:
    """Whether some difference cannot be told because the seeds differ, whatever the number of prompts."""
    return any(
        arm.comparison.verdict == "cannot tell"
        and arm.comparison.needed is None
        and gap.spread
        and gap.spread.floor > 0
        for arm in shown.arms
        if arm.comparison and (gap := arm.against_control)
    )


def _from_to(shares: list[float]) -> str:
    low, high = (f"{100 * value:.1f}" for value in (min(shares), max(shares)))
    return low if low == high else f"{low} to {high}"


def judge_line(shown: Report) -> str:
    """How the judge behaved over all arms, each share with what it was taken over; empty without verdicts."""
    judge = shown.judge
    if judge is None:
        return ""
    wins = [arm.win for arm in shown.arms if arm.win]
    items = sum(win.items for win in wins)
    names = ("tied", "flipped", "missing") if judge.flips else ("tied", "missing")
    ended = {name: sum(getattr(win, name) for win in wins) / items for name in names}
    parts = [f"of {items:,} items {', '.join(f'{100 * share:.0f} % {name}' for name, share in ended.items())}"]
    if judge.first:
        parts.append(f"the answer shown first is preferred {interval(judge.first)} (no bias: 50 %)")
    if judge.longer:
        parts.append(f"the longer answer is preferred {interval(judge.longer)} of {judge.longer.items:,}")
    return f"The judge: {'; '.join(parts)}."


def as_document(shown: Report) -> dict[str, Any]:
    """The report as plain JSON; what is not known is null."""
    document = dataclasses.asdict(shown)
    for row, arm in zip(document["arms"], shown.arms, strict=True):
        row["verdict"], row["adjusted_verdict"] = arm.verdict, arm.adjusted_verdict
        if arm.at_equal_length and arm.at_equal_length.curve:
            del row["at_equal_length"]["curve"]["influence"]  # a number for every prompt
        if arm.win:
            row["win"]["bounds"] = arm.win.bounds
    return dict(_plain(document))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_text(shown: Report) -> str:
    """The table for a terminal; intervals are 95 %."""
    header = ("arm", "pairs", "flipped labels", "win rate against start", "against control", "length-adjusted",
              "adjusted, against control", "change of score", "words")  # fmt: skip
    rows = [header, *(_cells(arm) for arm in shown.arms)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-" * len(lines[0]))
    first = next((arm.win for arm in shown.arms if arm.win), None)
    if first:
        rate = first.win_rate
        lines.append(
            f"\nWin rates over {rate.prompts} prompts, {rate.items} verdicts, "
            f"{rate.seeds} seed{'s' * (rate.seeds > 1)}; 95 % intervals."
        )
    lines += [f"{heading}: {', '.join(arms)}" for heading, arms in findings(shown)]
    lines += filter(None, (sizes(shown), judge_line(shown), *worst_cases(shown)))
    return "\n".join([shown.title, "", *lines, *shown.notes])


def worst_cases(shown: Report) -> list[str]:
    """What missing verdicts could do to a difference, for each arm that has some or whose control has."""
    return [
        f"{arm.name}: between {100 * low:+.1f} and {100 * high:+.1f} if all missing verdicts went one way."
        for arm in shown.arms
        if arm.worst_case
        for low, high in [arm.worst_case]
    ]


def _cells(arm: Arm) -> tuple[str, ...]:
    return (
        arm.name,
        "" if arm.pairs is None else f"{arm.pairs:,.0f}",
        "" if arm.flipped is None else percent(arm.flipped.share),
        "" if arm.win is None else interval(arm.win.win_rate),
        "" if arm.against_control is None else f"{_points(arm.against_control)} {arm.verdict}",
        ""
        if arm.at_equal_length is None or arm.at_equal_length.adjusted is None
        else interval(arm.at_equal_length.adjusted),
        at_equal_length(arm),
        "" if arm.change is None else f"{arm.change.value:+.2f} ({arm.change.low:+.2f} to {arm.change.high:+.2f})",
        "" if arm.words is None else f"{arm.words:.1f}",
    )


def at_equal_length(arm: Arm) -> str:
    """The length-adjusted difference to the control and what it allows to say; empty where there is none."""
    gap = arm.adjusted_against_control
    return f"{_points(gap)} {arm.adjusted_verdict}" if gap else ""


def percent(of: Estimate) -> str:
    """`57 %`."""
    return f"{100 * of.value:.0f} %"


def interval(of: Estimate) -> str:
    """`57.2 % (54.6 to 60.1)`."""
    return f"{100 * of.value:.1f} % ({100 * of.low:.1f} to {100 * of.high:.1f})"


def _points(of: Estimate) -> str:
    return f"{100 * of.value:+.1f} ({100 * of.low:+.1f} to {100 * of.high:+.1f})"
