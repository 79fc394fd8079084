/* Lines of an import: what comes out is valid, composed and within its caps, or a
 * sentence that says why not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "appliance/import.h"
#include "appliance/import_record.h"
#include "ocr/layout.h"
#include "ocr/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_text(const char *text, size_t bytes_max)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t c;

    if (strlen(text) > bytes_max)
        abort();
    while (*at != '\0') {
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &c);

        if (n <= 0)
            abort();
        at += n;
    }
}

static void check_record(const struct import_record *r)
{
    size_t rows, bytes;

    if (r->key == NULL || r->key[0] == '\0' || r->pages_count > PAGES_MAX ||
        r->fields_count > IMPORT_REPEATS_MAX)
        abort();
    check_text(r->key, IMPORT_WORD_BYTES_MAX);
    check_text(r->source, IMPORT_WORD_BYTES_MAX);
    if (r->dossier != NULL)
        check_text(r->dossier, IMPORT_WORD_BYTES_MAX);
    if (r->type != NULL)
        check_text(r->type, IMPORT_WORD_BYTES_MAX);
    for (size_t i = 0; i < r->fields_count; i++) {
        check_text(r->fields[i].name, IMPORT_WORD_BYTES_MAX);
        check_text(r->fields[i].value, IMPORT_VALUE_BYTES_MAX);
    }
    for (size_t i = 0; i < r->pages_count; i++)
        check_text(r->pages[i], READING_TEXT_MAX);
    import_record_measure(r, &rows, &bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct import_record r;
    struct err e = {0};

    if (import_record_parse(&r, count % 2 == 0 ? "thu" : NULL, (const char *)bytes, count,
                            &e) == 0)
        check_record(&r);
    else if (e.code != ERR_REFUSED || e.text[0] == '\0' || r.key != NULL)
        abort();
    import_record_release(&r);
    return 0;
}
