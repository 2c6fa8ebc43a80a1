# Two commands do everything on a machine that has Python 3.11 or newer and make:
#   make demo   the main job on embedded parts
#   make test   lint, types, import contracts, tests
# Others: make bench (measurements), make soak (faults for hours; ARGS="kills --seed 7"), make lint, make lock, make clean,
# make sbom (what Deadair stands on, as CycloneDX), make audit (are weaknesses of that known?).

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

LINT   := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

# Every module and every package under benchmarks/ is one that runs alone: python -m benchmarks.NAME
BENCHES := $(basename $(notdir $(wildcard benchmarks/*.py))) $(notdir $(patsubst %/__main__.py,%,$(wildcard benchmarks/*/__main__.py)))

.PHONY: demo test bench soak lint lock sbom audit clean

demo: $(VENV)/.run
	@$(BIN)/deadair demo $(ARGS)

# Each worker, and each command that a test starts, would else compile every module anew where that is set.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.test
# Types are checked on one processor; on another, all tests are compiled once for all workers meanwhile.
	@$(BIN)/pytest --collect-only -qq >/dev/null 2>&1 & $(LINT); linted=$$?; wait; exit $$linted
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.test
	@$(LINT)

bench: $(VENV)/.test
	@for each in $(BENCHES); do echo "== $$each"; $(BIN)/python -m benchmarks.$$each || exit 1; done

soak: $(VENV)/.test
	@$(BIN)/python -m tests.soak $(ARGS)

# An installed set of packages is stamped with the lock it came from, so that a second call costs nothing.
$(VENV)/.run: locks/build.txt locks/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Deadair needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r locks/build.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --require-hashes --no-build-isolation -r locks/run.txt
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || :  # on all processors; what a package has that is no Python of ours is left
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run locks/test.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --require-hashes --no-build-isolation -r locks/test.txt
	@touch $@

# The locks hold versions and hashes only; uv writes them for every platform and Python at once, one version for all:
# what is checked and reckoned with the one is with the others.
lock:
	@test -x $(VENV)/lock/bin/uv || ($(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -qq uv)
	@printf 'hatchling\neditables\nsetuptools\nwheel\n' | $(VENV)/lock/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate --no-header - -o locks/build.txt
	@$(VENV)/lock/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate --no-header -c locks/build.txt pyproject.toml -o locks/run.txt
	@$(VENV)/lock/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate --no-header -c locks/build.txt -c locks/run.txt --extra test pyproject.toml -o locks/test.txt

	@echo cyclonedx-bom | $(VENV)/lock/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate --no-header - -o locks/sbom.txt
	@echo pip-audit | $(VENV)/lock/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate --no-header - -o locks/audit.txt

# Tools that are no part of Deadair, each with its own packages.
$(VENV)/%/.set: locks/%.txt
	@test -x $(VENV)/$*/bin/python || $(PYTHON) -m venv $(VENV)/$*
	@$(VENV)/$*/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r locks/$*.txt
	@touch $@

sbom: $(VENV)/sbom/.set
	@PYTHONWARNINGS=ignore $(VENV)/sbom/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml -o sbom.cdx.json locks/run.txt
	@echo sbom.cdx.json

audit: $(VENV)/audit/.set
	@.ci/audit $(VENV)/audit/bin/pip-audit locks/run.txt locks/build.txt

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo-output sbom.cdx.json
