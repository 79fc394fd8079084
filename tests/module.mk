# tests: mirrors the folders above. tests/ROOM/test_X.c is a program of its own over one
# shared library of tests/lib and all that is tested: to link it into each is minutes and gigabytes.
TEST_LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/lib/squeeze_memo.c,$(wildcard tests/lib/*.c)))
TEST_SRC := $(wildcard tests/base/test_*.c tests/schema/test_*.c tests/ocr/test_*.c tests/sync/test_*.c \
                        tests/sync/centre/test_*.c tests/appliance/test_*.c tests/bench/test_*.c)
TESTS := $(TEST_SRC:%.c=$(B)/%)
TEST_OBJ := $(TEST_LIB_OBJ) $(APPLIANCE_OBJ) $(CENTRE_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(OCR_OBJ) $(OCR_CLIENT_OBJ) $(BASE_WEB_OBJ) $(BASE_OBJ)
$(B)/tests/schema/test_search_queries.o: $(wildcard tests/schema/search/*.tsv)
TEST_LIBS := -lcmocka -ljpeg $(APPLIANCE_LIBS) $(SYNC_LIBS) $(OCR_LIBS)
# lld links in a fifth of the time.
TEST_LD := -fuse-ld=lld

.SECONDARY:
# squeeze_memo.c stands before what makes and opens bundles.
$(B)/libtested.so: $(TEST_OBJ) $(B)/tests/lib/squeeze_memo.o
	$(call say,LD,$@)$(CC) $(filter-out -pie,$(LDFLAGS)) $(TEST_LD) -shared -Wl,-soname,$(@F) -Wl,-Bsymbolic \
	    -Wl,--wrap=squeeze,--wrap=unsqueeze $^ $(TEST_LIBS) -o $@
$(B)/tests/%: $(B)/tests/%.o $(B)/libtested.so
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(TEST_LD) $^ $(TEST_LIBS) -Wl,-rpath,'$$ORIGIN/../..:$$ORIGIN/../../..' -o $@

# The typesetter of invented sample pages.
PAGES_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/pages/*.c))
PAGES_PKG := pangocairo lept jansson
$(PAGES_OBJ): CFLAGS += $(shell pkg-config --cflags $(PAGES_PKG) 2>/dev/null)
$(B)/tests/pages/phrases.o: tests/pages/phrases.txt
$(B)/tram-pages: $(PAGES_OBJ) $(B)/base/buffer.o $(B)/base/err.o
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs $(PAGES_PKG) 2>/dev/null) -lm -o $@
TEST_TOOLS := $(B)/tram-pages
pages: $(B)/tram-pages ## build the typesetter of sample pages (build/release/tram-pages)

# The benches beside peers, which `make deps-bench` installs.
BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/bench/reading.c tests/bench/units.c tests/bench/test_%,$(wildcard tests/bench/*.c)))
$(B)/tests/bench/test_score $(B)/tests/bench/test_reading $(B)/tests/ocr/test_turned: $(BENCH_OBJ)
TEST_TOOLS += $(B)/bench-reading
$(B)/bench-reading: $(B)/tests/bench/reading.o $(BENCH_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs lept jansson 2>/dev/null) -lutf8proc $(BASE_LIBS) -lm -o $@
.PHONY: deps-bench bench-reading
deps-bench: ## install the peers that the benches compare with
	@tests/bench/deps.sh
bench-reading: deps-bench all $(B)/bench-reading $(B)/tram-pages ## our reading beside Tesseract's and OCRmyPDF's (BENCH="--pages 3"…)
	@$(B)/bench-reading $(BENCH)

$(B)/bench-units: $(addprefix $(B)/tests/,bench/units.o lib/plain.o) $(SCHEMA_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(SCHEMA_LIBS) $(BASE_LIBS) -o $@
TEST_TOOLS += $(B)/bench-units
.PHONY: bench-units
bench-units: $(B)/bench-units ## what the tables of administrative units take in memory, and an address in time
	@$<

$(B)/score-texts: $(B)/tests/bench/small/score_texts.o $(BENCH_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs lept jansson 2>/dev/null) -lutf8proc $(BASE_LIBS) -lm -o $@
.PHONY: bench-small
bench-small: deps-bench all $(B)/score-texts $(B)/tram-pages ## small images beside WebP, AVIF, DjVu, JPEG XL (BENCH="--pages 3 real"…)
	@tests/bench/small/small_images.sh $(B) $(BENCH)

FIELDS_BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/fields/*.c))
$(B)/bench-fields: $(FIELDS_BENCH_OBJ) $(addprefix $(B)/tests/bench/,task.o edit.o points.o) $(OCR_CLIENT_OBJ) $(TYPES_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(TYPES_LIBS) -lutf8proc $(BASE_LIBS) -lm -o $@
TEST_TOOLS += $(B)/bench-fields
.PHONY: bench-fields
bench-fields: all $(B)/bench-fields $(B)/tram-pages ## values drawn from made papers, by field and age (BENCH="--count 20 --misses"…)
	@TRAM_BUILD=$(B) $(B)/bench-fields $(BENCH)

$(B)/bench-copy: $(addprefix $(B)/,tests/bench/copy/main.o tests/bench/task.o ocr/run_copy.o) $(OCR_CLIENT_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(TYPES_LIBS) -lutf8proc $(BASE_LIBS) -lm -o $@
TEST_TOOLS += $(B)/bench-copy
.PHONY: bench-copy
bench-copy: deps-bench all $(B)/bench-copy $(B)/tram-pages ## what a searchable copy costs, beside OCRmyPDF (BENCH="--count 20"…)
	@TRAM_BUILD=$(B) $(B)/bench-copy $(BENCH)

SUSPECTS_BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/suspects/*.c))
$(B)/bench-suspects: $(SUSPECTS_BENCH_OBJ) $(BENCH_OBJ) $(OCR_CLIENT_OBJ) $(SCHEMA_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs lept jansson 2>/dev/null) $(SCHEMA_LIBS) -lutf8proc $(BASE_LIBS) -lm -o $@
TEST_TOOLS += $(B)/bench-suspects
.PHONY: bench-suspects
bench-suspects: all $(B)/bench-suspects $(B)/tram-pages ## wrong words shown as doubtful, and right ones, by age (BENCH="--seed 5 --pages 20"…)
	@TRAM_BUILD=$(B) $(B)/bench-suspects $(BENCH)

SECRECY_BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/secrecy/*.c))
$(B)/bench-secrecy: $(SECRECY_BENCH_OBJ) $(B)/tests/bench/task.o $(OCR_CLIENT_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(TYPES_LIBS) -lutf8proc $(BASE_LIBS) -lm -o $@
TEST_TOOLS += $(B)/bench-secrecy
.PHONY: bench-secrecy
bench-secrecy: all $(B)/bench-secrecy $(B)/tram-pages ## stamped papers held at intake, and others not, by age (BENCH="--count 70 --plain 200"…)
	@TRAM_BUILD=$(B) $(B)/bench-secrecy $(BENCH)

# The link beside peers, over namespaces and a link that the bench makes; as root.
LINK_BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/link/*.c))
$(B)/bench-sync-link: $(LINK_BENCH_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(SYNC_LIBS) $(SCHEMA_LIBS) $(BASE_LIBS) -o $@
TEST_TOOLS += $(B)/bench-sync-link
.PHONY: bench-sync-link
bench-sync-link: deps-bench all $(B)/bench-sync-link ## the weak link beside streaming resume, rsync and PouchDB (BENCH="--short"…), as root
	@$(B)/bench-sync-link $(BENCH)

# What a commune's office does on fifty days, for the benches of the link.
DAYS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/days/*.c))
$(B)/tram-days: $(DAYS_OBJ) $(addprefix $(B)/tests/pages/,phrases.o random.o) $(addprefix $(B)/base/,buffer.o err.o)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(shell pkg-config --libs $(PAGES_PKG) 2>/dev/null) -lm -o $@

BYTES_BENCH := $(addprefix $(B)/,bench-sync-bytes bench-sync-layout bench-relay)
$(B)/bench-sync-bytes: $(B)/tests/bench/bytes/bytes.o
$(B)/bench-sync-layout: $(B)/tests/bench/bytes/layout.o
$(B)/bench-relay: $(B)/tests/bench/bytes/relay.o
$(BYTES_BENCH): $(TEST_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(TEST_LIBS) -o $@
TEST_TOOLS += $(B)/tram-days $(BYTES_BENCH)
.PHONY: bench-sync bench-sync-bytes
bench-sync: deps-bench all $(BYTES_BENCH) $(B)/tram-days $(B)/tram-pages $(B)/bench-sync-link ## both beside peers, and what missed its bound (BENCH="--short": four minutes)
	@tests/bench/sync.sh $(B) $(BENCH)
bench-sync-bytes: deps-bench all $(BYTES_BENCH) $(B)/tram-days $(B)/tram-pages ## bytes of fifty days beside peers (BENCH="--short", "--seed 2"…)
	@tests/bench/bytes/bytes.sh $(B) $(BENCH)

# Search over a million pages, beside FTS5's own ranking and Xapian.
# The typesetter has a random.c of its own, with names that base/random.c has too.
SEARCH_BENCH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/search/*.c))
$(B)/bench-search: $(SEARCH_BENCH_OBJ) $(addprefix $(B)/tests/pages/,phrases.o random.o) $(SCHEMA_OBJ) $(filter-out $(B)/base/random.o,$(BASE_OBJ))
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(SCHEMA_LIBS) $(BASE_LIBS) $(shell pkg-config --libs $(PAGES_PKG) 2>/dev/null) -o $@
$(B)/bench-search-xapian: tests/bench/search/xapian.cc
	$(call say,CXX,$@)$(CXX) -std=c++17 -O2 -Wall -Wextra $< -lxapian -o $@
TEST_TOOLS += $(B)/bench-search
.PHONY: bench-search
bench-search: deps-bench all $(B)/bench-search ## search over a million pages beside FTS5 and Xapian (BENCH="--pages 50000"…)
	@! [ -e /usr/include/xapian.h ] || $(MAKE) --no-print-directory $(B)/bench-search-xapian
	@tests/bench/search/search.sh $(B) $(BENCH)

# The maker of the table of neighbouring syllables.
BIGRAMS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/language/*.c))
$(B)/tram-bigrams: $(BIGRAMS_OBJ) $(addprefix $(B)/,ocr/language/syllable.o ocr/language/letter.o base/buffer.o base/err.o)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ -lutf8proc -lm -o $@
$(B)/tests/ocr/test_language: $(filter-out $(B)/tests/language/main.o,$(BIGRAMS_OBJ))
TEST_TOOLS += $(B)/tram-bigrams

# The web faces, in headless Chromium.
.PHONY: test-web screens
test-web: all ## the web faces in a headless browser
	@tests/web/run.sh $(B)
screens: all ## the pictures of docs/screens: each view of the desk, in both languages
	@mkdir -p docs/screens
	@TRAM_BUILD=$(B) TRAM_SMALL_SCREENS=docs/screens node tests/web/views.mjs

# The simulator: whole boxes and a centre in one process, driven by a seed.
SIM_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/sim/main.c,$(wildcard tests/sim/*.c)))
COMMA := ,
# What fleet_memo.c stands before.
SIM_TESTS := $(addprefix $(B)/tests/sync/,test_sim test_sim_down test_storms test_roads)
$(SIM_TESTS): %: %.o $(SIM_OBJ) $(TEST_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(TEST_LD) $^ $(TEST_LIBS) -o $@
$(B)/tram-sim $(SIM_TESTS): LDFLAGS += $(patsubst %,-Wl$(COMMA)--wrap=%,crypto_scalarmult crypto_scalarmult_base \
    crypto_sign_ed25519_pk_to_curve25519 crypto_sign_detached crypto_sign_verify_detached)
SIM_LIB_OBJ := $(addprefix $(B)/tests/lib/,reader_fake.o packed_fake.o restorer_fake.o store_template.o)
$(B)/tram-sim: $(B)/tests/sim/main.o $(SIM_OBJ) $(SIM_LIB_OBJ) $(APPLIANCE_OBJ) $(CENTRE_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(OCR_CLIENT_OBJ) $(BASE_WEB_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(SIM_MALLOC) $(APPLIANCE_LIBS) -o $@
# A fifth of a world is malloc's; AddressSanitizer brings its own.
SIM_MALLOC := $(if $(filter release,$(MODE)),-Wl$(COMMA)--no-as-needed -lmimalloc)
TEST_TOOLS += $(B)/tram-sim
.PHONY: sim province
RUNS ?= 10000
SIM = $(B)/tram-sim $(if $(SABOTAGE),--sabotage $(SABOTAGE)) $(if $(SITES),--sites $(SITES)) $(if $(DAYS),--days $(DAYS)) $(SIM_OPTIONS)
sim: $(B)/tram-sim ## RUNS=10000 small worlds under every fault; SEED=… shows one again (SABOTAGE=…, SITES=…, DAYS=…)
	@$(SIM) $(if $(SEED),--seed $(SEED) --trace,--seed 1 --runs $(RUNS) --jobs 2)
province: $(B)/tram-sim ## 3,321 boxes for 30 days, in one process
	@$(B)/tram-sim --load --seed 1 --sites $(or $(SITES),3321) --days $(or $(DAYS),30)

.PHONY: histories torture
histories: $(B)/tests/sync/test_histories ## 10,000 random histories of both ends end equal (HISTORIES=…); 2,000 in make test
	@HISTORIES=$(or $(HISTORIES),10000) $<

TORTURE_ROUNDS ?= 100
torture: all $(B)/tests/appliance/test_torture ## the real programs killed at random instants, TORTURE_ROUNDS=100
	@TRAM_BUILD=$(CURDIR)/$(B) TORTURE_ROUNDS=$(TORTURE_ROUNDS) $(B)/tests/appliance/test_torture

# Fuzz targets (MODE=fuzz): tests/fuzz/fuzz_X.c with the corpus tests/fuzz/corpus/X.
# An archive, so that a target holds, and counts as coverage, what it calls and no more.
FUZZ_S ?= 20
FUZZ := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJ := $(APPLIANCE_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(OCR_CLIENT_OBJ) $(OCR_PURE_OBJ) \
    $(filter $(B)/ocr/format% $(B)/ocr/found.o $(B)/ocr/language/%,$(OCR_OBJ)) $(BASE_WEB_OBJ) $(BASE_OBJ)
ifeq ($(MODE),fuzz)
CFLAGS += -fsanitize=fuzzer-no-link
endif
$(B)/fuzzed.a: $(FUZZ_OBJ)
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^
$(FUZZ): $(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/fuzzed.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(TEST_LD) -fsanitize=fuzzer $^ $(APPLIANCE_LIBS) -o $@
.PHONY: fuzz-worker
FUZZ_WORKER_S ?= 3600
fuzz-worker: all $(B)/tests/ocr/test_hostile ## changed documents through the real reader for FUZZ_WORKER_S=3600 seconds
	@TRAM_BUILD=$(CURDIR)/$(B) FUZZ_WORKER_S=$(FUZZ_WORKER_S) $(B)/tests/ocr/test_hostile
.PHONY: fuzz-run
fuzz-run: $(FUZZ)
	@tests/fuzz/run.sh $(B) $(FUZZ_S)
.PHONY: fuzz-long
fuzz-long: ## every fuzz target for 60 seconds, those of what comes over the link for 600
	@FUZZ_WIRE_S=600 $(MAKE) --no-print-directory fuzz FUZZ_S=60
