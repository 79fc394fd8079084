# base: the ground floor. SQLite is here because the disk's VFS is.
BASE_SRC := $(wildcard base/*.c)
BASE_OBJ := $(BASE_SRC:%.c=$(B)/%.o) $(B)/sqlite3.o
BASE_LIBS := $(shell pkg-config --libs libsodium libcrypto libseccomp 2>/dev/null) -lutf8proc

$(B)/base/messages.o: base/messages.tsv

# base/web: what both web faces share (HTTP over libmicrohttpd).
BASE_WEB_SRC := $(wildcard base/web/*.c)
BASE_WEB_OBJ := $(BASE_WEB_SRC:%.c=$(B)/%.o)
BASE_WEB_LIBS := $(shell pkg-config --libs libmicrohttpd jansson 2>/dev/null)

SQLITE_FLAGS := -DSQLITE_ENABLE_DBPAGE_VTAB -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_FTS5 \
    -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=2 -DSQLITE_TRUSTED_SCHEMA=0 -DSQLITE_DEFAULT_SYNCHRONOUS=2 \
    -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
    -DSQLITE_OMIT_DEPRECATED -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_USE_ALLOCA \
    -DSQLITE_ENABLE_API_ARMOR -DSQLITE_DEFAULT_MEMSTATUS=0
CPPFLAGS += -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK

# Watched by sanitizers it is compiled for a third of the time with -O1 -g1, on one core; by
# clang, which takes 197 s for that, in 16 s without optimising.
SQLITE_OPTIMISE := $(if $(SANITIZE),$(if $(filter fuzz,$(MODE)),-O0,-O1) -g1,-O2 -g)
$(B)/sqlite3.o: $(SQLITE)/sqlite3.c base/module.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(SQLITE_OPTIMISE) -fPIC -fno-semantic-interposition -pthread $(SANITIZE) $(SQLITE_FLAGS) -c $< -o $@

$(SQLITE)/sqlite3.c:
	@echo "SQLite's source is missing: run 'make deps' first" >&2; false
