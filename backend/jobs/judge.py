"""judge: verdicts on a candidate's answers, alone or against a reference's. Every attempt is kept, none asked twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np

from .. import tables
from ..errors import EndpointError, LimitReached, sentence
from ..judges import Asked, Desk, Judged, Order, Place, Row, judged_by, judges
from ..judges.items import wanted
from ..registry import Member
from ..report import cautions, length_adjusted
from ..report.compare import compare
from ..report.judge_bias import JudgeBias, judge_bias
from ..report.outcomes import OUTCOMES
from ..report.verdicts import ITEM, Verdicts, verdicts, with_lengths
from ..report.win_rate import WinRate, win_rate
from ..specs import JudgeSpec, ModelRef
from ..terms import Terms
from . import Job, Summary
from .serving import serving

UNIT = "judgements"
UNANSWERED = ("transport", "timeout")  # statuses after which the same launch tries again
Key = tuple[int, int, str]


def run(job: Job) -> Summary:
    """Writes `judgements`, one row per attempt; incomplete where an item has no readable verdict in every order."""
    spec: JudgeSpec = job.spec
    member = judges[spec.judge.name]
    arguments = member.bind(spec.judge.args)
    asked, without, beyond, notes = wanted(job.ws, spec)
    rows = job.kept(UNIT)
    answered = {_key(row): row for row in rows if row["status"] == "ok"}
    total = sum(len(theirs) for _, theirs in asked)
    job.progress(len(answered), total, UNIT, "judging")
    more: dict[str, Any] = {"candidate_without_reference": without} if without else {}
    more |= {"beyond_limit": beyond} if beyond else {}
    more["notes"] = notes
    earlier, before = any(row.get("judge") for row in answered.values()), _spent(rows, recorded=False)
    servers = ExitStack()
    desk = _desk(job, servers, more)
    try:
        with servers:
            for row in member.function(_missing(asked, rows, answered), desk, **arguments):
                job.keep(UNIT, row)
                rows.append(row)
                if row["status"] == "ok":
                    answered[_key(row)] = row
                job.progress(len(answered), total, UNIT, "judging")
    except EndpointError as problem:
        if not (earlier or isinstance(problem, LimitReached)):
            raise
        more["ended_by"] = sentence(problem)  # what was answered stays readable
    judged = judged_by(rows, asked)
    if desk.estimate:
        more["estimate"] = _with_earlier(desk.estimate, before)
    return _write(job, member, rows, judged, more)


def _desk(job: Job, servers: ExitStack, more: dict[str, Any]) -> Desk:
    def serve(model: ModelRef) -> Place:
        began = time.monotonic()
        place = servers.enter_context(serving(job, model))
        more["served"] = {"model": place.model, "starting": round(time.monotonic() - began, 1)}
        return place

    return Desk(job.ws, Terms(**(job.ws.read_json(job.folder / "terms.json") or {})), serve=serve)


def _key(row: Row) -> Key:
    return row["candidate_id"], row["reference_id"], row["order"]


def _missing(wanted: Sequence[tuple[Any, list[Order]]], rows: Sequence[Row], answered: dict[Key, Row]) -> list[Asked]:
    attempts = Counter(map(_key, rows))
    return [
        Asked(item, order, attempts[key])
        for item, theirs in wanted
        for order in theirs
        if (key := (item.candidate_id, item.reference_id, order)) not in answered
    ]


def _write(job: Job, member: Member, rows: list[Row], judged: list[Judged], more: dict[str, Any]) -> Summary:
    table = tables.build("judgements", rows)
    job.write("judgements", table)
    complete = sum(None not in one.rows.values() for one in judged)
    seen = None if member.attributes.get("alone") else replace(verdicts(table), items=len(judged))
    bias = judge_bias([seen]) if seen else None
    facts: dict[str, Any] = {
        "items": len(judged),
        "judged": complete,
        "missing": len(judged) - complete,
        "attempts": len(rows),
        "statuses": dict(Counter(row["status"] for row in rows)),
        **_spent(rows, recorded="recorded" in member.attributes),
        "failures": dict(_failures(rows, judged)),
        "notes": [
            *more.pop("notes"),
            *(_same_text(judged) if seen else ()),
            *_notes(rows, judged, bias),
            *member.attributes.get("cautions", lambda _: [])(judged),
        ],
        **more,
    }
    result = win_rate([seen]) if seen else None
    if seen and result:
        facts |= {**_estimates(result, bias), **_at_equal_length(seen, judged)}
    if figures := member.attributes.get("figures"):
        facts["official"] = figures(judged)
    return Summary(facts, complete=complete == len(judged))


def _estimates(result: WinRate, bias: JudgeBias | None) -> dict[str, Any]:
    """The win rate, what it allows to say, and how far the judge prefers the answer shown `first`."""
    rate = result.win_rate
    said = compare({"candidate": result.over_half}, "the reference")["candidate"]
    facts = {
        "win_rate": rate.value,
        "low": rate.low,
        "high": rate.high,
        "bounds": list(result.bounds),
        **{name: getattr(result, name) for name in OUTCOMES},
        "verdict": said.verdict,
        "sentence": said.sentence,
        "detectable": said.detectable,
    }
    if bias and bias.first:
        facts |= {"first": bias.first.value, "first_low": bias.first.low, "first_high": bias.first.high}
    return facts


def _at_equal_length(seen: Verdicts, judged: Sequence[Judged]) -> dict[str, Any]:
    """The win rate if the answers were as long as the reference's: adjusted, and of the answers that are."""
    characters = {(*one.item[:4], one.item.turn): (len(one.item.candidate), len(one.item.reference)) for one in judged}
    found = [characters[key] for key in seen.rows[ITEM].itertuples(index=False, name=None)]
    return length_adjusted.facts(length_adjusted.at_equal_length([with_lengths(seen.rows, *np.array(found).T)]))


def _spent(rows: Sequence[Row], *, recorded: bool) -> dict[str, Any]:
    """Calls that were made, over all launches; a verdict that was known before is `reused`.

    Of `recorded` verdicts none was asked for here; tokens and cost are what their file says of them.
    """
    last: dict[Key, str] = {}
    retries = 0
    for row in rows:
        retries += last.get(_key(row)) in UNANSWERED and row.get("seconds") is not None
        last[_key(row)] = row["status"]
    costs = [row["cost"] for row in rows if row.get("cost") is not None]
    return {
        "calls": 0 if recorded else sum(row.get("seconds") is not None for row in rows),
        "retries": 0 if recorded else retries,
        "reused": 0 if recorded else sum(row.get("seconds") is None and row.get("request") is not None for row in rows),
        "prompt_tokens": sum(row.get("prompt_tokens") or 0 for row in rows),
        "completion_tokens": sum(row.get("completion_tokens") or 0 for row in rows),
        "cost": sum(costs) if costs else None,
    }


def _with_earlier(estimate: dict[str, Any], spent: dict[str, Any]) -> dict[str, Any]:
    """What the whole run takes: what its earlier launches took, and what the last one had to ask."""
    known = ("calls", "prompt_tokens", "cost")
    return estimate | {name: estimate[name] + (spent[name] or 0) for name in known if estimate.get(name) is not None}


def _failures(rows: Sequence[Row], judged: Sequence[Judged]) -> Counter[str]:
    """Verdicts that are missing, by how the last attempt at them ended."""
    last = {_key(row): row["status"] for row in rows}
    return Counter(
        last.get((one.item.candidate_id, one.item.reference_id, order), "not_asked")
        for one in judged
        for order, row in one.rows.items()
        if row is None
    )


def _same_text(judged: Sequence[Judged]) -> Iterator[str]:
    if all(one.item.candidate == one.item.reference for one in judged):
        yield f"All {len(judged):,} answers are the same text as the reference's; choose another reference."


def _notes(rows: Sequence[Row], judged: Sequence[Judged], bias: JudgeBias | None) -> Iterator[str]:
    found = [
        (row["preference"] if order == "candidate_first" else 1 - row["preference"], order == "candidate_first")
        for one in judged
        for order, row in one.rows.items()
        if row is not None and order != "unordered" and row.get("request")
    ]
    place = list(cautions.on_place([first for first, _ in found], [is_candidate for _, is_candidate in found]))
    yield from place or ([bias.first_place] if bias and bias.flips and bias.first_place else [])
    yield from cautions.on_answers([one.item.candidate for one in judged], "candidate")
    last = {_key(row): row for row in rows}.values()
    yield from cautions.on_reasons([row["reason"] for row in last if row["status"] == "unparsable"])
