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
# make bench BENCH="--large --repeat 3"
BENCH ?=

.PHONY: help up test check bench storm storm-faults clean

help: ## list these targets
	@echo 'usage: make TARGET'
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 15
	@echo
	@echo 'built files: $(CARGO_TARGET_DIR)'

up: ## build and show what smartETL does: make up (a demo) or make up DATA=/my/logs
	@.ci/need rust compiler
	cargo build --locked --profile fast --package smartetl
	@ln -sf "$$CARGO_TARGET_DIR/fast/smartetl" smartetl
	"$$CARGO_TARGET_DIR/fast/smartetl" up $(if $(DATA),"$$DATA",--demo) --port $(PORT)

test: ## everything that must pass; installs what it needs first, prints the minutes of each stage
	@.ci/test

check: ## format, lints, documentation, scripts, unused and forbidden dependencies
	@.ci/check

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

clean: ## remove the built files of this Cargo.lock and the benchmark's data
	rm -rf -- "$$CARGO_TARGET_DIR" "$(CACHE)/bench"
