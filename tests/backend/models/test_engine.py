"""The engine: each text once, smaller packs when memory runs out, the plain path where a model needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.errors import BadData
from backend.models import engine, loading, packed, padded
from backend.models.engine import Engine, perform
from backend.models.rendering import Encoded
from backend.models.work import Work
from backend.values import Values, key, keys
from backend.workspace import Workspace
from tests import tiny

TEXTS = [Encoded([3, 4 + n % 3], [5 + n, 6, 7][: 1 + n % 3], False) for n in range(20)]


def work(of: list[Encoded] = TEXTS) -> Work:
    return Work("logprob", "float32", of, keys(key("logprob float32", s.prompt, s.response) for s in of))


def values(ws: Workspace, of: list[Encoded] = TEXTS) -> np.ndarray:
    return Values(ws, "m").find(work(of).names).value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny.model_folder(tmp_path / "m")


def test_a_text_is_measured_once_however_often_it_is_asked_for(ws: Workspace, folder: Path) -> None:
    store = Engine(folder, Values(ws, "m"))
    twice = store.logprobs([*TEXTS, *TEXTS], "float32")
    assert (store.spent.texts, store.spent.known) == (20, 0)
    np.testing.assert_array_equal(twice.value[:20], twice.value[20:])
    again = Engine(folder, Values(ws, "m"))
    np.testing.assert_array_equal(again.logprobs(TEXTS, "float32").value, twice.value[:20])
    assert (again.spent.known, again.spent.tokens) == (20, 0)


def test_both_paths_give_the_same_values_whatever_the_order(ws: Workspace, folder: Path) -> None:
    model = loading.causal(folder).eval()
    expected = {}
    for path in (packed, padded):
        for order in (range(20), reversed(range(20))):
            of = [TEXTS[n] for n in order]
            for pack in path.plan(of, 12):
                sums, tokens = path.logprobs(model, [of[n] for n in pack])
                for n, total, count in zip(pack, sums.tolist(), tokens.tolist(), strict=True):
                    assert count == len(of[n].response)
                    place = (tuple(of[n].prompt), tuple(of[n].response))
                    assert total == pytest.approx(expected.setdefault(place, total), abs=1e-5)
    assert len(expected) == 20


def test_both_paths_give_the_same_embeddings(folder: Path) -> None:
    model, found = loading.causal(folder).eval(), {}
    for path in (packed, padded):
        for pack in path.plan(TEXTS, 12):
            vectors, _ = path.embeddings(model, [TEXTS[n] for n in pack])
            for n, vector in zip(pack, vectors, strict=True):
                np.testing.assert_allclose(vector, found.setdefault(n, vector), atol=1e-5)
    assert len(found) == 20


def test_out_of_memory_halves_the_packs_and_goes_on(ws: Workspace, folder: Path) -> None:
    import torch

    model = loading.causal(folder).eval()
    sizes: list[int] = []

    def small_device(module: Any, given: Any, named: Any) -> None:
        sizes.append(named["input_ids"].shape[1])
        if sizes[-1] > 12:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    hook = model.base_model.register_forward_pre_hook(small_device, with_kwargs=True)
    told: list[tuple[int, int]] = []
    perform(model, work(), Values(ws, "m"), tick=lambda done, total: told.append((done, total)))
    hook.remove()
    assert max(sizes) > 12 >= sizes[-1]
    assert told[-1][0] == told[-1][1]
    found = values(ws)
    perform(model, work(), Values(ws, "n"))
    np.testing.assert_allclose(found, Values(ws, "n").find(work().names).value, atol=1e-5)


def test_a_text_that_can_never_fit_is_one_sentence_and_another_error_is_not_swallowed(
    ws: Workspace, folder: Path
) -> None:
    import torch

    model = loading.causal(folder).eval()
    for error, said, kind in (
        (torch.OutOfMemoryError("CUDA out of memory."), "of 5 tokens does not fit into memory", BadData),
        (RuntimeError("shapes do not match"), "shapes do not match", RuntimeError),
    ):

        def fail(*_: Any, error: Exception = error) -> None:
            raise error

        hook = model.base_model.register_forward_pre_hook(fail)
        with pytest.raises(kind, match=said):
            perform(model, work(), Values(ws, "m"))
        hook.remove()


def test_every_pack_is_kept_as_soon_as_it_is_done(ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.PACK_TOKENS, "cpu", 12)

    def stop(done: int, total: int) -> None:
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Engine(folder, Values(ws, "m"), stop).logprobs(TEXTS, "float32")
    kept = int(np.isfinite(values(ws)).sum())
    rest = Engine(folder, Values(ws, "m"))
    rest.logprobs(TEXTS, "float32")
    assert 5 < kept < 20
    assert rest.spent.known == kept


def test_a_model_that_caps_its_scores_takes_the_padded_path(ws: Workspace) -> None:
    from tests.backend.models.test_packed import tiny as family

    assert engine.path_of(family("gemma2"), work()) is padded
    assert engine.path_of(family("llama"), work()) is packed
    spent = engine.Spent()
    perform(family("gemma2"), work(), Values(ws, "m"), spent=spent)
    assert "final_logit_softcapping" in spent.padded
    assert "sees 3 tokens at a time" in engine.why_padded(family("mistral", sliding_window=3), work())
    assert engine.why_padded(family("mistral", sliding_window=5), work()) == ""
