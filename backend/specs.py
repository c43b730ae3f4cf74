"""What a question is: one frozen model per kind of run.

A spec holds everything that could change the answer, and nothing else. Its id is `<kind>-<12 hex of sha256>` of its
canonical JSON, so that equal questions share one run. A spec names the runs it reads by their ids, which are known
before those runs exist. Optional fields that are None are left out of the canonical JSON, so that a field added later
does not change the ids of older runs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_serializer,
    model_validator,
)

from .errors import BadSpec
from .registry import Call

KINDS = ("load", "estimate", "measure", "select", "pair", "train", "generate", "judge")  # design: a later issue
_RUN_ID = re.compile(rf"({'|'.join(KINDS)})-[0-9a-f]{{12}}")

RunId = Annotated[str, StringConstraints(pattern=rf"^{_RUN_ID.pattern}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what NumPy and torch take


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- where data and models come from -------------------------------------------------------------------------------


class FileSource(_Frozen):
    """A local file, known by its content. Where it lies is the workspace's business (`Workspace.adopt`)."""

    sha256: Sha256
    suffix: str  # "jsonl", "csv.gz", ...


class HubSource(_Frozen):
    """A dataset on the Hugging Face Hub, pinned to a commit."""

    repo: str
    config: str | None = None
    split: str
    revision: str  # a commit hash


Source = FileSource | HubSource


class _Model(_Frozen):
    adapter: Sha256 | None = None  # a LoRA adapter over it: a folder, known by the hash of its files

    @model_serializer(mode="wrap")
    def _without_nulls(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Also among a judge's arguments, where a null would stay in the canonical JSON."""
        return {name: value for name, value in whole(self).items() if value is not None}


class RunModel(_Model):
    """The model that a train run made."""

    run: RunId


class HubModel(_Model):
    """A model on the Hugging Face Hub, pinned to a commit."""

    repo: str
    revision: str


class LocalModel(_Model):
    """A model folder, known by the hash of its files. `random` starts from its config with random weights."""

    sha256: Sha256
    random: bool = False


ModelRef = RunModel | HubModel | LocalModel

# --- the kinds of run ----------------------------------------------------------------------------------------------


class _Spec(_Frozen):
    def canonical(self) -> str:
        """The question as canonical JSON: sorted keys, no blanks, no nulls."""
        return json.dumps(
            self.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    @property
    def id(self) -> str:
        """`<kind>-<12 hex>`: the name of the run that answers this question."""
        digest = hashlib.sha256(self.canonical().encode()).hexdigest()
        return f"{self.kind}-{digest[:12]}"  # type: ignore[attr-defined]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of all runs this question reads, in order of appearance, each once."""
        return tuple(dict.fromkeys(_run_ids(self.model_dump(mode="json"))))


def _run_ids(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if _RUN_ID.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _run_ids(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _run_ids(part)


class LoadSpec(_Spec):
    """Rows of a file or Hub dataset → prompts, responses, pairs."""

    kind: Literal["load"] = "load"
    source: Source
    format: Call
    drop: tuple[str, ...] = ()  # hygiene reasons whose rows are left out; all others are flagged and kept
    max_chars: Count = 16_384  # a row is over_length when its prompt and its longest response have more characters
    held_out: RunId | None = None  # a load run whose prompts must not be trained on
    held_out_share: Share = 0.0  # share of the prompts set aside, chosen by their ids
    limit: Count | None = None  # only the first rows
    questions: FileSource | None = None  # what rows that hold answers alone are about, found by question_id or uid
    right_answers: FileSource | None = None  # a benchmark's reference answers, found in the same way


class MeasureSpec(_Spec):
    """One measure over all responses of a run."""

    kind: Literal["measure"] = "measure"
    responses: RunId
    measure: Call
    model: ModelRef | None = None


class EstimateSpec(_Spec):
    """What measuring would cost on a machine: tokens, time, memory."""

    kind: Literal["estimate"] = "estimate"
    of: MeasureSpec
    machine: str  # `devices.machine()`


class SelectSpec(_Spec):
    """A strategy and a budget (number of pairs; None: the whole pool) → a subset."""

    kind: Literal["select"] = "select"
    pairs: RunId
    strategy: Call
    budget: Count | None = None
    measurements: dict[str, RunId] = {}  # role (`signals.ROLES`) → measure run
    seed: Seed = 0


class PairSpec(_Spec):
    """Measured or judged responses → preference pairs."""

    kind: Literal["pair"] = "pair"
    responses: RunId
    pairing: Call
    measurements: dict[str, RunId] = {}
    seed: Seed = 0


class TrainSpec(_Spec):
    """SFT, reward model or DPO through TRL. The settings carry TRL's names; None is TRL's default for the method."""

    kind: Literal["train"] = "train"
    method: Literal["sft", "reward", "dpo"]
    model: ModelRef
    data: RunId  # load, pair or select
    use: Literal["pairs", "responses", "chosen"] = "pairs"  # sft learns from `responses` (all) or `chosen`
    learning_rate: Annotated[float, Field(gt=0)]
    num_train_epochs: Annotated[float, Field(gt=0)] = 1.0
    per_device_train_batch_size: Count = 8
    gradient_accumulation_steps: Count = 1
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    lr_scheduler_type: str = "cosine"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    max_length: Count = 1024
    beta: Annotated[float, Field(gt=0)] | None = None
    loss_type: str | None = None
    lora_r: Count | None = None
    eval_share: Share = 0.0  # share of the pairs kept back, by id, for held-out curves
    save_steps: Count = 100
    dtype: Literal["float32", "bfloat16"] = "float32"
    seed: Seed = 0

    @model_validator(mode="after")
    def _fits_together(self) -> TrainSpec:
        if (self.method == "sft") == (self.use == "pairs"):
            raise ValueError(f"method {self.method!r} cannot learn from {self.use!r}")
        if self.method != "dpo" and (self.beta or self.loss_type):
            raise ValueError(f"beta and loss_type belong to dpo, not to {self.method!r}")
        return self


class GenerateSpec(_Spec):
    """A model's answers to prompts; a later turn is asked after the model's own answers to those before."""

    kind: Literal["generate"] = "generate"
    prompts: RunId
    split: Literal["all", "train", "held_out"] = "all"
    limit: Count | None = None  # the first prompts, or conversations, in order of their ids
    model: ModelRef
    engine: Literal["transformers", "vllm"] = "transformers"
    temperature: Annotated[float, Field(ge=0)] | Literal["by_category"] = 0.7  # MT-Bench's: `benchmarks.temperature`
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_new_tokens: Count = 512
    samples: Count = 1
    dtype: Literal["float32", "bfloat16"] = "float32"
    seed: Seed = 0


class JudgeSpec(_Spec):
    """Verdicts on candidate against reference: answers to the same prompts, paired by prompt and sample number.

    Without a reference the answers are graded one by one. Of a reference that holds pairs, `reference_side` says which
    side the candidate has to beat. `limit`: only the first prompts, or conversations, in order of their ids.
    """

    kind: Literal["judge"] = "judge"
    candidate: RunId  # generate or load
    reference: RunId | None = None
    reference_side: Literal["chosen", "rejected"] | None = None
    judge: Call
    limit: Count | None = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_a_side(self) -> JudgeSpec:
        if self.reference_side and not self.reference:
            raise ValueError(f"without a reference there is no {self.reference_side!r} side of it")
        return self

    @property
    def served(self) -> ModelRef | None:
        """The model that the run itself serves to its judge; None where the judge is elsewhere, or no model."""
        model = self.judge.args.get("model")
        try:
            return _MODEL.validate_python(model) if isinstance(model, Mapping) else None
        except ValidationError:
            raise BadSpec(f"judge.model = {json.dumps(model)} is neither a name nor a model.") from None


Spec = Annotated[
    LoadSpec | EstimateSpec | MeasureSpec | SelectSpec | PairSpec | TrainSpec | GenerateSpec | JudgeSpec,
    Field(discriminator="kind"),
]
_ANY: TypeAdapter[Any] = TypeAdapter(Spec)
_MODEL: TypeAdapter[Any] = TypeAdapter(ModelRef)


def parse(data: Mapping[str, Any] | str | bytes) -> Spec:
    """A spec from its JSON or its dict. BadSpec names the first field that is wrong."""
    try:
        return _ANY.validate_json(data) if isinstance(data, str | bytes) else _ANY.validate_python(data)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "spec"
        given = repr(problem.get("input"))
        raise BadSpec(f"{where} = {given if len(given) <= 80 else given[:79] + '…'}: {problem['msg']}.") from None
