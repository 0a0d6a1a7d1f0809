# lectern: one Makefile for everything. `make help` lists the targets.
#
# Sources, tests and plugins are found by wildcard. Variables worth setting: BUILD (where to build), PREFIX and DESTDIR
# (where to install), CC, CFLAGS, LTO=1, V=1 (whole commands), ONLY=text (only test files whose name contains it).

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
export BUILD PREFIX DESTDIR
CFLAGS  ?= -O2 -g
VERSION := $(shell sed -n 's/^\#define LECTERN_VERSION "\(.*\)"/\1/p' core/base/version.h)
JOBS    := $(shell nproc)
ifeq (0-,$(MAKELEVEL)-$(filter -j%,$(MAKEFLAGS)))
MAKEFLAGS += -j$(JOBS)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
$(if $(filter $(CURDIR),$(abspath $(BUILD))),$(error BUILD must not be the source folder))

comma := ,
# One short line a step; V=1 shows whole commands.
Q    := $(if $(V),,@)
say   = $(if $(V),,@printf '%-8s %s\n' $(1) $(2))

# SANITIZE=address,undefined, FAULTS=1 (allocations can be made to fail) and COVERAGE=1 make the special builds below.
CSTD     := -std=gnu11
CPPFLAGS := -D_GNU_SOURCE -Icore $(if $(SANITIZE),-DLECTERN_SANITIZE,$(if $(filter -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2)) $(if $(FAULTS),-DLECTERN_FAULTS) $(if $(COVERAGE),-DLECTERN_COVERAGE)
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes $(if $(FUZZ),,-Werror)
SPECIAL  := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(if $(COVERAGE),--coverage) $(if $(LTO),-flto=auto)
CCALL     = $(CC) $(CSTD) $(CFLAGS) $(WARN) $(CPPFLAGS) $(SPECIAL) -fstack-protector-strong -MMD -MP
LINK      = $(CC) $(CFLAGS) $(SPECIAL) -Wl,-z,relro,-z,now $(LDFLAGS)
LUA_I    := $(shell pkg-config --cflags-only-I lua5.4)
AR       := $(if $(LTO),gcc-ar,ar)

# What each folder of core/ links: the folders below it and libraries, static where Debian ships them so that programs
# start fast. libc stays shared, except in the client, where only the start counts; so does libmpack, whose archive does
# not fit position-independent programs (as one of those, host and compartment start 0.06 ms later).
folders         := base store host compartment client
libs_base       := -lmpack -l:libnettle.a
libs_store      := -l:libsqlite3.a -l:libz.a -lm
libs_host       := -l:libuv_a.a
libs_compartment := -l:libuv_a.a -l:liblua5.4.a -lm
below_host      := store base
$(foreach f,store compartment client,$(eval below_$(f) := base))
library          = $(BUILD)/lib$(1).a
needs            = $(call library,$(1)) $(foreach f,$(below_$(1)),$(call library,$(f)))
links            = $(call needs,$(1)) $(libs_$(1)) $(foreach f,$(below_$(1)),$(libs_$(f))) -lpthread -ldl

# Lua C modules of the compartment, core/compartment/helpers/NAME.c with NAME_*.c, and the library of each.
helper_markdown := -l:libcmark.a
helper_yaml     := -l:libyaml.a
helper_rank     := -lm
objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(wildcard core/$(1)/*.c))) $(if $(filter compartment,$(1)),$(BUILD)/obj/core/compartment/runtime.o)
helpers := $(foreach f,$(wildcard core/compartment/helpers/*.c),$(if $(findstring _,$(notdir $(f))),,$(basename $(notdir $(f)))))
HELPERS := $(helpers:%=$(BUILD)/lib/lectern/%.so)
PROGRAMS := $(addprefix $(BUILD)/bin/,lectern lecternd lectern-compartment)
UNIT    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*_test.c))
TOOLS   := $(patsubst %.c,$(BUILD)/%,$(shell grep -ls '^int main' tests/lua/*.c tests/cli/*.c tests/cases/*.c tests/hostile/*.c))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
KINDS   := unit lua cli cases hostile

all: $(PROGRAMS) $(HELPERS) $(call library,base) $(BUILD)/tree ## build everything (the default)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo "Variables: BUILD PREFIX DESTDIR CC CFLAGS LTO=1 V=1 ONLY=text"

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CCALL) $(if $(findstring /helpers/,$<),-fPIC,-fPIE) $(if $(findstring compartment,$<),$(LUA_I)) -c -o $@ $<

# Members that are gone from the tree must be gone from the library: it is made anew.
define folder_library
$(call library,$(1)): $(call objects,$(1)) core/$(1) $(BUILD)/flags
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $(call objects,$(1))
endef
$(foreach f,$(folders),$(eval $(call folder_library,$(f))))
# The Lua runtime, compiled, is a part of the compartment.
$(BUILD)/obj/core/compartment/runtime.o: scripts/embed $(wildcard share/lectern/lua/lectern/*.lua) $(BUILD)/flags
	$(call say,EMBED,share/lectern/lua)
	$(Q)mkdir -p $(@D) && scripts/embed share/lectern/lua/lectern | $(filter-out -M%,$(CCALL)) -fPIE -x c -c -o $@ -

# link_program TARGET, OBJECT, FOLDER, FLAGS: a program of that folder and what is below it.
define link_program
$(1): $(BUILD)/obj/$(2).o $(call needs,$(3))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(LINK) -o $$@ $$(filter %.o,$$^) $(4) $(call links,$(3))
endef
$(eval $(call link_program,$(BUILD)/bin/lectern,core/client/main,client,$(if $(SANITIZE),,-static)))
$(eval $(call link_program,$(BUILD)/bin/lecternd,core/host/main,host,-pie))
# Helpers find the Lua API and what they use of base in the program that loads them. What nobody uses (libmpack: a
# compartment reads messages by itself) costs time at each start.
$(eval $(call link_program,$(BUILD)/bin/lectern-compartment,core/compartment/main,compartment,-pie -rdynamic -Wl$(comma)--as-needed))

define link_helper
$(BUILD)/lib/lectern/$(1).so: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard core/compartment/helpers/$(1).c core/compartment/helpers/$(1)_*.c))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(LINK) -shared -o $$@ $$^ $(helper_$(1))
endef
$(foreach h,$(helpers),$(eval $(call link_helper,$(h))))

# Unit tests are named after what they link (tests/unit/store_merge_test.c: store and what is below it). Tools of other
# tests are the files with a main; they link base and the files without one beside them.
parts = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(TOOLS:$(BUILD)/%=%.c),$(wildcard $(1)*.c)))
folder_of = $(or $(filter $(firstword $(subst _, ,$(notdir $(1)))),$(folders)),base)
$(foreach t,$(UNIT),$(eval $(call link_program,$(t),$(t:$(BUILD)/%=%),$(call folder_of,$(t)),-lcmocka)))
$(foreach t,$(TOOLS),$(eval $(call link_program,$(t),$(t:$(BUILD)/%=%),base)) $(eval $(t): $(call parts,$(dir $(t:$(BUILD)/%=%)))))
$(foreach t,$(FUZZERS),$(eval $(call link_program,$(t),$(t:$(BUILD)/%=%),$(call folder_of,$(t)),-fsanitize=fuzzer)))

# Objects are rebuilt when the flags change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CCALL) | $(LINK)' | cmp -s - $@ || echo '$(CCALL) | $(LINK)' > $@

# Programs find share/ and plugins/ above themselves; a build folder elsewhere gets links to them.
$(BUILD)/tree: FORCE
	@mkdir -p $(@D)
	@$(if $(filter $(CURDIR)/%,$(abspath $(BUILD))),:,ln -sfn $(CURDIR)/share $(CURDIR)/plugins $(CURDIR)/config $(BUILD)/)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

run: ## set up, build, and show lectern at work on a sample
	scripts/setup --run
	+$(Q)$(MAKE) all
	scripts/demo

test: ## set up, build, run all tests
	scripts/setup
	+$(Q)$(MAKE) check KINDS="$(KINDS) repo"

check: all $(TOOLS) $(if $(filter unit,$(KINDS)),$(UNIT))
	@tests/run $(KINDS)

unit: all $(UNIT) ## C unit tests
lua: all $(TOOLS) ## tests of the Lua runtime and of plugins
cli: all $(TOOLS) ## command line tests
cases: all $(TOOLS) ## importers, exporters, summarisers: input, options, expected output
hostile: all $(TOOLS) ## plugins and peers that misbehave
repo: all ## checks of the tree itself
unit lua cli cases hostile repo:
	@tests/run $@

special = +$(Q)$(MAKE) BUILD=$(BUILD)/$@ CFLAGS="-O1 -g"

asan: ## all tests with AddressSanitizer and UndefinedBehaviorSanitizer
	$(special) SANITIZE=address,undefined check
ubsan: ## all tests with UndefinedBehaviorSanitizer alone
	$(special) SANITIZE=undefined check
tsan: ## unit and command line tests with ThreadSanitizer
	$(special) SANITIZE=thread check KINDS="unit cli"
oom: ## unit tests, and commands whose Nth allocation fails
	$(special) FAULTS=1 check KINDS="unit oom"
fuzz: ## each fuzz program for 20 s (FUZZ_SECONDS)
	$(special) CC=clang-14 FUZZ=1 SANITIZE=fuzzer-no-link,address,undefined fuzz-run
fuzz-run: $(FUZZERS)
	@tests/run fuzz
cov: ## unit and command line tests, then the lines they reached
	$(special) COVERAGE=1 check KINDS="unit cli"
	@scripts/coverage $(BUILD)/cov
valgrind: $(UNIT) ## unit tests under valgrind
	@TEST_WRAP="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite" tests/run unit
gcstorm: all $(TOOLS) ## Lua tests with the collector always running
	@LECTERN_GCSTORM=1 tests/run lua
bench: all ## measure against limit programs
	scripts/bench
FORMAT = clang-format-14 --style=file:config/clang-format $(wildcard core/*/*.[ch] core/*/*/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch])
lint: lint-c lint-lua lint-sh ## clang-format, clang-tidy, luacheck, shellcheck
lint-c:
	@$(FORMAT) --dry-run -Werror
	@printf '%s\n' $(wildcard core/*/*.c core/*/*/*.c) | xargs -P $(JOBS) -I{} clang-tidy-14 --quiet --config-file=config/clang-tidy {} -- $(CSTD) $(CPPFLAGS) $(LUA_I) 2>/dev/null
lint-lua:
	@luacheck -q --no-color --config config/luacheckrc share plugins tests $$(grep -ls '^#!.*lua' scripts/*)
lint-sh:
	@grep -rlE '^#!.*[/ ](ba|da)?sh|^#!.*[/ ]bats' scripts .ci tests | xargs shellcheck $$(sed 's/#.*//' config/shellcheck)
format: ## clang-format over all C
	$(FORMAT) -i
docs: all ## documents and command reference as HTML, in BUILD/docs
	@scripts/docs

install: all ## into DESTDIR PREFIX
	@scripts/install
uninstall: ## what install put there
	@scripts/install --remove
dist: ## source archive of the last commit
	@mkdir -p $(BUILD)
	git archive --format=tar.gz --prefix=lectern-$(VERSION)/ -o $(BUILD)/lectern-$(VERSION).tar.gz HEAD
deb: all ## Debian package
	@scripts/deb $(VERSION)
clean: ## remove the build folder
	rm -rf $(BUILD)

.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile) FORCE
FORCE:
