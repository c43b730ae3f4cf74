"""A workspace with one finished run of every kind, written directly: for tests of the index and the pages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backend import tables
from backend.registry import Call
from backend.specs import (
    FileSource,
    GenerateSpec,
    JudgeSpec,
    LoadSpec,
    LocalModel,
    MeasureSpec,
    RunModel,
    SelectSpec,
    TrainSpec,
)
from backend.workspace import Workspace

WORDS = np.array(["the", "good", "bad", "plain", "kind", "short", "long", "answer", "idea", "of", "to", "so", "then"])


@dataclass(frozen=True)
class World:
    """The ids of the runs."""

    load: str
    reward: str
    policy: str
    reference: str
    select: str
    train: str
    candidate: str
    baseline: str
    judge: str
    failed: str


def finish(ws: Workspace, spec: Any, title: str, rows: Mapping[str, pa.Table], summary: Mapping[str, Any],
           outcome: str = "finished", **result: Any) -> str:  # fmt: skip
    """A run as its job leaves it."""
    run = spec.id
    ws.write_json(ws.folder(run) / "about.json", {"title": title, "created": time.time()})
    text = spec.canonical()
    ws.write(ws.folder(run) / "spec.json", lambda p: p.write_text(text, encoding="utf-8"))
    for name, table in rows.items():
        ws.write_table(run, name, table)
    ws.write_json(
        ws.folder(run) / "result.json", {"outcome": outcome, "seconds": 1.5, "summary": dict(summary), **result}
    )
    return run


def build(ws: Workspace, pairs: int = 40, seed: int = 0, words: int = 12) -> World:
    """All runs; the pool has `pairs` pairs over half as many prompts, every tenth held out; `words` to a response."""
    chance = np.random.default_rng(seed)
    load = _load(ws, pairs, chance, words)
    reward, policy, reference = (
        _measure(ws, load, Call(name=name), model, title, chance)
        for name, model, title in (("reward", "c", "rewards"), ("logprob", "d", "policy"), ("logprob", "e", "start"))
    )
    select = _select(ws, load, reward, policy, reference)
    train = _train(ws, select, chance)
    candidate, baseline = (_answers(ws, load, train, s, title, chance) for s, title in ((1, "tuned"), (0, "start")))
    judge = _judge(ws, candidate, baseline, chance)
    broken = LoadSpec(source=FileSource(sha256="f" * 64, suffix="jsonl"), format=Call(name="preference"))
    failed = finish(ws, broken, "broken.jsonl", {}, {}, "failed", error="line 3 is not JSON; mend it.")
    return World(load, reward, policy, reference, select, train, candidate, baseline, judge, failed)


def text(chance: np.random.Generator, count: int, words: int = 12) -> list[str]:
    """Texts of some words each."""
    return [" ".join(row) for row in WORDS[chance.integers(0, len(WORDS), (count, words))]]


def _ids(chance: np.random.Generator, count: int) -> np.ndarray:
    return chance.integers(1, 2**63, count, dtype=np.uint64)


def _load(ws: Workspace, count: int, chance: np.random.Generator, words: int) -> str:
    spec = LoadSpec(source=FileSource(sha256="a" * 64, suffix="jsonl"), format=Call(name="preference"))
    prompts, responses = _ids(chance, count // 2), _ids(chance, 2 * count)
    of_pair = np.repeat(prompts, 2)
    asked = [[{"role": "user", "content": question}] for question in text(chance, len(prompts))]
    split = np.where(np.arange(count) % 10 == 0, "held_out", None)  # type: ignore[call-overload]
    rows = {
        "prompts": tables.build("prompts", {"prompt_id": prompts, "prompt": asked}),
        "responses": tables.build(
            "responses",
            {"response_id": responses, "prompt_id": np.tile(of_pair, 2), "response": text(chance, 2 * count, words),
             "author": ["dataset"] * (2 * count), "sample": np.zeros(2 * count, dtype=int)},
        ),
        "pairs": tables.build(
            "pairs",
            {"pair_id": _ids(chance, count), "prompt_id": of_pair, "chosen_id": responses[:count],
             "rejected_id": responses[count:], "label_source": ["people"] * count, "split": split},
        ),
    }  # fmt: skip
    numbers = {"rows_read": count, "prompts": len(prompts), "responses": 2 * count, "pairs": count}
    return finish(ws, spec, "pool.jsonl", rows, {**numbers, "dropped": {}, "flagged": {"blank_response": 2}})


def _measure(ws: Workspace, load: str, call: Call, model: str, title: str, chance: np.random.Generator) -> str:
    spec = MeasureSpec(responses=load, measure=call, model=LocalModel(sha256=model * 64))
    ids = ws.table(load, "responses", ["response_id"])["response_id"]
    value = chance.normal(size=len(ids))
    rows = tables.build("measurements", {"response_id": ids, "value": value, "tokens": np.full(len(ids), 12)})
    return finish(ws, spec, title, {"measurements": rows}, {"responses": len(ids), "measured": len(ids)})


def _select(ws: Workspace, load: str, reward: str, policy: str, reference: str) -> str:
    pool = [i for i, split in zip(*(ws.table(load, "pairs")[n].to_pylist() for n in ("pair_id", "split")), strict=True)
            if split is None]  # fmt: skip
    budget = len(pool) // 3
    spec = SelectSpec(
        pairs=load,
        strategy=Call(name="top", args={"signal": "external_margin"}),
        budget=budget,
        measurements={"reward": reward, "policy_logprob": policy, "reference_logprob": reference},
    )
    rows = tables.build("selected", {"pair_id": pool[:budget], "rank": list(range(budget))})
    facts = {"pool": len(pool), "chosen": budget, "share": budget / len(pool), "notes": {}}
    return finish(ws, spec, "the best third", {"selected": rows}, facts)


def _train(ws: Workspace, select: str, chance: np.random.Generator) -> str:
    spec = TrainSpec(method="dpo", model=LocalModel(sha256="b" * 64), data=select, learning_rate=1e-3, beta=0.1)
    rows = [
        {"step": step, "epoch": step / 10, "metric": metric, "value": float(chance.random()), "split": "train"}
        for step in range(1, 11)
        for metric in ("loss", "rewards/margins", "rewards/accuracies", "logps/chosen", "logps/rejected")
    ]
    return finish(ws, spec, "tuned on the best third", {"training": tables.build("training", rows)}, {"steps": 10})


def _answers(ws: Workspace, load: str, train: str, seed: int, title: str, chance: np.random.Generator) -> str:
    spec = GenerateSpec(prompts=load, model=RunModel(run=train), seed=seed)
    prompts = ws.table(load, "prompts", ["prompt_id"])["prompt_id"]
    columns = {"response_id": _ids(chance, len(prompts)), "prompt_id": prompts, "author": [train] * len(prompts),
               "response": text(chance, len(prompts)), "sample": np.zeros(len(prompts), dtype=int)}  # fmt: skip
    return finish(ws, spec, title, {"responses": tables.build("responses", columns)}, {"responses": len(prompts)})


def _judge(ws: Workspace, candidate: str, baseline: str, chance: np.random.Generator) -> str:
    """Both orders of every item; item 0 flips, item 1 is won, item 2 lost, item 3 a tie, item 4 has no verdict."""
    spec = JudgeSpec(candidate=candidate, reference=baseline, judge=Call(name="pairwise", args={"model": "m"}))
    one, other = (ws.table(run, "responses") for run in (candidate, baseline))
    count = len(one)
    first = np.tile([1.0, 1.0, 0.0, 0.5, 0.5], count // 5 + 1)[:count]
    second = np.tile([0.0, 1.0, 0.0, 0.5, np.nan], count // 5 + 1)[:count]
    value = np.concatenate([first, second])
    columns = {
        "prompt_id": np.tile(one["prompt_id"], 2), "candidate_id": np.tile(one["response_id"], 2),
        "reference_id": np.tile(other["response_id"], 2), "sample": np.zeros(2 * count, dtype=int),
        "turn": np.ones(2 * count, dtype=int), "attempt": np.ones(2 * count, dtype=int),
        "order": ["candidate_first"] * count + ["reference_first"] * count,
        "status": np.where(np.isnan(value), "unparsable", "ok"), "preference": value,
        "explanation": text(chance, 2 * count),
    }  # fmt: skip
    fifth = count // 5
    facts = {"items": count, "judged": count - fifth, "missing": fifth, "win_rate": 0.5, "low": 0.4, "high": 0.6,
             **dict.fromkeys(("won", "tied", "flipped", "lost"), fifth),
             "verdict": "cannot tell", "first": 0.625}  # fmt: skip
    return finish(ws, spec, "tuned against start", {"judgements": tables.build("judgements", columns)}, facts,
                  "incomplete")  # fmt: skip
