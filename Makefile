# Every command of the project. A machine needs python3 (3.11 or later, with venv) and make.

PYTHON ?= python3
FULL_SECONDS ?= 5
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: $(VENV)/installed-to-run ## explore every protocol of the catalogue, and say what holds
	$(BIN)/coterie check

.PHONY: test
test: $(VENV)/installed-to-develop browser ## run the tests: a quarter of an hour
	$(BIN)/pytest -n 2 -m "not long"

.PHONY: test-long
test-long: $(VENV)/installed-to-develop browser ## run every test, the longest ones too
	$(BIN)/pytest -n 2

.PHONY: test-quick
test-quick: $(VENV)/installed-to-develop ## run the tests that take seconds
	$(BIN)/pytest -n 2 -m "not slow"

.PHONY: lint
lint: $(VENV)/installed-to-develop ## check style, format, types, and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: docs
docs: $(VENV)/installed-to-develop ## build the site into docs/_build/html
	$(BIN)/sphinx-build -W -n --keep-going -j 2 -q docs docs/_build/html

.PHONY: evidence
evidence: $(VENV)/installed-to-run ## explore what has changed, and record what is found
	$(BIN)/coterie check --mutants --evidence docs/evidence/small.json
	$(BIN)/coterie check --size full --max-seconds $(FULL_SECONDS) \
	  --evidence docs/evidence/full.json || [ $$? -eq 3 ]
	$(BIN)/coterie prove --evidence docs/evidence/lemmas.json
	$(BIN)/python -m coterie.commands.book

.PHONY: browser
browser: ## have Chromium, in which the tests look at the pages
	@command -v chromium >/dev/null || { \
	  command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null; } || { \
	  echo "The tests need Chromium: install it so that \`chromium\` is a command."; exit 1; }

.PHONY: bench
bench: $(VENV)/installed-to-develop ## measure the engine against its references
	for each in bench/*.py; do $(BIN)/python "$$each" || exit 1; done

.PHONY: clean
clean: ## remove what the other commands have made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache docs/_build docs/chapters
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml as long as what is installed is what that asks for.
$(VENV)/installed-to-run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-to-develop: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/installed-to-run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "coterie needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
