PYTHON ?= python3
# A pinned torch first, so that every clone is tested with one version. For CUDA builds see the README.
TORCH ?= torch==2.13.0

VENV := .venv
READY := $(VENV)/.ready

.PHONY: help demo test clean

help:
	@echo "make demo   pixelize and depixelize the bundled examples into demo/"
	@echo "make test   run the test suite"
	@echo "make clean  remove what the other targets made, but not the virtual environment"
	@echo "PYTHON=python3.12 or TORCH='torch>=2.4' before a target choose another interpreter or torch"

demo: $(READY)
	$(VENV)/bin/python tools/demo.py

# Two files of tests at a time, each on one thread: many small images, for which several threads are no help.
test: $(READY)
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile

# The stamp is touched last: an installation that was interrupted is repeated.
$(READY): setup.py
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[train,test]" "$(TORCH)"
	touch $@

clean:
	rm -rf demo build .pytest_cache
	find pixelization tools tests -name __pycache__ -type d -prune -exec rm -rf {} +
