# make demo    three real brokers, the topics of topics/, their alerts and dashboards   (KEEP=1 leaves them running)
# make test    everything that must hold
# make installed  the wheel and its run-time dependencies alone: plan, apply, drift, import on real brokers, as a stranger
# make pipeline   .gitlab-ci.yml as GitLab runs it: which job when, and a merge request from branch to brokers; needs node, rsync
# make compat  the live tests on each Kafka that the sandbox has (KAFKA=3.9.1: on that one); compat-short: the main job, on 3.5.2
# make live-alerts  half an hour on real brokers, Prometheus and Alertmanager: every alert beside the truth, as a table;
#              live-alerts-short: in three minutes, at a tenth of the times
# make coverage  the unit tests, and which lines they leave out: at least 92 % are run (half as long again as without)
# make fuzz    10,000 spoiled files: no crash, no hang, a place for every problem      (FUZZ=n, FUZZ_SEED=n)
# make faults  brokers killed and paused, the tool killed, two at once, moves hurt: RUNS=20 a fault; prints violations
# make pictures  docs/pictures drawn anew: the example fleet's dashboards from recorded data, and their types checked
#              (tools/viewer/README.md; needs node, npm, and what that page names)
# make bench   figures and ratios against the bare client, measured in one run
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready
KEEP ?=
FAULTS ?=
LOCK ?=
KAFKA ?=
# Many tests wait for a fake cluster's silence.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
# The newest one that runs on Node.js 20.
GITLAB_CI_LOCAL ?= 4.72.0

.PHONY: demo test lint types unit coverage live pipeline installed compat compat-short live-alerts live-alerts-short fuzz faults pictures bench lock clean

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" KEEP="$(KEEP)" bash scripts/demo.sh

test: lint types unit live

$(READY): requirements-dev.txt pyproject.toml
	@echo "setting up $(VENV): about a minute the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(BIN)/python -m pytest -m "not live and not pipeline" -n $(WORKERS) --dist loadgroup --durations=15

coverage: $(READY)
	$(BIN)/python -m pytest -m "not live and not pipeline" -n $(WORKERS) --dist loadgroup --cov

live: $(READY)
	$(BIN)/python -m pytest -m live --durations=15

installed: $(READY)
	VENV=$(VENV) bash scripts/installed.sh

pipeline: $(READY) build/gitlab-ci-local/$(GITLAB_CI_LOCAL)
	$(BIN)/python -m pytest -m pipeline

build/gitlab-ci-local/$(GITLAB_CI_LOCAL):
	@mkdir -p build/gitlab-ci-local
	@npm install --prefix build/gitlab-ci-local --silent --no-audit --no-fund --no-save gitlab-ci-local@$(GITLAB_CI_LOCAL)
	@touch $@

compat: $(READY)
	VENV=$(VENV) bash scripts/compat.sh $(KAFKA)

compat-short: $(READY)
	SHORT=1 VENV=$(VENV) bash scripts/compat.sh $(or $(KAFKA),3.5.2)

live-alerts: $(READY)
	@$(BIN)/python -m tests.live_alerts long

live-alerts-short: $(READY)
	@$(BIN)/python -m tests.live_alerts short

fuzz: $(READY)
	FUZZ=$(or $(FUZZ),10000) $(BIN)/python -m pytest tests/catalog/test_fuzz.py

faults: $(READY)
	$(BIN)/python -m tests.faults $(FAULTS)

PAGE := tools/viewer/dist/index.html
RECORDED := build/recorded

pictures: $(READY) $(PAGE)
	$(BIN)/python -m tests.recorded $(RECORDED) node tools/viewer/pictures.mjs docs/pictures
	$(BIN)/python -m tests.recorded.message $(RECORDED)/prod-kafka_exporter/prod/rules $(RECORDED)/alert.html
	node tools/viewer/mail.mjs $(RECORDED)/alert.html docs/pictures/alert.png
	node tools/viewer/check.mjs $$(find $(RECORDED) -path '*/dashboards/*' -name '[!.]*.json')

$(PAGE): $(wildcard tools/viewer/src/*) $(addprefix tools/viewer/,package-lock.json .npmrc index.html vite.config.js)
	@echo "building tools/viewer: about a minute and 500 MB the first time"
	@cd tools/viewer && npm ci --silent && npm run --silent build

bench: $(READY)
	$(BIN)/python scripts/bench.py
	$(BIN)/python scripts/bench_rendering.py
	$(BIN)/python scripts/bench_alerts.py
	$(BIN)/python scripts/bench_merge_request.py
	$(BIN)/python scripts/bench_placement.py

# Only for maintainers: needs uv. Versions that are there stay unless pyproject.toml forces others (make lock LOCK=--upgrade).
PIN = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(LOCK)
BUILD = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
lock:
	$(PIN) pyproject.toml --all-extras -o requirements-dev.txt
	$(PIN) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(PYTHON) -c '$(BUILD)' | $(PIN) - -c requirements-dev.txt -o requirements-build.txt

clean:
	rm -rf $(VENV) build dist tools/viewer/dist tools/viewer/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
