#include "appliance/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/search.h"
#include "schema/statements.h"

enum { ORIGINALS, ON_THE_WAY, NAMED, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [ORIGINALS] = "SELECT DISTINCT sha256 FROM original",
    [ON_THE_WAY] = "SELECT sha256, state FROM intake"
                   " WHERE state IN ('taken', 'cleared', 'held')",
    [NAMED] = "SELECT EXISTS (SELECT 1 FROM original WHERE sha256 = ?1)"
              " OR EXISTS (SELECT 1 FROM intake WHERE sha256 = ?1"
              "            AND state IN ('taken', 'cleared', 'held'))",
};

struct verification {
    struct box *box;
    const struct verify_sink *sink;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t originals; /* looked at so far */
    uint64_t surplus;   /* blobs that no row names */
    char prefix[3];     /* the directory of blobs at hand */
};

static void tell_blob(struct verification *v, const struct hash *h, const char *what)
{
    char hex[HASH_HEX_BYTES], line[160];

    hash_to_hex(hex, h);
    (void)snprintf(line, sizeof line, "original %s %s", hex, what);
    v->sink->problem(v->sink->arg, line);
}

static int check_blob(struct verification *v, const struct hash *h, const char *what,
                      struct err *e)
{
    bool sound;

    if (blob_check(v->box->blobs, h, &sound, e) != 0)
        return -1;
    if (!sound)
        tell_blob(v, h, what);
    v->originals++;
    if (v->sink->progress != NULL && v->sink->progress(v->sink->arg, v->originals) != 0)
        return err_set(e, ERR_FAILED, "stopped");
    return 0;
}

/* Every blob that the statement names must be there, byte for byte. */
static int check_blobs(struct verification *v, int which, const char *what, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[which]);
    struct hash h;
    int step;

    while ((step = statement_step(s, e)) == 1) {
        if (sqlite3_column_bytes(s, 0) != HASH_BYTES) {
            v->sink->problem(v->sink->arg, "a row names no SHA-256");
            continue;
        }
        memcpy(h.bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
        if (check_blob(v, &h, what, e) != 0)
            return -1;
    }
    return step;
}

static int count_unnamed(void *arg, const char *name, struct err *e)
{
    struct verification *v = arg;
    sqlite3_stmt *s = statement_fresh(v->statements[NAMED]);
    char hex[HASH_HEX_BYTES + 2];
    struct hash h;
    int step;

    (void)snprintf(hex, sizeof hex, "%s%s", v->prefix, name);
    if (!hash_from_hex(&h, hex))
        return 0; /* not a blob's name: not ours to judge */
    (void)sqlite3_bind_blob(s, 1, h.bytes, HASH_BYTES, SQLITE_TRANSIENT);
    step = statement_step(s, e);
    if (step == 1 && sqlite3_column_int(s, 0) == 0)
        v->surplus++;
    (void)statement_fresh(s);
    return step < 0 ? -1 : 0;
}

static int look_into_dir(void *arg, const char *name, struct err *e)
{
    struct verification *v = arg;
    char path[DISK_PATH_BYTES];

    if (strlen(name) != 2)
        return 0; /* tmp */
    memcpy(v->prefix, name, sizeof v->prefix);
    if (disk_path(path, e, "%s/blobs/%s", v->box->dir, name) != 0)
        return -1;
    return disk_list(v->box->disk, path, count_unnamed, v, e);
}

/* A blob without a row is what a power cut between the two leaves: no promise was
 * made about it, so it is worth a note and no more. */
static int note_surplus(struct verification *v, struct err *e)
{
    char path[DISK_PATH_BYTES], line[96];

    if (disk_path(path, e, "%s/blobs", v->box->dir) != 0 ||
        disk_list(v->box->disk, path, look_into_dir, v, e) != 0)
        return -1;
    if (v->surplus == 0 || v->sink->note == NULL)
        return 0;
    (void)snprintf(line, sizeof line, "%" PRIu64 " files that no record names",
                   v->surplus);
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
    int rc = -1;

    if (store_verify(b->store, sink->problem, sink->arg, e) != 0 ||
        statements_prepare(store_db(b->store), v.statements, sql, STATEMENTS, e) != 0)
        goto out;
    if (check_blobs(&v, ORIGINALS, "is absent or altered", e) != 0 ||
        check_blobs(&v, ON_THE_WAY, "at intake is absent or altered", e) != 0 ||
        note_surplus(&v, e) != 0 || check_index(&v, e) != 0)
        goto out;
    rc = 0;
out:
    statements_finalize(v.statements, STATEMENTS);
    return rc == 0 ? 0 : err_wrap(e, "verify");
}
