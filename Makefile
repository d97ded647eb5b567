# The Casebook's commands. `make` alone lists them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PY = .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help serve test search check evaluate build setup setup-dev clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: build ## build what is not in step, and serve site and search at http://127.0.0.1:8000 (PORT=, HOST=)
	@exec $(PY) -m search_api serve --host $(HOST) --port $(PORT)

test: setup-dev ## run every test, with the real model and a real browser (ALLOW_NO_BROWSER=1 leaves the browser out)
	@$(PY) -m tests.find_browser
	@$(PY) -m pytest

search: setup ## answer a problem here: make search q="over-reliance on independent placements" (args=--json)
	@$(PY) -m indexer build --quiet
	@$(PY) -m search_api search $(args) -- "$$q" || [ $$? -eq 3 ]

check: setup-dev ## lint, types and content
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m indexer check

evaluate: setup-dev ## measure search on the judged problems, and write the numbers into docs/search-quality.md
	@$(PY) -m indexer build --quiet
	@$(PY) -m indexer evaluate --write docs/search-quality.md

build: setup ## check the content; build embeddings, index and site
	@$(PY) -m indexer build

setup:
	@$(PYTHON) bootstrap.py

setup-dev:
	@$(PYTHON) bootstrap.py --dev

clean: ## remove what was built, and the virtual environment
	@rm -rf build .venv
