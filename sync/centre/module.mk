# sync/centre: the province. Knows the store and the core; of ocr/ only its client, never appliance/.
CENTRE_SRC := $(filter-out sync/centre/main.c,$(wildcard sync/centre/*.c))
CENTRE_OBJ := $(CENTRE_SRC:%.c=$(B)/%.o)

# The page: as the desk's, appliance/module.mk.
PAGE_SRC := base/messages.tsv $(wildcard sync/centre/web/*) $(wildcard base/web/*.ts base/web/*.tsx base/web/*.css) tsconfig.json
$(B)/page/centre.js: $(PAGE_SRC)
	@mkdir -p $(@D)
	$(call say,TSC,sync/centre/web)node_modules/.bin/tsc --noEmit -p tsconfig.json
	$(call say,BUNDLE,$@)node_modules/.bin/esbuild sync/centre/web/main.tsx --bundle --minify --target=chrome109,firefox115 \
	    --jsx=automatic --jsx-import-source=preact --loader:.tsv=text --log-level=warning --outfile=$@
$(B)/sync/centre/page_files.o: $(B)/page/centre.js sync/centre/web/index.html sync/centre/web/icon.svg
$(B)/sync/centre/page_files.o: CPPFLAGS += -DPAGE_DIR='"$(B)/page"'

CENTRE_LIBS := $(BASE_WEB_LIBS) $(SYNC_LIBS) $(SCHEMA_LIBS) $(BASE_LIBS)
PROGRAMS += $(B)/tram-centre
$(B)/tram-centre: $(B)/sync/centre/main.o $(CENTRE_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(OCR_CLIENT_OBJ) $(BASE_WEB_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(CENTRE_LIBS) -o $@
