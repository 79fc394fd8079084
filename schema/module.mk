# schema: tables, migrations, and the store that opens them.
SCHEMA_SRC := $(wildcard schema/*.c)
SCHEMA_OBJ := $(SCHEMA_SRC:%.c=$(B)/%.o)
SCHEMA_LIBS := -lutf8proc -lm

$(B)/schema/migrations.o: $(wildcard schema/migrations/*.sql)
