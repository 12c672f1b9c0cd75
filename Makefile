# The habits of this project. `make` lists them.
#
# Built files live outside the clone, one folder for each Cargo.lock, so that a fresh clone on a warm machine is quick.
# CARGO_TARGET_DIR overrides the folder.

SHELL := /bin/bash
.DEFAULT_GOAL := help

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/smartetl
CARGO_TARGET_DIR ?= $(CACHE)/target-$(shell sha256sum Cargo.lock | cut -c1-12)
export CARGO_TARGET_DIR

# make up DATA=/my/logs PORT=8480; without DATA the demo is shown.
DATA ?=
export DATA
PORT ?= 8480
MINUTES ?= 10
SEED ?=
# make contract SECONDS=600
SECONDS ?= 60
# make bench BENCH="--large --repeat 3"
BENCH ?=


# The stack of compose.yaml.
VERSION := $(shell sed -nE 's/^version = "(.*)"$$/\1/p' Cargo.toml | head -1)
DOCKER ?= docker
COMPOSE ?= $(shell $(DOCKER) compose version >/dev/null 2>&1 && echo '$(DOCKER) compose' || echo docker-compose)
# A setting of .env, or of the environment; empty where neither has it.
setting = $(or $(value $(1)),$(shell sed -nE 's/^$(1)=(.*)$$/\1/p' .env 2>/dev/null))
BUILD = $(DOCKER) build $(foreach name,HTTP_PROXY HTTPS_PROXY NO_PROXY COMPANY_CA,$(if $(call setting,$(name)),--build-arg '$(name)=$(call setting,$(name))'))
# make images BUILD_ARGS="--network host --build-arg PROFILE=fast"
BUILD_ARGS ?=
# First part of the names of containers and volumes, as compose makes it.
PROJECT = $(or $(call setting,COMPOSE_PROJECT_NAME),$(notdir $(CURDIR)))

.PHONY: help up web screenshots test contract check notebook bench storm storm-faults clean env images images.tar pull-dashboards down-v compose-check

help: ## list these targets
	@echo 'usage: make TARGET'
	@sed -nE 's/^([a-z.-]+):.*## (.*)$$/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
	@echo
	@echo 'built files: $(CARGO_TARGET_DIR)'

up: ## build and show what smartETL does: make up (a demo) or make up DATA=/my/logs
	@.ci/need rust compiler
	@.ci/web build-if-node
	cargo build --locked --profile fast --package smartetl
	@ln -sf "$$CARGO_TARGET_DIR/fast/smartetl" smartetl
	"$$CARGO_TARGET_DIR/fast/smartetl" up $(if $(DATA),"$$DATA",--demo) --port $(PORT)

web: ## build the web app, which the next `make up` puts into the program; needs Node
	@.ci/need node
	.ci/web build

screenshots: ## the pictures of the README, from the demo; needs Node and Chromium
	@.ci/need rust compiler node chromium
	.ci/web build
	cargo build --locked --profile fast --package smartetl
	.ci/web screenshots

test: ## everything that must pass; installs what it needs first, prints the minutes of each stage
	@.ci/test

contract: ## ask the API all that its document allows, and more: make contract SECONDS=600
	@.ci/need rust compiler venv
	cargo build --locked --profile fast --package smartetl
	@.ci/contract $(SECONDS)

check: ## format, lints, documentation, scripts, unused and forbidden dependencies
	@.ci/check

notebook: ## JupyterLab with the notebooks, on the database of the smartETL that runs
	@.ci/need python venv
	@PORT=$(PORT) .ci/notebooks open

storm: ## everything dies again and again while logs go through Kafka: make storm MINUTES=60 SEED=7
	@.ci/need rust compiler kafka
	SMARTETL_STORM_SECONDS=$$(($(MINUTES) * 60)) $(if $(SEED),SMARTETL_STORM_SEED=$(SEED)) \
	  cargo test --workspace --locked --profile fast --test it -- kafka::storm --nocapture

storm-faults: ## the same with faults that are built in on purpose: each has to be found
	@.ci/need rust compiler kafka
	cargo test --workspace --locked --profile fast --features smartetl/sabotage --test it -- kafka::storm::a_storm_finds --nocapture

bench: ## 1M rows beside psql \copy, DuckDB and pandas, and through Kafka: make bench BENCH="--kafka"
	@.ci/need rust compiler psql venv kafka
	python3 bench/run.py $(BENCH)

env: ## write .env with new passwords, where there is none yet
	@if [ -e .env ]; then echo '.env is there already, and is never removed: doc/operate.md, "Changing settings and passwords", says how passwords change' >&2; exit 1; fi
	@umask 077 && trap 'rm -f .env.new' EXIT && \
	  if $(DOCKER) image inspect smartetl:$(VERSION) >/dev/null 2>&1; then $(DOCKER) run --rm smartetl:$(VERSION) init-env; \
	  elif [ -x smartetl ]; then ./smartetl init-env; \
	  else echo 'make images first: the program of the image writes it' >&2; exit 1; fi >.env.new && mv .env.new .env
	@echo 'now say in .env what runs (COMPOSE_PROFILES: minimal as it is), where your logs are (SMARTETL_DATA) and in which zone (SMARTETL_TIMEZONE)' >&2

images: ## build the images of the stack: smartETL, and Airflow with it
	$(BUILD) $(BUILD_ARGS) -f docker/smartetl/Dockerfile -t smartetl:$(VERSION) -t smartetl:latest .
	$(BUILD) $(BUILD_ARGS) -f docker/airflow/Dockerfile --build-arg SMARTETL=smartetl:$(VERSION) -t smartetl-airflow:$(VERSION) .

images.tar: ## all images of the stack in one file, for a machine without internet: there, docker load -i images.tar
	set -e; images=$$(sed -nE 's/^ +image: (.*)$$/\1/p' compose.yaml | sort -u); \
	for image in $$images; do $(DOCKER) image inspect $$image >/dev/null 2>&1 || $(DOCKER) pull $$image; done; \
	$(DOCKER) save -o images.tar smartetl:latest $$images

# Grafana's container, and what takes its dashboards into conf/grafana as who calls make.
GRAFANA = $$($(COMPOSE) --profile grafana ps -q grafana 2>/dev/null | head -1)
PULL = SMARTETL_GRAFANA_TOKEN="admin:$${GRAFANA_ADMIN_PASSWORD:-$$(sed -nE 's/^GRAFANA_ADMIN_PASSWORD=(.*)$$/\1/p' .env)}" \
	$(DOCKER) run --rm --network "container:$$grafana" --user "$$(id -u):$$(id -g)" -e SMARTETL_GRAFANA_TOKEN -e HOME=/tmp -e SMARTETL_CACHE_DIR=/tmp \
	-v "$$PWD/conf/grafana:/grafana" smartetl:$(VERSION) dashboards pull --url http://127.0.0.1:3000 --folder /grafana

pull-dashboards: ## take what people edited in Grafana into conf/grafana
	@grafana=$(GRAFANA); [ -n "$$grafana" ] || { echo 'Grafana does not run: $(COMPOSE) --profile grafana up -d grafana' >&2; exit 1; }; $(PULL)

down-v: ## end the stack and delete its data; what people edited in Grafana is taken into conf/grafana first
	@set -e; grafana=$(GRAFANA); \
	if [ -n "$$grafana" ] && [ "$$($(DOCKER) inspect -f '{{.State.Running}}' "$$grafana")" = true ]; then \
	  $(PULL) || \
	  { echo 'nothing was deleted: the dashboards could not be taken (without them: $(COMPOSE) down -v)' >&2; exit 1; }; \
	elif $(DOCKER) volume inspect $(PROJECT)_grafana-data >/dev/null 2>&1; then \
	  $(DOCKER) run --rm --network none --user 472:0 --entrypoint test -v $(PROJECT)_grafana-data:/data:ro smartetl:$(VERSION) ! -s /data/grafana.db || \
	  { echo 'nothing was deleted: Grafana does not run, and what was edited there would be lost. Start it' \
	    '($(COMPOSE) --profile grafana up -d grafana), or do without ($(COMPOSE) down -v)' >&2; exit 1; }; \
	fi
	$(COMPOSE) down -v

compose-check: ## whether compose.yaml, .env.example, conf/ and docker/ agree, and compose takes each profile
	@.ci/need yaml
	.ci/stack --self
	@if ! $(COMPOSE) version >/dev/null 2>&1; then echo 'NOT CHECKED: docker compose is not here'; exit 0; fi; \
	file=$$(mktemp) && trap 'rm -f "$$file"' EXIT && sed -E 's#^([A-Z_]+)=$$#\1=/checked#' .env.example >"$$file" && \
	for profile in minimal grafana kafka airflow full minimal,grafana minimal,airflow kafka,grafana kafka,airflow; do \
	  COMPOSE_PROFILES=$$profile $(COMPOSE) --env-file "$$file" config -q || exit 1; echo "compose takes $$profile"; \
	done; \
	if COMPOSE_PROFILES=full $(COMPOSE) --env-file .env.example config -q 2>/dev/null; then \
	  echo 'it would start without passwords' >&2; exit 1; fi; echo 'compose refuses to start without passwords'

clean: ## remove the built files of this Cargo.lock and the benchmark's data
	rm -rf -- "$$CARGO_TARGET_DIR" "$(CACHE)/bench"
