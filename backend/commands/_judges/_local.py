"""`--serve`: the judge is a model on this machine, which the run itself serves with vLLM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ...errors import BadSpec
from ...judges import JudgeModel
from ...models import resolve
from ...workspace import Workspace


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; a command hands what it gets to `model`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def model(ws: Workspace, name: str, endpoint: str | None, given: dict[str, Any]) -> JudgeModel:
    """The judge's model as the question names it: by its name at an endpoint, or with --serve by its content.

    The options are taken from `given`. BadSpec or NotFound where no such model can be served.
    """
    serve, adapter = given.pop("serve"), given.pop("adapter")
    if not serve:
        if adapter:
            raise BadSpec("--adapter belongs to --serve: an endpoint is asked by its model's name alone.")
        return name
    if endpoint:
        raise BadSpec(f"--serve runs the judge here; leave the endpoint {endpoint} out.")
    if not name:
        raise BadSpec("--serve needs --model: a folder, a train run or a model of the Hub.")
    return resolve.named(ws, name).model_copy(update={"adapter": ws.adopt(adapter) if adapter else None})


_OPTIONS = (
    click.option("--serve", is_flag=True, help="Run the judge here: vLLM serves --model, a folder, a train run or "
                 "organisation/name[@revision] on the Hub, for as long as the run lasts."),
    click.option("--adapter", metavar="FOLDER", help="With --serve: a LoRA adapter over the model."),
)  # fmt: skip
