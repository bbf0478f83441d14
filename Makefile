# One Makefile, not recursive. Objects live in build/$(FLAVOUR)/, so flavours
# never mix; the programs of the release flavour are linked into build/.

FLAVOUR ?= release
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

CC := gcc
CLANG := clang-14
PKG_CONFIG := pkg-config

BUILD ?= build
B := $(BUILD)/$(FLAVOUR)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wpointer-arith \
	-Wvla -Wundef -Wformat=2 -Wno-format-nonliteral -Wswitch-enum -Wno-variadic-macros -Werror
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
CFLAGS_clang := -O1 -g
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
ifneq ($(filter fuzz clang,$(FLAVOUR)),)
CC := $(CLANG)
# Clang 14 knows no __int128 in -Wpedantic's ISO C and warns of GNU va_opt.
WARNINGS += -Wno-gnu-zero-variadic-macro-arguments -Wno-c2x-extensions
endif
LDFLAGS_release := -Wl,-z,relro,-z,now
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_cov := --coverage
LDFLAGS_clang :=
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

CFLAGS := -std=gnu11 -D_GNU_SOURCE -I. -I$(B)/gen \
	-DBULKHEAD_VERSION='"$(VERSION)"' $(WARNINGS) -Wno-pedantic \
	-fPIE $(CFLAGS_$(FLAVOUR))
LDFLAGS := -pie $(LDFLAGS_$(FLAVOUR))
ENGINE_LIBS := -lyajl -lyaml -lpcre2-8

LIB_SRC := $(wildcard lib/*.c)
POLICIES_SRC := $(wildcard policies/*.c policies/rules/*.c)
CLI_SRC := $(wildcard cli/*.c cli/verbs/*.c cli/reports/*.c)
TIERS := $(sort $(wildcard policies/tiers/*.yaml))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)

objects = $(patsubst %.c,$(B)/%.o,$(1))
ENGINE := $(B)/libbulkhead.a
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRC))

all: $(BUILD)/bulkhead ## Build the programs into build/

$(BUILD)/bulkhead: $(BUILD)/release/bulkhead
	@ln -sf release/bulkhead $@

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The shipped tiers, compiled in as text.
$(B)/policies/shipped.o: $(B)/gen/shipped_tiers.h
$(B)/gen/shipped_tiers.h: scripts/embed.sh $(TIERS)
	@mkdir -p $(@D)
	@scripts/embed.sh $(TIERS) >$@.new && mv $@.new $@

$(ENGINE): $(call objects,$(LIB_SRC) $(POLICIES_SRC))
	@rm -f $@ && ar rcs $@ $^

$(B)/bulkhead: $(call objects,$(CLI_SRC)) $(ENGINE)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)

$(B)/unit/%: $(B)/tests/unit/%.o $(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS) -lcmocka

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(ENGINE)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)

unit: $(UNIT)
fuzzers: $(FUZZERS)

clean: ## Remove everything that was built
	rm -rf build

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

.PHONY: all unit fuzzers clean help
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
