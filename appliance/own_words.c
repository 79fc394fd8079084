#include "appliance/own_words.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "schema/tokenizer.h"

enum { CORRECTIONS, FIELDS, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [CORRECTIONS] = "SELECT new_text FROM correction WHERE deleted = 0"
                    " ORDER BY id DESC LIMIT ?1",
    [FIELDS] = "SELECT value FROM field WHERE source IN ('clerk', 'province')"
               " AND deleted = 0 AND value IS NOT NULL ORDER BY document DESC LIMIT ?1",
};

void own_words_release(struct own_words *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->list[i]);
    free(w->list);
    *w = (struct own_words){0};
}

static int take_token(void *arg, const struct token *t)
{
    struct own_words *w = arg;
    char *copy;

    if (w->count == w->room) {
        size_t room = w->room == 0 ? 256 : 2 * w->room;
        char **list = realloc(w->list, room * sizeof *list);

        if (list == NULL)
            return 1;
        w->list = list;
        w->room = room;
    }
    copy = strdup(t->exact);
    if (copy == NULL)
        return 1;
    w->list[w->count++] = copy;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int gather(struct own_words *w, sqlite3_stmt *q, struct err *e)
{
    int row;

    (void)sqlite3_bind_int(statement_fresh(q), 1, OWN_WORDS_ROWS_MAX);
    while ((row = statement_step(q, e)) == 1) {
        const char *text = (const char *)sqlite3_column_text(q, 0);

        if (text != NULL && tokens_each(text, strlen(text), take_token, w) != 0) {
            (void)statement_fresh(q);
            return err_set(e, ERR_MEMORY, "out of memory for this box's own words");
        }
    }
    return row;
}

int own_words_gather(struct own_words *out, struct box *b, struct err *e)
{
    struct own_words w = {0};
    sqlite3_stmt *q[STATEMENTS] = {NULL};
    int rc = -1;

    *out = (struct own_words){0};
    if (statements_prepare(store_db(b->store), q, sql, STATEMENTS, e) != 0)
        goto out;
    for (int i = 0; i < STATEMENTS; i++)
        if (gather(&w, q[i], e) != 0)
            goto out;
    if (w.count > 0)
        qsort(w.list, w.count, sizeof *w.list, compare);
    *out = w;
    w = (struct own_words){0}; /* now the caller's */
    rc = 0;
out:
    statements_finalize(q, STATEMENTS);
    own_words_release(&w);
    return rc;
}

bool own_words_have(const struct own_words *w, const char *exact)
{
    return w->count > 0 &&
           bsearch(&exact, w->list, w->count, sizeof *w->list, compare) != NULL;
}
