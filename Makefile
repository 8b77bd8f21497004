# Everything one does with FSTREAM from a shell; the first call makes the virtual environment.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
WORKERS ?= auto

.PHONY: help run costs test test-long test-toot check format bench clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY)  ## FSTREAM on this machine (PORT=8000, ENGINE=ministack or moto)
	@exec $(BIN)/python -m ops run --port $(PORT) --engine $(or $(ENGINE),ministack)

test: check  ## All checks and tests, in under 5 minutes
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests

test-long: $(READY)  ## The model-based tests with 500 sequences instead of 50
	FSTREAM_TEST_SEQUENCES=500 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/integration/test_model.py

test-toot: $(READY)  ## toot's own integration tests (fetched from PyPI once)
	@$(BIN)/python -m tests.clients.toot_suite

costs: $(READY)  ## Write the table of what each endpoint costs (CONTRIBUTING.md) anew
	FSTREAM_TEST_WRITE_COSTS=1 $(BIN)/python -m pytest tests/performance/test_endpoints.py

check: $(READY)  ## Format, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)  ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(READY)  ## Timed benchmarks (never asserted)
	$(BIN)/python -m benchmarks

clean:  ## Remove what was built, the virtual environment included
	rm -rf $(VENV) build .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.txt requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "FSTREAM needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
