# Two commands do everything: `make demo` sets up and runs the main job, `make test` sets up and
# passes the tests. Both start from nothing but Python 3.11+, uv or pip, and Java 17+.
.DEFAULT_GOAL := help
.PHONY: help setup demo ui test test-fast chaos quality-check docs format clean
.PHONY: lint types security secrets location words

# Dozens of processes import the same libraries; compiled once, they start in half the time.
export PYTHONDONTWRITEBYTECODE :=

IGNITEFLOW := .venv/bin/igniteflow
PYTEST := .venv/bin/pytest

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.installed: pyproject.toml uv.lock scripts/install.sh
	@scripts/install.sh
	@touch $@

setup: .venv/.installed ## Install the locked packages, and fetch Spark's extra jars once
	@$(IGNITEFLOW) setup

demo: .venv/.installed ## Set up, simulate data where there is none, run the whole graph
	@$(IGNITEFLOW) demo

ui: setup ## Open the Dagster UI
	@$(IGNITEFLOW) ui

test: setup quality-check ## Set up, with what tests start, and run every check and test
	@scripts/install_test_tools.sh
	@.venv/bin/python run_tests.py all --durations=40 --durations-min=5 \
		--cov --cov-report=term-missing:skip-covered --cov-fail-under=95

test-fast: setup ## The tests that take seconds
	@$(PYTEST) -m "not slow and not browser"

chaos: setup ## Kill and disturb every part of a platform, and compare: two hours or so
	@.venv/bin/python -W ignore -m benchmarks.chaos

quality-check: .venv/.installed ## Lint, types, words, security, secrets, and the code location itself
	@$(MAKE) --no-print-directory --jobs 2 types location lint words security secrets

lint:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types:
	@.venv/bin/mypy

words:
	@.venv/bin/codespell igniteflow_* benchmarks config docker docs helm scripts terraform README.md

security:
	@.venv/bin/bandit -q -c pyproject.toml -r igniteflow_core igniteflow_resources igniteflow_assets igniteflow_serving igniteflow_cli

secrets:
	@git ls-files -z | xargs -0 scripts/scan_secrets.sh

location:
	@.venv/bin/dagster definitions validate --log-level warning

docs: .venv/.installed ## Build the documentation into docs/_build
	@.venv/bin/sphinx-build --fail-on-warning --quiet -b html docs docs/_build

format: .venv/.installed ## Format the code
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

clean: ## Remove everything that demo and runs have written
	rm -rf data
