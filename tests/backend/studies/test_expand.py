from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.errors import BadInput, BadSpec
from backend.studies.expand import expand
from backend.studies.plan import Plan
from backend.workspace import Workspace

POOL = {"kind": "load", "source": {"file": "pairs-{labels}.jsonl"}, "format": "preference"}
SUBSET = {"kind": "select", "pairs": "$pool", "strategy": "random", "budget": 2, "seed": "{seed}"}


def plan(**changes: Any) -> Plan:
    fixed = {
        "title": "t", "vars": {"labels": "noisy"}, "seeds": 2, "steps": {"pool": POOL}, "each_arm": {"subset": SUBSET},
        "arms": {"random": {}, "half": {"subset": {"budget": 1}}},
    }  # fmt: skip
    return Plan(**{**fixed, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pairs-noisy.jsonl").write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}\n')
    return tmp_path


def test_steps_are_shared_and_arms_change_only_what_they_say(ws: Workspace, folder: Path) -> None:
    cells = expand(plan(), folder, ws)
    assert [(c.name, c.seed, c.arm) for c in cells] == [
        ("pool", 0, None), ("subset", 0, "random"), ("subset", 0, "half"),
        ("pool", 1, None), ("subset", 1, "random"), ("subset", 1, "half"),
    ]  # fmt: skip
    pool, random, half = (c.spec for c in cells[:3])
    assert random.inputs == half.inputs == (pool.id,)
    assert (random.budget, half.budget, random.seed, cells[5].spec.seed) == (2, 1, 0, 1)
    assert len({c.spec.id for c in cells}) == 5  # the pool does not depend on the seed


def test_expanding_twice_gives_the_same_runs(ws: Workspace, folder: Path) -> None:
    assert [c.spec.id for c in expand(plan(), folder, ws)] == [c.spec.id for c in expand(plan(), folder, ws)]


def test_calls_are_recorded_with_all_their_defaults(ws: Workspace, folder: Path) -> None:
    pool = expand(plan(), folder, ws)[0].spec
    assert pool.format.args["prompt"] == "prompt"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arms": {"x": {"subst": {}}}}, "arm 'x' changes 'subst', which is no step; did you mean 'subset'?"),
        ({"each_arm": {"pool": POOL}, "arms": {"x": {}}}, "step 'pool' stands in both"),
        ({"each_arm": {"subset": {**SUBSET, "pairs": "$pol"}}}, "'$pol' is no earlier step; did you mean 'pool'?"),
        ({"each_arm": {"subset": {**SUBSET, "strategy": "randm"}}}, "there is no strategy 'randm'"),
        ({"each_arm": {"subset": {**SUBSET, "budget": 0}}}, "step 'subset' of arm 'random': select.budget = 0"),
        ({"vars": {"labels": "gone"}}, "step 'pool': there is no file"),
        ({"report": {"control": "rndom"}}, "report.control = 'rndom' is not in the plan; did you mean 'random'?"),
        ({"report": {"control": "random", "truth": "gold"}}, "report.truth = 'gold' is not in the plan"),
    ],
)
def test_the_step_that_makes_no_sense_is_named(ws: Workspace, folder: Path, changes: Any, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        expand(plan(**changes), folder, ws)
    assert said in str(caught.value)


def test_a_model_folder_is_known_by_its_content(ws: Workspace, folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "config.json").write_text("{}")
    answers = {"kind": "generate", "prompts": "$pool", "model": {"path": "m", "random": True}}
    steps = {"pool": POOL, "answers": answers}
    first = expand(plan(steps=steps), folder, ws)[1].spec
    (folder / "m" / "config.json").write_text('{"a": 1}')
    assert first.model.random and first.id != expand(plan(steps=steps), folder, ws)[1].spec.id


def test_an_unknown_step_as_model_is_named(ws: Workspace, folder: Path) -> None:
    steps = {"pool": POOL, "answers": {"kind": "generate", "prompts": "$pool", "model": "$sft"}}
    with pytest.raises(BadSpec, match=r"'\$sft' is no earlier step"):
        expand(plan(steps=steps), folder, ws)


def test_a_study_may_name_its_judge_by_a_folder_or_an_earlier_step(ws: Workspace, folder: Path) -> None:
    (folder / "judge").mkdir()
    (folder / "judge" / "config.json").write_text("{}")
    for model, served in (
        ({"path": "judge"}, {"sha256": ws.adopt(folder / "judge"), "random": False}),
        ("gpt-4", None),
    ):
        step = {"kind": "judge", "candidate": "$pool", "judge": {"name": "mt_bench", "args": {"model": model}}}
        spec = expand(plan(each_arm={"subset": SUBSET, "verdicts": step}), folder, ws)[2].spec
        assert (spec.served and spec.served.model_dump()) == served
