# schema: tables, migrations, the store that opens them; types/: record types, with no
# database, so that the page reader may know them; checks/: what warns of values; units/:
# administrative units; search/: the index of words, and the questions asked of it.
SCHEMA_SRC := $(wildcard schema/*.c schema/*/*.c)
SCHEMA_OBJ := $(SCHEMA_SRC:%.c=$(B)/%.o)
TYPES_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard schema/types/*.c))
TYPES_LIBS := $(shell pkg-config --libs jansson libpcre2-8 2>/dev/null)
SCHEMA_LIBS := $(TYPES_LIBS) -lutf8proc -lm

$(B)/schema/migrations.o: $(wildcard schema/migrations/*.sql)
$(B)/schema/units/identity_prefixes.o: schema/units/identity_prefixes.tsv
$(B)/schema/types/embedded.o: $(wildcard schema/types/*.json)
$(B)/schema/units/units_load.o: $(wildcard schema/units/*.tsv)
