# The Casebook's commands. `make` alone lists them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PY = .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help serve test search check sbom evaluate build setup setup-dev clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: build ## build what is not in step, and serve site and search at http://127.0.0.1:8000 (PORT=, HOST=)
	@exec $(PY) -m search_api serve --host $(HOST) --port $(PORT)

test: setup-dev ## run every test, with the real model and a real browser (ALLOW_NO_BROWSER=1 leaves the browser out)
	@$(PY) -m tests.find_browser
	@$(PY) -m pytest -n 2 --dist loadfile

search: setup ## answer a problem here: make search q="over-reliance on independent placements" (args=--json)
	@$(PY) -m indexer build --quiet
	@$(PY) -m search_api search $(args) -- "$$q" || [ $$? -eq 3 ]

check: setup-dev sbom ## lint, types, content, known faults of the pinned packages, and a list of them
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m indexer check
	@mkdir -p build
	@$(PY) -m pip_audit -r constraints.txt --disable-pip --no-deps --progress-spinner off > build/audit.txt 2>&1; \
	if grep -q '^Found ' build/audit.txt; then cat build/audit.txt; exit 1; fi; \
	echo "pip-audit: no known fault; $$(grep -c 'could not be audited' build/audit.txt) packages could not be looked up (build/audit.txt)"

sbom: setup-dev ## write build/sbom.json, a list of the pinned packages (CycloneDX)
	@mkdir -p build
	@$(PY) -m cyclonedx_py requirements constraints.txt --output-reproducible --output-format JSON --output-file build/sbom.json

evaluate: setup-dev ## measure search on the judged problems, and write the numbers into docs/search-quality.md
	@$(PY) -m indexer build --quiet
	@$(PY) -m indexer evaluate --write docs/search-quality.md
	@$(PY) -m benchmarks.real --write docs/search-quality.md

build: setup ## check the content; build embeddings, index and site
	@$(PY) -m indexer build

setup:
	@$(PYTHON) bootstrap.py

setup-dev:
	@$(PYTHON) bootstrap.py --dev

clean: ## remove what was built, and the virtual environment
	@rm -rf build .venv
