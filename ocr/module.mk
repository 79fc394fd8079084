# ocr: the page reader. What another program needs to ask it (OCR_CLIENT) links no
# library that opens pictures; the reader itself is the only one that does.
OCR_CLIENT_SRC := ocr/anchor.c ocr/way.c ocr/refusal.c ocr/layout.c ocr/layout_pack.c \
    ocr/layout_unpack.c ocr/alternatives.c ocr/reading.c ocr/entries.c \
    ocr/protocol.c ocr/client.c ocr/client_job.c ocr/client_worker.c ocr/client_unpacking.c \
    ocr/client_questions.c ocr/client_repack.c ocr/client_stream.c ocr/client_copy.c ocr/output.c ocr/repack/packed.c \
    ocr/small/small.c ocr/small/likeness.c ocr/copy/sheaf.c ocr/copy/layer.c ocr/copy/picture_form.c \
    ocr/found.c $(addprefix ocr/language/,bigram.c core.c letter.c syllable.c variants.c) \
    $(wildcard ocr/fields/*.c ocr/suspects/*.c)
# Patterns of record types are all that it needs of them besides their form.
OCR_CLIENT_OBJ := $(OCR_CLIENT_SRC:%.c=$(B)/%.o) $(B)/schema/types/pattern.o
# Parsers of a document's bytes that need no library; for fuzzing.
OCR_PURE_OBJ   := $(addprefix $(B)/ocr/,structure.o structure_tiff.o exif.o content.o repack/jpeg_find.o)
OCR_MAIN_OBJ   := $(B)/ocr/main.o
OCR_SRC := $(filter-out $(OCR_CLIENT_SRC) ocr/main.c,$(wildcard ocr/*.c ocr/*/*.c))
OCR_OBJ := $(OCR_SRC:%.c=$(B)/%.o)
OCR_LIBS := $(shell pkg-config --libs tesseract lept libarchive libqpdf libtiff-4 libpng libjxl libzstd jansson libpcre2-8 2>/dev/null) -lutf8proc

PROGRAMS += $(B)/tram-ocr
$(B)/tram-ocr: $(OCR_MAIN_OBJ) $(OCR_OBJ) $(OCR_CLIENT_OBJ) $(BASE_OBJ)
	$(call say,LD,$@)$(CC) $(LDFLAGS) $^ $(OCR_LIBS) $(BASE_LIBS) -lm -o $@
# It holds the table.
$(B)/ocr/language/bigram.o: ocr/language/bigrams.bin
