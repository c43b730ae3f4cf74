"""A model reference → the folder that holds the model's files. Imports nothing heavy: pages and specs may ask too."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from ..errors import BadSpec, NotFound
from ..specs import HubModel, LocalModel, ModelRef, RunModel
from ..workspace import Workspace, content_sha256


def named(ws: Workspace, text: str) -> ModelRef:
    """The model that a person names: a train run, a folder, or `organisation/name[@revision]` on the Hub."""
    if re.fullmatch(r"train-[0-9a-f]{12}", text):
        ws.spec(text)
        return RunModel(run=text)
    if Path(text).expanduser().is_dir():
        return LocalModel(sha256=ws.adopt(text))
    repo, _, revision = text.partition("@")
    if repo.count("/") != 1 or repo.startswith((".", "/", "~")):
        raise NotFound(f"{text!r} is no model: neither a train run, nor a folder, nor organisation/name on the Hub.")
    from .. import hub

    return hub.model(repo, revision or None)


def folder_of(ws: Workspace, model: ModelRef) -> Path:
    """Where the files of a model lie; NotFound or BadSpec says what to do where they do not."""
    if isinstance(model, RunModel):
        return _trained(ws, model.run)
    if isinstance(model, HubModel):
        from .. import hub

        return Path(hub.fetch_model(model.repo, model.revision))
    folder = ws.adopted(model.sha256)
    if (folder / "adapter_config.json").exists():
        raise BadSpec(f"{folder.name} holds a LoRA adapter; choose its base model, and this folder as the adapter.")
    if not (folder / "config.json").exists():
        raise BadSpec(f"{folder.name} is no model folder: it has no config.json; choose the folder that holds it.")
    return folder


def _trained(ws: Workspace, run: str) -> Path:
    folder = ws.folder(run) / "model"
    if ws.spec(run).kind != "train":
        raise BadSpec(f"run {run} trains no model; choose a train run.")
    if not folder.exists():
        raise NotFound(f"run {run} has no model: it has not finished.")
    return folder


def adapter_of(ws: Workspace, model: ModelRef) -> Path | None:
    """Where the LoRA adapter of a model lies; BadSpec where that folder holds none."""
    if model.adapter is None:
        return None
    folder = ws.adopted(model.adapter)
    if not (folder / "adapter_config.json").exists():
        raise BadSpec(
            f"{folder.name} is no LoRA adapter: it has no adapter_config.json; choose the folder that holds it."
        )
    return folder


def weights_of(ws: Workspace, model: ModelRef) -> str:
    """A name for a model's weights, short enough for a folder: equal names, equal weights."""
    if model.adapter:
        return f"{weights_of(ws, model.model_copy(update={'adapter': None}))}-{model.adapter[:24]}"
    if isinstance(model, HubModel):
        return hashlib.sha256(f"{model.repo}@{model.revision}".encode()).hexdigest()[:24]
    if isinstance(model, LocalModel):
        return model.sha256[:24]
    known = (ws.result(model.run) or {}).get("summary", {}).get("weights")
    return known or content_sha256(_trained(ws, model.run))[:24]


def name_of(ws: Workspace, model: ModelRef) -> str:
    """The author of what a model writes: the same words for the same model, everywhere."""
    if model.adapter:
        base = name_of(ws, model.model_copy(update={"adapter": None}))
        return f"{base}+{ws.adopted_name(model.adapter) or 'adapter'}@{model.adapter[:8]}"
    if isinstance(model, RunModel):
        return model.run
    if isinstance(model, HubModel):
        return model.repo
    return f"{ws.adopted_name(model.sha256) or 'model'}@{model.sha256[:8]}"


def is_reward_model(folder: Path) -> bool:
    """Whether the model in a folder is a sequence classifier with one output."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return any("ForSequenceClassification" in name for name in config.get("architectures") or ())
