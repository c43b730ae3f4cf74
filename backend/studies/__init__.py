"""A study: a plan that expands, purely, into the specs of runs, and what its runs showed.

plan.py      the plan (YAML) and what may stand in it
expand.py    plan → cells: every run's question, known before anything runs
study.py     launches a plan and remembers which run answers which cell
reader.py    what the finished runs of a study hold, by arm and seed
report.py    the table of a study's arms, and what it shows and does not show
wording.py   the same in words, for a terminal and for pages
"""
