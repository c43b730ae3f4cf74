from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend import devices, specs
from backend.errors import BadSpec
from backend.jobs import estimate, measure
from backend.measures import measures
from backend.models import gauge
from backend.workspace import Workspace
from tests import tiny

PAIRS = [(f"say {i}", "y" * (1 + 3 * i), "no") for i in range(12)]


def question(
    ws: Workspace, place: Path, name: str = "logprob", pairs: list[tuple[str, str, str]] = PAIRS
) -> specs.MeasureSpec:
    model = tiny.local_model(ws, place / "m") if measures[name].attributes["model"] else None
    return specs.MeasureSpec(responses=tiny.pool(ws, pairs), measure=measures.call(name), model=model)


def asked(ws: Workspace, of: specs.MeasureSpec) -> dict[str, float]:
    return dict(estimate.run(tiny.asked(ws, specs.EstimateSpec(of=of, machine=devices.machine()))).facts)


@pytest.mark.parametrize("name", ["logprob", "ifd"])
def test_the_tokens_are_those_that_the_run_then_computes_and_nothing_is_measured(
    ws: Workspace, tmp_path: Path, name: str
) -> None:
    spec = question(ws, tmp_path, name)
    facts = asked(ws, spec)
    assert not (ws.root / "values").exists()
    spent = measure.run(tiny.asked(ws, spec)).facts["spent"]
    assert facts["tokens"] == spent["tokens"] > 0
    assert facts["texts"] == spent["texts"]
    assert facts["seconds"] == pytest.approx(facts["reading"] + facts["loading"] + facts["computing"])


def test_what_is_known_costs_nothing_and_the_run_shows_its_estimate(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path)
    of = specs.EstimateSpec(of=spec, machine=devices.machine())
    facts = asked(ws, spec)
    tiny.finished(ws, of, facts)
    done = measure.run(tiny.asked(ws, spec)).facts
    assert done["estimated"] == {name: facts[name] for name in ("seconds", "tokens", "memory")}
    tiny.finished(ws, spec, done)
    more = question(ws, tmp_path, pairs=[*PAIRS, ("new", "one", "two")])
    again = asked(ws, more)
    assert (again["reused"], again["texts"], again["of"]) == (24, 2, 2)
    assert 0 < again["tokens"] < facts["tokens"] / 5


def test_a_measure_without_a_model_costs_no_tokens(ws: Workspace, tmp_path: Path) -> None:
    assert asked(ws, question(ws, tmp_path, "gold"))["tokens"] == 0


def test_long_data_are_sampled_by_whole_prompts_and_scaled(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = question(ws, tmp_path, pairs=[(f"say {i:03}", "yes fine", "no") for i in range(100)])
    whole = asked(ws, spec)
    monkeypatch.setattr(estimate, "SAMPLE", 40)
    part = asked(ws, spec)
    assert part["sampled"] == 42 and part["of"] == 200  # 21 prompts with both their answers
    assert part["tokens"] == pytest.approx(whole["tokens"], rel=0.01)


def test_the_line_finds_the_two_costs_that_made_the_times() -> None:
    rng = np.random.default_rng(0)
    costs = rng.uniform(1e9, 5e9, (200, 2))
    times = costs @ [2e-11, 5e-11]
    timed = {int(n): times[n] for n in range(0, 200, 20)}
    assert gauge._predicted(costs, timed) == pytest.approx(times.sum(), rel=1e-6)
    noisy = {n: t * rng.uniform(0.9, 1.1) for n, t in timed.items()}
    assert gauge._predicted(costs, noisy) == pytest.approx(times.sum(), rel=0.15)


@pytest.mark.parametrize("count", [1, 2, 7, 64, 100])
def test_every_beginning_of_the_timed_packs_is_spread_over_all(count: int) -> None:
    order = gauge._spread(count)
    assert sorted(order) == list(range(count)) and order[0] == 0
    for some in range(4, count, 7):
        gaps = np.diff([*sorted(order[:some]), count])
        assert gaps.max() <= 4 * count / some


def test_operations_are_two_a_weight_and_token_and_four_a_key_and_token(tmp_path: Path) -> None:
    """One sequence of 2 + 3 tokens: every weight of the layers 5 times, of the vocabulary 3 times; 4.5 + 8 keys."""
    from backend.models import loading
    from backend.models.rendering import Encoded

    model = loading.causal(tiny.model_folder(tmp_path / "m"))
    head = model.get_output_embeddings().weight.numel()
    body = sum(p.numel() for p in model.model.layers.parameters()) + model.model.norm.weight.numel()
    linear, attention = gauge.operations(model, [Encoded([1, 2], [3, 4, 5], False)], vocabulary=True)
    assert linear == 2 * body * 5 + 2 * head * 3
    assert attention == 4 * 32 * 2 * (2 + 6 + 4.5)


def test_what_vllm_would_cost_is_not_guessed(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path).model_copy(update={"measure": measures.call("logprob", engine="vllm")})
    with pytest.raises(BadSpec, match="only the transformers engine can be estimated"):
        asked(ws, spec)
