# leakwatch: every command people need. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
CORPUS ?=
SEEDS ?= 0 1 2
JOBS ?= 1
TESTERS ?= 3
MINUTES ?= 10
SEED ?= 1000

.PHONY: help setup demo test check bench documents speed spread queue hunt fleet soak faults languages screenshots lock readme clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: .venv/.installed ## create .venv with leakwatch in it; quick when nothing changed

demo: setup ## the main job end to end, then a console to look at
	$(BIN)/leakwatch demo

test: export PYTHONDONTWRITEBYTECODE := # hundreds of processes are started: what was compiled is kept
test: .venv/.installed-dev ## all set-up, then the whole test suite
	deploy/test-packages
	deploy/test-kafka
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --database postgresql tests/app

check: .venv/.installed-dev ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -n 2

bench: .venv/.installed-dev ## measure, and rewrite the tables under tests/benchmarks/results (CORPUS=folder for real pictures)
	$(BIN)/python -m tests.benchmarks.run --seeds $(SEEDS) --jobs $(JOBS) $(if $(CORPUS),--corpus $(CORPUS))

documents: .venv/.installed-dev ## drawn documents, markings and codes, photographed, turned, cut and quoted, beside other tools
	$(BIN)/python -m tests.benchmarks.documents
	$(BIN)/python -m tests.benchmarks.markings
	$(BIN)/python -m tests.benchmarks.codes

speed: .venv/.installed-dev ## cost and growth beside other tools', and what processes share (CORPUS=folder for real photographs)
	$(BIN)/python -m tests.benchmarks.speed $(if $(CORPUS),--corpus $(CORPUS))
	$(BIN)/python -m tests.benchmarks.sharing $(if $(CORPUS),--corpus $(CORPUS))

spread: .venv/.installed-dev ## who had it from whom, in cascades with known truth (CORPUS=folder for real photographs)
	$(BIN)/python -m tests.benchmarks.spread $(if $(CORPUS),--corpus $(CORPUS))

queue: .venv/.installed-dev ## the analysts' queue with 100,000 alerts, on SQLite and PostgreSQL
	deploy/test-packages
	$(BIN)/python -m tests.benchmarks.queue

hunt: .venv/.installed-dev ## a million sightings searched for what is registered too late, on SQLite and PostgreSQL
	deploy/test-packages
	$(BIN)/python -m tests.benchmarks.hunting

fleet: .venv/.installed-dev ## the whole service on PostgreSQL and Kafka: rates, overhead, several workers, what a fleet needs
	deploy/test-packages
	deploy/test-kafka
	$(BIN)/python -m tests.benchmarks.fleet

soak: .venv/.installed-dev ## a whole fleet under load for MINUTES=10: memory, latencies, nothing lost
	deploy/test-packages
	deploy/test-kafka
	$(BIN)/python -m tests.benchmarks.soak --minutes $(MINUTES)

faults: .venv/.installed-dev ## fifty schedules of faults, a minute each, and their table (SEED=number for others)
	rm -f tests/benchmarks/results/faults.md
	$(BIN)/python -m pytest tests/faults/test_schedules.py --fault-seed $(SEED) --fault-schedules 50 --fault-seconds 60 \
	  --fault-table tests/benchmarks/results/faults.md

lock: .venv/.installed-dev ## resolve the dependencies anew into deploy/*.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" --upgrade -q -o deploy/requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" -c deploy/requirements.lock --upgrade -q -o deploy/requirements-dev.lock

languages: .venv/.installed-dev ## gather what the console says into its catalogues; what is new waits there for a translator
	$(BIN)/pybabel -q extract -F pyproject.toml -k say -k marked -k count:1,2 -k counted:1,2 --no-location --sort-output -o .venv/console.pot app/console
	$(BIN)/pybabel -q update -i .venv/console.pot -o app/console/languages/zh.po -l zh --no-fuzzy-matching --ignore-obsolete --width 130

screenshots: .venv/.installed-dev ## draw the pictures of the console that the README shows
	$(BIN)/python -m tests.screenshots

readme: .venv/.installed-dev ## rewrite the parts of the README that come from elsewhere
	$(BIN)/python -m tests.readme

clean: ## remove what the other commands made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.installed: pyproject.toml deploy/requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r deploy/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed deploy/requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r deploy/requirements-dev.lock
	@touch $@
