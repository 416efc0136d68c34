# make demo   clean the sample crawl into output/demo      make test   everything CI checks
# make bench  the figures of the README (BENCH=--small)    make lint   format, lint, types, floors
# make docs   the generated parts of the README            make bare   the wheel alone, started
# Each sets up what it needs first: a virtual environment with pinned versions, made again when a pin changes.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test bare bench lint format docs clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "copydesk needs Python 3.11 or newer; name one: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about a minute the first time)"
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable . --group dev; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev; \
	fi
	@echo "compiling the kernels (once)"
	@$(BIN)/python -m cleaners.warm
	@touch $@

demo: $(STAMP)
	$(BIN)/copydesk clean tests/data/crawl -o output/demo

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP)
	$(BIN)/cog -I . -r README.md tests/data/README.md

test: lint
	$(BIN)/cog -I . --check README.md tests/data/README.md
	$(BIN)/pytest -q
	$(BIN)/python tests/bare.py

bare: $(STAMP)
	$(BIN)/python tests/bare.py

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/run.py $(BENCH)

clean:
	rm -rf $(VENV) output/demo
