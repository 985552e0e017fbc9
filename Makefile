# make demo: the view counter on 127.0.0.1.   make test: every check.
# Both install what they need. They assume only Python 3.10 or newer, make and a network.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
VISITORS ?= 10000
REQUESTS ?= 1000000
SECONDS ?= 60
CASES ?= 200000
SEED ?=

BIN := $(VENV)/bin
# Each environment has a file that is named after its group of dependencies in pyproject.toml.
READY := $(VENV)/.dev
ENVIRONMENTS := $(READY) $(VENV)-demo/.demo $(VENV)-bench/.bench $(VENV)-mutation/.mutation \
	$(VENV)-servers/.servers
INSTALL := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
NODE := tests/node/authjs tests/node/express tests/node/iron_session tests/node/pyodide \
	tests/node/react_router
MODULES := $(NODE:=/node_modules/.package-lock.json)
# Next.js takes 340 MB, so that `make next` alone fetches it.
NEXT := tests/node/next
NEXT_MODULES := $(NEXT)/node_modules/.package-lock.json
PROGRAMS := nginx redis-server chromium chromedriver
POLICY := /usr/sbin/policy-rc.d
UNIT := $(addprefix tests/,adapters codecs command_line core formats legacy security serverless \
	session support typing)
# `make unit live` runs the tests on the Python of the environment.
# `make pythons SESSIONS="tests oldest"` runs them on all others.
SESSIONS := tests-3.10 tests-3.13 oldest-3.10
# pyenv hides the Pythons that are not active. With PYENV_VERSION each of them is found.
EVERY_PYTHON := PYENV_VERSION=$$(pyenv versions --bare 2>/dev/null | paste -s -d : -)
NOX := $(EVERY_PYTHON) $(BIN)/nox
# Two targets at a time, and the output of each in one piece, if make can do that.
LANES := $(if $(filter output-sync,$(.FEATURES)),--jobs=2 --output-sync)

.PHONY: help test demo setup programs modules lint types unit live pythons oldest docs dist bench fuzz \
	differential fleet site next peers servers soak mutation screenshot format clean

help:
	@echo "make demo          start the view counter on http://127.0.0.1:$(PORT)"
	@echo "make test          install what the checks need, and run all of them"
	@echo "make lint, types, unit, live, pythons, docs  run one of the checks"
	@echo "make format        format the code"
	@echo "make oldest        run the tests with the oldest version of every framework"
	@echo "make dist          build the release in dist/"
	@echo "make bench         compare the speed with other libraries; ARGS=--help shows the options"
	@echo "make fuzz          fuzz for $(SECONDS) seconds; SECONDS=3600 for an hour"
	@echo "make differential  compare $(CASES) random cases with the Node packages; CASES=, SEED="
	@echo "make fleet         test two mixed fleets behind nginx, with $(VISITORS) visitors"
	@echo "make site          look at every page of the documentation in Chromium"
	@echo "make next          share sessions with an application of Next.js; STEPS=, SEED="
	@echo "make peers         run the frameworks' own tests on our sessions; ARGS=Flask for some of them"
	@echo "make servers       measure how every server hands over cookies and WebSocket handshakes"
	@echo "make soak          send $(REQUESTS) requests to one process, whose memory must stay flat"
	@echo "make mutation      change the core in one place at a time; each time a test must fail"
	@echo "make screenshot    take the picture of the view counter in the documentation again"
	@echo "make clean         remove everything that make has made"

test: setup
	@$(MAKE) --no-print-directory $(LANES) unit pythons live fuzz lint docs types

# The demo has an Express half where Node is installed, and does without if npm fails.
demo: $(VENV)-demo/.demo
	-@if command -v node >/dev/null && command -v npm >/dev/null; \
	then $(MAKE) --no-print-directory $(firstword $(MODULES)); fi
	$(VENV)-demo/bin/python examples/view_counter/app.py --port $(PORT)

setup: $(READY) programs modules

$(ENVIRONMENTS): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python $(INSTALL) --upgrade pip
	$(@D)/bin/python $(INSTALL) --group $(@F:.%=%) --editable .
	touch $@

modules:
	@if command -v node >/dev/null && command -v npm >/dev/null; \
	then $(MAKE) --no-print-directory $(MODULES); \
	else echo "node or npm is not installed: everything that needs a Node package is skipped"; fi

$(MODULES) $(NEXT_MODULES): %/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	touch $@

# As root on a Debian, apt installs the missing programs, without their services: the tests start
# their own. policy-rc.d answers 101 if a package asks whether it may start a service, and
# `systemctl disable` keeps the service from starting with the machine. All packages but
# chromium-driver are named after their program.
programs:
	@PATH="$$PATH:/usr/sbin"; \
	missing() { for each in $(PROGRAMS); do command -v $$each >/dev/null || echo $$each; done; }; \
	packages=$$(missing | sed s/chromedriver/chromium-driver/); \
	if [ -n "$$packages" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "make programs installs these Debian packages:" $$packages; \
		if [ ! -e $(POLICY) ]; then \
			trap 'rm -f $(POLICY)' EXIT; trap 'exit 1' HUP INT TERM; \
			printf '#!/bin/sh\nexit 101\n' >$(POLICY); chmod 755 $(POLICY); \
		fi; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq; \
		for each in $$packages; do \
			apt-get install -y -qq --no-install-recommends $$each >/dev/null && \
			systemctl disable --quiet $$each 2>/dev/null; \
		done; \
	fi; \
	for each in $$(missing); do echo "$$each is not installed: everything that needs it is skipped"; done

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dist
	$(BIN)/mypy
	$(BIN)/pyright
	$(NOX) --session typing

# These tests reach every branch of the library. Coverage would only slow the others down.
unit: setup
	$(BIN)/python -m pytest --cov --cov-report=term $(UNIT)

live: setup
	$(BIN)/python -m pytest $(UNIT:%=--ignore=%)

# The wheel on every Python that nox finds, and with the oldest dependencies.
pythons: dist
	$(NOX) --session $(SESSIONS)

oldest: dist
	$(NOX) --session oldest oldest_frameworks

docs: setup
	$(BIN)/mkdocs build --strict

dist: setup
	rm -rf dist
	$(BIN)/python -m build --no-isolation >/dev/null

bench: $(VENV)-bench/.bench modules
	@$(MAKE) --no-print-directory programs PROGRAMS=wrk
	@$(VENV)-bench/bin/python -m benchmarks $(ARGS)

# The fuzz targets run at the same time and share the seconds.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(SECONDS)

differential: setup
	$(BIN)/python -m tests.node.differential $(CASES) $(SEED)

fleet: setup
	$(BIN)/python -m tests.live.fleet $(VISITORS)

site: setup
	EVERY_PAGE=1 $(BIN)/python -m pytest tests/docs/test_site_in_browser.py

next: setup $(NEXT_MODULES)
	$(BIN)/python -m pytest $(NEXT)/visits.py

peers: setup
	$(EVERY_PYTHON) $(BIN)/python -m tests.peers $(ARGS)

servers: $(VENV)-servers/.servers
	$(VENV)-servers/bin/python -m tests.live.servers

soak: setup
	$(BIN)/python -m tests.soak $(REQUESTS)

mutation: $(VENV)-mutation/.mutation
	$(VENV)-mutation/bin/python -m tests.mutation $(ARGS)

screenshot: setup
	$(BIN)/python -m docs.screenshot

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(dir $(ENVIRONMENTS)) $(NODE:=/node_modules) $(NEXT)/node_modules $(NEXT)/.next site \
		build dist mutants .coverage .fuzz .hypothesis .import_linter_cache .mypy_cache .nox .peers \
		.pytest_cache .ruff_cache
