"""`report judges`: how far the judges of a workspace agree with each other."""

from __future__ import annotations

from typing import Any

import click

from ... import judged
from ...errors import BadInput
from ...report.estimate import Estimate
from ...report.judges import JudgePair, judge_pairs
from .. import Session


@click.command()
@click.argument("runs", nargs=-1, metavar="[JUDGE_RUN]...")
@click.pass_obj
def judges(session: Session, runs: tuple[str, ...]) -> None:
    """Rank agreement and item-level agreement of every two judges of these runs (default: all) on the same items."""
    ws = session.workspace
    found = judge_pairs(judged.by_judge(ws, judged.chosen(ws, runs)))
    if not found:
        raise BadInput("no two judges judged the same answers here; judge the same runs with another --judge or model.")
    session.show([document(pair) for pair in found], "\n\n".join(map(text, found)))


def document(pair: JudgePair) -> dict[str, Any]:
    """The figures as JSON: shares 0 to 1 with Wilson's interval, null where there is nothing to share."""
    near = "decided" if pair.against else "within_one"
    return {
        "judge_1": pair.one, "judge_2": pair.other, "against": pair.against, "models": pair.ranks.models,
        "kendall": pair.ranks.kendall, "spearman": pair.ranks.spearman, "agree": _share(pair.agree),
        near: _share(pair.near), "kappa": pair.kappa, "unread": pair.unread,
        "scores": pair.scores.rename(columns={"candidate": "model", "one": "judge_1", "other": "judge_2", "items": "n"})
                  .to_dict("records"),
    }  # fmt: skip


def _share(of: Estimate) -> dict[str, Any]:
    known = bool(of.items)
    return {"share": of.value if known else None, "low": of.low if known else None,
            "high": of.high if known else None, "n": of.items}  # fmt: skip


def text(pair: JudgePair) -> str:
    """The figures in a few lines."""
    against = f", against {pair.against}" if pair.against else ", grades"
    near = "without ties" if pair.against else "within one grade"
    ranks = f"Kendall's tau {_number(pair.ranks.kendall)}, Spearman's rho {_number(pair.ranks.spearman)}"
    scores = [f"  {row.candidate}: {row.one:.3f} and {row.other:.3f} over {row.items} items"
              for row in pair.scores.itertuples()]  # fmt: skip
    return "\n".join([
        f"{pair.one} and {pair.other}{against}",
        f"order of {pair.ranks.models} model{'s'[: pair.ranks.models != 1]}: {ranks}",
        f"same verdict {_percent(pair.agree)}; {near} {_percent(pair.near)}; kappa {_number(pair.kappa)}; "
        f"{pair.unread} item{'s'[: pair.unread != 1]} that one of them has no verdict on",
        *scores,
    ])  # fmt: skip


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _percent(of: Estimate) -> str:
    if not of.items:
        return "no data"
    return f"{100 * of.value:.1f} % ({100 * of.low:.1f} to {100 * of.high:.1f}, n = {of.items})"
