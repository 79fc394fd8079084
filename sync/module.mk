# sync: formats and core, without input or output.
SYNC_SRC := $(wildcard sync/*.c)
SYNC_OBJ := $(SYNC_SRC:%.c=$(B)/%.o)
SYNC_LIBS := $(shell pkg-config --libs libzstd libsodium jansson libssl libcrypto libarchive 2>/dev/null)
