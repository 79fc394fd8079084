#include "appliance/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/incoming.h"
#include "appliance/people/audit.h"
#include "schema/search/search.h"
#include "schema/statements.h"

enum {
    MALFORMED,
    NEXT_ORIGINAL,
    STILL_ORIGINAL,
    NEXT_PROMISED,
    STILL_PROMISED,
    NEXT_IMAGE,
    STILL_IMAGE,
    NEXT_PACKED,
    STILL_PACKED,
    NAMED,
    STATEMENTS
};

/* A file at intake was told as held, or its document is in the records. Before that
 * nothing was promised: a file on its way to being refused loses its bytes just
 * before its row says so, and intake_resume() forgets it. */
#define PROMISED "(state = 'held' OR (state = 'cleared' AND document IS NOT NULL))"

/* What left to make room is at the centre, and no damage (room.h). */
#define NOT_AWAY                                                                         \
    " NOT EXISTS (SELECT 1 FROM away_blob a WHERE a.sha256 = original.sha256)"

/* One at a time, in the order of the hashes: no snapshot is held while a file is read,
 * or the write-ahead log would grow for as long as that takes. */
static const char *const sql[STATEMENTS] = {
    [MALFORMED] = "SELECT (SELECT count(*) FROM original WHERE length(sha256) <> 32)"
                  " + (SELECT count(*) FROM intake WHERE length(sha256) <> 32)"
                  " + (SELECT count(*) FROM image WHERE length(sha256) <> 32)"
                  " + (SELECT count(*) FROM packing WHERE length(original) <> 32"
                  "    OR (here = 1 AND length(packed) IS NOT 32))",
    [NEXT_ORIGINAL] = "SELECT sha256 FROM original WHERE sha256 > ?1 AND" NOT_AWAY
                      " AND length(sha256) = 32 ORDER BY sha256 LIMIT 1",
    [STILL_ORIGINAL] = "SELECT 1 FROM original WHERE sha256 = ?1 AND" NOT_AWAY,
    [NEXT_PROMISED] = "SELECT sha256 FROM intake WHERE sha256 > ?1 AND " PROMISED
                      " AND length(sha256) = 32 ORDER BY sha256 LIMIT 1",
    [STILL_PROMISED] = "SELECT 1 FROM intake WHERE sha256 = ?1 AND " PROMISED,
    [NEXT_IMAGE] = "SELECT sha256 FROM image WHERE sha256 > ?1"
                   " AND length(sha256) = 32 ORDER BY sha256 LIMIT 1",
    [STILL_IMAGE] = "SELECT 1 FROM image WHERE sha256 = ?1",
    [NEXT_PACKED] = "SELECT packed FROM packing WHERE packed > ?1 AND here = 1"
                    " AND length(packed) = 32 ORDER BY packed LIMIT 1",
    [STILL_PACKED] = "SELECT 1 FROM packing WHERE packed = ?1 AND here = 1",
    /* What is loose is known, and goes at the next start. */
    [NAMED] = "SELECT EXISTS (SELECT 1 FROM original WHERE sha256 = ?1)"
              " OR EXISTS (SELECT 1 FROM image WHERE sha256 = ?1)"
              " OR EXISTS (SELECT 1 FROM packing WHERE packed = ?1 AND here = 1)"
              " OR EXISTS (SELECT 1 FROM loose_blob WHERE sha256 = ?1)"
              " OR EXISTS (SELECT 1 FROM intake WHERE sha256 = ?1"
              "            AND state IN ('taken', 'cleared', 'held'))",
};

struct verification {
    struct box *box;
    const struct verify_sink *sink;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t originals; /* and images; looked at so far */
    uint64_t surplus;   /* blobs that no row names */
};

static const char *name_of(int which)
{
    return which == NEXT_IMAGE    ? "small image"
           : which == NEXT_PACKED ? "packed original"
                                  : "original";
}

static void tell_blob(struct verification *v, int which, const struct hash *h,
                      const char *what)
{
    char hex[HASH_HEX_BYTES], line[160];

    hash_to_hex(hex, h);
    (void)snprintf(line, sizeof line, "%s %s %s", name_of(which), hex, what);
    v->sink->problem(v->sink->arg, line);
}

/* The next hash of the statement behind the first `bytes` bytes of *h. */
static int next_hash(struct verification *v, int which, struct hash *h, size_t bytes,
                     bool *found, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[which]);
    int step;

    bind_blob(s, 1, h->bytes, bytes);
    step = statement_step(s, e);
    *found = step == 1 && column_hash(s, 0, h);
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

/* While we read a file, its row may go its way, and the file with it. */
static int still_named(struct verification *v, int which, const struct hash *h,
                       bool *named, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[which + 1]); /* its STILL_… */
    int step;

    bind_blob(s, 1, h->bytes, HASH_BYTES);
    step = statement_step(s, e);
    *named = step == 1;
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

static int check_blob(struct verification *v, int which, const struct hash *h,
                      const char *what, struct err *e)
{
    bool sound, named = true;

    if (blob_check(v->box->blobs, h, &sound, e) != 0)
        return -1;
    if (!sound && still_named(v, which, h, &named, e) != 0)
        return -1;
    if (!sound && named)
        tell_blob(v, which, h, what);
    v->originals++;
    if (v->sink->progress != NULL && v->sink->progress(v->sink->arg, v->originals) != 0)
        return err_set(e, ERR_FAILED, "stopped");
    return 0;
}

/* Every blob that the statement names must be there, byte for byte. */
static int check_blobs(struct verification *v, int which, const char *what, struct err *e)
{
    struct hash h = {0};
    size_t bytes = 0; /* no hash yet: from the first on */
    bool found;

    while (next_hash(v, which, &h, bytes, &found, e) == 0) {
        if (!found)
            return 0;
        if (check_blob(v, which, &h, what, e) != 0)
            return -1;
        bytes = HASH_BYTES;
    }
    return -1;
}

static int check_names(struct verification *v, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[MALFORMED]);
    int step = statement_step(s, e);

    if (step == 1 && sqlite3_column_int64(s, 0) != 0)
        v->sink->problem(v->sink->arg, "a row names no SHA-256");
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

static int count_unnamed(void *arg, const struct hash *h, struct err *e)
{
    struct verification *v = arg;
    sqlite3_stmt *s = statement_fresh(v->statements[NAMED]);
    int step;

    bind_blob(s, 1, h->bytes, HASH_BYTES);
    step = statement_step(s, e);
    if (step == 1 && sqlite3_column_int(s, 0) == 0)
        v->surplus++;
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

/* A blob without a row is what a power cut between the two leaves: no promise was
 * made about it, so it is worth a note and no more; intake_resume() removes it. */
static int note_surplus(struct verification *v, struct err *e)
{
    char line[96];

    if (blobs_each(v->box->blobs, count_unnamed, v, e) != 0)
        return -1;
    if (v->surplus == 0 || v->sink->note == NULL)
        return 0;
    (void)snprintf(line, sizeof line, "%" PRIu64 " files that no record names",
                   v->surplus);
    v->sink->note(v->sink->arg, line);
    return 0;
}

static int note_away(struct verification *v, struct err *e)
{
    char line[96];
    int64_t away;

    if (sql_number(store_db(v->box->store), "SELECT count(*) FROM away_blob", &away, e) !=
        0)
        return -1;
    if (away == 0 || v->sink->note == NULL)
        return 0;
    (void)snprintf(line, sizeof line,
                   "%" PRId64 " originals are at the centre only, to make room here",
                   away);
    v->sink->note(v->sink->arg, line);
    return 0;
}

static int check_index(struct verification *v, struct err *e)
{
    uint64_t missing, surplus;
    char line[128];

    if (search_verify(v->box->records, &missing, &surplus, e) != 0)
        return -1;
    if (missing == 0 && surplus == 0)
        return 0;
    (void)snprintf(line, sizeof line,
                   "search index lacks %" PRIu64 " rows and has %" PRIu64 " too many",
                   missing, surplus);
    v->sink->problem(v->sink->arg, line);
    return 0;
}

int verify_box(struct box *b, const struct verify_sink *sink, struct err *e)
{
    struct verification v = {.box = b, .sink = sink};
    struct store_came came = {.until = incoming_fold_until};
    struct incoming_fold *fold = NULL;
    int rc = -1;

    if (incoming_fold_create(&fold, b, e) != 0)
        goto out;
    came.arg = fold;
    if (store_verify(b->store, &came, sink->problem, sink->arg, e) != 0 ||
        statements_prepare(store_db(b->store), v.statements, sql, STATEMENTS, e) != 0)
        goto out;
    if (check_names(&v, e) != 0 ||
        check_blobs(&v, NEXT_ORIGINAL, "is absent or altered", e) != 0 ||
        check_blobs(&v, NEXT_PROMISED, "at intake is absent or altered", e) != 0 ||
        check_blobs(&v, NEXT_IMAGE, "is absent or altered", e) != 0 ||
        check_blobs(&v, NEXT_PACKED, "is absent or altered", e) != 0 ||
        note_surplus(&v, e) != 0 || note_away(&v, e) != 0 || check_index(&v, e) != 0 ||
        audit_verify(b->store, sink->problem, sink->arg, e) != 0)
        goto out;
    rc = 0;
out:
    incoming_fold_destroy(fold);
    statements_finalize(v.statements, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "verify");
}
