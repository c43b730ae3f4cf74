"""Report: judgements and measures → estimates with intervals. Pure: arrays in, numbers out.

estimate.py    a mean over prompts (and training seeds) with a bootstrap interval; differences; shares
verdicts.py    judgement rows → one verdict per prompt and sample
win_rate.py    verdicts → win rate, with ties, order flips and what is missing
subset.py      what a subset of pairs contains
<<<<<<< HEAD

alpaca_files.py    AlpacaEval's files → rows
alpaca.py          AlpacaEval's win rates, and what to know before believing them
length_control.py  AlpacaEval's length-controlled win rate, with an interval
l1_logistic.py     many small L1-penalised logistic regressions at once
=======
mt_bench.py    MT-Bench's judgment rows → grades, and records of two models
arena_files.py Arena-Hard's rows → battles      arena.py    battles → a leaderboard
bradley_terry.py, styled_bradley_terry.py    tables of wins → strengths, for many draws at once
answer_style.py     length and markdown of an answer    style_control.py    a leaderboard that controls for them
agreement.py   a judge against labels, and against itself in the other order
>>>>>>> Arena-Hard's leaderboard from its own files, with intervals over questions: report arena
"""
