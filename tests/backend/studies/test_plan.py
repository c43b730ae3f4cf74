from __future__ import annotations

from pathlib import Path

import pytest

from backend.errors import BadSpec, NotFound
from backend.studies.plan import read_plan

SAMPLE = Path(__file__).parent.parent.parent.parent / "data" / "sample" / "study.yaml"


def written(place: Path, text: str) -> Path:
    path = place / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sample_is_a_plan_with_the_arms_it_promises() -> None:
    plan = read_plan(SAMPLE)
    assert {"random", "full", "external_top", "implicit_top", "dm_add", "dm_mul", "high_pvar", "bottom"} <= set(
        plan.arms
    )
    assert plan.seed_list == [0]


def test_a_number_of_seeds_means_the_first_ones_and_a_list_means_those(tmp_path: Path) -> None:
    assert read_plan(written(tmp_path, "title: t\nsteps: {}\nseeds: 3")).seed_list == [0, 1, 2]
    assert read_plan(written(tmp_path, "title: t\nsteps: {}\nseeds: [4, 1]")).seed_list == [4, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "plan plan.yaml is no YAML: line 1:"),
        ("- a\n- b", "must be a mapping"),
        ("steps: {}", "title = "),
        ("title: t\nsteps: {}\nseeds: 0", "a number of seeds"),
        ("title: t\nsteps: {}\nseeds: [1, 1]", "a number of seeds"),
        ("title: t\nsteps: {}\narm: {}", "arm = "),
    ],
)
def test_what_is_wrong_with_a_plan_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSpec) as caught:
        read_plan(written(tmp_path, text))
    assert said in str(caught.value)


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no plan .*nowhere\.yaml"):
        read_plan(tmp_path / "nowhere.yaml")
