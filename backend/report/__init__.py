"""Report: judgements and measures → estimates with intervals. Pure: arrays in, numbers out.

estimate.py    a mean over prompts (and training seeds) with a bootstrap interval; differences; shares
spread.py      the standard error of such a mean, and which part of it more prompts would not change
compare.py     differences to one control → better, no worse, worse or cannot tell, corrected for how many there are
verdicts.py    judgement rows → one verdict per prompt and sample
win_rate.py    verdicts → win rate, with ties, order flips and what is missing
judge_bias.py  verdicts → the judge's habits: order flips, a liking for the first place or for length
length_adjusted.py   the win rate at equal length, from the verdicts alone: adjusted, matched, and the fitted curve
slices.py      items by category or turn → mean verdicts or grades
outcomes.py    how items ended: won, tied, flipped, lost, missing
win_fractions.py   on which share of the prompts one candidate is preferred over another
raters.py      how far two raters agree about answers, or two judges about the order of models
judges.py      every two judges on the same items
subset.py      what a subset of pairs contains
agreement.py   a judge against labels, and against itself in the other order
people.py      people's votes against a judge, and against each other

alpaca_files.py, alpaca.py                   AlpacaEval's files → rows → win rates, with what to know about them
length_control.py, l1_logistic.py            the length-controlled win rate and its interval; many small regressions
mt_bench.py                                  MT-Bench's judgment rows → grades, and records of two models
arena_files.py, arena.py                     Arena-Hard's rows → battles → a leaderboard
bradley_terry.py, styled_bradley_terry.py    tables of wins → strengths, for many draws at once
answer_style.py, style_control.py            length and markdown of an answer; a leaderboard that controls for them
"""
