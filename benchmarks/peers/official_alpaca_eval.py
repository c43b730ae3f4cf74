"""alpaca_eval itself, asked by a benchmark: a task is a JSON line on standard input, its answer one on standard output.

Runs in the peers' environment (requirements-peers.txt) and knows nothing of Winnow. Tasks:
{"judge": {"url", "calls", "at_a_time"}}          verdicts by its own client; at_a_time null: as shipped
{"control": {"gamed": file, "models": [{"preferences", "lengths"}]}}   length-controlled win rates of model after model
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pandas as pd


def judge(url: str, calls: int, at_a_time: int | None) -> dict[str, Any]:
    """Verdicts on answers of about 2,000 characters; the cache begins empty."""
    os.environ["OPENAI_API_BASE"], os.environ["OPENAI_API_KEY"] = url, "none"
    from alpaca_eval.annotators import PairwiseAnnotator

    words = "word " * 400
    rows = [{"instruction": f"question {n}", "output_1": f"a {n} {words}", "output_2": f"b {n} {words}"}
            for n in range(calls)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        annotator = PairwiseAnnotator(
            annotators_config="weighted_alpaca_eval_gpt4_turbo", caching_path=Path(folder) / "annotations.json"
        )
        found = annotator.annotate_pairs(rows, **({"num_procs": at_a_time} if at_a_time else {}))
    return {"verdicts": sum(row["preference"] is not None for row in found)}


def control(gamed: str, models: list[dict[str, Any]]) -> dict[str, Any]:
    """Win rates in percent; the file that the package downloads each time lies here already."""
    from alpaca_eval.metrics import glm_winrate

    glm_winrate.hf_hub_download = lambda **_: gamed
    return {"win_rates": [_controlled(glm_winrate, **of) for of in models]}


def _controlled(package: Any, preferences: list[float], lengths: list[list[int]]) -> float:
    baseline, model = (["x" * length for length in side] for side in lengths)
    rows = {"preference": preferences, "output_1": baseline, "output_2": model, "generator_1": "baseline",
            "generator_2": "model", "annotator": "judge"}  # fmt: skip
    found = package.get_length_controlled_winrate(
        pd.DataFrame(rows), save_weights_dir=None, is_warn_extreme_changes=False, is_add_glm_preference_inplace=False
    )
    return float(found["length_controlled_winrate"])


def main() -> None:
    """Answers tasks until there are no more."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers, sys.stdout = sys.stdout, sys.stderr  # progress bars and prints of the package are no answers
    for line in sys.stdin:
        [(name, of)] = json.loads(line).items()
        print(json.dumps({"judge": judge, "control": control}[name](**of)), file=answers, flush=True)


if __name__ == "__main__":
    main()
