"""A judge that Winnow serves with vLLM, on the CPU: its verdicts are those of the same weights in transformers."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend import specs
from backend.errors import BadSpec, EndpointError
from backend.jobs import judge
from backend.judges import Asked, alpaca_eval, judges
from backend.workspace import Workspace
from tests import tiny
from tests.backend.jobs.test_judge import answers

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(
        importlib.util.find_spec("vllm") is None, reason="vLLM is not installed here: `make test-vllm` runs these tests"
    ),
]
VERDICTS = ["[[A]]", "[[B]]"]


def opinionated(place: Path, tokens: list[str], strength: float) -> Path:
    """A random Llama that says one of these tokens, by the question the more its `strength`.

    All embeddings have a large part in common, which the logits of these tokens alone see. The numbers are bfloat16.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tiny.model_folder(place, hidden_size=64, max_position_embeddings=4096)
    tokenizer, model = AutoTokenizer.from_pretrained(place), AutoModelForCausalLM.from_pretrained(place)
    tokenizer.add_tokens([token for token in tokens if len(token) > 1])
    model.resize_token_embeddings(len(tokenizer))
    with torch.no_grad():
        model.model.embed_tokens.weight[:] = torch.randn(len(tokenizer), 64, generator=torch.manual_seed(3))
        model.model.embed_tokens.weight[:, 0] = 5.0
        model.lm_head.weight[:, 0] = 0.0
        model.lm_head.weight[tokenizer.convert_tokens_to_ids(tokens), 0] = 3.0
        model.lm_head.weight[tokenizer.convert_tokens_to_ids(tokens), 1:] *= strength
    model.to(torch.bfloat16).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server as users have it, with its engine in a process of its own."""
    monkeypatch.delenv("VLLM_ENABLE_V1_MULTIPROCESSING", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield


def question(ws: Workspace, folder: Path, name: str, **args: Any) -> specs.JudgeSpec:
    ours = answers(ws, ["a long answer", "b", "same", "words " * 9, "yes", "no"], "ours")
    theirs = answers(ws, ["c", "some other answer", "same", "d", "e e e", "no, but"], "theirs")
    model = specs.LocalModel(sha256=ws.adopt(folder))
    return specs.JudgeSpec(candidate=ours, reference=theirs, judge=judges.call(name, model=model, **args))


def test_a_served_models_log_probs_are_read_as_its_preferences(ws: Workspace, tmp_path: Path) -> None:
    folder = opinionated(tmp_path / "judge", ["m", "M"], strength=10)
    spec = question(ws, folder, "alpaca_eval")
    summary = judge.run(tiny.asked(ws, spec))
    assert summary.complete and summary.facts["statuses"] == {"ok": 6}
    rows = ws.table(spec.id, "judgements").to_pylist()
    assert {row["judge"] for row in rows if row["judge"]} == {f"judge@{ws.adopt(folder)[:8]}"}
    found = {row["candidate_id"]: row["preference"] for row in rows}
    expected = {one.item.candidate_id: one.preferred(1 - second) for one, second in _by_transformers(ws, spec, folder)}
    assert found == pytest.approx(expected, abs=0.03)
    assert max(found.values()) - min(found.values()) > 0.1
    again = judge.run(tiny.asked(ws, spec.model_copy(update={"seed": 1})))
    assert again.facts["reused"] == 5 and "served" not in again.facts


def _by_transformers(ws: Workspace, spec: specs.JudgeSpec, folder: Path) -> Iterator[tuple[Asked, float]]:
    """What transformers says of each question: P(M) / (P(m) + P(M)) of the first token."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from backend.judges.items import items

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    small, large = tokenizer.convert_tokens_to_ids(["m", "M"])
    for item in items(ws, spec, alone=False).judged:
        one = Asked(item, alpaca_eval.official_order(item))
        if item.candidate == item.reference:
            yield one, 0.5
            continue
        (*_, first), (*_, second) = one.shown
        asked = alpaca_eval.OWN.fill({"instruction": item.prompt[-1]["content"], "output_1": first, "output_2": second})
        ids = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        chance = model(**ids).logits[0, -1].detach().float().softmax(-1)
        yield one, float(chance[large] / (chance[small] + chance[large]))


def test_labels_are_read_and_what_holds_none_is_counted(ws: Workspace, tmp_path: Path) -> None:
    folder = opinionated(tmp_path / "judge", [*VERDICTS, "x"], strength=1)
    spec = question(ws, folder, "pairwise", max_tokens=1, temperature=1.0)
    summary = judge.run(tiny.asked(ws, spec))
    facts, seen = summary.facts, summary.facts["statuses"]
    assert (seen["ok"] + seen["unparsable"], facts["calls"], facts["cost"]) == (12, 10, None)
    assert seen["ok"] > 2 and seen["unparsable"] > 0 and not summary.complete
    assert facts["prompt_tokens"] > 500 and facts["served"]["starting"] > 0
    said = {row["explanation"] for row in ws.table(spec.id, "judgements").to_pylist() if row["judge"]}
    assert said <= {*VERDICTS, "x"} and len(said) > 1


def test_a_base_model_and_one_that_vllm_cannot_load_are_explained(ws: Workspace, tmp_path: Path) -> None:
    base = tiny.model_folder(tmp_path / "base", template=None, hidden_size=64, max_position_embeddings=4096)
    with pytest.raises(BadSpec, match=r"base@\w+ has no chat template, so that it cannot be asked"):
        judge.run(tiny.asked(ws, question(ws, base, "pairwise")))
    config = (base / "config.json").read_text().replace("LlamaForCausalLM", "OddForCausalLM")
    (base / "config.json").write_text(config.replace('"llama"', '"odd"'))
    with pytest.raises(EndpointError, match=r"ended while it was starting: The checkpoint .* `odd`"):
        judge.run(tiny.asked(ws, question(ws, base, "pairwise")))
    assert os.environ.get("VLLM_API_KEY") is None
