#include "appliance/intake_held.h"

#include <ctype.h>
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

/* What the person saw and said; jansson takes UTF-8 only. */
static char *detail_text(const struct intake_row *row, const char *why)
{
    json_t *detail =
        json_pack("{s:s, s:s, s:I, s:I}", "reason", why, "stamp", row->reason, "page",
                  (json_int_t)row->looked, "pages", (json_int_t)row->pages);
    char *text = detail == NULL ? NULL : json_dumps(detail, JSON_COMPACT);

    json_decref(detail);
    return text;
}

static int clear_row(struct intake *i, struct intake_row *row, const char *why,
                     bool *mine, struct err *e)
{
    char *detail = detail_text(row, why);
    int rc = detail == NULL ? err_set(e, ERR_USAGE, "the reason is not UTF-8")
                            : intake_capture_held(i, row, detail, mine, e);

    free(detail);
    return rc;
}

int held_file_clear(struct box *b, const struct held_file *f, const char *why,
                    struct intake_result *out, bool *found, struct err *e)
{
    struct intake_options none = {0};
    struct intake *i = NULL;
    struct intake_row row;
    bool mine = false;
    int rc = -1;

    *found = false;
    if (check_reason(why, e) != 0 || intake_create(&i, b, &none, e) != 0)
        return -1;
    if (intake_row_read(i, &f->sha256, &row, found, e) != 0)
        goto out;
    *found = *found && row.state == ROW_HELD;
    if (*found && clear_row(i, &row, why, &mine, e) != 0) {
        (void)err_wrap(e, "%s", f->name);
        goto out;
    }
    *found = mine; /* else somebody else was quicker */
    *out = (struct intake_result){.file = f->name,
                                  .state = INTAKE_KEPT,
                                  .document = row.document,
                                  .pages = row.pages,
                                  .sha256 = f->sha256};
    rc = 0;
out:
    intake_destroy(i);
    return rc;
}
