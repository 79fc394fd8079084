# sync/centre: the province. Knows the store and the core; never appliance/ or ocr/.
CENTRE_SRC := $(filter-out sync/centre/main.c,$(wildcard sync/centre/*.c))
CENTRE_OBJ := $(CENTRE_SRC:%.c=$(B)/%.o)
