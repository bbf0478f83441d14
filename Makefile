# One Makefile, not recursive. Objects live in build/$(FLAVOUR)/, so flavours
# never mix; the programs of the release flavour are linked into build/.

FLAVOUR ?= release
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc)
endif

CC := gcc
CLANG := clang-14

BUILD ?= build
B := $(BUILD)/$(FLAVOUR)

# Not -Wpedantic: it knows no __int128, in which quantities are exact.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wcast-qual -Wpointer-arith -Wvla -Wundef -Wformat=2 \
	-Wno-format-nonliteral -Wswitch-enum -Werror
# Link-time optimization: half the engine's time is look-ups by constant keys.
CFLAGS_release := -O3 -flto=auto -g -D_FORTIFY_SOURCE=2 \
	-fstack-protector-strong
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread
# Atomic: threads that count together would leave negative numbers.
CFLAGS_cov := -O0 -g --coverage -fprofile-update=atomic
CFLAGS_clang := -O1 -g
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
ifneq ($(filter fuzz clang,$(FLAVOUR)),)
CC := $(CLANG)
endif
LDFLAGS_release := -O3 -flto=auto -g -Wl,-z,relro,-z,now
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_cov := --coverage
LDFLAGS_clang :=
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

CFLAGS := -std=gnu11 -D_GNU_SOURCE -I. -I$(B)/gen \
	-DBULKHEAD_VERSION='"$(VERSION)"' $(WARNINGS) -fPIE \
	$(CFLAGS_$(FLAVOUR))

# Where ccache is installed, what a checkout has compiled once is not compiled
# again in the next: objects do not name the folder that they were made in.
CACHE := $(or $(BULKHEAD_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bulkhead)
CCACHE := $(shell command -v ccache 2>/dev/null)
ifneq ($(CCACHE),)
CFLAGS += '-fdebug-prefix-map=$(CURDIR)=.'
ifndef CCACHE_DIR
export CCACHE_DIR := $(CACHE)/ccache
export CCACHE_MAXSIZE ?= 1G
endif
endif

LDFLAGS := -pie $(LDFLAGS_$(FLAVOUR))
ENGINE_LIBS := -lyajl -lyaml -lpcre2-8
SERVER_LIBS := -lmicrohttpd -lgnutls
KUBE_LIBS := -lcurl-gnutls
CERTS_LIBS := -lcrypto

LIB_SRC := $(wildcard lib/*.c)
POLICIES_SRC := $(wildcard policies/*.c policies/rules/*.c)
CLI_SRC := $(wildcard cli/*.c cli/verbs/*.c cli/reports/*.c cli/doctor/*.c)
WEBHOOK_SRC := $(wildcard webhook/*.c)
KUBE_SRC := $(wildcard kube/*.c)
CERTS_SRC := $(wildcard certs/*.c)
CONTROLLER_SRC := $(wildcard controller/*.c)
TIERS := $(sort $(wildcard policies/tiers/*.yaml))
# The two servers name things alike: their tests link one or the other.
UNIT_SRC := $(wildcard tests/unit/controller/test_*.c tests/unit/test_*.c)
FAKE_SRC := $(wildcard tests/fake/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
THREADED := test_inventory test_pattern test_log test_metrics \
	test_deadlines test_http test_http_wait test_status_port test_snapshot_slot test_stop test_transport \
	test_transport_failure test_transport_tls test_stream test_limit \
	test_reflector test_reflector_stories test_reflectors test_lease \
	test_events controller/test_queue_threads

objects = $(patsubst %.c,$(B)/%.o,$(1))
ENGINE := $(B)/libbulkhead.a
CLI := $(B)/libcli.a
WEBHOOK := $(B)/libwebhook.a
KUBE := $(B)/libkube.a
CERTS := $(B)/libcerts.a
CONTROLLER := $(B)/libcontroller.a
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
UNIT_RUN := $(patsubst tests/unit/%.c,$(BUILD)/asan/unit/%,$(UNIT_SRC))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRC))

PROGRAMS := bulkhead bulkhead-webhook bulkhead-controller

all: $(addprefix $(BUILD)/,$(PROGRAMS)) ## Build the programs into build/

$(addprefix $(BUILD)/,$(PROGRAMS)): $(BUILD)/%: $(BUILD)/release/%
	@ln -sf release/$* $@

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The shipped tiers, compiled in as text.
$(B)/policies/shipped.o: $(B)/gen/shipped_tiers.h
$(B)/gen/shipped_tiers.h: scripts/embed.sh $(TIERS)
	@mkdir -p $(@D)
	@scripts/embed.sh $(TIERS) >$@.new && mv $@.new $@

$(ENGINE): $(call objects,$(LIB_SRC) $(POLICIES_SRC))
	@rm -f $@ && gcc-ar rcs $@ $^

# All of a program but main, for its tests.
$(CLI): $(call objects,$(filter-out cli/main.c,$(CLI_SRC)))
$(WEBHOOK): $(call objects,$(filter-out webhook/main.c,$(WEBHOOK_SRC)))
$(KUBE): $(call objects,$(KUBE_SRC))
$(CERTS): $(call objects,$(CERTS_SRC))
$(CONTROLLER): $(call objects,$(filter-out controller/main.c,$(CONTROLLER_SRC)))
$(CLI) $(WEBHOOK) $(KUBE) $(CERTS) $(CONTROLLER):
	@rm -f $@ && gcc-ar rcs $@ $^

$(B)/bulkhead: $(call objects,$(CLI_SRC)) $(KUBE) $(CERTS) $(ENGINE)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(KUBE_LIBS) $(CERTS_LIBS) $(ENGINE_LIBS)

$(B)/bulkhead-webhook: $(call objects,webhook/main.c) $(WEBHOOK) $(KUBE) \
		$(ENGINE)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS) $(KUBE_LIBS) $(ENGINE_LIBS)

$(B)/bulkhead-controller: $(call objects,controller/main.c) $(CONTROLLER) \
		$(KUBE) $(CERTS) $(ENGINE)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS) $(KUBE_LIBS) $(CERTS_LIBS) \
		$(ENGINE_LIBS)

$(B)/unit/controller/%: $(B)/tests/unit/controller/%.o \
		$(B)/tests/unit/load.o $(call objects,$(FAKE_SRC)) \
		$(CONTROLLER) $(KUBE) $(CERTS) $(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(SERVER_LIBS) \
		$(KUBE_LIBS) $(CERTS_LIBS) $(ENGINE_LIBS) -lcmocka

$(B)/unit/%: $(B)/tests/unit/%.o $(B)/tests/unit/load.o \
		$(call objects,$(FAKE_SRC)) $(CLI) $(WEBHOOK) $(KUBE) $(CERTS) \
		$(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(SERVER_LIBS) \
		$(KUBE_LIBS) $(CERTS_LIBS) $(ENGINE_LIBS) -lcmocka

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(CLI) $(WEBHOOK) $(KUBE) $(CERTS) $(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(SERVER_LIBS) \
		$(KUBE_LIBS) $(CERTS_LIBS) $(ENGINE_LIBS)

$(B)/e2e/probe: $(B)/tests/e2e/probe.o $(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)

$(B)/bench/%: $(B)/bench/%.o $(ENGINE)
	@$(CC) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(SERVER_LIBS) \
		$(ENGINE_LIBS)

unit: $(UNIT)
fuzzers: $(FUZZERS)

# ---- tests and gates ----

FLAVOURED = $(MAKE) --no-print-directory FLAVOUR=$(1)

deps: ## Install the Debian packages that building needs
	@scripts/deps.sh build

deps-run: ## Install the Debian packages that "make run" needs
	@scripts/deps.sh run

deps-test: ## Install the Debian packages that testing needs
	@scripts/deps.sh test

deps-bench: ## Install the Debian packages that "make bench" needs
	@scripts/deps.sh bench

test: deps-test ## Install what is missing, build, test everything
	+@$(call FLAVOURED,release) all $(BUILD)/release/e2e/probe
	+@$(call FLAVOURED,asan) unit
	+@$(call FLAVOURED,clang) compile
	+@$(call FLAVOURED,fuzz) fuzzers
	+@$(MAKE) --no-print-directory lint
	+@$(MAKE) --no-print-directory tsan-test
	@tests/run.sh $(sort $(wildcard tests/controller/*.sh \
		tests/webhook/*.sh)) $(UNIT_RUN) $(sort $(wildcard \
		tests/cli/*.sh)) tests/fuzz/replay.sh --alone tests/e2e/run.sh

unit-test: ## Build and run the unit tests under the sanitizers
	+@$(call FLAVOURED,asan) unit
	@tests/run.sh $(UNIT_RUN)

e2e: deps-test all ## Run the end-to-end tests against a real API server
	+@$(call FLAVOURED,release) $(BUILD)/release/e2e/probe
	@tests/e2e/run.sh

cluster: deps-test all ## Bring up a real cluster with Bulkhead in it, to try
	@python3 tests/e2e/keep.py $(BUILD)/cluster

cluster-down: ## End what "make cluster" has brought up
	@tests/e2e/cluster.sh down $(BUILD)/cluster

tsan-test: ## Run the tests of threaded modules under the thread sanitizer
	+@$(call FLAVOURED,tsan) $(addprefix $(BUILD)/tsan/unit/,$(THREADED))
	@LOGS=$(BUILD)/logs/tsan JOBS=1 tests/run.sh \
		$(addprefix $(BUILD)/tsan/unit/,$(THREADED))

# Everything compiles, nothing is linked: a second compiler's opinion.
compile: $(call objects,$(LIB_SRC) $(POLICIES_SRC) $(CLI_SRC) $(WEBHOOK_SRC) \
	$(KUBE_SRC) $(CERTS_SRC) $(CONTROLLER_SRC) $(FAKE_SRC) tests/e2e/probe.c $(UNIT_SRC))

lint: ## Layers, headers, bans, rules, formatting, clang-tidy, cppcheck
	@for lint in tests/lint/*.sh; do \
		echo "  LINT $$lint"; $$lint || exit 1; done

fuzz: ## Run every fuzz target for SECONDS (default 60) seconds
	+@$(call FLAVOURED,fuzz) fuzzers
	@for f in $(patsubst tests/fuzz/%.c,%,$(FUZZ_SRC)); do \
		tests/fuzz/run.sh $$f $(or $(SECONDS),60) || exit 1; done

coverage: deps-test ## Report which lines the unit tests reach
	+@$(call FLAVOURED,cov) unit
	@find $(BUILD)/cov -name '*.gcda' -delete
	@tests/run.sh $(patsubst tests/unit/%.c,$(BUILD)/cov/unit/%,$(UNIT_SRC))
	@gcovr --root . --object-directory $(BUILD)/cov --filter 'lib/' \
		--filter 'policies/' --filter 'cli/' --filter 'webhook/' \
		--filter 'kube/' --filter 'certs/' --filter 'controller/' \
		--txt --print-summary

bench: deps-bench all ## Measure: one line a figure, with its goal
	@bench/run.sh

docs: all ## Write what is generated from the tables into docs/
	@$(BUILD)/bulkhead rules -o markdown >docs/rules.md

install: all ## Install the programs, the manual page and completions
	@for program in $(PROGRAMS); do \
		install -D -m 755 $(BUILD)/release/$$program \
			$(DESTDIR)$(PREFIX)/bin/$$program || exit 1; done
	@mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions
	$(BUILD)/bulkhead man \
		>$(DESTDIR)$(PREFIX)/share/man/man1/bulkhead.1
	$(BUILD)/bulkhead completion bash \
		>$(DESTDIR)$(PREFIX)/share/bash-completion/completions/bulkhead
	$(BUILD)/bulkhead completion zsh \
		>$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_bulkhead

demo: deps ## Install what is missing, build, judge the example manifests
	+@$(call FLAVOURED,release) all
	@examples/demo.sh $(BUILD)/bulkhead

run: deps-run all ## Start the admission server on a loopback port
	@scripts/run.sh $(BUILD)/bulkhead-webhook $(BUILD)/run

clean: ## Remove everything that was built here
	rm -rf build

clean-cache: ## Remove what was compiled and linted in any checkout
	rm -rf "$(CACHE)/ccache" "$(CACHE)/tidy"

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 16

.PHONY: all unit fuzzers compile deps deps-run deps-test deps-bench test unit-test tsan-test lint \
	e2e cluster cluster-down fuzz coverage bench docs install demo run \
	clean clean-cache help
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
