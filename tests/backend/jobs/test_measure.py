from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from backend import specs
from backend.errors import BadData, BadSpec
from backend.jobs import measure
from backend.measures import measures
from backend.models import engine
from backend.registry import Call
from backend.workspace import Workspace
from tests import fake_vllm, tiny

PAIRS = [(f"say {i}", "y" * (1 + i), "no") for i in range(12)]


def question(ws: Workspace, place: Path, name: str = "logprob", **args: object) -> specs.MeasureSpec:
    model = tiny.local_model(ws, place / "m") if measures[name].attributes["model"] else None
    return specs.MeasureSpec(responses=tiny.pool(ws, PAIRS), measure=measures.call(name, **args), model=model)


def values(ws: Workspace, run: str) -> dict[int, float]:
    table = ws.table(run, "measurements")
    return dict(zip(table["response_id"].to_pylist(), table["value"].to_pylist(), strict=True))


def test_a_logprob_is_the_sum_over_the_response_tokens_as_transformers_gives_it(ws: Workspace, tmp_path: Path) -> None:
    import torch

    from backend.models import loading

    spec = question(ws, tmp_path)
    measure.run(tiny.asked(ws, spec))
    tokenizer, model = loading.tokenizer(tmp_path / "m"), loading.causal(tmp_path / "m")
    prompt, whole = "<user>say 3<assistant>", "<user>say 3<assistant>yyyy</s>"
    start, ids = len(tokenizer(prompt)["input_ids"]), torch.tensor([tokenizer(whole)["input_ids"]])
    logs = model(ids).logits.log_softmax(-1)[0]
    expected = sum(logs[i - 1, ids[0, i]].item() for i in range(start, ids.shape[1]))
    said = {r["response"]: r["response_id"] for r in ws.table(spec.responses, "responses").to_pylist()}
    assert values(ws, spec.id)[said["yyyy"]] == pytest.approx(expected, abs=1e-4)


def test_values_depend_neither_on_packs_nor_on_a_kill(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = question(ws, tmp_path)
    measure.run(tiny.asked(ws, spec))
    whole = values(ws, spec.id)
    (file,) = (ws.root / "values").rglob("*.bin")
    file.write_bytes(file.read_bytes()[: 10 * 40 + 13])  # ten records, and one that a kill cut short
    monkeypatch.setitem(engine.PACK_TOKENS, "cpu", 40)
    facts = measure.run(tiny.asked(ws, spec)).facts
    assert (facts["spent"]["texts"], facts["spent"]["known"]) == (24, 10)
    again = values(ws, spec.id)
    assert again.keys() == whole.keys()
    np.testing.assert_allclose([again[i] for i in whole], list(whole.values()), atol=1e-5)


def test_without_its_prompt_a_response_is_scored_from_its_second_token(ws: Workspace, tmp_path: Path) -> None:
    given, alone = question(ws, tmp_path), question(ws, tmp_path, "logprob_alone")
    for spec in (given, alone):
        measure.run(tiny.asked(ws, spec))
    tokens = [ws.table(s.id, "measurements")["tokens"].to_numpy() for s in (given, alone)]
    np.testing.assert_array_equal(tokens[0] - 1, tokens[1])


def test_a_response_that_does_not_fit_is_counted_as_failed_or_cut(ws: Workspace, tmp_path: Path) -> None:
    facts = measure.run(tiny.asked(ws, question(ws, tmp_path, max_length=10))).facts
    assert facts["failed"] == 0
    assert facts["cut"] == 10 + 2  # the prompts have 7 or 8 tokens, "no" has 3, the others 2 to 13
    with pytest.raises(BadData, match="none of the 24 responses could be measured"):
        measure.run(tiny.asked(ws, question(ws, tmp_path, max_length=5)))


def test_a_measure_says_which_model_it_needs(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path)
    with pytest.raises(BadSpec, match="needs a model"):
        measure.run(tiny.asked(ws, spec.model_copy(update={"model": None})))
    with pytest.raises(BadSpec, match="takes no model"):
        measure.run(tiny.asked(ws, spec.model_copy(update={"measure": Call(name="rating")})))
    with pytest.raises(BadSpec, match="no reward model"):
        measure.run(tiny.asked(ws, spec.model_copy(update={"measure": measures.call("reward")})))


def test_ratings_come_from_the_data_and_absent_ones_are_counted(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path, "rating")
    with pytest.raises(BadData, match="none of the 24"):
        measure.run(tiny.asked(ws, spec))


def test_what_another_run_has_measured_is_not_measured_again(ws: Workspace, tmp_path: Path) -> None:
    first = question(ws, tmp_path, max_length=12)
    facts = measure.run(tiny.asked(ws, first)).facts
    ws.write_json(ws.folder(first.id) / "result.json", {"outcome": "finished"})
    more = tiny.pool(ws, [*PAIRS, ("new", "one", "two")])
    second = first.model_copy(update={"responses": more})
    again = measure.run(tiny.asked(ws, second)).facts
    assert (again["reused"], again["spent"]["texts"], again["responses"]) == (24, 2, 26)
    assert again["cut"] == facts["cut"] > 0
    assert values(ws, first.id).items() <= values(ws, second.id).items()


def test_a_text_that_fits_under_two_limits_is_measured_once_for_both(ws: Workspace, tmp_path: Path) -> None:
    short = measure.run(tiny.asked(ws, question(ws, tmp_path, max_length=12))).facts
    long = measure.run(tiny.asked(ws, question(ws, tmp_path, max_length=13))).facts
    assert long["spent"]["known"] == 24 - short["cut"] > 0


def test_ifd_is_the_ratio_of_its_two_perplexities_and_leaves_both_log_probs_behind(
    ws: Workspace, tmp_path: Path
) -> None:
    ifd = measure.run(tiny.asked(ws, question(ws, tmp_path, "ifd")))
    terms = {}
    for name in ("logprob", "logprob_alone"):
        spec = question(ws, tmp_path, name)
        facts = measure.run(tiny.asked(ws, spec)).facts
        assert facts["spent"]["tokens"] == 0, "both terms are known from the IFD run"
        rows = ws.table(spec.id, "measurements").to_pylist()
        terms[name] = {r["response_id"]: math.exp(-r["value"] / r["tokens"]) for r in rows}
    assert ifd.facts["measured"] == 24
    found = values(ws, question(ws, tmp_path, "ifd").id)
    expected = {i: terms["logprob"][i] / terms["logprob_alone"][i] for i in found}
    assert found == pytest.approx(expected)


def test_equal_texts_are_measured_once(ws: Workspace, tmp_path: Path) -> None:
    data = tiny.pool(ws, [("a", "same", "other"), ("b", "same", "same")])
    spec = question(ws, tmp_path).model_copy(update={"responses": data})
    facts = measure.run(tiny.asked(ws, spec)).facts
    assert (facts["responses"], facts["distinct"]) == (3, 3)


def test_pairs_that_the_cut_made_alike_have_no_signal_and_are_listed(ws: Workspace, tmp_path: Path) -> None:
    """Cut at 20 tokens, the sides of the first pair differ only in what is lost; the second has the same text twice."""
    from backend.signals import compute

    pairs = [
        ("say it", "y" * 30, "y" * 40),
        ("say it", "no", "no"),
        ("say it", "z" * 30, "x" * 30),
        ("say it", "a", "b"),
    ]
    spec = question(ws, tmp_path, max_length=20).model_copy(update={"responses": tiny.pool(ws, pairs)})
    tiny.finished(ws, spec, measure.run(tiny.asked(ws, spec)).facts)
    signals = compute(ws, spec.responses, {"policy_logprob": spec.id, "reference_logprob": spec.id})
    assert signals.cut_alike.tolist() == signals.pair_ids[:1].tolist()
    assert np.isnan(signals["implicit_margin"]).tolist() == [True, False, False, False]
    assert np.isfinite(signals["length_difference"]).all()


def test_an_embedding_is_the_last_hidden_state_of_the_last_token_or_its_principal_components(
    ws: Workspace, tmp_path: Path
) -> None:
    import torch

    from backend.models import loading

    spec = question(ws, tmp_path, "embedding")
    facts = measure.run(tiny.asked(ws, spec)).facts
    assert (facts["dimensions"], facts["measured"]) == (32, 24)
    rows = {r["response_id"]: r["vector"] for r in ws.table(spec.id, "embeddings").to_pylist()}
    said = {r["response"]: r["response_id"] for r in ws.table(spec.responses, "responses").to_pylist()}
    tokenizer, model = loading.tokenizer(tmp_path / "m"), loading.causal(tmp_path / "m")
    ids = torch.tensor([tokenizer("<user>say 3<assistant>yyyy</s>")["input_ids"]])
    with torch.inference_mode():
        expected = model.model(ids).last_hidden_state[0, -1].tolist()
    assert rows[said["yyyy"]] == pytest.approx(expected, abs=1e-5)

    fewer = question(ws, tmp_path, "embedding", components=3)
    again = measure.run(tiny.asked(ws, fewer)).facts
    assert (again["dimensions"], again["spent"]["tokens"]) == (3, 0), "the vectors are known"
    reduced = np.array(ws.table(fewer.id, "embeddings")["vector"].to_pylist())
    whole = np.array(list(rows.values()))
    variances = np.linalg.svd(whole - whole.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose((reduced**2).sum(axis=0), variances[:3], rtol=1e-3)
    with pytest.raises(BadSpec, match="have at most 24"):
        measure.run(tiny.asked(ws, question(ws, tmp_path, "embedding", components=25)))


def test_the_engine_that_was_always_there_does_not_change_the_question(ws: Workspace, tmp_path: Path) -> None:
    for name in ("logprob", "logprob_alone", "ifd"):
        plain = measures.call(name)
        assert plain == measures.call(name, engine="transformers")
        assert plain.args == {"max_length": 1024, "dtype": "float32"}
        assert measures.call(name, engine="vllm").args == {**plain.args, "engine": "vllm"}


def test_vllm_gives_the_same_table_and_says_how_far_it_agrees_with_transformers(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_vllm.installed(monkeypatch)
    by_vllm, plain = question(ws, tmp_path, engine="vllm"), question(ws, tmp_path)
    facts = measure.run(tiny.asked(ws, by_vllm)).facts
    assert facts["agreement"]["n"] == 24
    again = measure.run(tiny.asked(ws, plain)).facts
    assert "agreement" not in again
    assert again["spent"]["known"] == 24, "the comparison has measured all 24"
    tables = [ws.table(spec.id, "measurements") for spec in (by_vllm, plain)]
    assert tables[0].schema == tables[1].schema
    assert tables[0]["response_id"] == tables[1]["response_id"]
    assert tables[0]["tokens"] == tables[1]["tokens"]
    means = [t["value"].to_numpy() / t["tokens"].to_numpy() for t in tables]
    assert facts["agreement"]["largest_per_token"] == pytest.approx(abs(means[0] - means[1]).max())


def test_an_unknown_engine_is_refused(ws: Workspace, tmp_path: Path) -> None:
    spec = question(ws, tmp_path)
    odd = spec.model_copy(update={"measure": Call(name="logprob", args={"engine": "fast"})})
    with pytest.raises(BadSpec, match="engine = 'fast'"):
        measure.run(tiny.asked(ws, odd))
