#include "schema/records_internal.h"

#include "schema/statements.h"

static const char *const sql[READ_STATEMENTS] = {
    [READ_FIND_DOCUMENT] = "SELECT id FROM document WHERE id = ?1 AND deleted = 0",
    [READ_FIND_PAGE] = "SELECT document.id FROM page"
                       " JOIN document ON document.id = page.document"
                       " WHERE page.id = ?1 AND page.deleted = 0"
                       "  AND document.deleted = 0",
    [READ_PAGES] = "SELECT id, document, original, ordinal, original_page, rotation"
                   " FROM page WHERE document = ?1 AND deleted = 0"
                   " ORDER BY ordinal, id",
    [READ_ORIGINALS] = "SELECT original.id, sha256, bytes, media, name, pages FROM"
                       " (SELECT original, min(ordinal) AS place FROM page"
                       "  WHERE document = ?1 AND deleted = 0 AND original IS NOT NULL"
                       "  GROUP BY original) AS used"
                       " JOIN original ON original.id = used.original"
                       " ORDER BY place, original.id",
    [READ_FIELDS] = "SELECT name, ordinal, source, value FROM"
                    " (SELECT *, row_number() OVER (PARTITION BY name, ordinal ORDER BY"
                    "   CASE WHEN source = 'province' AND locked THEN 0"
                    "        WHEN source = 'clerk' THEN 1"
                    "        WHEN source = 'machine' THEN 2 ELSE 3 END) AS place"
                    "  FROM field WHERE document = ?1 AND deleted = 0)"
                    " WHERE place = 1 AND value IS NOT NULL ORDER BY name, ordinal",
    /* Ids of one box rise with time. */
    [READ_NEWEST_READING] = "SELECT id, text, layout FROM reading WHERE page = ?1"
                            " ORDER BY id DESC LIMIT 1",
    [READ_CORRECTIONS] = "SELECT word, new_text FROM correction"
                         " WHERE reading = ?1 AND deleted = 0 ORDER BY word, id",
    /* The last of a word's. */
    [READ_CORRECTION_ROWS] = "SELECT word, box_left, box_top, box_width, box_height,"
                             "  old_text, new_text, max(id) FROM correction"
                             " WHERE reading = ?1 AND deleted = 0"
                             " GROUP BY word ORDER BY word",
    [READ_DOCUMENT_HEAD] = "SELECT dossier.code, document.type FROM document"
                           " LEFT JOIN dossier ON dossier.id = document.dossier"
                           "  AND dossier.deleted = 0"
                           " WHERE document.id = ?1 AND document.deleted = 0",
    [READ_IMAGE] = "SELECT sha256, bytes, width, height, rotation FROM image"
                   " WHERE page = ?1 AND kind = ?2",
};

int records_reads_prepare(struct records *r, struct err *e)
{
    return statements_prepare(store_db(r->store), r->reads, sql, READ_STATEMENTS, e);
}

static int find_one(struct records *r, int which, uint64_t id, uint64_t *found,
                    struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[which]);
    int row;

    bind_id(s, 1, id);
    row = statement_step(s, e);
    if (row < 0)
        return -1;
    *found = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return 0;
}

int record_find(struct records *r, uint64_t id, uint64_t *document, uint64_t *page,
                struct err *e)
{
    *page = 0;
    if (find_one(r, READ_FIND_DOCUMENT, id, document, e) != 0)
        return -1;
    if (*document != 0)
        return 0;
    if (find_one(r, READ_FIND_PAGE, id, document, e) != 0)
        return -1;
    *page = *document == 0 ? 0 : id;
    return 0;
}

/* Calls `one` for each row of the document's; resets after a failure. */
static int each_row(struct records *r, int which, uint64_t document,
                    int (*one)(void *arg, sqlite3_stmt *s, struct err *e), void *arg,
                    struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[which]);
    int row;

    bind_id(s, 1, document);
    while ((row = statement_step(s, e)) == 1) {
        if (one(arg, s, e) != 0) {
            (void)sqlite3_reset(s); /* only read: nothing can fail */
            return -1;
        }
    }
    return row;
}

struct page_caller {
    int (*each)(void *arg, const struct page_row *p, struct err *e);
    void *arg;
};

static int one_page(void *arg, sqlite3_stmt *s, struct err *e)
{
    const struct page_caller *caller = arg;
    struct page_row p = {
        .id = (uint64_t)sqlite3_column_int64(s, 0),
        .document = (uint64_t)sqlite3_column_int64(s, 1),
        .original = (uint64_t)sqlite3_column_int64(s, 2),
        .ordinal = (uint32_t)sqlite3_column_int64(s, 3),
        .original_page = (uint32_t)sqlite3_column_int64(s, 4),
        .rotation = (uint8_t)sqlite3_column_int64(s, 5),
    };

    return caller->each(caller->arg, &p, e);
}

int record_each_page(struct records *r, uint64_t document,
                     int (*each)(void *arg, const struct page_row *p, struct err *e),
                     void *arg, struct err *e)
{
    struct page_caller caller = {each, arg};

    return each_row(r, READ_PAGES, document, one_page, &caller, e);
}

struct original_caller {
    int (*each)(void *arg, const struct original_row *o, struct err *e);
    void *arg;
};

static int one_original(void *arg, sqlite3_stmt *s, struct err *e)
{
    const struct original_caller *caller = arg;
    struct original_row o = {
        .id = (uint64_t)sqlite3_column_int64(s, 0),
        .bytes = (uint64_t)sqlite3_column_int64(s, 2),
        .media = (const char *)sqlite3_column_text(s, 3),
        .name = (const char *)sqlite3_column_text(s, 4),
        .pages = (uint32_t)sqlite3_column_int64(s, 5),
    };

    if (!column_hash(s, 1, &o.sha256))
        return err_set(e, ERR_CORRUPT, "original %llu has no hash",
                       (unsigned long long)o.id);
    return caller->each(caller->arg, &o, e);
}

int record_each_original(struct records *r, uint64_t document,
                         int (*each)(void *arg, const struct original_row *o,
                                     struct err *e),
                         void *arg, struct err *e)
{
    struct original_caller caller = {each, arg};

    return each_row(r, READ_ORIGINALS, document, one_original, &caller, e);
}

struct field_caller {
    int (*each)(void *arg, const char *name, unsigned ordinal, const char *source,
                const char *value, struct err *e);
    void *arg;
};

static int one_field(void *arg, sqlite3_stmt *s, struct err *e)
{
    const struct field_caller *caller = arg;

    return caller->each(caller->arg, (const char *)sqlite3_column_text(s, 0),
                        (unsigned)sqlite3_column_int64(s, 1),
                        (const char *)sqlite3_column_text(s, 2),
                        (const char *)sqlite3_column_text(s, 3), e);
}

int record_each_field(struct records *r, uint64_t document,
                      int (*each)(void *arg, const char *name, unsigned ordinal,
                                  const char *source, const char *value, struct err *e),
                      void *arg, struct err *e)
{
    struct field_caller caller = {each, arg};

    return each_row(r, READ_FIELDS, document, one_field, &caller, e);
}

/* -------------------------------------------------------------------- images */

const char *image_kind_name(enum image_kind k)
{
    return k == IMAGE_SMALL ? "small" : "thumbnail";
}

const char *image_kind_media(enum image_kind k)
{
    return k == IMAGE_SMALL ? "application/pdf" : "image/jpeg";
}

int record_page_image(struct records *r, uint64_t page, enum image_kind kind,
                      struct image_row *out, bool *found, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[READ_IMAGE]);
    int row;

    *out = (struct image_row){.page = page, .kind = kind};
    bind_id(s, 1, page);
    bind_text(s, 2, image_kind_name(kind));
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, &out->sha256);
    if (*found) {
        out->bytes = (uint64_t)sqlite3_column_int64(s, 1);
        out->width = (uint32_t)sqlite3_column_int64(s, 2);
        out->height = (uint32_t)sqlite3_column_int64(s, 3);
        out->rotation = (uint8_t)sqlite3_column_int(s, 4);
    }
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}
