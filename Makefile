PYTHON ?= python3
# A pinned torch first, so that every clone is tested with one version. For CUDA builds see the README.
TORCH ?= torch==2.13.0

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready
LINT := $(VENV)/.lint
DOCS := $(VENV)/.docs
ALL := $(VENV)/.all
# Three files of tests at a time, each on one thread: many small images do not gain from several.
# On two cores, since tests of processes and of browsers wait a quarter of the time.
# In the order of folders: tests/apps, which takes longest, is not left to the end.
# Bytecode is kept, also where the environment says otherwise: without it every worker compiles all
# tests again, and every process that tests start all modules.
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 3 \
	--dist loadfile --no-loadscope-reorder

.PHONY: help aseprite demo test test-all lint format docs clean

help:
	@echo "make demo      pixelize and depixelize the bundled examples into demo/, print installed sizes"
	@echo "make test      run the test suite"
	@echo "make test-all  all tests: with the packages of rivals, and in an environment without torch"
	@echo "make lint      ruff check, ruff format --check, mypy"
	@echo "make format    let ruff mend what it can"
	@echo "make docs      build the pages of docs/ into site/"
	@echo "make aseprite  zip the extension of Aseprite into build/"
	@echo "make clean     remove what the other targets made, but not the virtual environment"
	@echo "PYTHON=python3.12 or TORCH='torch>=2.4' before a target choose another interpreter or torch"

demo: $(READY)
	$(BIN)/python tools/demo.py
	$(BIN)/python tools/sizes.py

test: $(READY)
	$(PYTEST)

test-all: $(ALL)
	$(PYTEST) -rs -m ""

lint: $(LINT)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(LINT)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

aseprite: $(READY)
	$(BIN)/python tools/aseprite_extension.py

# A stamp is touched last: an installation that was interrupted is repeated.
$(READY): setup.py
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) "$(TORCH)"
	$(INSTALL) --editable ".[train,test]" "$(TORCH)"
	touch $@

$(LINT): $(READY)
	$(INSTALL) --editable ".[dev]"
	touch $@

$(DOCS): $(READY)
	$(INSTALL) --editable ".[docs]"
	touch $@

$(ALL): $(READY)
	$(INSTALL) --editable ".[baselines,rivals,ray,docs]"
	touch $@

clean:
	rm -rf demo build site .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache
	find pixelization tools tests -name __pycache__ -type d -prune -exec rm -rf {} +
