from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.errors import BadData
from backend.report.alpaca_files import read_annotations, read_calibration, read_instructions

DIFFICULTY = "index,instruction_difficulty\n1,0.5\n0,-0.25\n"
GAMED = "preference,index,std_delta_len,instruction_difficulty,not_gamed_baseline,model\n0.8,0,-1.5,-0.25,False,v\n"


def row(**changes: Any) -> dict[str, Any]:
    return {"instruction": "i", "output_1": "a", "output_2": "bb", "generator_1": "base", "generator_2": "m",
            "preference": 1.25, **changes}  # fmt: skip


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.jsonl", "a.jsonl.gz", "lines.json"])
def test_null_0_and_draws_are_read_from_json_and_json_lines(tmp_path: Path, name: str) -> None:
    rows = [row(preference=value) for value in (1, 2.0, 0, 0.0, 1.5, None, float("nan"), 1.999)]
    lines = "jsonl" in name or "lines" in name
    [found] = read_annotations(
        [written(tmp_path / name, "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows))]
    )
    assert found.preferences.tolist() == pytest.approx([1, 2, 1.5, 1.5, 1.5, np.nan, np.nan, 1.999], nan_ok=True)
    assert (found.model, found.baseline, found.file) == ("m", "base", name)
    assert (found.instructions[0], found.baseline_outputs[0], found.outputs[0]) == ("i", "a", "bb")


def test_several_models_in_one_file_and_one_in_several_are_told_apart(tmp_path: Path) -> None:
    mixed = [row(generator_2="m"), row(generator_2="n"), row(generator_2="m", preference=2), row(generator_1="other")]
    one = written(tmp_path / "one.json", json.dumps(mixed))
    two = written(tmp_path / "two.json", json.dumps([row(generator_2="n")]))
    found = [(a.model, a.baseline, a.file, a.preferences.tolist()) for a in read_annotations([one, two])]
    assert found == [("m", "base", "one.json", [1.25, 2]), ("n", "base", "one.json", [1.25]),
                     ("m", "other", "one.json", [1.25]), ("n", "base", "two.json", [1.25])]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row(preference=3), "row 2: preference is 3; it must be 1 (baseline) to 2 (model), 0 or 1.5 (draw) or null"),
        (row(preference="2"), "row 2: preference is '2'"),
        (row(preference=True), "row 2: preference is True"),
        (row(preference=-1.5), "row 2: preference is -1.5"),
        (row(preference=0.5), "row 2: preference is 0.5"),
        (row(preference=float("inf")), "row 2: preference is inf"),
        ({"generator_2": "m", "output_2": "x"}, "row 2 has no preference (found: generator_2, output_2)"),
        (row(generator_2=None), "row 2 has no generator_2"),
        ({"preference": 1}, "row 2 has no generator_2 (found: preference)"),
        (row(output_2=["x"]), "row 2: output_2 is \"['x']\"; it must be a text"),
        (7, "row 2 is a int"),
    ],
)
def test_a_bad_row_is_named_with_its_value(tmp_path: Path, bad: Any, said: str) -> None:
    with pytest.raises(BadData) as caught:
        read_annotations([written(tmp_path / "a.json", json.dumps([row(), bad]))])
    assert said in str(caught.value) and "a.json" in str(caught.value)


def test_calibration_is_put_into_the_order_of_its_index(tmp_path: Path) -> None:
    found = read_calibration(written(tmp_path / "d.csv", DIFFICULTY), written(tmp_path / "g.csv.gz", GAMED))
    assert found.difficulty.tolist() == [-0.25, 0.5]
    assert (found.lengths.tolist(), found.difficulties.tolist(), found.preferences.tolist()) == ([-1.5], [-0.25], [0.8])


@pytest.mark.parametrize(
    ("difficulty", "gamed", "said"),
    [
        (DIFFICULTY.replace("1,", "0,", 1), GAMED, "d.csv: column 'index' must hold each of 0 to 1 once"),
        (
            DIFFICULTY.replace("0.5", "hard"),
            GAMED,
            "d.csv row 1: instruction_difficulty is 'hard'; it must be a number",
        ),
        (DIFFICULTY.replace("0.5", "nan"), GAMED, "d.csv row 1: instruction_difficulty is 'nan'"),
        (DIFFICULTY, GAMED.replace("std_delta_len", "length"), "g.csv row 1 has no std_delta_len (found: preference"),
        (DIFFICULTY, GAMED.replace("0.8", "1.8"), "g.csv: column 'preference' must lie in 0 to 1 (found: 1.8)"),
        (GAMED, GAMED, "d.csv: column 'index'"),
        (DIFFICULTY, DIFFICULTY, "g.csv row 1 has no std_delta_len"),
    ],
)
def test_a_bad_calibration_file_is_named(tmp_path: Path, difficulty: str, gamed: str, said: str) -> None:
    if difficulty == GAMED:  # its index is repeated: the two files were taken for each other
        difficulty = GAMED + GAMED.splitlines()[1]
    with pytest.raises(BadData) as caught:
        read_calibration(written(tmp_path / "d.csv", difficulty), written(tmp_path / "g.csv", gamed))
    assert said in str(caught.value)


def test_instructions_come_in_the_files_order_and_none_may_be_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "o.json", json.dumps([{"instruction": "b", "output": "x"}, {"instruction": "a"}]))
    assert read_instructions(path) == ("b", "a")
    with pytest.raises(BadData, match=r"o.json row 1 has no instruction \(found: output\)"):
        read_instructions(written(path, json.dumps([{"output": "x"}])))
