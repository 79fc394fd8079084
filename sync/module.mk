# sync: formats and core, without input or output; rows/: frames become rows, in a database of the caller's.
SYNC_SRC := $(wildcard sync/*.c sync/rows/*.c)
SYNC_OBJ := $(SYNC_SRC:%.c=$(B)/%.o)
SYNC_LIBS := $(shell pkg-config --libs libzstd libsodium jansson libssl libcrypto libarchive 2>/dev/null)
