# Trạm. `make help` says what there is; each folder lists its sources in module.mk.
MODE ?= release
B    := build/$(MODE)
SQLITE := node_modules/better-sqlite3/deps/sqlite3
PC   := pkg-config --cflags --libs
CC   := $(if $(filter fuzz,$(MODE)),clang,gcc)

CFLAGS := -std=c17 -D_GNU_SOURCE -g -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes \
          -Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wvla -Wundef -fno-common \
          -fstack-protector-strong -fPIC -fno-semantic-interposition -pthread
CPPFLAGS := -I. -isystem $(SQLITE)
LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now
ifeq ($(MODE),release)
CPPFLAGS += -D_FORTIFY_SOURCE=2
else
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS   += $(SANITIZE) -O1 -g1
LDFLAGS  += $(SANITIZE)
endif

# Only these say which version they are: a commit need not compile all the others anew.
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo 0)
$(addprefix $(B)/,appliance/main.o sync/centre/main.o ocr/main.o ocr/format_alto.o ocr/format_hocr.o \
    tests/bench/reading.o tests/bench/link/main.o): CPPFLAGS += -DTRAM_VERSION='"$(VERSION)"'

.DEFAULT_GOAL := all
include base/module.mk schema/module.mk ocr/module.mk sync/module.mk appliance/module.mk \
        sync/centre/module.mk tests/module.mk

.PHONY: all deps test run demo fuzz bench pages format lint help clean
all: $(PROGRAMS) ## build the programs into build/release (MODE=asan: build/asan)

deps: ## install what is missing: Debian's packages, then npm's by hash
	@tests/deps.sh

test: all $(TESTS) $(TEST_TOOLS) ## run every test (MODE=asan too)
	@tests/run.sh $(B) '$(ONLY)'

run: ## the whole story: a province and a commune, papers read, sent, found; then both serve
	@tests/demo.sh serve

demo: ## the same, checked step by step; ends by itself
	@tests/demo.sh

fuzz: ## every fuzz target for FUZZ_S seconds (default 20); clang's libFuzzer
	@$(MAKE) --no-print-directory MODE=fuzz fuzz-run

format: ## settle the arguments about braces
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint: all ## clang-format's and clang-tidy's opinion, without changing anything
	@tests/lint.sh

help: ## print this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

clean: ## remove what was built
	rm -rf build

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(basename $(notdir $<))) -MMD -MP -c $< -o $@

# V=1 shows the commands.
say = $(if $(V),,@printf '%-5s %s\n' $(1) $(2);)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
