# What a machine with Python 3.11 or newer, make and git needs; `make run` first.
#
#   make run     everything from nothing, on http://127.0.0.1:8000/   PROFILE=loginom  PORT=8001  DEMO=0  PORTAL_HOME=…
#   make test    everything from nothing, then the whole test suite   ARGS="tests/law -x"
#   make lint    format, lint, types, import floors, templates, migrations, deployment checks
#   make bench   the benchmarks
#   make clean   removes what the others made

UV_VERSION := 0.13.9
OLDEST_PYTHON := (3, 11)

export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
export UV_COMPILE_BYTECODE := 1
export UV_NO_PROGRESS := 1
# Without a home directory there is no cache directory either.
ifneq ($(shell test -n "$$HOME" && test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR := $(CURDIR)/.tools/cache
export PIP_NO_CACHE_DIR := 1
endif

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.version_info < $(OLDEST_PYTHON) and sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)
UV := .tools/bin/uv
RUN := .venv/bin/python
PORT ?= 8000
TEST_PROCESSES ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() or 1, 8))')
ARGS ?=

.PHONY: run test lint bench clean browser
.DEFAULT_GOAL := run

run: .venv/.runs
	@exec $(RUN) manage.py up --port $(PORT) $(if $(PROFILE),--profile '$(PROFILE)') $(if $(DEMO),--demo $(DEMO))

test: .venv/.develops browser
	@$(RUN) -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

# Installs one where it can, and says what it could not; a test run without a browser says so once more.
browser: .venv/.develops
	@$(RUN) -m operator_portal.testing.browser

lint: .venv/.develops
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy .
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	$(RUN) manage.py makemigrations --check --dry-run --settings operator_portal.testing.static
	env $$(grep -v '^#' docker/example.env) $(RUN) manage.py check --deploy --fail-level WARNING

bench: .venv/.develops
	$(RUN) -m benchmarks $(ARGS)

clean:
	@if [ -x $(RUN) ]; then $(RUN) manage.py services erase; fi
	@if [ -x $(RUN) ]; then for home in .portal-test .portal-bench; do \
		PORTAL_HOME="$(CURDIR)/$$home" $(RUN) manage.py services erase || exit 1; done; fi
	rm -rf .portal .portal-test .portal-bench .venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.mo' -delete

# --- the environment, exactly as uv.lock has it -----------------------------------------------------------------------

.venv/.runs: uv.lock pyproject.toml $(UV)
	@echo "Installing what the portal runs on …"
	@$(UV) sync --quiet --frozen --inexact --no-dev --extra embedded --python "$(PYTHON)"
	@touch $@

.venv/.develops: uv.lock pyproject.toml $(UV)
	@echo "Installing what the portal runs on and is tested with …"
	@$(UV) sync --quiet --frozen --extra embedded --python "$(PYTHON)"
	@touch .venv/.runs $@

$(UV):
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed and was not found (python3 is: $$(python3 --version 2>&1))." >&2; \
		echo "Install it, or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "Installing uv $(UV_VERSION) into .tools …"; \
		$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	elif command -v uv >/dev/null; then \
		mkdir -p .tools/bin && ln -sf "$$(command -v uv)" $(UV); \
	else \
		echo "This Python has no ensurepip, so no environment can be made." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv. Or put uv (https://docs.astral.sh/uv/) on the PATH." >&2; \
		exit 1; \
	fi
