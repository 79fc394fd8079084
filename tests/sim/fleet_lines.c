#include "tests/sim/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

/* ------------------------------------------------------------------- the lines */

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t promised_still(const struct fleet_memory *m)
{
    return m->centre_put_back ? at_most(m->promised, m->still_had) : m->promised;
}

static void add_line(struct fleet_memory *m)
{
    m->left = fleet_grow(m->left, m->left_count, &m->left_capacity, sizeof *m->left);
    m->left[m->left_count++] = (struct fleet_line){.epoch = m->epoch,
                                                   .promised = promised_still(m),
                                                   .count = m->chains_count,
                                                   .chains = m->chains};
}

static struct hash *beginning(const struct hash *chains, size_t count)
{
    struct hash *copy = calloc(count, sizeof *copy);

    if (copy == NULL)
        abort();
    memcpy(copy, chains, count * sizeof *copy);
    return copy;
}

struct fleet_line fleet_line_copy(const struct fleet_memory *m)
{
    return (struct fleet_line){.epoch = m->epoch,
                               .doubtful = m->doubtful,
                               .promised = m->promised,
                               .count = m->chains_count,
                               .chains = beginning(m->chains, m->chains_count)};
}

void fleet_line_release(struct fleet_line *l)
{
    free(l->chains);
    *l = (struct fleet_line){0};
}

bool fleet_line_begins_with(const struct fleet_line *l,
                            const struct fleet_line *beginning)
{
    return beginning->count <= l->count &&
           hash_equal(&l->chains[beginning->count - 1],
                      &beginning->chains[beginning->count - 1]);
}

/* Whether a line of this epoch may not be the one that the centre goes on with: one that
 * is not its beginning has a later one, or the same. */
static bool is_doubtful(const struct fleet_memory *m, const struct fleet_line *line,
                        uint8_t epoch)
{
    for (size_t i = 0; i < m->left_count; i++)
        if (m->left[i].epoch >= epoch && !fleet_line_begins_with(line, &m->left[i]))
            return true;
    return line->doubtful;
}

/* How far two lines are one. */
static uint64_t common(const struct fleet_line *a, const struct fleet_memory *b)
{
    uint64_t n = 0;

    while (n + 1 < a->count && n + 1 < b->chains_count &&
           hash_equal(&a->chains[n + 1], &b->chains[n + 1]))
        n++;
    return n;
}

/* What a line that was left has in common with the one that is on now is of both. */
static void made_is_on(struct fleet_memory *m)
{
    for (size_t i = 0; i < m->made_count; i++)
        if (m->made[i].line < m->left_count &&
            m->made[i].sequence <= common(&m->left[m->made[i].line], m))
            m->made[i].line = (unsigned)m->left_count;
}

void fleet_line_leave(struct fleet *f, unsigned box, const struct fleet_line *from,
                      uint64_t last_common, uint8_t epoch)
{
    struct fleet_memory *m = &f->boxes[box].memory;
    size_t keep = (size_t)last_common + 1;

    if (from->count < keep) {
        fleet_fail(f, "box %u: its copy has frame %llu, which it had not made", box + 1,
                   (unsigned long long)last_common);
        return;
    }
    add_line(m);
    m->doubtful = is_doubtful(m, from, epoch);
    m->epoch = epoch;
    m->chains = beginning(from->chains, keep);
    m->chains_count = m->chains_capacity = keep;
    m->last = last_common;
    f->boxes[box].watch = (struct fleet_watch){.told = last_common};
    m->returned = m->returned || common(&m->left[m->left_count - 1], m) < last_common;
    m->promised = at_most(m->promised, common(&m->left[m->left_count - 1], m));
    made_is_on(m);
}

void fleet_lines_back_up(struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++) {
        f->boxes[i].memory.left_backed_up = f->boxes[i].memory.left_count;
        f->boxes[i].memory.promised_backed_up = promised_still(&f->boxes[i].memory);
    }
}

/* Of a line: what the backup has of it, where it was on then; none of a later one. */
static uint64_t had_of(const struct fleet_memory *m, size_t line)
{
    return line == m->left_backed_up ? m->promised_backed_up : 0;
}

void fleet_lines_put_back(struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++) {
        struct fleet_memory *m = &f->boxes[i].memory;

        for (size_t k = m->left_backed_up; k < m->left_count; k++)
            m->left[k].promised = at_most(m->left[k].promised, had_of(m, k));
        m->still_had = at_most(promised_still(m), had_of(m, m->left_count));
        m->centre_put_back = true;
    }
}

void fleet_lines_release(struct fleet_memory *m)
{
    for (size_t i = 0; i < m->left_count; i++)
        fleet_line_release(&m->left[i]);
    free(m->left);
    free(m->made);
    free(m->chains);
}

bool fleet_line_has(const struct fleet_memory *m, uint8_t epoch, uint64_t sequence,
                    const struct hash *chain)
{
    if (epoch <= m->epoch && sequence < m->chains_count &&
        (chain == NULL || hash_equal(chain, &m->chains[sequence])))
        return true;
    for (size_t i = 0; i < m->left_count; i++) {
        const struct fleet_line *l = &m->left[i];

        if ((epoch == l->epoch || epoch == 0) && sequence < l->count &&
            (chain == NULL || hash_equal(chain, &l->chains[sequence])))
            return true;
    }
    return false;
}

/* --------------------------------------------------------------- what was made */

void fleet_made(struct fleet *f, unsigned box, unsigned key)
{
    struct fleet_memory *m = &f->boxes[box].memory;

    m->made = fleet_grow(m->made, m->made_count, &m->made_capacity, sizeof *m->made);
    m->made[m->made_count++] = (struct fleet_made){
        .key = key, .line = (unsigned)m->left_count, .sequence = m->last};
}

static bool is_on(const struct fleet_line *l, const struct fleet_line *other,
                  uint64_t sequence)
{
    return sequence < l->count && sequence < other->count &&
           hash_equal(&l->chains[sequence], &other->chains[sequence]);
}

/* Of a line that was left: only what had been promised must have come back, also where it
 * was promised in another turn. */
static bool must_be_there(const struct fleet_memory *m, const struct fleet_made *d)
{
    for (size_t i = 0; i < m->left_count && d->line < m->left_count; i++)
        if (d->sequence <= m->left[i].promised &&
            is_on(&m->left[d->line], &m->left[i], d->sequence))
            return true;
    return d->line >= m->left_count;
}

void fleet_check_made(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    sqlite3_stmt *s = fleet_prepare(f, store_db(b->box->store),
                                    "SELECT count(*) FROM document WHERE source = 'sim'"
                                    " AND source_key = CAST(?1 AS TEXT)");

    for (size_t i = 0; s != NULL && i < b->memory.made_count; i++) {
        const struct fleet_made *d = &b->memory.made[i];
        int count;

        (void)sqlite3_bind_int64(statement_fresh(s), 1, d->key);
        count = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : -1;
        if (count > 1)
            fleet_fail(f, "box %u: document %u is there %d times", box + 1, d->key,
                       count);
        else if (count < 1 && must_be_there(&b->memory, d))
            fleet_fail(f, "box %u: document %u, made in frame %llu, is lost", box + 1,
                       d->key, (unsigned long long)d->sequence);
    }
    statements_finalize(&s, 1);
}

/* --------------------------------------------------------- what went with a box */

bool fleet_centre_holds(struct fleet *f, unsigned box, const struct hash *sha256)
{
    sqlite3_stmt *s =
        fleet_prepare(f, store_db(f->centre->store),
                      "SELECT 1 FROM held_blob WHERE sha256 = ?1 AND site = ?2 UNION ALL"
                      " SELECT 1 FROM unpacking WHERE original = ?1 AND site = ?2"
                      " AND state IN ('restored', 'done')");
    bool holds;

    if (s == NULL)
        return false;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, f->boxes[box].site);
    holds = sqlite3_step(s) == SQLITE_ROW;
    statements_finalize(&s, 1);
    return holds;
}

/* What a box that was put back has asked for, and the centre has, is there again. */
bool fleet_lines_settled(struct fleet *f, unsigned box)
{
    sqlite3_stmt *s;
    bool settled = true;

    if (f->boxes[box].memory.left_count == 0)
        return true;
    s = fleet_prepare(f, store_db(f->boxes[box].box->store),
                      "SELECT sha256 FROM wanted_blob WHERE back = 0");
    while (s != NULL && settled && sqlite3_step(s) == SQLITE_ROW) {
        struct hash h;

        settled = !column_hash(s, 0, &h) || !fleet_centre_holds(f, box, &h);
    }
    statements_finalize(&s, 1);
    return settled;
}
