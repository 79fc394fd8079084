#include "appliance/intake_held.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "appliance/intake_parts.h"
#include "schema/statements.h"

#define PREFIX_DIGITS_MIN 8

static const char list_sql[] =
    "SELECT sha256, name, reason, looked, pages, held_wall_ms, held_confidence"
    " FROM intake WHERE state = 'held' ORDER BY name, sha256";

static int add_file(struct held_files *h, sqlite3_stmt *s, struct err *e)
{
    struct held_file *all = realloc(h->all, (h->count + 1) * sizeof *all);
    struct held_file f = {.page = (uint32_t)sqlite3_column_int64(s, 3),
                          .pages = (uint32_t)sqlite3_column_int64(s, 4),
                          .wall_ms = sqlite3_column_int64(s, 5),
                          .confidence = (enum wall_confidence)sqlite3_column_int(s, 6)};
    const char *stamp = (const char *)sqlite3_column_text(s, 2);

    if (all == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for the held files");
    h->all = all;
    if (!column_hash(s, 0, &f.sha256))
        return 0; /* verify tells of it */
    (void)snprintf(f.stamp, sizeof f.stamp, "%s", stamp != NULL ? stamp : "");
    f.name = strdup((const char *)sqlite3_column_text(s, 1)); /* NOT NULL there */
    if (f.name == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a file's name");
    h->all[h->count++] = f;
    return 0;
}

int held_files_list(struct held_files *out, struct box *b, struct err *e)
{
    const char *sql = list_sql;
    sqlite3_stmt *s;
    int row;

    *out = (struct held_files){0};
    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1)
        if (add_file(out, s, e) != 0)
            row = -1;
    statements_finalize(&s, 1);
    if (row == 0)
        return 0;
    held_files_release(out);
    return -1;
}

void held_files_release(struct held_files *h)
{
    for (size_t i = 0; i < h->count; i++)
        free(h->all[i].name);
    free(h->all);
    *h = (struct held_files){0};
}

/* Hexadecimal digits may be typed in either case. */
static bool is_prefix(const char *hex, const char *word)
{
    size_t n = 0;

    while (word[n] != '\0' && hex[n] == tolower((unsigned char)word[n]))
        n++;
    return word[n] == '\0' && n >= PREFIX_DIGITS_MIN;
}

bool held_file_is(const struct held_file *f, const char *word)
{
    const char *slash = strrchr(f->name, '/');
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, &f->sha256);
    return strcmp(f->name, word) == 0 ||
           (slash != NULL && slash[1] != '\0' && strcmp(slash + 1, word) == 0) ||
           is_prefix(hex, word);
}

/* A reason of blanks is none. */
static int check_reason(const char *why, struct err *e)
{
    if (why[strspn(why, " \t\r\n")] == '\0')
        return err_set(e, ERR_USAGE, "a reason is needed");
    if (strlen(why) >= HELD_REASON_BYTES)
        return err_set(e, ERR_USAGE, "the reason is longer than %d bytes",
                       HELD_REASON_BYTES - 1);
    return 0;
}

/* ------------------------------------------------------- behind the first stamp */

bool held_is_judged(const struct held_clearing *c, uint32_t page)
{
    for (size_t i = 0; i < c->also_count; i++)
        if (c->also[i] == page)
            return true;
    return false;
}

/* `page` from 0. */
static int look_at_page(struct intake *i, struct disk_file *blob, uint32_t page,
                        struct held_answer *out, struct err *e)
{
    struct reader *r = i->box->reader;
    struct look look = {0};

    if (r->look(r, blob, page, &look, e) != 0)
        return err_wrap(e, "page %" PRIu32, page + 1);
    if (look.secrecy != SECRECY_NONE || look.refusal != REFUSAL_NONE)
        out->stamps[out->stamps_count++] =
            (struct held_stamp){page + 1, look.secrecy, look.refusal};
    return 0;
}

static int look_behind(struct intake *i, const struct intake_row *row,
                       const struct held_clearing *c, struct held_answer *out,
                       struct err *e)
{
    struct disk_file *blob = NULL;
    int rc = -1;

    if (row->looked == row->pages)
        return 0;
    if (blob_open(i->box->blobs, &blob, &row->sha256, e) != 0)
        return -1;
    for (uint32_t page = row->looked;
         page < row->pages && out->stamps_count < HELD_STAMPS_MAX; page++) {
        if (c->progress != NULL)
            c->progress(c->arg, page + 1, row->pages);
        if (intake_go_on(i, e) != 0 || look_at_page(i, blob, page, out, e) != 0)
            goto out;
    }
    rc = 0;
out:
    disk_close(blob);
    return rc;
}

/* The last place is never judged: nobody has looked behind it. */
static bool all_judged(const struct held_clearing *c, const struct held_answer *a)
{
    for (size_t i = 0; i < a->stamps_count; i++)
        if (!held_is_judged(c, a->stamps[i].page))
            return false;
    return a->stamps_count < HELD_STAMPS_MAX;
}

/* ------------------------------------------------------------------------ clearing */

static json_t *also_json(const struct held_answer *a)
{
    json_t *also = json_array();

    for (size_t i = 0; i < a->stamps_count; i++) {
        const struct held_stamp *s = &a->stamps[i];
        bool unlooked = s->refusal != REFUSAL_NONE;

        (void)json_array_append_new(
            also,
            json_pack("{s:I, s:s}", "page", (json_int_t)s->page,
                      unlooked ? "unlooked" : "stamp",
                      unlooked ? refusal_name(s->refusal) : secrecy_name(s->secrecy)));
    }
    return also;
}

/* What the person saw and said; jansson takes UTF-8 only. */
static char *detail_text(const struct intake_row *row, const char *why,
                         const struct held_answer *a)
{
    json_t *detail =
        json_pack("{s:s, s:s, s:I, s:I}", "reason", why, "stamp", row->reason, "page",
                  (json_int_t)row->looked, "pages", (json_int_t)row->pages);
    char *text;

    if (a->stamps_count > 0)
        (void)json_object_set_new(detail, "also", also_json(a));
    text = detail == NULL ? NULL : json_dumps(detail, JSON_COMPACT);
    json_decref(detail);
    return text;
}

static int clear_row(struct intake *i, struct intake_row *row, const char *why,
                     const struct held_answer *a, bool *mine, struct err *e)
{
    char *detail = detail_text(row, why, a);
    int rc = detail == NULL ? err_set(e, ERR_USAGE, "the reason is not UTF-8")
                            : intake_capture_held(i, row, detail, mine, e);

    free(detail);
    return rc;
}

/* From a row that is held: to its end. */
static int judge_row(struct intake *i, struct intake_row *row,
                     const struct held_clearing *c, struct held_answer *out,
                     struct err *e)
{
    bool mine = false;

    if (look_behind(i, row, c, out, e) != 0)
        return -1;
    out->end = HELD_STAYS;
    if (!all_judged(c, out))
        return 0;
    if (clear_row(i, row, c->why, out, &mine, e) != 0)
        return -1;
    out->end = mine ? HELD_CLEARED : HELD_UNKNOWN; /* somebody else was quicker */
    return 0;
}

int held_file_clear(struct box *b, const struct held_file *f,
                    const struct held_clearing *c, struct held_answer *out, struct err *e)
{
    struct intake_options options = {.cancelled = c->cancelled, .arg = c->arg};
    struct intake *i = NULL;
    struct intake_row row;
    bool found;
    int rc = -1;

    *out = (struct held_answer){.end = HELD_UNKNOWN};
    if (check_reason(c->why, e) != 0 || intake_create(&i, b, &options, e) != 0)
        return -1;
    if (intake_row_read(i, &f->sha256, &row, &found, e) != 0)
        goto out;
    if (found && row.state == ROW_HELD && judge_row(i, &row, c, out, e) != 0) {
        (void)err_wrap(e, "%s", f->name);
        goto out;
    }
    out->result = (struct intake_result){.file = f->name,
                                         .state = INTAKE_KEPT,
                                         .document = row.document,
                                         .pages = row.pages,
                                         .sha256 = f->sha256};
    rc = 0;
out:
    intake_destroy(i);
    return rc;
}
