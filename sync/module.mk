# sync: formats and core, without input or output; rows/: frames become rows, in a database of the caller's.
SYNC_SRC := $(wildcard sync/*.c sync/rows/*.c)
SYNC_OBJ := $(SYNC_SRC:%.c=$(B)/%.o)
SYNC_LIBS := $(shell pkg-config --libs libzstd libsodium jansson libssl libcrypto libarchive 2>/dev/null)

# The dictionary that comes with the program is made from our sample texts.
$(B)/sync/default.dictionary: sync/default_dictionary.sh tests/pages/phrases.txt $(wildcard tests/pages/truth/*.txt)
	@mkdir -p $(@D)
	$(call say,MAKE,$@)sync/default_dictionary.sh >$@.tmp && mv $@.tmp $@
$(B)/sync/dictionary.o: $(B)/sync/default.dictionary
$(B)/sync/dictionary.o: CPPFLAGS += -DDICTIONARY_DIR='"$(B)/sync"'
