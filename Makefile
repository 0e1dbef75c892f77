# Muster's front door. `make help` lists the targets; each installs what it needs first, and a second run installs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test lint bench soak dev demo-proxmox setup setup-build setup-web setup-db setup-identity-provider setup-api-fuzz setup-browser setup-bench

# Passed on: make run ARGS='--listen 127.0.0.1:9000', make bench ARGS=inventory
ARGS ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' Makefile

run: setup-build setup-web ## build and start Muster on this machine, data below .muster/
	@scripts/web-build
	@exec cargo run --locked --profile quick --bin muster -- serve --data-dir .muster $(ARGS)

build: setup-build setup-web ## build the release binary, web application included
	@scripts/web-build
	@cargo build --locked --release --bin muster

test: setup ## run every test: Rust on SQLite and PostgreSQL, web units, browser
	@scripts/web-build
	@scripts/test

lint: setup-build setup-web ## check formatting, lints, documentation, generated files
	@scripts/web-build
	@scripts/lint

bench: setup-build setup-web setup-bench ## measure side by side and write bench/results/latest.json
	@scripts/web-build
	@cargo build --locked --release --bin muster
	@cargo run --locked --release -p muster-bench -- $(ARGS)

soak: setup-build setup-db setup-web setup-identity-provider setup-api-fuzz setup-browser ## run the crash and outage loops, mixed load and API fuzzing at full length, the browser against its bars
	@scripts/web-build
	@MUSTER_SOAK_ROUNDS=100 cargo test --locked --workspace --no-fail-fast
	@MUSTER_STRICT_BARS=1 MUSTER_BIN=$(CURDIR)/target/debug/muster scripts/with-node npm --prefix web run --silent e2e -- 1-first-minute 6-smooth 7-table 9-budget
	@scripts/soak

dev: setup-build setup-web ## develop: web application with live reload beside a debug server
	@scripts/dev $(ARGS)

demo-proxmox: setup-build setup-web ## start a simulated cluster of Proxmox VE and Muster connected to it
	@scripts/web-build
	@scripts/demo-proxmox $(ARGS)

setup: setup-build setup-db setup-web setup-identity-provider setup-api-fuzz setup-browser ## install everything that building and testing need

setup-build: ## install compilers, where missing
	@scripts/setup build

setup-web: ## install Node.js and the web application's packages, where missing
	@scripts/setup web

setup-db: ## install PostgreSQL's server programs, where missing
	@scripts/setup db

setup-identity-provider: ## install the OpenID provider of the tests, where missing
	@scripts/setup identity-provider

setup-api-fuzz: ## install schemathesis, where missing
	@scripts/setup api-fuzz

setup-browser: ## install Chromium, where missing
	@scripts/setup browser

setup-bench: ## install what benchmarks compare with, where missing
	@scripts/setup bench
