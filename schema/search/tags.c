#include "schema/search/tags.h"

#include <stdlib.h>
#include <string.h>

#include "schema/search/field.h"
#include "schema/search/tag_name.h"
#include "schema/statements.h"

#define CHUNK_BYTES (TAGS_CHUNK * TAGS_BYTES)
#define STEPS_MAX   4 /* rows gone through rather than looked for */

enum { CHUNK, PUT_CHUNK, SLOT_OF, SLOTS_OF_PAGES, STATEMENTS };

static const char *const put_sql[STATEMENTS] = {
    [CHUNK] = "SELECT tags FROM search_tag WHERE chunk = ?1",
    [PUT_CHUNK] = "INSERT OR REPLACE INTO search_tag (chunk, tags) VALUES (?1, ?2)",
    [SLOT_OF] = "SELECT slot FROM search WHERE id = ?1",
    [SLOTS_OF_PAGES] = "SELECT s.slot FROM page p JOIN search s ON s.id = p.id"
                       " WHERE p.document = ?1",
};

/* ---------------------------------------------------------------------- bytes */

static uint32_t u32_at(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void u32_put(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static void tags_decode(struct tags *out, const unsigned char *at)
{
    *out = (struct tags){u32_at(at), u32_at(at + 4), u32_at(at + 8),
                         (uint16_t)(at[12] | at[13] << 8)};
}

static void tags_encode(unsigned char *at, const struct tags *t)
{
    u32_put(at, t->day);
    u32_put(at + 4, t->kind);
    u32_put(at + 8, t->issuer);
    at[12] = (unsigned char)t->site;
    at[13] = (unsigned char)(t->site >> 8);
}

/* Into `bytes`; zeroes where there is no such row. */
static int chunk_read(sqlite3_stmt *s, uint64_t chunk, unsigned char *bytes,
                      struct err *e)
{
    int row;

    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)chunk);
    row = statement_step(s, e);
    if (row < 0)
        return -1;
    memset(bytes, 0, CHUNK_BYTES);
    if (row == 1 && sqlite3_column_bytes(s, 0) == CHUNK_BYTES)
        memcpy(bytes, sqlite3_column_blob(s, 0), CHUNK_BYTES);
    (void)statement_fresh(s); /* lets go of the row */
    return 0;
}

/* -------------------------------------------------------------------- putting */

struct putting {
    struct records *records;
    sqlite3_stmt *statements[STATEMENTS];
    struct tags tags;
};

static int put_slot(struct putting *p, uint64_t slot, struct err *e)
{
    sqlite3_stmt *s = p->statements[PUT_CHUNK];
    unsigned char bytes[CHUNK_BYTES], wanted[TAGS_BYTES];
    unsigned char *at = bytes + slot % TAGS_CHUNK * TAGS_BYTES;

    if (chunk_read(p->statements[CHUNK], slot / TAGS_CHUNK, bytes, e) != 0)
        return -1;
    tags_encode(wanted, &p->tags);
    if (memcmp(at, wanted, TAGS_BYTES) == 0)
        return 0;
    memcpy(at, wanted, TAGS_BYTES);
    (void)statement_fresh(s);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)(slot / TAGS_CHUNK));
    (void)sqlite3_bind_blob(s, 2, bytes, CHUNK_BYTES, SQLITE_STATIC);
    return statement_run(s, e);
}

/* 1: it is in the index. */
static int slot_of(struct putting *p, uint64_t id, uint64_t *slot, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(p->statements[SLOT_OF]);
    int row;

    bind_id(s, 1, id);
    row = statement_step(s, e);
    *slot = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return row;
}

struct said {
    char kind[TAG_NAME_BYTES_MAX + 1], issuer[TAG_NAME_BYTES_MAX + 1];
    uint32_t day;
};

static int take_field(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct said *said = arg;
    uint32_t last;

    (void)ordinal;
    (void)source;
    (void)e;
    if (value == NULL)
        return 0;
    if (said->day == 0 && search_field_is(SEARCH_FIELD_DATE, name) &&
        !search_days(value, strlen(value), &said->day, &last))
        said->day = 0;
    if (said->kind[0] == '\0' && search_field_is(SEARCH_FIELD_KIND, name))
        tag_name_cut(said->kind, value);
    if (said->issuer[0] == '\0' && search_field_is(SEARCH_FIELD_ISSUER, name))
        tag_name_cut(said->issuer, value);
    return 0;
}

/* What the document's fields say. */
static int draw_tags(struct putting *p, uint64_t document, struct err *e)
{
    sqlite3 *db = store_db(records_store(p->records));
    struct said said = {0};

    if (record_each_field(p->records, document, take_field, &said, e) != 0)
        return -1;
    p->tags = (struct tags){.day = said.day, .site = id_site(document)};
    if (tag_name_give(db, said.kind, &p->tags.kind, e) != 0)
        return -1;
    return tag_name_give(db, said.issuer, &p->tags.issuer, e);
}

static int put_document(struct putting *p, uint64_t document, struct err *e)
{
    sqlite3_stmt *pages = statement_fresh(p->statements[SLOTS_OF_PAGES]);
    uint64_t slot;
    int row;

    if (draw_tags(p, document, e) != 0)
        return -1;
    row = slot_of(p, document, &slot, e);
    if (row < 0 || (row == 1 && put_slot(p, slot, e) != 0))
        return -1;
    bind_id(pages, 1, document);
    while ((row = statement_step(pages, e)) == 1)
        if (put_slot(p, (uint64_t)sqlite3_column_int64(pages, 0), e) != 0)
            break;
    (void)statement_fresh(pages);
    return row == 0 ? 0 : -1;
}

/* A page has what its document has: nothing yet, if that comes later. */
static int put_page(struct putting *p, uint64_t page, uint64_t document, struct err *e)
{
    unsigned char bytes[CHUNK_BYTES];
    uint64_t of_page, of_document;
    int row = slot_of(p, page, &of_page, e);

    if (row != 1)
        return row;
    p->tags = (struct tags){.site = id_site(document)};
    row = slot_of(p, document, &of_document, e);
    if (row == 1) {
        if (chunk_read(p->statements[CHUNK], of_document / TAGS_CHUNK, bytes, e) != 0)
            return -1;
        tags_decode(&p->tags, bytes + of_document % TAGS_CHUNK * TAGS_BYTES);
    }
    return row < 0 ? -1 : put_slot(p, of_page, e);
}

int tags_put(struct records *r, uint64_t id, struct err *e)
{
    struct putting p = {.records = r};
    uint64_t document, page;
    int rc = -1;

    if (record_find(r, id, &document, &page, e) != 0)
        return -1;
    if (document == 0)
        return 0; /* it went, and its slot with it */
    if (statements_prepare(store_db(records_store(r)), p.statements, put_sql, STATEMENTS,
                           e) == 0)
        rc = page != 0 ? put_page(&p, page, document, e) : put_document(&p, document, e);
    statements_finalize(p.statements, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "search tags");
}

/* -------------------------------------------------------------------- reading */

enum { READ_CHUNK, READ_ALL, READ_STATEMENTS };

static const char *const read_sql[READ_STATEMENTS] = {
    [READ_CHUNK] = "SELECT chunk, tags FROM search_tag WHERE chunk <= ?1"
                   " ORDER BY chunk DESC",
    [READ_ALL] = "SELECT chunk, tags FROM search_tag ORDER BY chunk",
};

struct tags_reader {
    sqlite3 *db;
    sqlite3_stmt *statements[READ_STATEMENTS];
    bool has;                   /* READ_CHUNK stands on a row: that of chunk */
    uint64_t chunk;             /* the last that is not above what was asked for */
    const unsigned char *bytes; /* the row's */
};

int tags_reader_create(struct tags_reader **out, sqlite3 *db, struct err *e)
{
    struct tags_reader *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "search tags");
    r->db = db;
    if (statements_prepare(db, r->statements, read_sql, READ_STATEMENTS, e) != 0) {
        free(r);
        return -1;
    }
    *out = r;
    return 0;
}

void tags_reader_destroy(struct tags_reader *r)
{
    if (r == NULL)
        return;
    statements_finalize(r->statements, READ_STATEMENTS);
    free(r);
}

/* The row below: what a search finds comes from the newest down, and a step is a third of
 * the price of a new look. */
static int row_next(struct tags_reader *r, struct err *e)
{
    sqlite3_stmt *s = r->statements[READ_CHUNK];
    int row = statement_step(s, e);

    r->has = row == 1;
    if (row < 0)
        return -1;
    if (row == 1 && sqlite3_column_bytes(s, 1) != CHUNK_BYTES)
        return err_set(e, ERR_CORRUPT, "search tags are not what they must be");
    r->chunk = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    r->bytes = row == 1 ? sqlite3_column_blob(s, 1) : NULL;
    return 0;
}

int tags_of(struct tags_reader *r, uint64_t slot, struct tags *out, struct err *e)
{
    uint64_t chunk = slot / TAGS_CHUNK;

    *out = (struct tags){0};
    for (int steps = 0; r->has && r->chunk > chunk && steps < STEPS_MAX; steps++)
        if (row_next(r, e) != 0)
            return -1;
    if (!r->has || r->chunk != chunk) {
        sqlite3_stmt *s = statement_fresh(r->statements[READ_CHUNK]);

        (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)chunk);
        if (row_next(r, e) != 0)
            return -1;
    }
    if (r->has && r->chunk == chunk)
        tags_decode(out, r->bytes + slot % TAGS_CHUNK * TAGS_BYTES);
    return 0;
}

static int each_of_chunk(uint64_t chunk, const unsigned char *bytes,
                         int (*each)(void *arg, uint64_t slot, const struct tags *t,
                                     struct err *e),
                         void *arg, struct err *e)
{
    static const unsigned char none[TAGS_BYTES];

    for (size_t i = 0; i < TAGS_CHUNK; i++) {
        const unsigned char *at = bytes + i * TAGS_BYTES;
        struct tags t;

        if (memcmp(at, none, TAGS_BYTES) == 0)
            continue;
        tags_decode(&t, at);
        if (each(arg, chunk * TAGS_CHUNK + i, &t, e) != 0)
            return -1;
    }
    return 0;
}

int tags_each(struct tags_reader *r,
              int (*each)(void *arg, uint64_t slot, const struct tags *t, struct err *e),
              void *arg, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[READ_ALL]);
    int row;

    while ((row = statement_step(s, e)) == 1) {
        if (sqlite3_column_bytes(s, 1) != CHUNK_BYTES)
            row = err_set(e, ERR_CORRUPT, "search tags are not what they must be");
        else if (each_of_chunk((uint64_t)sqlite3_column_int64(s, 0),
                               sqlite3_column_blob(s, 1), each, arg, e) != 0)
            row = -1;
        if (row < 0)
            break;
    }
    (void)statement_fresh(s);
    return row;
}

int tags_number(struct tags_reader *r, const char *name, uint32_t *number, struct err *e)
{
    return tag_name_find(r->db, name, number, e);
}

int tags_name(struct tags_reader *r, uint32_t number, char out[TAG_NAME_BYTES_MAX + 1],
              struct err *e)
{
    return tag_name_read(r->db, number, out, e);
}
