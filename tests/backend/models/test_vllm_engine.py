"""The vLLM engine at its seam: chunks, kills, what is not measured, sentences. The real one: `tests/vllm/`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from backend.errors import BadSpec, JobFailed
from backend.models import vllm_engine
from backend.models.engine import Engine
from backend.models.rendering import Encoded
from backend.models.vllm_engine import VllmEngine, compared
from backend.values import Scores, Values, key, keys
from backend.workspace import Workspace
from tests import fake_vllm, tiny
from tests.fake_vllm import FakeLLM

TEXTS = [Encoded([3, 4], [5 + n, 6, 7][: 1 + n % 3], False) for n in range(12)]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeLLM]:
    return fake_vllm.installed(monkeypatch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.model_folder(tmp_path_factory.mktemp("models") / "m")


def test_a_logprob_is_the_sum_over_the_tokens_of_the_response(ws: Workspace, folder: Path, fake: type[FakeLLM]) -> None:
    of = [Encoded([3, 4], [5, 6], False), Encoded([], [7, 8], False), Encoded([3], [], True)]
    found = VllmEngine(folder, Values(ws, "m")).logprobs(of, "float32")
    np.testing.assert_allclose(
        found.value, [-0.5 - 0.6, -0.8, np.nan]
    )  # a first token without a prompt counts for nothing
    assert found.tokens.tolist() == [2, 1, 0]
    (llm,) = fake.started
    assert (llm.model, llm.options["dtype"], llm.options["max_model_len"]) == (str(folder), "float32", 5)


def test_values_never_mix_with_those_of_transformers(ws: Workspace, folder: Path, fake: type[FakeLLM]) -> None:
    VllmEngine(folder, Values(ws, "m")).logprobs(TEXTS, "float32")
    store = Values(ws, "m")
    assert np.isfinite(store.find(keys(key("logprob vllm float32", s.prompt, s.response) for s in TEXTS)).value).all()
    assert np.isnan(store.find(keys(key("logprob float32", s.prompt, s.response) for s in TEXTS)).value).all()


def test_every_chunk_is_kept_as_soon_as_it_is_done_and_a_killed_run_goes_on(
    ws: Workspace, folder: Path, fake: type[FakeLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vllm_engine.CHUNK_TOKENS, "cpu", 12)
    told: list[int] = []

    def stop(done: int, total: int) -> None:
        told.append(done)
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        VllmEngine(folder, Values(ws, "m"), stop).logprobs(TEXTS, "float32")
    assert fake.started[0].closed
    assert told == [0, 12, 24]  # texts have 3, 4 or 5 tokens, three of them fill a chunk
    rest = VllmEngine(folder, Values(ws, "m"))
    found = rest.logprobs(TEXTS, "float32")
    assert (rest.spent.known, rest.spent.tokens) == (6, 24)
    assert fake.started[1].asked == [[s.ids for s in TEXTS[6:9]], [s.ids for s in TEXTS[9:]]]
    np.testing.assert_allclose(found.value, [-sum(s.response) / 10 for s in TEXTS])


def test_a_text_longer_than_a_chunk_is_a_chunk_of_its_own(
    ws: Workspace, folder: Path, fake: type[FakeLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vllm_engine.CHUNK_TOKENS, "cpu", 4)
    of = [Encoded([3], [5] * n, False) for n in (1, 1, 9, 1)]
    of[1] = Encoded([4], [5], False)
    VllmEngine(folder, Values(ws, "m")).logprobs(of, "float32")
    assert [[len(ids) for ids in chunk] for chunk in fake.started[0].asked] == [[2, 2], [10]]  # the fourth is the first


def test_what_is_not_a_number_is_not_kept_and_asked_for_again(ws: Workspace, folder: Path, fake: type[FakeLLM]) -> None:
    of = [Encoded([3], [5], False), Encoded([3], [99], False)]
    for known in (0, 1):
        engine = VllmEngine(folder, Values(ws, "m"))
        np.testing.assert_allclose(engine.logprobs(of, "float32").value, [-0.5, np.nan])
        assert engine.spent.known == known


def test_a_breakdown_is_one_sentence_and_keeps_what_was_measured(
    ws: Workspace, folder: Path, fake: type[FakeLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vllm_engine.CHUNK_TOKENS, "cpu", 12)
    monkeypatch.setattr(fake, "breaks", 1)
    with pytest.raises(JobFailed, match=r"vLLM broke down \(RuntimeError: CUDA out of memory\)"):
        VllmEngine(folder, Values(ws, "m")).logprobs(TEXTS, "float32")
    assert fake.started[0].closed
    monkeypatch.setattr(fake, "breaks", None)
    rest = VllmEngine(folder, Values(ws, "m"))
    rest.logprobs(TEXTS, "float32")
    assert rest.spent.known == 3


def test_where_vllm_is_absent_or_asked_for_rewards_a_sentence_says_what_to_do(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(BadSpec, match="not installed here; on a GPU machine `make run GPU=1` adds it"):
        VllmEngine(folder, Values(ws, "m")).logprobs(TEXTS, "float32")
    with pytest.raises(BadSpec, match="rewards are measured with the transformers engine only"):
        VllmEngine(folder, Values(ws, "m")).rewards(TEXTS, "float32")


def test_a_model_that_vllm_refuses_and_a_text_without_room_are_said(
    ws: Workspace, folder: Path, fake: type[FakeLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(why: str) -> None:
        def start(*_: object, **__: object) -> None:
            raise ValueError(f"1 validation error for ModelConfig\n  Value error, {why}")

        monkeypatch.setattr(fake, "__init__", start)

    refuse("Model architectures ['Odd'] are not supported for now.")
    with pytest.raises(BadSpec, match=r"vLLM cannot load .*: Model architectures \['Odd'\] are not supported"):
        VllmEngine(folder, Values(ws, "m")).logprobs(TEXTS, "float32")
    refuse("User-specified max_model_len (601) is greater than the derived max_model_len")
    long = [Encoded([3], [5] * 599, False)]
    with pytest.raises(BadSpec, match=r"longest text has 600 tokens .* room for 512; choose max_length 511 or less"):
        VllmEngine(folder, Values(ws, "m")).logprobs(long, "float32")


def test_the_agreement_is_counted_per_token() -> None:
    ours = Scores(np.array([-1.0, -4.0, -9.0, -2.0]), np.array([1, 2, 3, 4]))
    theirs = Scores(np.array([-1.5, -4.2, -9.0, -2.0]), ours.tokens)
    facts = compared(ours, theirs)  # per token −1, −2, −3, −0.5 and −1.5, −2.1, −3, −0.5
    assert facts == pytest.approx({"n": 4, "largest_per_token": 0.5, "median_per_token": 0.05, "rank_correlation": 1.0})
    worse = compared(ours, Scores(np.array([-3.0, -4.0, -3.0, -2.0]), ours.tokens))
    assert worse["rank_correlation"] == pytest.approx(0.2)  # ranks 3 2 1 4 and 1 2 3 4: 1 − 6 · 8 / (4 · 15)
    assert "rank_correlation" not in compared(*(Scores(np.full(4, -1.0), np.ones(4, int)),) * 2)


def test_at_most_64_texts_are_compared_the_same_ones_whatever_their_order_and_each_once(
    ws: Workspace, folder: Path, fake: type[FakeLLM]
) -> None:
    of = [Encoded([3], [5 + n % 7, 6 + n // 7], False) for n in range(90)]
    chosen = []
    for texts in (of, [*reversed(of), *of]):
        engine = VllmEngine(folder, Values(ws, "m"))
        engine.logprobs(texts, "float32")
        assert engine.sample
        chosen.append({tuple(s.ids) for s in engine.sample.sequences})
        assert len(engine.sample.sequences) == 64
    assert chosen[0] == chosen[1]
    facts = engine.agreement(lambda *_: None)
    assert facts["n"] == 64
    plain = Engine(folder, Values(ws, "m"))
    plain.logprobs(of, "float32")
    assert plain.spent.known == 64, "what was compared is kept for the transformers engine"


def test_where_nothing_can_be_compared_the_agreement_says_why(
    ws: Workspace, folder: Path, tmp_path: Path, fake: type[FakeLLM]
) -> None:
    engine = VllmEngine(folder, Values(ws, "m"))
    engine.logprobs([Encoded([3], [], True)], "float32")
    assert engine.agreement(lambda *_: None) == {"n": 0, "why": "no text has a value"}
    (tmp_path / "config.json").write_text("{}")
    broken = VllmEngine(tmp_path, Values(ws, "n"))
    broken.logprobs(TEXTS, "float32")
    facts = broken.agreement(lambda *_: None)
    assert facts["n"] == 0
    assert "cannot load a language model" in facts["why"]
