"""How long the Review page takes at 50,000 verdicts in both orders, and at as many grades (goal: under a second each).

python benchmarks/review.py [verdicts]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from streamlit.testing.v1 import AppTest

from backend import tables, votes
from backend.registry import Call
from backend.specs import JudgeSpec
from backend.store import facets, queries_review
from backend.store.database import open_index
from backend.votes import Compared
from backend.workspace import Workspace
from pages.parts import session
from tests.small_world import World, build, finish

ROOT = Path(__file__).parent.parent
VOTES, TIMES = 500, 5


def seconds(action: Callable[[], object], name: str) -> None:
    """Prints the first and the median time of an action."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        action()
        took.append(time.perf_counter() - began)
    print(f"{name:<52} {took[0]:7.3f} {statistics.median(took):8.3f}   {'TOO SLOW' if took[0] > 1 else ''}", flush=True)


def queries(ws: Workspace, world: World) -> None:
    """What the page asks, without the page."""
    index = open_index(ws)
    found = queries_review.items(index, [world.judge])
    known = facets.of_items(found)
    for row in range(VOTES):
        votes.cast(ws, Compared(*(int(found[name].iloc[row]) for name in Compared._fields)), 1.0, f"person {row % 3}")
    given = votes.frame(votes.read(ws))
    choice = {"score": ["1"], "orders": ["orders agree"]}
    rows = queries_review.ordered(found, facets.within(known, choice), "candidate longer first")
    one = found.iloc[rows[0]].to_dict()
    seconds(lambda: queries_review.items(index, [world.judge]), "items of every verdict (then kept)")
    seconds(lambda: facets.of_items(found), "facets (then kept)")
    seconds(lambda: facets.of_votes(found, given), f"where {VOTES} votes stand")
    seconds(lambda: [facets.bars(known, name, choice) for name in known], "bars of every facet under a filter")
    seconds(lambda: queries_review.asked(index, found, rows[:50]), "prompts of a page of 50")
    seconds(lambda: queries_review.opened(index, one), "one item with its texts and attempts")
    index.close()


def graded(ws: Workspace, world: World) -> str:
    """The candidate's answers once more, graded one by one."""
    rows = ws.table(world.judge, "judgements").to_pandas()
    rows = rows[rows["order"] == "candidate_first"].drop(columns="cost")
    rows = rows.assign(order="unordered", reference_id=rows["candidate_id"], grade=1 + 9 * rows["preference"])
    spec = JudgeSpec(candidate=world.candidate, judge=Call(name="mt_bench", args={"model": "m"}))
    table = tables.build("judgements", rows.drop(columns="preference").to_dict("series"))
    return finish(ws, spec, "tuned, graded", {"judgements": table}, {"items": len(rows)})


def page(**query: str) -> Callable[[], object]:
    """Opens the page by Streamlit's tester, as a link does: the status strip, the charts, the table, the figures."""

    def show() -> None:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.switch_page("pages/review.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception[0].stack_trace

    return show


def main() -> None:
    """Prints what each part takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(folder)
        os.environ |= {"WINNOW_WORKSPACE": str(ws.root), "WINNOW_SAMPLE": "0"}
        world = build(ws, 2 * count)
        print(f"{count:,} verdicts in both orders\n{'seconds':<52} {'first':>7} {'median':>8}")
        queries(ws, world)
        page()()  # Streamlit's own start
        seconds(page(), "the page, opened by a link")
        seconds(page(score="1", order="candidate longer first"), "the page under a filter, ordered")
        row = ws.table(world.judge, "judgements").slice(7, 1).to_pylist()[0]
        item = queries_review.name({**row, "run": world.judge})
        seconds(page(item=item), "the page with a row open")
        grades = graded(ws, world)
        seconds(page(verdicts=grades), f"the page with {count:,} grades")
        seconds(page(verdicts=grades, grade="10", order="long answers first"), "the same under a filter, ordered")
        session.forget(ws)


if __name__ == "__main__":
    main()
