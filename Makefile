# What a user and a developer run. Everything is set up on first use, in build/; the system's own
# PostgreSQL is only ever written to by `make install` and `make uninstall`. The work is done by scripts/.

PYTHON ?= python3
PG ?=
PG_CONFIG ?= pg_config
DESTDIR ?=
ARGS ?=

.PHONY: all install uninstall help demo demo-stop test docs site bench dashboards dist clean

all:
	@$(PYTHON) -B scripts/install.py build --pg-config "$(PG_CONFIG)"

install:
	@$(PYTHON) -B scripts/install.py install --pg-config "$(PG_CONFIG)" --destdir "$(DESTDIR)"

uninstall:
	@$(PYTHON) -B scripts/install.py uninstall --pg-config "$(PG_CONFIG)" --destdir "$(DESTDIR)"

help:
	@echo 'make demo                     segments of the CDNOW customers, in a server of its own'
	@echo 'make demo-stop                stop that server'
	@echo
	@echo 'make [PG_CONFIG=PATH]         build for the PostgreSQL of this pg_config'
	@echo 'make install [PG_CONFIG=PATH] [DESTDIR=FOLDER]'
	@echo '                              install into it; after make, sudo make install needs no Rust'
	@echo 'make uninstall                remove it from there; PG_CONFIG and DESTDIR as before'
	@echo
	@echo 'make test [PG=18]             all tests, on PostgreSQL 15 to 18 or on one; ARGS is for pytest'
	@echo 'make docs                     refresh the reference, and the outputs shown in README.md and docs/'
	@echo 'make site                     the documentation as a site with search, in build/site'
	@echo 'make bench                    the benchmarks'
	@echo 'make dashboards               draw the Superset dashboard of examples/ (minutes, 1 GB)'
	@echo 'make dist [PG=18]             what a release consists of, in build/dist: packages, archives, the source'
	@echo 'make clean                    stop our servers, remove build/ (but build/tools)'

demo:
	@$(PYTHON) scripts/demo.py $(if $(PG),--pg $(PG)) $(ARGS)

demo-stop:
	@$(PYTHON) scripts/demo.py --stop

test:
	@$(PYTHON) scripts/run_tests.py $(if $(PG),--pg=$(PG)) $(ARGS)

docs:
	@$(PYTHON) scripts/reference.py $(if $(PG),--pg $(PG))
	@$(PYTHON) scripts/doc_examples.py --write $(if $(PG),--pg $(PG)) $(ARGS)

site:
	@$(PYTHON) scripts/website.py

bench:
	@$(PYTHON) bench/run.py $(ARGS)

dashboards:
	@$(PYTHON) scripts/dashboards.py $(if $(PG),--pg $(PG)) $(ARGS)

dist:
	@$(PYTHON) scripts/dist.py $(if $(PG),--pg $(PG)) $(ARGS)

clean:
	@$(PYTHON) scripts/clean.py
