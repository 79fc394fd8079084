# schema: tables, migrations, the store that opens them; units/: administrative units.
SCHEMA_SRC := $(wildcard schema/*.c schema/*/*.c)
SCHEMA_OBJ := $(SCHEMA_SRC:%.c=$(B)/%.o)
SCHEMA_LIBS := -lutf8proc -lm

$(B)/schema/migrations.o: $(wildcard schema/migrations/*.sql)
$(B)/schema/units/identity_prefixes.o: schema/units/identity_prefixes.tsv
