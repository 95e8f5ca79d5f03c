# Two commands for a newcomer: `make demo` and `make test`. Each does all the set-up by itself,
# with nothing but Python 3.11 or newer and make; a second run starts at once.

VENV := .venv
PY := $(VENV)/bin/python
# The newest suitable Python on the machine; `make demo PYTHON=/path/to/python3` overrides it.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# What the set-up says goes to standard error: standard output is the command's own (--json).
PIP := >&2 $(PY) -m pip --disable-pip-version-check -qq install
# Tests wait now and then: one worker more than there are cores. The benchmark wants them for itself.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Recorded series that the benchmark judges forecasts on; without them, the few of the package.
SERIES ?= $(wildcard ../shared/data/call-volume)

.PHONY: demo test lint bench lock clean

demo: $(VENV)/ready
	@$(PY) -m bot demo $(ARGS)

# Compiled files are kept, whatever the environment says: half of what collecting takes is saved,
# and every bot that the tests start as a process is up a second sooner.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/ready-for-tests lint
	$(PY) -m pytest -n $(JOBS) --dist worksteal -m "not bench" $(ARGS)

lint: $(VENV)/ready-for-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/ready-for-tests
	SEAMWATCH_SERIES="$(SERIES)" $(PY) -m pytest -m bench -s -q $(ARGS)

$(VENV)/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo >&2 "Seamwatch needs Python 3.11 or newer with venv (on Debian: apt install python3 python3-venv)."; exit 1; }
	@test -x $(PY) || { echo >&2 "Setting up (once, about a minute) ..."; $(PYTHON) -m venv $(VENV) >&2; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready tests/requirements.lock
	@echo >&2 "Setting up the tests ..."
	@$(PIP) --require-hashes -r tests/requirements.lock
	@touch $@

# New versions: edit pyproject.toml, then `make lock`. Versions and hashes, no addresses.
lock: $(VENV)/ready
	@$(PIP) uv
	echo "setuptools>=80" > $(VENV)/build.in
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml $(VENV)/build.in -o requirements.lock
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml $(VENV)/build.in --extra dev -c requirements.lock -o tests/requirements.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
