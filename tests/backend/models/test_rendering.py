from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.models import loading, rendering
from tests import tiny

MESSAGES = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi  there\n"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.model_folder(tmp_path_factory.mktemp("with"))


def test_the_response_starts_after_the_prompt_and_ends_with_the_end_token(folder: Path) -> None:
    tokenizer = loading.tokenizer(folder)
    encoded = rendering.encode(tokenizer, MESSAGES, "ok", 100)
    assert tokenizer.decode(encoded.prompt) == "<system>be kind<user>hi  there\n<assistant>"
    assert (tokenizer.decode(encoded.response), encoded.cut) == ("ok</s>", False)


@pytest.mark.parametrize("limit", [1, 10, 28, 29, 30, 100])
def test_the_cut_takes_from_the_end_and_is_told(folder: Path, limit: int) -> None:
    tokenizer = loading.tokenizer(folder)
    whole = rendering.encode(tokenizer, MESSAGES, "ok", 100)
    cut = rendering.encode(tokenizer, MESSAGES, "ok", limit)
    assert cut.ids == whole.ids[:limit]
    assert cut.cut == (limit < len(whole.ids))


def test_rows_are_tokenized_as_trl_tokenizes_them(folder: Path, tmp_path: Path) -> None:
    from datasets import Dataset
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    tokenizer = loading.tokenizer(folder)
    said: dict[str, Any] = {side: [{"role": "assistant", "content": side}] for side in ("chosen", "rejected")}
    args = DPOConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none")
    rows = Dataset.from_list([{"prompt": MESSAGES, **said}])
    trainer = DPOTrainer(str(folder), args=args, train_dataset=rows, processing_class=tokenizer)
    theirs = trainer.train_dataset[0]
    for side in ("chosen", "rejected"):
        ours = rendering.encode(tokenizer, MESSAGES, side, 1024)
        assert (ours.prompt, ours.response) == (theirs["prompt_ids"], theirs[f"{side}_ids"])


def test_a_tokenizer_without_a_template_gets_the_documented_one(tmp_path: Path) -> None:
    tokenizer = loading.tokenizer(tiny.model_folder(tmp_path, template=None))
    encoded = rendering.encode(tokenizer, MESSAGES, "ok", 200)
    assert tokenizer.decode(encoded.ids) == "System: be kind\n\nUser: hi  there\n\n\nAssistant: ok</s>"
    assert tokenizer.decode(encoded.response) == " ok</s>"
