.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
STATE ?= data
SEEDS ?= 200
FIRST_SEED ?= 1
MINUTES ?= 5
PAGES := src/trading_bridge/api/static/index.html
WEB_SOURCES := $(shell git ls-files web hatch_build.py 2>/dev/null)

# whatever the environment says: from compiled modules the tests are collected in a third of the time
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test check fix migration bench crashes outage simulate ablate picture exchanges lock web

help: ## lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(VENV)/.runtime $(PAGES) ## the whole product on this machine: sandbox exchanges, server, three trading bots, pages
	@exec $(BIN)/trading-bridge demo --port "$(PORT)" --state "$(STATE)"

serve: $(VENV)/.runtime $(PAGES) ## server and bots, configured by environment
	@exec $(BIN)/trading-bridge serve

test: $(VENV)/.dev $(PAGES) ## every test; PostgreSQL and browser tests run where those are
	$(BIN)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder $(PYTEST)

check: $(VENV)/.dev $(PAGES) ## lint, types, import layers, web lint and types, drift of client and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check

fix: $(VENV)/.dev ## formats, and mends what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(VENV)/.dev ## a new migration from the tables: make migration NAME=what_changes
	$(BIN)/python -m trading_bridge.storage.migrations "$(NAME)"

bench: $(VENV)/.dev ## speed and memory as ratios of interleaved rounds, a table
	$(BIN)/python -m benchmarks

crashes: $(VENV)/.dev $(PAGES) ## the demo killed 20 times (KILLS=) at random moments (FIRST_SEED=) under load, then its books compared
	KILLS="$${KILLS:-20}" $(BIN)/python -m pytest -q tests/e2e/test_kill_nine.py

outage: $(VENV)/.dev $(PAGES) ## a proxy that is gone for 30 s (CUT_S=) under bots on two exchanges, then their books compared with storage
	CUT_S="$${CUT_S:-30}" $(BIN)/python -m pytest -q -s tests/e2e/test_network_cut.py

simulate: $(VENV)/.dev ## the whole platform in simulation: SEEDS= from FIRST_SEED= on, each with MINUTES= of faults (docs/simulation.md)
	$(BIN)/python -m tests.simulation --seeds "$(SEEDS)" --first-seed "$(FIRST_SEED)" --minutes "$(MINUTES)"

ablate: SEEDS = 50
ablate: MINUTES = 3
ablate: $(VENV)/.dev ## each safeguard removed in turn until a simulated seed breaks: at most SEEDS= of MINUTES=, ONLY="name, name"
	$(BIN)/python -m tests.simulation.ablation --seeds "$(SEEDS)" --minutes "$(MINUTES)" --only "$(ONLY)"

picture: $(VENV)/.dev $(PAGES) ## the dashboard's picture in docs anew, from a running demo (needs chromium)
	DASHBOARD_PICTURE=docs/dashboard.png $(BIN)/python -m pytest -q tests/e2e/test_browser.py -k growing_volume

exchanges: $(VENV)/.dev ## the list of ccxt's spot exchanges anew, from the installed release
	$(BIN)/python -m tests.ccxt_spot

lock: ## the hash-locked requirements anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group dev pyproject.toml -o requirements-dev.lock

web: $(PAGES) ## the pages, built into the package

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "trading-bridge needs Python 3.11 or newer with venv; none was found"; exit 1; }
	@echo "[1/3] Python environment in $(VENV) ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.lock pyproject.toml
	@echo "[2/3] Libraries, locked by hash (a minute or two)"
	@$(BIN)/python -m pip --disable-pip-version-check install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install -q --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check install -q --require-hashes -r requirements-dev.lock
	@touch $@

$(PAGES): $(VENV)/.runtime $(WEB_SOURCES)
	@echo "[3/3] Web pages"
	@$(BIN)/python hatch_build.py
	@touch $@
