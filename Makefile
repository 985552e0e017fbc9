# make demo: the view counter on 127.0.0.1.   make test: everything that is checked.
# Both set up what they need; nothing but Python 3.10 or newer, make and a network is assumed.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
VISITORS ?= 10000
REQUESTS ?= 1000000
SECONDS ?= 60
CASES ?= 200000
SEED ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_VENV := $(VENV)-demo
DEMO_READY := $(DEMO_VENV)/.ready
BENCH_VENV := $(VENV)-bench
BENCH_READY := $(BENCH_VENV)/.ready
MUTATION_VENV := $(VENV)-mutation
MUTATION_READY := $(MUTATION_VENV)/.ready
EXPRESS := tests/node/express
PYODIDE := tests/node/pyodide
MODULES := $(EXPRESS)/node_modules/.package-lock.json $(PYODIDE)/node_modules/.package-lock.json
# Debian's packages of these names hold programs of these names, but for chromium-driver.
PROGRAMS := nginx redis-server chromium chromedriver
INSTALL := -m pip install --quiet --disable-pip-version-check

# Two parts at a time, and what each has to say in one piece, where make can do that.
LANES := $(if $(filter output-sync,$(.FEATURES)),--jobs=2 --output-sync)

.PHONY: help test demo setup programs modules lint types unit pythons oldest docs dist bench fuzz \
	differential fleet soak mutation screenshot format clean

help:
	@echo "make demo    start the view counter on http://127.0.0.1:$(PORT)"
	@echo "make test    set up what is needed and check everything"
	@echo "make lint, types, unit, pythons, docs    one part of it;  make format, make clean"
	@echo "make oldest  the tests with the oldest versions of every framework"
	@echo "make dist    build the release in dist/"
	@echo "make bench   how fast it is, beside others; ARGS=--help tells what it can do"
	@echo "make fuzz    $(SECONDS) seconds of fuzzing;  SECONDS=3600 for an hour"
	@echo "make differential    $(CASES) random cases beside the Node packages;  CASES=, SEED="
	@echo "make fleet   the test of a mixed fleet behind nginx, with $(VISITORS) visitors"
	@echo "make soak    $(REQUESTS) requests in one process, whose memory must stay flat"
	@echo "make mutation    tests the tests: each change to the core must fail one, or is explained"
	@echo "make screenshot    the picture of the view counter in the documentation, taken anew"

test: setup
	@$(MAKE) --no-print-directory $(LANES) unit pythons fuzz lint docs types

demo: $(DEMO_READY)
	$(DEMO_VENV)/bin/python examples/view_counter/app.py --port $(PORT)

setup: $(READY) programs modules

modules:
	@if command -v node >/dev/null && command -v npm >/dev/null; \
	then $(MAKE) --no-print-directory $(MODULES); \
	else echo "node or npm is not installed: what needs Express or Pyodide will be skipped"; fi

# RUNLEVEL keeps Debian from starting them as services: the tests start their own.
programs:
	@missing=; for each in $(PROGRAMS); do \
		PATH="$$PATH:/usr/sbin" command -v $$each >/dev/null || missing="$$missing $$each"; \
	done; \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
		apt-get update -qq; wanted=$$missing; missing=; \
		for each in $$wanted; do \
			package=$$(echo $$each | sed s/chromedriver/chromium-driver/); \
			apt-get install -y -qq --no-install-recommends $$package >/dev/null \
				|| missing="$$missing $$each"; \
		done; \
	fi; \
	for each in $$missing; do \
		echo "$$each is not installed: what needs it will be skipped"; \
	done

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(INSTALL) --upgrade --constraint constraints.txt pip
	$(BIN)/python $(INSTALL) --constraint constraints.txt --group dev --editable .
	touch $@

$(DEMO_READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(DEMO_VENV)
	$(DEMO_VENV)/bin/python $(INSTALL) --upgrade --constraint constraints.txt pip
	$(DEMO_VENV)/bin/python $(INSTALL) --constraint constraints.txt --group demo --editable .
	touch $@

$(BENCH_READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python $(INSTALL) --upgrade --constraint constraints.txt pip
	$(BENCH_VENV)/bin/python $(INSTALL) --constraint constraints.txt --group bench --editable .
	touch $@

$(MUTATION_READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(MUTATION_VENV)
	$(MUTATION_VENV)/bin/python $(INSTALL) --upgrade --constraint constraints.txt pip
	$(MUTATION_VENV)/bin/python $(INSTALL) --constraint constraints.txt --group mutation --editable .
	touch $@

$(MODULES): %/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dist
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/nox --session typing

unit: setup
	$(BIN)/python -m pytest --cov --cov-report=term

# The built wheel, on every Python that is found and with the oldest dependencies.
pythons: dist
	$(BIN)/nox --session tests oldest

oldest: dist
	$(BIN)/nox --session oldest oldest_frameworks

docs: setup
	$(BIN)/mkdocs build --strict

dist: setup
	rm -rf dist
	$(BIN)/python -m build --no-isolation >/dev/null

bench: $(BENCH_READY) modules
	@$(MAKE) --no-print-directory programs PROGRAMS=wrk
	@$(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

# The targets run at once, and share the seconds.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(SECONDS)

differential: setup
	$(BIN)/python -m tests.node.differential $(CASES) $(SEED)

fleet: setup
	$(BIN)/python -m tests.live.fleet $(VISITORS)

soak: setup
	$(BIN)/python -m tests.soak $(REQUESTS)

mutation: $(MUTATION_READY)
	$(MUTATION_VENV)/bin/python -m tests.mutation $(ARGS)

screenshot: setup
	$(BIN)/python -m docs.screenshot

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(DEMO_VENV) $(BENCH_VENV) $(MUTATION_VENV) $(EXPRESS)/node_modules $(PYODIDE)/node_modules \
		site build dist mutants .coverage .fuzz .hypothesis .mypy_cache .nox .pytest_cache .ruff_cache .import_linter_cache
