# Two commands do it all from a fresh clone: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HUIYIN_HOME ?= $(CURDIR)/var

.PHONY: run test lint bench docs setup setup-dev clean screenshots

$(VENV)/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.runtime
setup-dev: $(VENV)/.dev

run: setup  ## serve the demo bank: web, worker, listener, watchdog
	@HUIYIN_DEMO=$${HUIYIN_DEMO:-1} exec $(BIN)/python manage.py up

test: setup-dev  ## the whole suite, on SQLite and on PostgreSQL
	@$(BIN)/python tests/run.py

lint: setup-dev  ## style, import floors, translations, migrations, sizes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python tests/lint.py

bench: setup-dev  ## measured claims: one table, bench/results/latest.json
	@$(BIN)/python -m bench

docs: setup-dev  ## regenerate the reference pages
	@HUIYIN_DEMO=1 $(BIN)/python manage.py docs

screenshots: setup-dev  ## pictures of every screen from the running product
	@HUIYIN_DEMO=1 $(BIN)/python -m tests.screenshots
