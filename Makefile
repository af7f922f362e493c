# Two commands are all a stranger needs: `make demo` and `make test`.
# What is installed already is remembered beside it (a stamp in .venv, one in static/node_modules),
# so that the second time takes no time and removing a folder makes it anew.

SHELL := /bin/sh
PORT ?= $(or $(GRIDMAP_PORT),8000)
TOWN ?= guanggu
RUN := .venv/installed-run
DEV := .venv/installed-dev
PEERS := .venv/bench/installed
FRONT := static/node_modules/.installed
BUNDLE := static/vendor/field/bundle.json
BUNDLED := static/scripts/bundle.js $(wildcard static/js/*/*.js static/js/*/*/*.js static/css/*.css)
PO := $(wildcard gridmap/translations/*/LC_MESSAGES/messages.po)
MO := $(PO:.po=.mo)

.NOTPARALLEL:
.PHONY: help demo test promises bench setup setup-test system-run system-test clean

help:
	@echo "make demo      install what is missing, start gridmap with the demo town, print its address"
	@echo "make test      install what is missing, run all checks and tests"
	@echo "make promises  the long forms of the fault, load and bad-input suites"
	@echo "make bench     all benchmarks"
	@echo "make clean     remove what was built and installed here; data in .gridmap stays"

demo: setup
	@exec .venv/bin/gridmap up --demo $(TOWN) --port $(PORT)

test: setup-test
	@scripts/steps

promises: setup-test
	@.venv/bin/python -m pytest -m slow -v -s

bench: setup-test $(PEERS)
	@.venv/bin/gridmap bench all

setup: system-run $(RUN) $(FRONT) $(BUNDLE) $(MO)

setup-test: system-test $(DEV) $(FRONT) $(BUNDLE) $(MO)

system-run:
	@scripts/install_system run

system-test:
	@scripts/install_system test

$(RUN): requirements/run.txt pyproject.toml | system-run
	@scripts/make_venv requirements/run.txt
	@touch $@

# The lock for development holds the one for running: after it `make demo` has nothing left to do.
$(DEV): requirements/dev.txt pyproject.toml | system-test
	@scripts/make_venv requirements/dev.txt
	@touch $@ $(RUN)

# What the benchmarks measure gridmap beside, in an environment of its own.
$(PEERS): requirements/bench.txt | $(DEV)
	@/usr/bin/python3 -m venv .venv/bench
	@.venv/bench/bin/pip install --require-hashes --disable-pip-version-check --quiet -r $<
	@touch $@

$(FRONT): static/package.json static/package-lock.json
	@command -v npm >/dev/null || scripts/install_system run
	@npm ci --prefix static --no-audit --no-fund || { \
	    echo "The front-end libraries could not be installed. Run by hand, then try again:" >&2; \
	    echo "    npm ci --prefix static" >&2; exit 1; }
	@npm run --silent --prefix static vendor
	@touch $@

$(BUNDLE): $(FRONT) $(BUNDLED)
	@npm run --silent --prefix static bundle

gridmap/translations/%.mo: gridmap/translations/%.po
	@test -x .venv/bin/pybabel || scripts/make_venv requirements/run.txt
	@.venv/bin/pybabel --quiet compile -i $< -o $@

clean:
	rm -rf build *.egg-info static/node_modules static/vendor $(MO)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	if [ -L .venv ]; then rm -rf "$$(readlink .venv)"; fi
	rm -rf .venv
