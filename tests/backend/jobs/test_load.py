from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from backend import inputs, sources, specs
from backend.errors import BadData, BadSpec, NotFound
from backend.jobs import load
from backend.registry import Call
from backend.workspace import Workspace
from tests import tiny

ROOT = Path(__file__).parent.parent.parent.parent


def loaded(ws: Workspace, path: Path, chosen: str = "auto", **settings: Any) -> tuple[str, Mapping[str, Any]]:
    source = sources.from_file(ws, path)
    call, _ = sources.format_of(sources.first_rows(ws, source), chosen)
    spec = sources.load_spec(source, call, **settings)
    facts = load.run(tiny.asked(ws, spec)).facts
    ws.write_json(ws.folder(spec.id) / "result.json", {"outcome": "finished"})
    return spec.id, facts


def written(place: Path, *rows: Any, name: str = "rows.jsonl") -> Path:
    path = place / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def pair(prompt: str = "a", chosen: str = "b", rejected: str = "c") -> dict[str, str]:
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


@pytest.mark.parametrize(
    ("name", "counts", "flagged"),
    [
        (
            "preference/hh_harmless_base_test.jsonl.gz",
            (2312, 2310, 4624, 2312),
            {"blank_response": 4, "ambiguous_split": 5},
        ),
        ("preference/instruction_preference.json", (1100, 1075, 2194, 1100), {"identical_sides": 6}),
        ("preference/alpaca_eval_rated_pool.jsonl.gz", (805, 805, 8854, 0), {}),
        ("arena_hard/question_v2.0.jsonl", (750, 750, 0, 0), {"over_length": 4}),
        ("mt_bench/question.jsonl", (80, 160, 0, 0), {}),
    ],
)
def test_real_files_are_counted_exactly(
    ws: Workspace, shared: Path, name: str, counts: tuple[int, ...], flagged: dict[str, int]
) -> None:
    _, facts = loaded(ws, shared / name)
    assert tuple(facts[k] for k in ("rows_read", "prompts", "responses", "pairs")) == counts
    assert (facts["flagged"], facts["dropped"]) == (flagged, {})


def test_every_dialogue_rejoins_to_the_text_it_was_cut_from(ws: Workspace, shared: Path) -> None:
    path = shared / "preference" / "hh_harmless_base_test.jsonl.gz"
    run, _ = loaded(ws, path)
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).split(b"\n") if line]
    names = {"user": "Human", "assistant": "Assistant"}
    for row, text in zip(rows, inputs.texts(ws, run, inputs.pairs(ws, run, held_out=None)).to_pylist(), strict=True):
        start = "".join(f"\n\n{names[m['role']]}: {m['content']}" for m in text["prompt"])
        for side in ("chosen", "rejected"):
            assert f"{start}\n\nAssistant: {text[side]}" == row[side]


def test_every_file_of_the_sample_loads_without_a_flag(ws: Workspace) -> None:
    for path in sorted((ROOT / "data" / "sample").glob("*.jsonl*")):
        _, facts = loaded(ws, path)
        assert (facts["flagged"], facts["dropped"]) == ({}, {})


def test_loading_twice_is_the_same_question_with_the_same_answer(ws: Workspace, tmp_path: Path) -> None:
    path = written(tmp_path, pair(), pair(prompt="d"))
    assert loaded(ws, path) == loaded(ws, path)


def test_hygiene_flags_and_keeps_by_default_and_drops_what_it_is_told(ws: Workspace, tmp_path: Path) -> None:
    rows = [pair(), pair(), pair(chosen="c"), pair(chosen=" "), pair(prompt="x" * 90)]
    path = written(tmp_path, *rows)
    reasons = {"exact_duplicate": 1, "identical_sides": 1, "blank_response": 1, "over_length": 1}
    run, facts = loaded(ws, path, max_chars=50)
    assert (facts["flagged"], facts["dropped"], facts["pairs"]) == (reasons, {}, 5)
    assert len(set(ws.table(run, "pairs")["pair_id"].to_pylist())) == 5
    run, facts = loaded(ws, path, max_chars=50, drop=("exact_duplicate", "over_length"))
    assert facts["dropped"] == {"exact_duplicate": 1, "over_length": 1}
    assert (facts["flagged"], facts["pairs"]) == ({"identical_sides": 1, "blank_response": 1}, 3)
    notes = ws.read_lines(ws.folder(run) / "flagged.jsonl")
    assert [(n["row"], n["reasons"], n["dropped"]) for n in notes] == [
        (2, ["exact_duplicate"], True), (3, ["identical_sides"], False),
        (4, ["blank_response"], False), (5, ["over_length"], True),
    ]  # fmt: skip


def test_rows_that_do_not_fit_are_left_out_and_counted(ws: Workspace, tmp_path: Path) -> None:
    run, facts = loaded(ws, written(tmp_path, pair(), {"prompt": "a"}, pair(prompt="e")))
    assert (facts["rows_read"], facts["pairs"], facts["dropped"]) == (3, 2, {"unreadable_row": 1})
    assert "there is no column 'chosen'" in ws.read_lines(ws.folder(run) / "flagged.jsonl")[0]["why"]


def test_no_usable_row_is_one_sentence_and_leaves_no_table(ws: Workspace, tmp_path: Path) -> None:
    path = written(tmp_path, {"prompt": "a", "answer": "b"})
    with pytest.raises(BadData, match=r"row 1: there is no column 'chosen' \(found: answer, prompt\)"):
        loaded(ws, path, "preference")
    assert not list(ws.root.glob("runs/*/*.parquet"))
    with pytest.raises(BadData, match=r"all 1 rows were dropped \(1 identical_sides\)"):
        loaded(ws, written(tmp_path, pair(chosen="c"), name="same.jsonl"), drop=("identical_sides",))


def test_prompts_of_the_held_out_run_are_flagged_and_never_trained_on(ws: Workspace, tmp_path: Path) -> None:
    held_out, _ = loaded(ws, written(tmp_path, {"prompt": "a"}, name="held.jsonl"))
    path = written(tmp_path, pair(), pair(prompt="z"))
    run, facts = loaded(ws, path, held_out=held_out)
    assert facts["flagged"] == {"held_out_prompt": 1}
    assert inputs.pairs(ws, run).num_rows == inputs.pairs(ws, run, held_out=True).num_rows == 1
    assert loaded(ws, path, held_out=held_out, drop=("held_out_prompt",))[1]["pairs"] == 1


def test_only_a_load_run_can_name_the_held_out_prompts(ws: Workspace, tmp_path: Path) -> None:
    run, _ = loaded(ws, written(tmp_path, pair()))
    subset = specs.SelectSpec(pairs=run, strategy=Call(name="full"))
    tiny.finished(ws, subset)
    with pytest.raises(BadSpec, match="is no load run; name the run that loaded the held-out prompts"):
        loaded(ws, written(tmp_path, pair(prompt="z")), held_out=subset.id)


def test_a_share_of_the_prompts_is_set_aside_by_their_ids(ws: Workspace, tmp_path: Path) -> None:
    path = written(tmp_path, *(pair(prompt=str(i % 100), chosen=f"b{i}") for i in range(200)))
    run, _ = loaded(ws, path, held_out_share=0.3)
    kept, aside = (set(inputs.pairs(ws, run, held_out=h)["prompt_id"].to_pylist()) for h in (False, True))
    assert not kept & aside and 15 <= len(aside) <= 45


def test_limit_reads_only_the_first_rows(ws: Workspace, tmp_path: Path) -> None:
    assert loaded(ws, written(tmp_path, pair(), pair(prompt="z")), limit=1)[1]["rows_read"] == 1


def test_a_reason_or_file_that_is_not_there_is_refused_before_anything_runs(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match="did you mean 'exact_duplicate'"):
        loaded(ws, written(tmp_path, pair()), drop=("exact_duplicates",))
    with pytest.raises(NotFound, match="there is no file"):
        sources.from_file(ws, tmp_path / "gone.jsonl")
    with pytest.raises(BadData, match="is a folder"):
        sources.from_file(ws, tmp_path)


def test_a_preview_shows_what_the_rows_become_and_which_do_not_fit(ws: Workspace, tmp_path: Path) -> None:
    seen = sources.preview(ws, sources.from_file(ws, written(tmp_path, pair(), {"prompt": "x"})))
    assert seen.call and seen.call.name == "preference" and "'chosen'" in seen.why
    assert (len(seen.examples), len(seen.problems), seen.columns) == (1, 1, ["prompt", "chosen", "rejected"])
    upload = sources.from_upload(ws, b'{"id": 1}\n', "odd.jsonl")
    assert sources.preview(ws, upload).call is None
