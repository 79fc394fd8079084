#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/down.h"

/* Most is written on what came last: there both ends meet. */
#define NEWEST 2

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

/* -------------------------------------------------------------------- remember */

static void remember(struct fleet_box *b, const struct fleet_edit *edit)
{
    b->edits = fleet_grow(b->edits, b->edits_count, &b->edits_capacity, sizeof *edit);
    b->edits[b->edits_count++] = *edit;
}

bool fleet_edit_same_place(const struct fleet_edit *a, const struct fleet_edit *b)
{
    return a->subject == b->subject && strcmp(a->table, b->table) == 0 &&
           strcmp(a->column, b->column) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(a->source, b->source) == 0 && a->ordinal == b->ordinal;
}

/* Its transaction is over: the edits in it stand from now on, or never were. */
static void settle(struct fleet_box *b, bool kept)
{
    size_t from = b->edits_count;

    while (from > 0 && !b->edits[from - 1].sure && !b->edits[from - 1].maybe)
        from--;
    for (size_t i = from; kept && i < b->edits_count; i++)
        b->edits[i].sure = true;
    if (!kept)
        b->edits_count = from;
}

/* --------------------------------------------------------------------- writing */

/* A row of this site's, at the centre; 0: it has none. */
static uint64_t some_id(struct fleet *f, unsigned box, const char *table)
{
    sqlite3 *db = store_db(f->centre->store);
    unsigned long long from = id_make(f->boxes[box].site, 0, 0),
                       to = from + (1ull << (ID_EPOCH_BITS + ID_COUNTER_BITS)) - 1;
    char sql[160];
    int64_t count = 0, id = 0;
    struct err ignored;

    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM %s WHERE id BETWEEN %llu AND %llu", table, from,
                   to);
    if (sql_number(db, sql, &count, &ignored) != 0 || count == 0)
        return 0;
    if (pick(f, 2) == 0 && count > NEWEST)
        count = NEWEST;
    (void)snprintf(sql, sizeof sql,
                   "SELECT id FROM %s WHERE id BETWEEN %llu AND %llu"
                   " ORDER BY id DESC LIMIT 1 OFFSET %llu",
                   table, from, to, (unsigned long long)pick(f, (uint64_t)count));
    return sql_number(db, sql, &id, &ignored) == 0 ? (uint64_t)id : 0;
}

static int run(struct fleet *f, char *sql, struct err *e)
{
    int rc = sql == NULL ? err_set(e, ERR_MEMORY, "province")
                         : sql_run(store_db(f->centre->store), sql, e);

    sqlite3_free(sql);
    return rc;
}

static int write_column(struct fleet *f, const struct fleet_edit *t, struct err *e)
{
    return run(f,
               sqlite3_mprintf("UPDATE %s SET %s = %Q WHERE id = %llu", t->table,
                               t->column, t->value, (unsigned long long)t->subject),
               e);
}

static int write_field(struct fleet *f, const struct fleet_edit *t, struct err *e)
{
    return run(f,
               sqlite3_mprintf(
                   "INSERT INTO field (document, name, ordinal, source, value, locked)"
                   " VALUES (%llu, %Q, %u, %Q, %Q, %d) ON CONFLICT DO UPDATE SET"
                   " value = excluded.value, locked = excluded.locked, deleted = 0",
                   (unsigned long long)t->subject, t->name, t->ordinal, t->source,
                   t->value, t->locks),
               e);
}

/* The newest lock on a field of this box's; NULL: there is none. */
static const struct fleet_edit *newest_lock(const struct fleet_box *b)
{
    for (size_t i = b->edits_count; i > 0; i--)
        if (b->edits[i - 1].sure && fleet_edit_locks(b, &b->edits[i - 1]))
            return &b->edits[i - 1];
    return NULL;
}

/* A value is corrected; some are locked, and the newest lock is let go. */
static int edit_field(struct fleet *f, unsigned box, struct fleet_edit *t, struct err *e)
{
    static const char *const names[] = {"số", "ngày", "trích yếu"};
    struct fleet_box *b = &f->boxes[box];
    const struct fleet_edit *lock = pick(f, 4) == 0 ? newest_lock(b) : NULL;
    struct fleet_edit tombstone;

    t->subject = some_id(f, box, "document");
    t->name = names[pick(f, 3)];
    t->source = pick(f, 2) == 0 ? "clerk" : "machine";
    t->ordinal = (unsigned)pick(f, 2);
    if (lock != NULL) {
        t->subject = lock->subject;
        t->name = lock->name;
        t->source = lock->source;
        t->ordinal = lock->ordinal;
    }
    if (t->subject == 0)
        return 0;
    t->locks = lock == NULL && pick(f, 2) == 0;
    t->table = "field";
    t->column = "value";
    tombstone = *t;
    tombstone.column = "deleted";
    tombstone.locks = false;
    (void)snprintf(tombstone.value, sizeof tombstone.value, "0");
    remember(b, t);
    remember(b, &tombstone);
    if (t->locks)
        f->faults[FAULT_LOCK]++;
    return write_field(f, t, e);
}

static int edit_column(struct fleet *f, unsigned box, struct fleet_edit *t, struct err *e)
{
    unsigned program = f->centre_machine.program;
    uint64_t kind = pick(f, 4);

    t->table = kind == 0 || (kind == 3 && program > 1) ? "page" : "document";
    t->column = kind == 0                  ? "rotation"
                : kind == 1                ? "deleted"
                : kind == 2 || program < 1 ? "type"
                : program < 2              ? "keeper"
                                           : "shelf";
    t->subject = some_id(f, box, t->table);
    if (t->subject == 0)
        return 0;
    if (kind < 2)
        (void)snprintf(t->value, sizeof t->value, "%llu",
                       (unsigned long long)pick(f, kind == 0 ? 4 : 2));
    remember(&f->boxes[box], t);
    return write_column(f, t, e);
}

/* Somebody has looked at it. */
static int close_conflict(struct fleet *f, unsigned box, struct err *e)
{
    uint64_t id = some_id(f, box, "conflict");

    return run(f,
               sqlite3_mprintf("UPDATE conflict SET closed_by = 'tỉnh',"
                               " closed_wall_ms = 1 WHERE id = %llu",
                               (unsigned long long)id),
               e);
}

static int edit(struct fleet *f, unsigned box, struct err *e)
{
    struct fleet_edit t = {.number = ++f->edits_made, .name = "", .source = ""};

    (void)snprintf(t.value, sizeof t.value, "tỉnh %u", t.number);
    switch (pick(f, 5)) {
    case 0:
        return close_conflict(f, box, e);
    case 1:
    case 2:
        return edit_column(f, box, &t, e);
    default:
        return edit_field(f, box, &t, e);
    }
}

static int edit_some(struct fleet *f, unsigned box, uint64_t *made, struct err *e)
{
    uint64_t edits = 1 + pick(f, 3);

    machine_runs(&f->centre_machine);
    if (down_begin(f->centre, f->boxes[box].site, e) != 0)
        return -1;
    for (uint64_t i = 0; i < edits; i++)
        if (edit(f, box, e) != 0) {
            down_rollback(f->centre);
            return -1;
        }
    return down_commit(f->centre, made, e);
}

void fleet_province_edit(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t made = 0;
    struct err e;
    int rc;

    if (!f->centre_machine.on || f->centre_machine.unwell)
        return;
    rc = edit_some(f, box, &made, &e);
    if (rc != 0)
        fleet_centre_error(f, "province", &e);
    if (rc == 0 || !machine_dead(&f->centre_machine))
        settle(b, rc == 0);
    if (rc == 0) {
        f->faults[FAULT_EDIT]++;
        fleet_tell(f, WHO_CENTRE, "changes records of box %u: %llu", box + 1,
                   (unsigned long long)made);
    }
    (void)fleet_centre_notice(f);
}

/* ----------------------------------------------------------------- after a restart */

/* Whether what it was writing is there: no two of its words are the same; numbers alone
 * must all stand. */
static bool was_kept(struct fleet *f, const struct fleet_box *b)
{
    bool word_stands = false, numbers_stand = true, any_word = false;

    for (size_t i = b->edits_count; i > 0; i--) {
        bool word = strlen(b->edits[i - 1].value) > 1,
             stands = fleet_edit_stands(f, &b->edits[i - 1]);

        if (b->edits[i - 1].sure || b->edits[i - 1].maybe)
            break;
        any_word = any_word || word;
        word_stands = word_stands || (word && stands);
        numbers_stand = numbers_stand && (word || stands);
    }
    return any_word ? word_stands : numbers_stand;
}

void fleet_province_boot(struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++) {
        struct fleet_box *b = &f->boxes[i];

        for (size_t k = 0; f->restored_now && k < b->edits_count; k++)
            if (b->edits[k].number > f->edits_backed_up) {
                b->edits[k].maybe = true;
                b->edits[k].sure = false;
            }
        settle(b, was_kept(f, b));
    }
    f->restored_now = false;
}
