PORT ?= 8000
# The first Python that is new enough; `make run PYTHON=/path/to/python` takes another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUNBUFFERED := 1
# The tests start Python some hundred times. So it keeps what it has compiled, even where the environment forbids that.
export PYTHONDONTWRITEBYTECODE :=

PRODUCTION := DEBUG=off SECRET_KEY=$$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	ALLOWED_HOSTS=practice.example SITE_URL=https://practice.example STRIPE_SANDBOX=1 \
	EMAIL_URL=smtp+tls://mail.practice.example:587

# How many clients `make soak` lets in on PostgreSQL (on SQLite it is a fifth of that), and how many cases `make fuzz`
# tries of each operation.
CLIENTS ?= 5000
CASES ?= 2000
# The random seed of both.
SEED ?= 7
# How often `make machines` does it all, each time from an empty database.
TIMES ?= 10

.PHONY: run test check format messages bench browsers lighthouse fuzz soak abuse deploy-rehearsal audit-dependencies machines million
.DEFAULT_GOAL := run

run: .venv/ready
	@python manage.py migrate --verbosity 0
	@python manage.py demo
	@echo "Book at http://127.0.0.1:$(PORT)/, and work at the desk at http://127.0.0.1:$(PORT)/staff/ — Ctrl-C ends it."
	@SITE_URL=$${SITE_URL:-http://127.0.0.1:$(PORT)} honcho start --port $(PORT) || test $$? -eq 130

test: .venv/ready-dev
	@python -m tests.browser
	pytest
	python -m tests.postgres pytest -m "not any_engine"

check: .venv/ready-dev
	ruff check .
	ruff format --check .
	mypy config staff booking payments
	lint-imports --no-logo --no-cache
	djade --check $$(git ls-files 'templates/*.html')
	python manage.py makemigrations --check --dry-run
	python -m tests.postgres python manage.py lintmigrations --settings tests.migration_linter
	@$(PRODUCTION) python manage.py check --deploy --fail-level WARNING

format: .venv/ready-dev
	ruff check --fix .
	ruff format .
	-djade $$(git ls-files 'templates/*.html')

# QUICK=1 measures one size in a few rounds. WRITE=1 writes its figures into docs/performance.md, as a whole run does.
bench: .venv/ready-dev .venv-peer/ready
	python -m tests.postgres python -m tests.bench $(if $(QUICK),--quick) $(if $(WRITE),--write)

# WebKit and Firefox come from the system; one that is not installed is left out.
browsers: .venv/ready-dev
	python -m tests.browsers

# After a sentence was marked for translation, changed or removed. New ones are left empty in each catalog.
messages: .venv/ready-dev
	python -m tests.messages

# npx fetches Lighthouse itself, so this needs Node 18 or newer, and a Chromium.
lighthouse: .venv/ready-dev
	python -m tests.lighthouse

fuzz: .venv/ready-dev
	python -m tests.postgres python -m tests.fuzz --cases $(CASES) --seed $(SEED)
	DATABASE_URL=sqlite:///$$(mktemp -d)/fuzz.sqlite3 python -m tests.fuzz --cases $(CASES) --seed $(SEED)

# It fills a PostgreSQL and an SQLite, which takes some minutes each.
million: .venv/ready-dev
	python -m tests.postgres python -m tests.million
	DATABASE_URL=sqlite:///$$(mktemp -d)/million.sqlite3 python -m tests.million --appointments 200000

soak: .venv/ready-dev
	python -m tests.postgres python -m tests.soak --clients $(CLIENTS) --seed $(SEED)
	DATABASE_URL=sqlite:///$$(mktemp -d)/soak.sqlite3 python -m tests.soak --clients $$(($(CLIENTS) / 5)) --seed $(SEED)

# As root, on a Debian with debootstrap and systemd-container.
deploy-rehearsal: .venv/ready-dev
	python -m tests.rehearsal

abuse: .venv/ready-dev
	python -m tests.abuse

# pip-audit asks PyPI which known holes each locked version has. It is no part of the product, and lives in an
# environment of its own. With --strict, a version about which it cannot ask is no version without holes.
audit-dependencies: .venv/ready-dev
	python -m venv .venv/audit
	.venv/audit/bin/pip install --quiet --disable-pip-version-check --upgrade pip-audit
	.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements-dev.txt

# It needs root, iproute2 and nginx, and says so.
machines: .venv/ready-dev
	python -m tests.machines --times $(TIMES)

.venv/ready: requirements.txt
	$(call install,requirements.txt)

.venv/ready-dev: requirements-dev.txt
	$(call install,requirements-dev.txt)
	@touch .venv/ready

.venv-peer/ready: tests/bench/peer/requirements.txt
	$(call install,tests/bench/peer/requirements.txt)

define install
@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. Install it, or: make PYTHON=/path/to/python"; exit 1; }
@test -x $(@D)/bin/pip || $(PYTHON) -m venv $(@D)
@echo "Installing what $(1) locks …"
@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
@touch $@
endef
