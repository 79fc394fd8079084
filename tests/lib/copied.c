#include "tests/lib/copied.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"

static const struct backup_options quiet;

void copied_write(struct enrolled *n, const char *sql)
{
    struct err *e = &n->w.err;
    must(store_write_begin(n->w.box->store, e), e);
    must(sql_run(store_db(n->w.box->store), sql, e), e);
    must(store_write_commit(n->w.box->store, NULL, e), e);
}

/* Readings, corrections, fields, images, one that waits to be read, one that is held. */
void copied_start(struct enrolled *n)
{
    struct err *e = &n->w.err;
    struct import_counts imported;
    struct afterwards_counts counts;

    enrolled_start(n);
    enrolled_take(n, "a.jpg", "Quyết định số 1");
    enrolled_take(n, "b.jpg", "Tờ trình số 2");
    must(world_import(&n->w,
                      "{\"dossier\": \"HS-1\", \"fields\": {\"so\": \"12\"}, \"pages\":"
                      " [{\"text\": \"Sổ bộ\"}], \"key\": \"7\"}\n",
                      &imported, e),
         e);
    must(world_afterwards(&n->w, &counts, e), e);
    copied_write(
        n, "INSERT INTO correction (id, reading, word, box_left, box_top, box_width,"
           " box_height, old_text, new_text) SELECT id + 100000, id, 0, 1, 2, 3, 4,"
           " 'Quyêt', 'Quyết' FROM reading ORDER BY id LIMIT 1");
    must(world_take(&n->w, "c.jpg", "fake jpeg\npage: Chưa đọc\nend\n", e), e);
    must(world_take(&n->w, "d.jpg", "fake jpeg\npage mat: Mật\nend\n", e), e);
}

int copied_make_with(struct enrolled *n, const struct backup_options *o,
                     struct second_copy_counts *out)
{
    struct err *e = &n->w.err;
    return second_copy_make(n->w.box, n->w.disk, COPY_STICK, &n->random.random, o, out,
                            e);
}

struct second_copy_counts copied_make(struct enrolled *n)
{
    struct err *e = &n->w.err;
    struct second_copy_counts counts;

    must(copied_make_with(n, &quiet, &counts), e);
    return counts;
}

struct recovery_key copied_key(struct enrolled *n)
{
    struct err *e = &n->w.err;
    struct recovery_key key;
    bool found;

    must(second_copy_key(n->w.box, &key, &found, e), e);
    assert_true(found);
    return key;
}

int copied_restore_with(struct enrolled *n, const char *dir,
                        const struct recovery_key *key, const struct backup_options *o,
                        struct second_copy_counts *out)
{
    struct err *e = &n->w.err;
    return second_copy_restore(n->w.disk, &n->w.clock.clock, dir, n->w.disk, COPY_STICK,
                               key, o, out, e);
}

struct second_copy_counts copied_restore(struct enrolled *n, const char *dir)
{
    struct err *e = &n->w.err;
    struct recovery_key key = copied_key(n);
    struct second_copy_counts counts;

    must(copied_restore_with(n, dir, &key, &quiet, &counts), e);
    return counts;
}

/* ------------------------------------------------------------------- what it holds */

static void digest_row(struct hasher *h, sqlite3_stmt *s)
{
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        int type = sqlite3_column_type(s, i);
        const void *bytes = sqlite3_column_blob(s, i);
        int count = sqlite3_column_bytes(s, i);

        hasher_add(h, &type, sizeof type);
        hasher_add(h, &count, sizeof count);
        if (count > 0)
            hasher_add(h, bytes, (size_t)count);
    }
}

/* What a restore says of itself is in no copy: an event, and the frame that begins the
 * epoch with it. */
static const char *of_the_copy(const char *table)
{
    if (strcmp(table, "event") == 0)
        return "WHERE kind <> 'restored'";
    if (strcmp(table, "changelog") == 0)
        return "AS c WHERE epoch = 1 OR sequence > (SELECT min(sequence)"
               " FROM changelog AS o WHERE o.epoch = c.epoch)";
    return "";
}

static void digest_table(struct enrolled *n, struct hasher *h, struct store *s,
                         const char *table)
{
    struct err *e = &n->w.err;
    char sql[256];
    const char *const text = sql;
    sqlite3_stmt *rows;
    int row;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s %s ORDER BY 1, 2, 3, 4", table,
                   of_the_copy(table));
    must(statements_prepare(store_db(s), &rows, &text, 1, e), e);
    while ((row = statement_step(rows, e)) == 1)
        digest_row(h, rows);
    assert_int_equal(row, 0);
    statements_finalize(&rows, 1);
}

/* All synced tables, the frames, and what waits to be read. */
struct hash copied_digest(struct enrolled *n, struct box *b)
{
    const char *const *tables;
    size_t count = store_synced_tables(b->store, &tables);
    struct hasher h;
    struct hash out;

    hasher_init(&h);
    for (size_t i = 0; i < count; i++)
        digest_table(n, &h, b->store, tables[i]);
    digest_table(n, &h, b->store, "changelog");
    digest_table(n, &h, b->store, "job");
    hasher_finish(&h, &out);
    return out;
}

/* Opens the box in `dir`, which verify is content with, and gives its digest. */
struct hash copied_sound_box(struct enrolled *n, const char *dir, uint8_t *epoch)
{
    struct err *e = &n->w.err;
    struct box *ours = n->w.box, *b = NULL;
    const char *problem;
    struct hash digest;

    must(box_open(&b, n->w.disk, &n->w.clock.clock, dir, &n->w.reader.reader, e), e);
    n->w.box = b;
    problem = world_problem(&n->w);
    if (problem != NULL)
        fail_msg("verify of %s: %s", dir, problem);
    digest = copied_digest(n, b);
    if (epoch != NULL)
        *epoch = store_identity(b->store)->epoch;
    n->w.box = ours;
    box_close(b);
    return digest;
}

bool copied_is_there(struct enrolled *n, const char *path)
{
    struct err *e = &n->w.err;
    struct disk_stat s;

    must(disk_stat(n->w.disk, path, &s, e), e);
    return s.kind != DISK_NOTHING;
}

/* -------------------------------------------------------------------------- damage */

struct spoiling_one {
    struct enrolled *n;
    struct spoiling *s;
};

static int spoil_one(void *arg, const struct hash *name, struct err *er)
{
    struct spoiling_one *one = arg;
    struct spoiling *s = one->s;
    struct err *e = &one->n->w.err;
    char hex[HASH_HEX_BYTES];
    struct disk_file *f = NULL;
    unsigned char byte;
    size_t got;

    (void)er;
    if (s->seen++ != s->which)
        return 0;
    hash_to_hex(hex, name);
    (void)snprintf(s->path, sizeof s->path, COPY_STICK "/objects/%.2s/%s", hex, hex + 2);
    must(disk_open(one->n->w.disk, &f, s->path, DISK_WRITE, e), e);
    must(disk_file_read(f, &byte, 1, 40, &got, e), e);
    byte ^= 1;
    must(disk_file_write(f, &byte, 1, 40, e), e);
    disk_close(f);
    return 0;
}

/* False if there are not so many objects. */
bool copied_spoil(struct enrolled *n, unsigned which, struct spoiling *s)
{
    struct err *e = &n->w.err;
    struct recovery_key key = copied_key(n);
    struct copy_store store;

    *s = (struct spoiling){.which = which};
    must(copy_store_init(&store, n->w.disk, COPY_STICK, &key, e), e);
    must(copy_each(&store, spoil_one, &(struct spoiling_one){n, s}, e), e);
    return s->seen > which;
}

void copied_spoil_file(struct enrolled *n, const char *path, uint64_t at)
{
    struct err *e = &n->w.err;
    struct disk_file *f = NULL;

    must(disk_open(n->w.disk, &f, path, DISK_WRITE, e), e);
    must(disk_file_write(f, "x", 1, at, e), e);
    disk_close(f);
}

void copied_power_cut(struct enrolled *n)
{
    enrolled_power_cut(n);
    disk_sim_set_faults(n->w.disk, &(struct disk_sim_faults){0});
}

void copied_forget_restores(struct enrolled *n)
{
    struct err *e = &n->w.err;
    must(disk_remove(n->w.disk, COPY_STICK "/restored", e), e);
    must(disk_sync_dir(n->w.disk, COPY_STICK, e), e);
}

void copied_die_in(struct enrolled *n, uint64_t calls)
{
    struct disk_sim_faults faults = {.die_at_call = disk_sim_calls(n->w.disk) + calls};

    disk_sim_set_faults(n->w.disk, &faults);
}
