# appliance: the commune's box.
APPLIANCE_SRC := $(filter-out appliance/main.c,$(wildcard appliance/*.c appliance/people/*.c))
APPLIANCE_OBJ := $(APPLIANCE_SRC:%.c=$(B)/%.o)
APPLIANCE_LIBS := $(BASE_WEB_LIBS) $(SYNC_LIBS) $(SCHEMA_LIBS) $(BASE_LIBS) -lxlsxwriter -larchive

# The desk: TypeScript and Preact, checked by tsc, bundled by esbuild, embedded.
DESK_SRC := base/messages.tsv $(wildcard appliance/web/*) $(wildcard base/web/*.ts base/web/*.tsx base/web/*.css) tsconfig.json
$(B)/desk/desk.js: $(DESK_SRC)
	@mkdir -p $(@D)
	$(call say,TSC,appliance/web)node_modules/.bin/tsc --noEmit -p tsconfig.json
	$(call say,BUNDLE,$@)node_modules/.bin/esbuild appliance/web/main.tsx --bundle --minify --target=chrome109,firefox115 \
	    --jsx=automatic --jsx-import-source=preact --loader:.tsv=text --log-level=warning --outfile=$@
$(B)/appliance/desk_files.o: $(B)/desk/desk.js appliance/web/index.html appliance/web/icon.svg appliance/openapi.json
$(B)/appliance/desk_files.o: CPPFLAGS += -DDESK_DIR='"$(B)/desk"'

PROGRAMS += $(B)/tram-box
$(B)/tram-box: $(B)/appliance/main.o $(APPLIANCE_OBJ) $(SYNC_OBJ) $(SCHEMA_OBJ) $(OCR_CLIENT_OBJ) $(BASE_WEB_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(APPLIANCE_LIBS) -o $@
