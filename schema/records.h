/* Records: the rows of documents, written and read. Every writer needs an open
 * store_write_begin() of the caller's; several together are one transaction.
 * Ids that are 0 mean "none". Text is UTF-8, owned by the caller. */
#ifndef TRAM_SCHEMA_RECORDS_H
#define TRAM_SCHEMA_RECORDS_H

#include "base/buffer.h"
#include "schema/store.h"

#define CONFIGURATION_BUILT_IN  "built-in"
#define RECORD_TEXT_BYTES_MAX   98304 /* one page's text, or one value */
#define RECORD_LAYOUT_BYTES_MAX 98304 /* one page's layout, packed */
#define RECORD_CURRENT_BYTES_MAX                                                         \
    1048576 /* current text: with all corrections; all fields */

struct records;

int records_create(struct records **out, struct store *s, struct err *e);
void records_destroy(struct records *r); /* NULL is fine */

/* The store it was made with. */
struct store *records_store(const struct records *r);

/* Finds the dossier with this code, or makes it. */
int record_dossier(struct records *r, const char *code, uint64_t *id, struct err *e);

struct document_row {
    uint64_t id, dossier;
    const char *type, *source, *source_key;
};
int record_document(struct records *r, const struct document_row *d, uint64_t *id,
                    struct err *e);
/* For import: *id is 0 when there is none. A deleted one is found too. */
int record_find_source(struct records *r, const char *source, const char *source_key,
                       uint64_t *id, struct err *e);
/* Sets all three, and takes the document's rows out of the search index or puts
 * them back. ERR_FAILED: there is no such document. */
int record_document_change(struct records *r, uint64_t id, uint64_t dossier,
                           const char *type, bool deleted, struct err *e);

struct original_row {
    uint64_t id;
    struct hash sha256;
    uint64_t bytes;
    const char *media, *name;
    uint32_t pages;
};
int record_original(struct records *r, const struct original_row *o, uint64_t *id,
                    struct err *e);

struct page_row {
    uint64_t id, document, original; /* original 0: none */
    uint32_t ordinal, original_page;
    uint8_t rotation;
};
int record_page(struct records *r, const struct page_row *p, uint64_t *id, struct err *e);
/* Also takes it out of the search index. */
int record_page_delete(struct records *r, uint64_t page, struct err *e);

/* Adds an immutable reading and brings the page's search row up to date. A text or
 * layout above its cap is ERR_TOO_BIG. `layout` may be NULL. */
int record_reading(struct records *r, uint64_t page, const char *text, const void *layout,
                   size_t layout_bytes, const char *engine, uint64_t *id, struct err *e);

/* What a person wrote in the place of one word of a reading: schema/migrations/0001. The
 * box is the word's, and the anchor when the page is read again. */
struct correction_row {
    uint64_t reading;
    uint32_t word;
    int32_t left, top, width, height;
    const char *old_text, *new_text; /* new_text '' removes the word */
};
/* Of several corrections of a word the last is true. The page's search row is brought up
 * to date by the caller, when the last is written. */
int record_correction(struct records *r, const struct correction_row *c, struct err *e);
int records_refresh(struct records *r, uint64_t id,
                    struct err *e); /* a page's, a document's */

/* Writes the machine's, clerk's or province's row of one field (value NULL: nothing
 * found) and brings the document's search row up to date. */
int record_field(struct records *r, uint64_t document, const char *name, unsigned ordinal,
                 const char *source, const char *value, struct err *e);
/* The same of several rows of one source; the search row, which holds all of the
 * document's values, is brought up to date once. */
struct field_value {
    const char *name, *value;
    unsigned ordinal;
};
int record_fields(struct records *r, uint64_t document, const char *source,
                  const struct field_value *values, size_t count, struct err *e);
/* Tombstones every field row of `source` that is not among `kept`, by name and ordinal. */
int record_fields_keep(struct records *r, uint64_t document, const char *source,
                       const struct field_value *kept, size_t count, struct err *e);

/* A page's small image, and the thumbnail of it: ocr/small/small.h. */
enum image_kind { IMAGE_SMALL, IMAGE_THUMBNAIL };
const char *image_kind_name(enum image_kind k);  /* "small", "thumbnail" */
const char *image_kind_media(enum image_kind k); /* application/pdf, image/jpeg */

struct image_row {
    uint64_t page;
    enum image_kind kind;
    struct hash sha256;
    uint64_t bytes;
    uint32_t width, height; /* of the page, upright, pixels of the original */
    uint8_t rotation;       /* that it was made for */
};
/* In the place of the one that the page has, if it has one. */
int record_image(struct records *r, const struct image_row *i, struct err *e);

/* detail: a JSON object or NULL. */
int record_event(struct records *r, uint64_t subject, const char *kind, const char *actor,
                 const char *detail, struct err *e);

/* ------------------------------------------------------------------ reading */

/* What `id` names: a document, or a page (then *document is its document). Both 0
 * if neither, or deleted. */
int record_find(struct records *r, uint64_t id, uint64_t *document, uint64_t *page,
                struct err *e);

/* The page's current text: its newest reading with the corrections; empty if it
 * has not been read. */
int record_page_text(struct records *r, uint64_t page, struct buffer *out, struct err *e);

/* The page's newest reading; *id is 0 if there is none. `layout` stays empty for imported
 * text. */
int record_newest_reading(struct records *r, uint64_t page, uint64_t *id,
                          struct buffer *text, struct buffer *layout, struct err *e);

/* Each corrected word of a reading by its number, once: as it was corrected last. */
int record_each_correction(struct records *r, uint64_t reading,
                           int (*each)(void *arg, const struct correction_row *c,
                                       struct err *e),
                           void *arg, struct err *e);

/* Each page of a document in order. The row is valid during the call. Of the
 * record_each_ functions, none may be called from within itself. */
int record_each_page(struct records *r, uint64_t document,
                     int (*each)(void *arg, const struct page_row *p, struct err *e),
                     void *arg, struct err *e);

/* Each original of a document, in the order of its pages, once each. */
int record_each_original(struct records *r, uint64_t document,
                         int (*each)(void *arg, const struct original_row *o,
                                     struct err *e),
                         void *arg, struct err *e);

/* The page's image of this kind, if there is one. */
int record_page_image(struct records *r, uint64_t page, enum image_kind kind,
                      struct image_row *out, bool *found, struct err *e);

/* Current values: locked by the province, then clerk, then machine, then what the
 * province proposes. A field whose current row holds no value is left out. */
int record_each_field(struct records *r, uint64_t document,
                      int (*each)(void *arg, const char *name, unsigned ordinal,
                                  const char *source, const char *value, struct err *e),
                      void *arg, struct err *e);

/* What the search row of this page or document holds now: the text it was, or
 * should be, indexed with: a page's current text; a document's dossier code, type
 * and current values, one a line. Appends nothing for an unknown or deleted id. */
int record_search_text(struct records *r, uint64_t id, struct buffer *out, struct err *e);

#endif
