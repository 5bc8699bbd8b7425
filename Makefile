# What a developer runs. Everything is set up on first use, in build/; the system's own
# PostgreSQL is only ever written to by `make install`. The work is done by scripts/.

PYTHON ?= python3
PG ?=
PG_CONFIG ?= pg_config
ARGS ?=

.PHONY: help demo demo-stop test docs bench dashboards install clean

help:
	@echo 'make demo                     segments of the CDNOW customers, in a server of its own'
	@echo 'make demo-stop                stop that server'
	@echo 'make test [PG=18]             all tests, on PostgreSQL 15 and 18 or on one; ARGS is for pytest'
	@echo 'make docs                     refresh the outputs shown in README.md and docs/'
	@echo 'make bench                    the benchmarks'
	@echo 'make dashboards               draw the Superset dashboard of examples/ (minutes, 1 GB)'
	@echo 'make install PG_CONFIG=PATH   install into the PostgreSQL of this pg_config'
	@echo 'make clean                    stop our servers, remove build/ (but build/tools)'

demo:
	@$(PYTHON) scripts/demo.py $(if $(PG),--pg $(PG)) $(ARGS)

demo-stop:
	@$(PYTHON) scripts/demo.py --stop

test:
	@$(PYTHON) scripts/run_tests.py $(if $(PG),--pg=$(PG)) $(ARGS)

docs:
	@$(PYTHON) scripts/doc_examples.py --write $(if $(PG),--pg $(PG)) $(ARGS)

bench:
	@$(PYTHON) bench/run.py $(ARGS)

dashboards:
	@$(PYTHON) scripts/dashboards.py $(if $(PG),--pg $(PG)) $(ARGS)

install:
	@$(PYTHON) scripts/build.py --pg-config "$(PG_CONFIG)"

clean:
	@$(PYTHON) scripts/clean.py
