# genai_tags. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench pictures blender-extension test-hosts test-services clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## make .venv with everything the targets need

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "genai_tags needs Python 3.10 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

demo: setup ## run the main job on a small show of its own (in ./demo)
	rm -rf demo
	$(BIN)/genai-tags demo demo

test: lint ## lint, type-check, check the import contract, run the tests on every Python there is
	$(BIN)/python -m tests.system_packages
	$(BIN)/python -m tests.run_pythons

lint: setup ## ruff, mypy --strict, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## let ruff format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure against peers and plain copies (see docs/benchmarks.md)
	$(BIN)/python -m benchmarks

pictures: setup ## draw the pictures of docs/pictures again
	$(BIN)/python -m tests.system_packages
	$(BIN)/python -m tests.pictures docs/pictures

test-hosts: setup ## run the tests in real Blenders, of which there is one for each Python (see tests/run_hosts.py)
	$(BIN)/python -m tests.run_hosts

blender-extension: setup ## build Blender's extension into dist/
	$(BIN)/genai-tags plugins install blender --to dist

test-services: setup ## what needs servers (none yet)
	@echo "no service tests yet"

clean: ## remove everything that can be made again
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
