# `make run` and `make test` are all that a newcomer needs; the rest is for those who change things.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.DELETE_ON_ERROR:  # what stopped halfway is made anew, such as .venv where Debian lacks python3-venv
.PHONY: run test lint soak fuzz fuzz-parser desk-kills archive-million archive-kills archive-hostile archive-ray archive-report format clean help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

run: $(VENV)/.installed  ## score a sample page in the terminal, then serve the desk with sample discussions
	$(BIN)/belowline score data/demo/page.html
	$(BIN)/belowline serve --demo --port $(PORT)

test: $(VENV)/.installed-dev  ## run the whole suite; what a test needs and the machine lacks is a skip with its reason
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/.installed-dev  ## check style, types and the direction of imports
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

fuzz-parser: $(VENV)/.installed-dev  ## damage pages in 100,000 ways: no crash, none over 2 s, memory bounded
	PYTHONPATH=. $(BIN)/python tests/data/mutations.py --count 100000

fuzz: $(VENV)/.installed-dev  ## try the service with 20,000 requests made up from its OpenAPI document
	FUZZ_CASES=20000 $(BIN)/pytest tests/service/api/test_openapi.py

desk-kills: $(VENV)/.installed-dev  ## kill the desk, and restart PostgreSQL under it, twenty times each
	DURABILITY_KILLS=20 $(BIN)/pytest -n0 tests/service/desk/test_durability.py

soak: $(VENV)/.installed-dev  ## load the service for ten minutes at half of its capacity: memory stays flat
	$(BIN)/python -m service.bench.soak --minutes 10 -o docs/soak.json

archive-million: $(VENV)/.installed-dev  ## score a million comments: memory, rate, order of the rows
	$(BIN)/python tests/service/archive/million.py

archive-kills: $(VENV)/.installed-dev  ## kill a run over 50,000 comments twenty times and compare the bytes
	$(BIN)/python tests/service/archive/proofs.py kills

archive-hostile: $(VENV)/.installed-dev  ## bombs, 5 GB lines, cut-off archives, a disk that fills up
	$(BIN)/python tests/service/archive/proofs.py hostile

archive-ray: $(VENV)/.installed-dev  ## score on Ray with one and two workers, and with one that is killed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[ray]'
	$(BIN)/python tests/service/archive/ray_proof.py

archive-report: $(VENV)/.installed-dev  ## draw the report of 100,000 comments and open it in Chromium
	$(BIN)/python tests/service/report/opening.py

format: $(VENV)/.installed-dev  ## bring the code into shape
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:  ## remove what was installed and made here
	rm -rf $(VENV) artifacts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Belowline needs Python 3.11 or later; name one with make run PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/pyvenv.cfg pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,postgres]'
	@touch $@ $(VENV)/.installed
