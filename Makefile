# Everything sets itself up: the environment is made, and made again when the dependencies change.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test check bench lives clean

demo: $(READY)
	@$(BIN)/kansli-tui demo

test: $(READY)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)
	@$(BIN)/python -m benchmarks.queue
	@$(BIN)/python -m benchmarks.imports
	@$(BIN)/python -m benchmarks.stats
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@$(BIN)/python -m benchmarks.letters --quick

# Thousands of random lives to their tenth year, on both databases, and every wrong byte in every place: an hour or so.
lives: $(READY)
	@KANSLI_LIVES=200 KANSLI_LIFE_STEPS=400 $(BIN)/python -m pytest -n auto tests/service/test_random_lives.py
	@KANSLI_EVERY_BYTE=1 $(BIN)/python -m pytest tests/exchange/test_incoming_file.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kansli needs Python 3.11 or newer: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Kansli and what it needs (once; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)
