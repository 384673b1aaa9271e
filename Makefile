# Two commands on a fresh machine: `make demo` and `make test`. Each makes its own virtual environment in .venv, installs
# no system package and starts no daemon.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
WORKFLOWS := $(wildcard tests/integration/actions/workflows/*.yml .github/workflows/*.yml)

.PHONY: demo test lint unit integration test-images bench image lock clean

demo: $(VENV)/runtime            ## the main job, on images made on the spot
	$(BIN)/python -m rebaser demo

test: lint unit integration      ## everything that this machine can run; it says what it left out

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/actionlint $(WORKFLOWS)
	$(BIN)/zizmor --quiet --offline --persona=pedantic --config .github/zizmor.yml action.yml $(WORKFLOWS)

unit: $(VENV)/dev
	$(PYTEST) --numprocesses=auto --dist=worksteal --ignore tests/integration

integration: $(VENV)/dev
	$(PYTEST) tests/integration

test-images: $(VENV)/dev         ## the verdicts on real applications: builds and runs all of them
	$(BIN)/python -m tests.images.pairs --mutations 1 --table docs/verdicts.md

bench: $(VENV)/dev
	$(BIN)/python -m bench

image:
	docker build -t rebaser .

lock: $(VENV)/dev                ## renew the lock files; they name versions and hashes, and no host
	$(BIN)/uv pip compile --universal --quiet --no-header --no-emit-index-url --no-emit-find-links \
	  --generate-hashes --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --quiet --no-header --no-emit-index-url --no-emit-find-links \
	  --generate-hashes --upgrade pyproject.toml --group dev -o requirements-dev.lock

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: requirements.lock | $(VENV)/python
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock | $(VENV)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/runtime

clean:
	rm -rf $(VENV) .work .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
