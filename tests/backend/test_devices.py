from __future__ import annotations

import pytest

from backend import devices, specs
from backend.devices import LIGHT_SLOTS, Turn, free_turn

LOAD = specs.LoadSpec(source=specs.FileSource(sha256="0" * 64, suffix="csv"), format={"name": "prompts"})  # type: ignore[arg-type]
ANSWERS = specs.GenerateSpec(prompts=LOAD.id, model=specs.LocalModel(sha256="0" * 64))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Sets the number of GPUs and of CPU places."""

    def set_up(gpus: str, jobs: int = 2) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
        monkeypatch.setenv("WINNOW_JOBS", str(jobs))
        devices.gpus.cache_clear()

    yield set_up
    monkeypatch.undo()
    devices.gpus.cache_clear()


def test_without_a_gpu_model_runs_share_the_cpu_places(machine) -> None:
    machine("", jobs=2)
    one = free_turn(ANSWERS, [])
    assert one == Turn(model=True)
    assert free_turn(ANSWERS, [one]) == one
    assert free_turn(ANSWERS, [one, one]) is None


def test_a_judge_that_runs_here_takes_a_models_place_and_one_at_an_endpoint_does_not(machine) -> None:
    machine("2,5")
    for model, turn in (({"run": "train-0123456789ab"}, Turn(model=True, gpus=[2])), ("gpt-4", Turn())):
        judge = specs.JudgeSpec(candidate=LOAD.id, judge={"name": "mt_bench", "args": {"model": model}})  # type: ignore[arg-type]
        assert free_turn(judge, []) == turn


def test_every_gpu_is_given_to_one_run_at_a_time(machine) -> None:
    machine("2,5")
    first = free_turn(ANSWERS, [])
    second = free_turn(ANSWERS, [first])
    assert (first.gpus, second.gpus) == ([2], [5])
    assert free_turn(ANSWERS, [first, second]) is None
    assert devices.environment(first)["CUDA_VISIBLE_DEVICES"] == "2"


def test_a_run_without_a_model_never_waits_for_those_with_one(machine) -> None:
    machine("", jobs=1)
    busy = [Turn(model=True)]
    assert free_turn(LOAD, busy) == Turn()
    assert free_turn(LOAD, busy + [Turn()] * LIGHT_SLOTS) is None
    assert devices.environment(Turn())["OMP_NUM_THREADS"]


def test_a_measure_run_takes_every_gpu_that_is_free(machine) -> None:
    machine("2,5,7")
    measure = specs.MeasureSpec(responses=LOAD.id, measure={"name": "logprob"}, model=ANSWERS.model)  # type: ignore[arg-type]
    busy = free_turn(ANSWERS, [])
    assert free_turn(measure, [busy]) == Turn(model=True, gpus=[5, 7])
    assert free_turn(measure, [busy, Turn(model=True, gpus=[5, 7])]) is None
