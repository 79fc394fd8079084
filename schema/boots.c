#include "schema/boots.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

static const char *const sql[BOOTS_STATEMENTS] = {
    [BOOTS_LAST] = "SELECT boot, boot_id FROM boot ORDER BY boot DESC LIMIT 1",
    /* Two processes commit in one order and read their clocks in another. */
    [BOOTS_TOUCH] = "INSERT INTO boot (boot, boot_id, first_mono_ms, last_mono_ms,"
                    "  first_wall_ms, last_wall_ms, first_confidence, last_confidence)"
                    " VALUES (?1, ?2, ?3, ?3, ?4, ?4, ?5, ?5)"
                    " ON CONFLICT (boot) DO UPDATE SET"
                    "  last_mono_ms = excluded.last_mono_ms,"
                    "  last_wall_ms = excluded.last_wall_ms,"
                    "  last_confidence = excluded.last_confidence"
                    " WHERE excluded.last_mono_ms >= last_mono_ms",
    [BOOTS_SINCE] = "SELECT boot, first_mono_ms, last_mono_ms, first_wall_ms,"
                    "  last_wall_ms, first_confidence, last_confidence"
                    " FROM boot WHERE boot >= ?1 AND boot <= ?2 ORDER BY boot",
};

int boots_init(struct boots *b, sqlite3 *db, struct clock *clock, struct err *e)
{
    b->clock = clock;
    clock->boot_id(clock, b->boot_id);
    return statements_prepare(db, b->statements, sql, BOOTS_STATEMENTS, e);
}

void boots_release(struct boots *b)
{
    statements_finalize(b->statements, BOOTS_STATEMENTS);
}

int boots_now(struct boots *b, struct moment *out, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(b->statements[BOOTS_LAST]);
    int row = statement_step(s, e);

    if (row < 0)
        return -1;
    *out = (struct moment){.boot = 1};
    if (row == 1) {
        const char *last = (const char *)sqlite3_column_text(s, 1);

        out->boot = (uint32_t)sqlite3_column_int64(s, 0);
        if (last == NULL || strcmp(last, b->boot_id) != 0)
            out->boot++;
        (void)sqlite3_reset(s); /* only read: nothing can fail */
    }
    out->mono_ms = b->clock->mono_ms(b->clock);
    out->wall_ms = b->clock->wall_ms(b->clock, &out->confidence);
    return 0;
}

int boots_touch(struct boots *b, const struct moment *now, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(b->statements[BOOTS_TOUCH]);

    (void)sqlite3_bind_int64(s, 1, now->boot);
    bind_text(s, 2, b->boot_id);
    (void)sqlite3_bind_int64(s, 3, now->mono_ms);
    (void)sqlite3_bind_int64(s, 4, now->wall_ms);
    (void)sqlite3_bind_int64(s, 5, now->confidence);
    return statement_run(s, e);
}

struct spans {
    struct boot_span *list; /* owned */
    size_t count, capacity;
};

static int spans_add(struct spans *spans, const struct boot_span *span, struct err *e)
{
    if (spans->count == spans->capacity) {
        size_t capacity = spans->capacity == 0 ? 64 : 2 * spans->capacity;
        struct boot_span *list = realloc(spans->list, capacity * sizeof *list);

        if (list == NULL)
            return err_set(e, ERR_MEMORY, "out of memory for %zu boots", capacity);
        spans->list = list;
        spans->capacity = capacity;
    }
    spans->list[spans->count++] = *span;
    return 0;
}

static struct boot_span span_of(sqlite3_stmt *s)
{
    return (struct boot_span){
        .boot = (uint32_t)sqlite3_column_int64(s, 0),
        .first_mono_ms = sqlite3_column_int64(s, 1),
        .last_mono_ms = sqlite3_column_int64(s, 2),
        .first_wall_ms = sqlite3_column_int64(s, 3),
        .last_wall_ms = sqlite3_column_int64(s, 4),
        .first_confidence = (enum wall_confidence)sqlite3_column_int(s, 5),
        .last_confidence = (enum wall_confidence)sqlite3_column_int(s, 6),
    };
}

/* The boots from then's to now's, which the table may not have yet. */
static int spans_load(struct spans *spans, struct boots *b, const struct moment *then,
                      const struct moment *now, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(b->statements[BOOTS_SINCE]);
    struct boot_span this_boot = {
        .boot = now->boot,
        .first_mono_ms = now->mono_ms,
        .first_wall_ms = now->wall_ms,
        .first_confidence = now->confidence,
    };
    int row;

    (void)sqlite3_bind_int64(s, 1, then->boot);
    (void)sqlite3_bind_int64(s, 2, now->boot);
    while ((row = statement_step(s, e)) == 1) {
        struct boot_span span = span_of(s);

        if (spans_add(spans, &span, e) != 0) {
            (void)sqlite3_reset(s); /* only read: nothing can fail */
            return -1;
        }
    }
    if (row < 0)
        return -1;
    if (spans->count > 0 && spans->list[spans->count - 1].boot == now->boot)
        return 0;
    return spans_add(spans, &this_boot, e);
}

int boots_age_ms_min(struct boots *b, const struct moment *then, int64_t *age_ms,
                     struct err *e)
{
    struct spans spans = {0};
    struct moment now;
    int rc = -1;

    if (boots_now(b, &now, e) != 0 || spans_load(&spans, b, then, &now, e) != 0)
        goto out;
    *age_ms = moment_age_ms_min(then, &now, spans.list, spans.count);
    rc = 0;
out:
    free(spans.list);
    return rc;
}
