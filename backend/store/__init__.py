"""The index of finished runs: the only room for DuckDB.

database.py          connects, ingests finished runs, forgets deleted ones, rebuilds what is broken
queries_runs.py      the runs list
queries_pairs.py     a page of pairs or answers with their texts
queries_explore.py   bins of one signal, of two signals, the pairs behind a region
queries_training.py  curves
queries_results.py   judgements and the answers that they are about
queries_review.py    the items of several judge runs, a page of them, one opened
facets.py            what those items are filtered by, and the counts behind every bar

Small tables live in the index, with the run as their first column. Texts stay in the runs' Parquet files and are
read after LIMIT.
"""
