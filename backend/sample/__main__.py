"""Writes `data/sample/`: `python -m backend.sample [FOLDER]`. The same bytes every time."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from . import models
from .annotators import annotated, clean, curated
from .world import Fact, questions
from .writers import draw, write

FOLDER = Path(__file__).parent.parent.parent / "data" / "sample"
SEEDS = range(5)
HELD_OUT, POOL, REWARD = 200, 400, 300  # prompts
ANSWERS, PAIRS = 5, 4  # of each prompt of the pool
SFT_ANSWERS, REWARD_PAIRS = 6000, 800
ALIKE = 0.25  # share of the pool's prompts whose answers differ in wording only

Row = Mapping[str, Any]


def split() -> tuple[list[str], list[str]]:
    """The prompts that are held out for judging, and the others; the same for all seeds."""
    prompts = list(questions())
    Random("split").shuffle(prompts)
    return sorted(prompts[:HELD_OUT]), sorted(prompts[HELD_OUT:])


def seeded(seed: int) -> dict[str, list[Row]]:
    """The files of one seed, by the first part of their name."""
    rng = Random(f"prompts {seed}")
    prompts = rng.sample(split()[1], POOL + REWARD)
    pool = list(_pool(prompts[:POOL], Random(f"pool {seed}")))
    noise = Random(f"noise {seed}")
    return {
        "pairs-noisy": [_pair(p, *annotated(p, a, b, noise)) for p, a, b in pool],
        "pairs-clean": [_pair(p, *clean(p, a, b)) for p, a, b in pool],
        "reward": list(_reward(prompts[POOL:], Random(f"reward {seed}"))),
        "sft": list(_sft(split()[1], Random(f"sft {seed}"))),
    }


def _pair(prompt: str, annotator: str, chosen: str, rejected: str) -> Row:
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected, "annotator": annotator}


def _pool(prompts: list[str], rng: Random) -> Iterator[tuple[str, str, str]]:
    """Unlabelled pairs: four of the ten pairs of five answers, such that every answer occurs."""
    for prompt in prompts:
        answers = _answers(questions()[prompt], rng.random() < ALIKE, rng)
        while True:
            pairs = rng.sample(list(combinations(answers, 2)), PAIRS)
            if len({answer for pair in pairs for answer in pair}) == ANSWERS:
                break
        yield from ((prompt, *(pair if rng.random() < 0.5 else pair[::-1])) for pair in pairs)


def _answers(fact: Fact, alike: bool, rng: Random) -> list[str]:
    """Five different answers: by writers drawn one by one, or all with one answer's traits."""
    while True:
        _, traits = draw(rng)
        found: dict[str, None] = {}
        for _ in range(10 * ANSWERS):
            found.setdefault(write(fact, traits if alike else draw(rng)[1], rng))
            if len(found) == ANSWERS:
                return list(found)


def _reward(prompts: list[str], rng: Random) -> Iterator[Row]:
    for i in range(REWARD_PAIRS):
        prompt = prompts[i % len(prompts)]
        first, second = rng.sample(_answers(questions()[prompt], False, rng), 2)
        yield _pair(prompt, *curated(prompt, first, second, rng))


def _sft(prompts: list[str], rng: Random) -> Iterator[Row]:
    """All writers' answers, so that what a model learns from them is of varied quality too."""
    wanted = [prompts[i % len(prompts)] for i in range(SFT_ANSWERS)]
    for prompt in prompts:
        written: dict[str, str] = {}
        while len(written) < wanted.count(prompt):
            writer, traits = draw(rng)
            written.setdefault(write(questions()[prompt], traits, rng), writer)
        yield {"prompt": prompt, "completions": [{"model": w, "response": text} for text, w in written.items()]}


def _lines(rows: Iterable[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def files() -> Iterator[tuple[str, bytes]]:
    """Every generated file: its name and its bytes."""
    yield "held_out.jsonl", _lines({"prompt": p, "category": questions()[p].family.name} for p in split()[0])
    for seed in SEEDS:
        for name, rows in seeded(seed).items():
            yield f"{name}-{seed}.jsonl.gz", gzip.compress(_lines(rows), mtime=0)
    for name, hidden in (("policy", 96), ("small", 64)):
        for file, content in ({"config.json": models.llama(hidden)} | models.tokenizer()).items():
            yield f"models/{name}/{file}", json.dumps(content, indent=1).encode() + b"\n"


def main(folder: Path) -> None:
    """Writes all files below `folder`."""
    for name, content in files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{name} {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
