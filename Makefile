# Commands to run, test and deploy FSTREAM; the first call creates the virtual environment.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
# One more than the number of processors, because some tests wait.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')

# Each process of a test run would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run package deploy status destroy costs test suite test-long test-toot fuzz cover check lint types web supply format bench load lock vendor-web screenshots soak clean

help:  ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY)  ## Run FSTREAM on this machine (PORT=8000, ENGINE=ministack or moto)
	@exec $(BIN)/python -m ops run --port $(PORT) --engine $(or $(ENGINE),ministack)

package: $(READY)  ## Build the package for Lambda and its SBOM; print its size and cold start
	@exec $(BIN)/python -m ops package

deploy: $(READY)  ## Deploy FSTREAM to your AWS account (STAGE=dev or prod; YES=1 confirms every question)
	@exec $(BIN)/python -m ops deploy --stage $(or $(STAGE),dev) $(if $(YES),--yes)

status: $(READY)  ## Show what is deployed, and what is wrong with it (STAGE=…)
	@$(BIN)/python -m ops status --stage $(or $(STAGE),dev)

destroy: $(READY)  ## Delete a deployment except users and relationships; asks first (STAGE=…)
	@exec $(BIN)/python -m ops destroy --stage $(or $(STAGE),dev)

# The slow checks run beside the tests: one of them is a single process, the other waits for the package index.
test: lint  ## Run all checks and tests (about ten minutes on two cores)
	@$(MAKE) --no-print-directory -j3 types web supply suite

# The first command compiles the tests for all processes; the second reports what is wrong with them.
suite: $(READY)
	@$(BIN)/python -m pytest --collect-only tests >/dev/null || true
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder tests

test-long: $(READY)  ## Run the model-based, fault and hot-item tests with 10 to 50 times as much as in `make test`
	FSTREAM_TEST_SEQUENCES=500 FSTREAM_TEST_SEEDS=20 FSTREAM_TEST_HOT=2000 \
		$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal \
		tests/integration/test_model.py tests/integration/test_live.py tests/integration/test_hot_items.py tests/integration/faults

fuzz: $(READY)  ## Fuzz the API and its parsers: requests from the description, hard inputs, atheris (MINUTES=10)
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10) --environment $(VENV)/fuzz

test-toot: $(READY)  ## Run toot's own integration tests (downloaded from PyPI once)
	@$(BIN)/python -m tests.clients.toot_suite

costs: $(READY)  ## Count the cost of operations and endpoints, and rewrite the tables of docs/costs.md
	FSTREAM_TEST_WRITE_COSTS=1 $(BIN)/python -m pytest tests/performance

check: lint types web supply  ## Check format, lint, types, and the libraries' licenses and known vulnerabilities

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

# Needs npm, which installs the tools once; without it, this says that nothing was checked.
web: $(READY)
	$(BIN)/python -m ops.web

supply: $(READY)
	$(BIN)/python -m ops supply

# requirements-dev.txt first: the others take its versions. UPGRADE=1 raises what the .in files leave open.
# With extras, because pip before 24 refuses a library with hashes that another one requires with extras, as soon as a
# version exists that is not locked.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras --generate-hashes \
	$(if $(UPGRADE),--upgrade)
lock: $(READY)  ## Write the lock files requirements*.txt from requirements*.in (UPGRADE=1: with newer indirect versions)
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) -c requirements-dev.txt requirements.in -o requirements.txt
	$(LOCK) requirements-load.in -o requirements-load.txt
	$(LOCK) -c requirements-dev.txt requirements-fuzz.in -o requirements-fuzz.txt
	$(LOCK) --no-deps requirements-axe.in -o requirements-axe.txt

screenshots: $(READY)  ## Take the pictures of the web client in docs/images, of a local network of made-up people
	$(BIN)/python -m tests.screenshots

vendor-web: $(READY)  ## Download the web client's libraries from npm (ops/web: versions, checksums, icons)
	$(BIN)/python -m ops vendor-web

# Coverage counts only what runs in the tests' own process, so tests that only start other processes are left out.
cover: $(READY)  ## Branch coverage of the packages by unit, integration and security tests; printed, not asserted
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --timeout 300 --cov --cov-report=term-missing \
		tests/unit tests/integration tests/security

format: $(READY)  ## Format the code and apply automatic lint fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/python -m ops.web --fix

bench: $(READY)  ## Run the timed benchmarks, in under 10 minutes (QUICK=1: in about 2, without writing results)
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

load: $(VENV)/load/.installed  ## Put load on an instance whose rate limits are off (URL, SECONDS=60, USERS=50)
	$(VENV)/load/bin/locust --locustfile benchmarks/locustfile.py --headless --only-summary --exit-code-on-error 1 \
		--host $(or $(URL),http://127.0.0.1:$(PORT)) --users $(or $(USERS),50) --spawn-rate 10 \
		--run-time $(or $(SECONDS),60)s

soak: $(READY)  ## Put load on a local network whose parts fail, then audit what it stored (MINUTES=10)
	@exec $(BIN)/python -m tests.soak --minutes $(or $(MINUTES),10)

clean:  ## Delete build output and the virtual environment
	rm -rf $(VENV) build .coverage .coverage.* .mypy_cache .ruff_cache .hypothesis

INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes
$(READY): requirements-dev.txt requirements-axe.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "FSTREAM needs Python 3.11 or newer: make PYTHON=python3.13 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(INSTALL) -r requirements-dev.txt
	$(BIN)/python $(INSTALL) --no-deps -r requirements-axe.txt
	@touch $@

$(VENV)/load/.installed: requirements-load.txt
	$(PYTHON) -m venv $(VENV)/load
	$(VENV)/load/bin/python $(INSTALL) -r requirements-load.txt
	@touch $@
