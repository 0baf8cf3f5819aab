# Inkhorn's commands; `make` alone prints them. Each line after ## is its help.

PORT ?= 8000
DATA ?= data
DEMO ?= demo-data
MESSAGE ?=
TESTS ?=
FAULTS ?=
BENCH ?=
# More than two processors: much of a test of whole sites is waiting for them.
WORKERS ?= 4

BIN := .venv/bin
RUNTIME := .venv/.runtime-is-ready
DEV := .venv/.dev-is-ready
# Values a person set beforehand win over the development profile.
DEVELOPING := INKHORN_PROFILE=$${INKHORN_PROFILE:-development}
# Whose tests run a second time, on PostgreSQL.
ROOMS := tests/accounts tests/admin tests/media tests/posts tests/comments tests/search tests/site tests/feeds tests/api
# What pytest wrote anew of the test files is kept for the next worker and the next run, whatever the machine is set to.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
FORMATTED := src tests deploy benchmarks docs tools

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check fix migrate migration seed docs faults bench shell

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(DEV) ## Make the environment for work on Inkhorn: everything but servers.

run: $(RUNTIME) ## Serve a site on http://127.0.0.1:8000 with its data in ./data; PORT=9000 DATA=~/site choose others.
	@$(DEVELOPING) exec $(BIN)/inkhorn run --data "$(DATA)" --port $(PORT)

demo: $(RUNTIME) ## Serve a living publication of forty posts from ./demo-data.
	@$(DEVELOPING) $(BIN)/inkhorn seed --data "$(DEMO)"
	@$(DEVELOPING) exec $(BIN)/inkhorn run --data "$(DEMO)" --port $(PORT)

test: $(DEV) ## Run every test, installing the servers they want where that is possible; TESTS=tests/core chooses.
	@tools/environment servers
	@$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q $(TESTS)
	@test -n "$(TESTS)" || $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q --database=postgresql $(ROOMS)

check: $(DEV) ## Format, lint, types, import contracts, templates and architecture, in seconds.
	@$(BIN)/ruff format --check --quiet $(FORMATTED) || { echo "Some files are not in the house format: make fix"; exit 1; }
	@$(BIN)/ruff check --quiet $(FORMATTED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint src/inkhorn --lint --quiet
	@$(PYTEST) -q tests/architecture

fix: $(DEV) ## Bring every file into the house format and mend what can be mended by itself.
	@$(BIN)/ruff check --fix --quiet $(FORMATTED) || true
	@$(BIN)/ruff format $(FORMATTED)

migrate: $(RUNTIME) ## Bring the database in DATA to the form the code wants, after a copy.
	@$(DEVELOPING) $(BIN)/inkhorn migrate --data "$(DATA)"

migration: $(DEV) ## Write the next migration from the models: make migration MESSAGE="Add the dateline of a post."
	@test -n "$(MESSAGE)" || { echo 'Say what it does: make migration MESSAGE="Add the dateline of a post."'; exit 2; }
	@folder=$$(mktemp -d) && INKHORN_PROFILE=testing $(BIN)/inkhorn migration "$(MESSAGE)" --data "$$folder"; code=$$?; rm -rf "$$folder"; exit $$code

seed: $(RUNTIME) ## Fill the site in DATA with forty posts by five authors.
	@$(DEVELOPING) $(BIN)/inkhorn seed --data "$(DATA)"

docs: $(DEV) ## Write docs/reference anew from the code, and build the documentation site into build/docs.
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/build.py

faults: $(DEV) ## Break the house in every way of docs/faults.md, in the long form; FAULTS="R1 R8" chooses.
	@tools/environment servers
	@$(BIN)/python -m tests.faults.run $(FAULTS)

bench: $(DEV) ## Measure speed, memory and growth in one run, and print the table; BENCH="search growth" chooses, BENCH=--quick only tries.
	@tools/environment bench
	@$(BIN)/python -m benchmarks.table $(BENCH)

shell: $(RUNTIME) ## Open a Python prompt inside the site in DATA.
	@$(DEVELOPING) $(BIN)/inkhorn shell --data "$(DATA)"

$(RUNTIME): requirements.lock tools/environment
	@tools/environment runtime

$(DEV): requirements-dev.lock requirements.lock tools/environment
	@tools/environment dev
