# Everything a newcomer or CI types. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Without bytecode every start would compile the libraries anew, which takes longer than starting.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= .vedette
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

# Python keeps what it compiles, whatever the caller's environment says: a server starts in half the time.
unexport PYTHONDONTWRITEBYTECODE

# Stamps: which of the lock files the virtual environment was last filled from.
RUNTIME := $(VENV)/.runtime-installed
DEV     := $(VENV)/.dev-installed

# Microsoft's analyser of KQL, an independent check; where there is no npm, its tests are skipped with that reason.
ANALYSER := $(if $(shell command -v npm),tests/analyser/node_modules/.installed)
# So it is with Azure's JavaScript clients.
NODE_CLIENTS := $(if $(shell command -v npm),tests/clients/node/node_modules/.installed)

# The web console is built where Node.js is new enough; without it the server runs all the same, and says so there.
NODE := $(shell node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && command -v npm)
CONSOLE := console/dist/index.html.gz
CONSOLE_SOURCES := $(shell find console/src console/*.json console/*.ts console/index.html -type f ! -name '*.test.ts' 2>/dev/null)
NO_NODE := needs Node.js 20 or newer with npm; on Debian: apt-get install nodejs npm

.PHONY: help setup run console browser test check fmt docs bench clients soak wheel lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## make .venv and install everything that running, testing and checking need

run: $(RUNTIME) ## start the server on https://127.0.0.1:8443 with the demo loaded (data in ./.vedette; Ctrl-C stops it)
ifneq ($(NODE),)
	@$(MAKE) -s --no-print-directory $(CONSOLE) || echo "The server starts without the web console, which could not be built." >&2
else
	@[ -e $(CONSOLE) ] || echo "The server starts without the web console, which $(NO_NODE)." >&2
endif
	@exec $(BIN)/vedette up --demo --data $(DATA) $(ARGS)

console: ## build the web console, which the server then serves under /console/
ifneq ($(NODE),)
	@$(MAKE) -s --no-print-directory $(CONSOLE)
else
	@echo "The web console $(NO_NODE)." >&2; exit 1
endif

browser: $(DEV) console ## the web console in Debian's Chromium against live servers (ARGS='--grep @core' for the quick ones)
	@npm run --prefix console --silent browser -- $(ARGS)

test: $(DEV) $(ANALYSER) $(NODE_CLIENTS) $(if $(NODE),$(CONSOLE)) ## run every test (ARGS='-k name' picks some)
	@$(BIN)/python tools/tests.py $(ARGS)

check: $(DEV) $(if $(NODE),console/node_modules/.installed) ## formatting, lint, types and the layers' import rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python tools/reference.py --check
ifneq ($(NODE),)
	@npm run --prefix console --silent check
endif

fmt: $(DEV) ## format the code and fix what lint can fix
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

docs: $(DEV) ## write docs/reference anew from the compiler's own tables
	@$(BIN)/python tools/reference.py

bench: $(DEV) ## measure start, memory and query speed against their targets
	@$(BIN)/python -m bench $(ARGS)

clients: $(DEV) $(NODE_CLIENTS) ## only the tests that drive a live server with the public SDKs, and with az where there is one
	@$(BIN)/python -m pytest tests/clients -m "slow or not slow" $(ARGS)

soak: $(DEV) $(ANALYSER) ## fuzz the compiler and the engine for an hour, then what takes minutes (ARGS='--minutes 5' for less)
	@$(BIN)/python -m tests.fuzz $(or $(ARGS),--minutes 60)
	@$(BIN)/python -m pytest -m slow tests/durability tests/clients
	@$(BIN)/python -m pytest --state postgresql tests/spec/automation tests/spec/detect tests/unit/arm tests/unit/detect tests/unit/sentinel
	@VEDETTE_CORPUS_SHARE=1 $(BIN)/python -m pytest -m slow tests/corpus/test_analyser.py tests/corpus/test_published.py
	@VEDETTE_CORPUS_SHARE=1 $(BIN)/python -m pytest tests/corpus/test_api_examples.py
	@$(BIN)/python -m pytest -s -m slow tests/soak

wheel: $(DEV) $(if $(NODE),$(CONSOLE)) ## build dist/vedette-*.whl, with the web console where Node.js is there
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

lock: ## write the lock files anew (needs uv; ARGS=--upgrade takes newer releases)
	@tools/lock.sh $(ARGS)

clean: ## remove what the other targets made, .venv included; your data in ./.vedette stays
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Vedette needs Python 3.11 or newer: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Vedette needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Vedette into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@$(BIN)/python -m compileall -q $(VENV)/lib src
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.lock
	@echo "Installing the tools for tests and checks …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

tests/analyser/node_modules/.installed: tests/analyser/package-lock.json
	@npm ci --prefix tests/analyser --no-audit --no-fund --silent
	@touch $@

console/node_modules/.installed: console/package-lock.json
	@echo "Installing the web console's libraries …"
	@npm ci --prefix console --no-audit --no-fund --silent
	@touch $@

$(CONSOLE): console/node_modules/.installed $(CONSOLE_SOURCES) tools/pack_console.py | $(VENV)/bin/python
	@echo "Building the web console …"
	@npm run --prefix console --silent build -- --logLevel error
	@$(BIN)/python tools/pack_console.py

tests/clients/node/node_modules/.installed: tests/clients/node/package-lock.json
	@npm ci --prefix tests/clients/node --no-audit --no-fund --silent
	@touch $@
