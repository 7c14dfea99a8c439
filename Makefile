# Aliases: each target is one command, and every command works without make.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help env run test check bench lab lock docs

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

env: ## make the environment in .venv and stop there
	$(PYTHON) run_all.py --help > /dev/null

run: ## the sample run, then open outputs/index.html
	$(PYTHON) run_all.py

test: ## the test suite
	$(PYTHON) run_all.py test

check: ## format, lint, types, notebooks, architecture
	$(PYTHON) run_all.py check

bench: ## the benchmarks
	$(PYTHON) run_all.py bench

lab: ## JupyterLab in the environment
	$(PYTHON) run_all.py lab

docs: ## write the generated parts of README.md and docs/ anew
	.venv/bin/python -m lib.run.pages.data_dictionary --write

lock: ## solve the locks anew from pyproject.toml
	.ci/lock
