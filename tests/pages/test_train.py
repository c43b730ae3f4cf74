"""Train: a form that is a spec, and curves."""

from __future__ import annotations

import json
import shlex

import pytest
from streamlit.testing.v1 import AppTest

from backend.specs import TrainSpec, parse
from tests.pages.conftest import Open, words
from tests.small_world import World


def asked(at: AppTest) -> TrainSpec:
    """The question in the command that the page shows."""
    command = next(code.value for code in at.code if "backend run -" in code.value)
    spec = parse(json.loads(shlex.split(command)[1]))
    assert isinstance(spec, TrainSpec)
    return spec


@pytest.mark.parametrize(("method", "label"), [("sft", "SFT"), ("dpo", "DPO"), ("reward", "Reward model")])
def test_the_form_makes_a_question_of_every_method(page: Open, world: World, method: str, label: str) -> None:
    spec = asked(page("train", method=label))
    assert spec.method == method
    assert spec.data == world.select
    assert (spec.beta is None) == (method != "dpo")


def test_settings_in_the_url_are_in_the_question(page: Open, world: World) -> None:
    at = page("train", beta="0.3", epochs="2.0", batch="4", seed="7")
    spec = asked(at)
    assert (spec.beta, spec.num_train_epochs, spec.per_device_train_batch_size, spec.seed) == (0.3, 2.0, 4, 7)


def test_curves_of_the_newest_run_are_drawn(page: Open, world: World) -> None:
    at = page("train")
    assert at.multiselect(key="watched").value == [world.train]
    assert len(at.get("vega_lite_chart")) == 4  # loss, margin, accuracy, log-probs


def test_an_empty_workspace_says_what_to_do(page: Open) -> None:
    shown = words(page("train"))
    assert "Choose a model to start from" in shown
    assert "No model was trained here yet" in shown


def test_a_model_folder_that_is_not_there_is_one_sentence(page: Open, world: World) -> None:
    at = page("train", **{"model.place": "A folder", "model.path": "/no/such/folder"})
    assert "there is no file or folder" in words(at)
