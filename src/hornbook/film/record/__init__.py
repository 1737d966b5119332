"""The experiments behind the film's numbers: a module a step or model, each with ``record(keep)``; README.md lists all.

python -m hornbook.film.record runs them, some minutes, and writes ../recording.json.
"""
