"""Arena-Hard's statistics, ours beside Arena-Hard-Auto's own functions: python benchmarks/arena.py [rounds of the peer]

Where answers are compared both get the same resamples. Of slow loops few rounds are timed, and scaled. Without the
checkout (`make bench` gets it) the peer is not run, and the tables say so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from peers import official_arena_hard as official
from scipy.special import expit

from backend.report import answer_style, arena, bradley_terry, style_control, styled_bradley_terry
from backend.report.arena_files import Battles

MODELS, QUESTIONS, ROUNDS = 70, 500, 100


def judged(chance: np.random.Generator) -> tuple[Battles, np.ndarray]:
    """Two games a question with five-way verdicts, strong ones three times; style counts of all answers [K, Q, 4]."""
    style = chance.poisson([400, 3, 8, 6], (MODELS, QUESTIONS, 4)) + 1
    strength = chance.normal(0, 1, MODELS)[:, None, None]
    liked = strength + chance.normal(0, 1, (MODELS, QUESTIONS, 1)) + chance.logistic(0, 1, (MODELS, QUESTIONS, 2))
    liked = liked + (style[:, :, :1] - style[:1, :, :1]) / 50
    points = np.select([liked > 0.3, liked < -0.3], [1.0, 0.0], 0.5)
    model, question, _ = np.indices(liked.shape)
    met = model.ravel() > 0  # model 0 is the baseline
    weight = np.where(np.abs(liked) > 2, 3, 1)
    columns = [part.ravel()[met] for part in (model, points, question, weight)]
    names = [f"m{i}" for i in range(MODELS)]
    first = np.zeros(met.sum(), np.int64)
    battles = Battles(
        names, list(range(QUESTIONS)), columns[0], first, columns[1], columns[2], columns[3], first[:MODELS]
    )
    return battles, style


def any_pairing(chance: np.random.Generator, n: int) -> Battles:
    """n battles of random models, 15 % ties."""
    strength = chance.normal(0, 1, MODELS)
    one = chance.integers(MODELS, size=n)
    other = (one + chance.integers(1, MODELS, size=n)) % MODELS
    points = (chance.random(n) < expit(strength[one] - strength[other])).astype(float)
    points[chance.random(n) < 0.15] = 0.5
    question, ones = chance.integers(QUESTIONS, size=n), np.ones(n, np.int64)
    return Battles(
        [f"m{i}" for i in range(MODELS)], list(range(QUESTIONS)), one, other, points, question, ones, ones[:MODELS]
    )


def styled(battles: Battles, z: np.ndarray, picks: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Points and numbers of the picked battle rows by model and question: float64[K, R, Q] each."""
    rows = official.rows(battles)
    cell = (battles.first * QUESTIONS + battles.question)[rows]
    sums = [[np.bincount(cell[p], w, MODELS * QUESTIONS).reshape(MODELS, QUESTIONS)
             for w in (battles.points[rows[p]], None)] for p in picks]  # fmt: skip
    return tuple(np.stack([pair[side] for pair in sums], axis=1).astype(float) for side in (0, 1))  # type: ignore[return-value]


def line(name: str, seconds: float, ours: float) -> None:
    """A row of the tables below."""
    print(f"  {name:<58} {seconds:9.4f} s  {seconds / ours:8.1f} x")


def median(way: Callable[[], object], times: int = 3) -> float:
    """Seconds of the middle run."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        way()
        found.append(time.perf_counter() - began)
    return sorted(found)[times // 2]


def plain(battles: Battles, picks: list[np.ndarray]) -> None:
    """The interval over battle rows."""
    print(f"plain interval, {MODELS} models x {QUESTIONS} questions x 2 games, {ROUNDS} rounds")
    ours = median(lambda: arena.leaderboard(battles, "m0", resample="rows", rounds=ROUNDS), 5)
    line("ours", ours, ours)
    line("ours, over questions", median(lambda: arena.leaderboard(battles, "m0", rounds=ROUNDS), 5), ours)
    if not official.there:
        return print("  Arena-Hard-Auto: not run, its checkout is not there (`make bench` gets it)")
    line("v2.0: print_leaderboard", median(lambda: official.leaderboard(battles)), ours)
    one = median(lambda: official.refit(battles, "m0", picks[0]), 1)
    line("v0.1: compute_mle_elo (from 1 round)", ROUNDS * one, ours)
    seen = arena.outcomes(battles)
    score = arena.scores(seen, seen.counts[None], MODELS, 0)[0]
    worst = np.abs(official.refit(battles, "m0") - score).max()
    print(f"  largest difference of a score to v0.1's: {worst:.1e} points")


def controlled(battles: Battles, counts: np.ndarray, picks: list[np.ndarray]) -> None:
    """The style-controlled interval, and how near to the maximum both ends are on the same resamples."""
    total = int(battles.weight.sum())
    print(f"style control, {total:,} battle rows, {ROUNDS} rounds")
    style = {(f"m{k}", q): tuple(counts[k, q]) for k in range(MODELS) for q in range(QUESTIONS)}
    ours = median(lambda: style_control.leaderboard(battles, "m0", style, resample="rows", rounds=ROUNDS))
    line("ours, whole leaderboard", ours, ours)
    cells = np.zeros((MODELS, QUESTIONS))
    np.add.at(cells, (battles.first, battles.question), battles.weight)
    z = answer_style.standardised(answer_style.contrast(counts, counts[:1]).reshape(-1, 4), cells.ravel())
    z = z.reshape(*cells.shape, 4) * (cells > 0)[:, :, None]
    if not official.there:
        return
    rows = official.StyleControl(battles, "m0", z)
    began = time.perf_counter()
    peer = [rows.fit(picked) for picked in picks]
    seconds = (time.perf_counter() - began) / len(picks)
    line(f"v2.0: fit_pairwise_model (from {len(picks)} rounds)", ROUNDS * seconds, ours)
    tables = styled(battles, z, picks)
    theirs = np.stack([p[0] for p in peer]), np.stack([p[1] for p in peer])
    mine = styled_bradley_terry.fit(*tables, z)
    for name, found in (("ours", mine), ("theirs", theirs)):
        steep = np.linalg.norm(styled_bradley_terry.gradient(*tables, z, *found), axis=1).max()
        print(f"  gradient norm at the end, {name}: {steep:.1e}")
    gain = styled_bradley_terry.log_likelihood(*tables, z, *mine) - styled_bradley_terry.log_likelihood(
        *tables, z, *theirs
    )
    apart = np.abs(mine[0][:, 1:] - theirs[0][:, 1:]).max(), np.abs(mine[1] - theirs[1]).max()
    print(f"  log-likelihood, ours - theirs: {gain.min():.2e} to {gain.max():.2e} nats; "
          f"strengths up to {apart[0]:.1e} apart, effects {apart[1]:.1e}")  # fmt: skip


def pairings(chance: np.random.Generator, n: int) -> None:
    """Battles of any two models; no peer installs beside the project."""
    battles = any_pairing(chance, n)
    print(f"any pairing, {MODELS} models, {n:,} battles, {ROUNDS} rounds")
    ours = median(lambda: arena.leaderboard(battles, "m0", resample="rows", rounds=ROUNDS))
    line("ours, over battles", ours, ours)
    line("ours, over questions", median(lambda: arena.leaderboard(battles, "m0", rounds=ROUNDS)), ours)
    seen = arena.outcomes(battles)
    wins = np.zeros((1, MODELS, MODELS))
    np.add.at(wins[0], (seen.first, seen.second), seen.points * seen.counts)
    np.add.at(wins[0], (seen.second, seen.first), (1 - seen.points) * seen.counts)
    print(f"  gradient norm of the fit: {np.linalg.norm(bradley_terry.gradient(wins, bradley_terry.fit(wins))):.1e}")


def main(peer_rounds: int = 3) -> None:
    """Prints three tables."""
    chance = np.random.default_rng(0)
    battles, counts = judged(chance)
    total = int(battles.weight.sum())
    picks = [chance.integers(total, size=total) for _ in range(peer_rounds)]
    plain(battles, picks)
    controlled(battles, counts, picks)
    for n in (70_000, 1_000_000):
        pairings(chance, n)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
