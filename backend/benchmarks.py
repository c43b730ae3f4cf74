"""Benchmarks: where their items lie on the Hub, in which layout, who judges them, what to cite. Nothing is bundled.

A benchmark is one load run: its prompts are the questions and, where a baseline belongs to it, its responses are the
baseline's answers; so a model answers that run's prompts, and is judged against that run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from . import hub, sources
from .errors import BadSpec, nearest
from .formats import formats
from .registry import Call
from .specs import FileSource, LoadSpec
from .workspace import Workspace

Part = Literal["questions", "reference"]
PARTS: tuple[Part, ...] = ("questions", "reference")
# FastChat's temperature_config (llm_judge/common.py); other categories are sampled at 0.7 (gen_model_answer.py).
TEMPERATURES = {
    "writing": 0.7, "roleplay": 0.7, "extraction": 0.0, "math": 0.0, "coding": 0.0, "reasoning": 0.0,
    "stem": 0.1, "humanities": 0.1,
}  # fmt: skip
OTHER_TEMPERATURE = 0.7


@dataclass(frozen=True)
class HubFile:
    """A file in a repository of the Hub."""

    repo: str
    path: str
    kind: Literal["dataset", "space"] = "dataset"

    def __str__(self) -> str:
        return f"{self.repo}/{self.path}"


@dataclass(frozen=True)
class Benchmark:
    """A benchmark. `reference`: the baseline's answers, or, for MT-Bench, the right answers to some questions.

    `questions`: None where the reference file holds the questions as well. A part without a place on the Hub is a local
    file, or left out.
    """

    title: str
    format: Call
    judges: tuple[str, ...]  # the benchmark's own first
    cite: str
    says: Mapping[Part, str]  # part → what it is, and what the official tool calls the file
    places: Mapping[Part, HubFile]
    answers: bool = True  # whether `reference` holds answers to compare with
    baseline: str | None = None  # who gave those, as the official files have it


def temperature(category: str | None) -> float:
    """MT-Bench's sampling temperature of a category."""
    return TEMPERATURES.get(category or "", OTHER_TEMPERATURE)


def named(name: str) -> Benchmark:
    """A benchmark by its name; BadSpec where there is none."""
    if name not in BENCHMARKS:
        raise BadSpec(f"there is no benchmark {name!r}; {nearest(name, BENCHMARKS)}")
    return BENCHMARKS[name]


def load_spec(ws: Workspace, name: str, local: Mapping[Part, FileSource], **settings: Any) -> tuple[LoadSpec, str]:
    """The question of the run that loads a benchmark, and where its files are from; what is not `local` is fetched.

    `local`: files in the official layout. `settings`: other fields of the spec.
    """
    of = named(name)
    for part in local:
        if part not in of.says:
            raise BadSpec(f"{of.title} has its {part} in one file with the baseline's answers; name that alone.")
    found = {part: _file(ws, of, part, local) for part in of.says}
    files = {part: source for part, (source, _) in found.items() if source}
    places = "; ".join(where for _, where in found.values() if where)
    if not of.answers:
        right = files.get("reference")
        beside = {"right_answers": right.model_dump()} if right else {}
        return sources.load_spec(files["questions"], of.format, **beside, **settings), places
    beside = {"questions": files["questions"].model_dump()} if "questions" in files else {}
    return sources.load_spec(files["reference"], of.format, **beside, **settings), places


def _file(
    ws: Workspace, of: Benchmark, part: Part, local: Mapping[Part, FileSource]
) -> tuple[FileSource | None, str | None]:
    if part in local:
        return local[part], ws.adopted_name(local[part].sha256)
    if part not in of.places:
        return None, None
    place = of.places[part]
    content, commit = hub.file(place.repo, place.path, place.kind)
    return sources.from_upload(ws, content, place.path), f"{place.repo}@{commit[:8]}/{place.path}"


def of_load(spec: LoadSpec) -> tuple[str, ...]:
    """The judges that belong to what a load run holds, the likeliest first; none where it is no benchmark's layout."""
    return next((one.judges for one in BENCHMARKS.values() if one.format == spec.format), ())


def _alpaca(title: str, file: str, baseline: str) -> Benchmark:
    return Benchmark(
        title,
        formats.call("answers"),
        ("alpaca_eval",),
        "Li et al. (2023), AlpacaEval; Dubois et al. (2024), arXiv 2404.04475",
        {"reference": f"the 805 instructions with {baseline}'s outputs (model_outputs.json)"},
        {"reference": HubFile("tatsu-lab/alpaca_eval", file)},
        baseline=baseline,
    )


def _arena(title: str, version: str, judge: str, baseline: str, only: str | None = None) -> Benchmark:
    folder = f"data/arena-hard-{version}"
    return Benchmark(
        title,
        formats.call("arena_hard", only=only),
        (judge,),
        "Li et al. (2024), From Crowdsourced Data to High-Quality Benchmarks, arXiv 2406.11939",
        {"questions": "the questions (question.jsonl)", "reference": f"the baseline's answers ({baseline}.jsonl)"},
        {
            "questions": HubFile("lmarena-ai/arena-hard-auto", f"{folder}/question.jsonl"),
            "reference": HubFile("lmarena-ai/arena-hard-auto", f"{folder}/model_answer/{baseline}.jsonl"),
        },
        baseline=baseline,
    )


BENCHMARKS: dict[str, Benchmark] = {
    "alpaca_eval": _alpaca("AlpacaEval 2", "alpaca_eval_gpt4_baseline.json", "gpt4_1106_preview"),
    "alpaca_eval_1": _alpaca("AlpacaEval 1", "alpaca_eval.json", "text_davinci_003"),
    "mt_bench": Benchmark(
        "MT-Bench",
        formats.call("mt_bench"),
        ("mt_bench", "mt_bench_pair"),
        "Zheng et al. (2023), Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena, arXiv 2306.05685",
        {
            "questions": "the 80 questions (question.jsonl)",
            "reference": "the right answers to 30 of them (FastChat's reference_answer/gpt-4.jsonl; not on the Hub)",
        },
        {"questions": HubFile("lmsys/mt-bench", "data/mt_bench/question.jsonl", "space")},
        answers=False,
    ),
    "arena_hard_v2": _arena(
        "Arena-Hard v2.0, hard prompts", "v2.0", "arena_hard_v2", "o3-mini-2025-01-31", "hard_prompt"
    ),
    "arena_hard_v2_creative": _arena(
        "Arena-Hard v2.0, creative writing", "v2.0", "arena_hard_v2", "gemini-2.0-flash-001", "creative_writing"
    ),
    "arena_hard_v01": _arena("Arena-Hard v0.1", "v0.1", "arena_hard_v01", "gpt-4-0314"),
}
BASELINES = {one.baseline for one in BENCHMARKS.values()} - {None}
