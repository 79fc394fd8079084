/* The second copy of a box: all of it, nothing twice, closed to others, and whole at
 * whatever instant the power goes or the stick is pulled. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/backup.h"
#include "appliance/backup_manifest.h"
#include "appliance/room.h"
#include "appliance/status.h"
#include "schema/statements.h"
#include "tests/lib/enrolled.h"
#include "tests/lib/worn_disk.h"

#define STICK "/stick"
#define NEW   "/new"
#define DAY   INT64_C(86400000)

/* The sanitizers make a story ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define CUTS_APART 7
#else
#define CUTS_APART 1
#endif

static struct enrolled n;
static struct err *e = &n.w.err;
static const struct backup_options quiet;

/* ------------------------------------------------------------------------ a box */

static void write_sql(const char *sql)
{
    must(store_write_begin(n.w.box->store, e), e);
    must(sql_run(store_db(n.w.box->store), sql, e), e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
}

/* Readings, corrections, fields, images, one that waits to be read, one that is held. */
static int start(void **state)
{
    struct import_counts imported;
    struct afterwards_counts counts;

    (void)state;
    enrolled_start(&n);
    enrolled_take(&n, "a.jpg", "Quyết định số 1");
    enrolled_take(&n, "b.jpg", "Tờ trình số 2");
    must(world_import(&n.w,
                      "{\"dossier\": \"HS-1\", \"fields\": {\"so\": \"12\"}, \"pages\":"
                      " [{\"text\": \"Sổ bộ\"}], \"key\": \"7\"}\n",
                      &imported, e),
         e);
    must(world_afterwards(&n.w, &counts, e), e);
    write_sql("INSERT INTO correction (id, reading, word, box_left, box_top, box_width,"
              " box_height, old_text, new_text) SELECT id + 100000, id, 0, 1, 2, 3, 4,"
              " 'Quyêt', 'Quyết' FROM reading ORDER BY id LIMIT 1");
    must(world_take(&n.w, "c.jpg", "fake jpeg\npage: Chưa đọc\nend\n", e), e);
    must(world_take(&n.w, "d.jpg", "fake jpeg\npage mat: Mật\nend\n", e), e);
    return 0;
}

static int end(void **state)
{
    (void)state;
    enrolled_finish(&n);
    return 0;
}

static int back_up_with(const struct backup_options *o, struct second_copy_counts *out)
{
    return second_copy_make(n.w.box, n.w.disk, STICK, &n.random.random, o, out, e);
}

static struct second_copy_counts back_up(void)
{
    struct second_copy_counts counts;

    must(back_up_with(&quiet, &counts), e);
    return counts;
}

static struct recovery_key the_key(void)
{
    struct recovery_key key;
    bool found;

    must(second_copy_key(n.w.box, &key, &found, e), e);
    assert_true(found);
    return key;
}

static int restore_with(const char *dir, const struct recovery_key *key,
                        const struct backup_options *o, struct second_copy_counts *out)
{
    return second_copy_restore(n.w.disk, &n.w.clock.clock, dir, n.w.disk, STICK, key, o,
                               out, e);
}

static struct second_copy_counts restore(const char *dir)
{
    struct recovery_key key = the_key();
    struct second_copy_counts counts;

    must(restore_with(dir, &key, &quiet, &counts), e);
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

static void digest_table(struct hasher *h, struct store *s, const char *table)
{
    char sql[128];
    const char *const text = sql;
    sqlite3_stmt *rows;
    int row;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2, 3, 4", table);
    must(statements_prepare(store_db(s), &rows, &text, 1, e), e);
    while ((row = statement_step(rows, e)) == 1)
        digest_row(h, rows);
    assert_int_equal(row, 0);
    statements_finalize(&rows, 1);
}

/* All synced tables, the frames, and what waits to be read. */
static struct hash digest_of(struct box *b)
{
    const char *const *tables;
    size_t count = store_synced_tables(b->store, &tables);
    struct hasher h;
    struct hash out;

    hasher_init(&h);
    for (size_t i = 0; i < count; i++)
        digest_table(&h, b->store, tables[i]);
    digest_table(&h, b->store, "changelog");
    digest_table(&h, b->store, "job");
    hasher_finish(&h, &out);
    return out;
}

/* Opens the box in `dir`, which verify is content with, and gives its digest. */
static struct hash sound_box(const char *dir, uint8_t *epoch)
{
    struct box *ours = n.w.box, *b = NULL;
    const char *problem;
    struct hash digest;

    must(box_open(&b, n.w.disk, &n.w.clock.clock, dir, &n.w.reader.reader, e), e);
    n.w.box = b;
    problem = world_problem(&n.w);
    if (problem != NULL)
        fail_msg("verify of %s: %s", dir, problem);
    digest = digest_of(b);
    if (epoch != NULL)
        *epoch = store_identity(b->store)->epoch;
    n.w.box = ours;
    box_close(b);
    return digest;
}

static void assert_same(const struct hash *a, const struct hash *b)
{
    assert_true(hash_equal(a, b));
}

static bool is_there(const char *path)
{
    struct disk_stat s;

    must(disk_stat(n.w.disk, path, &s, e), e);
    return s.kind != DISK_NOTHING;
}

/* ------------------------------------------------------------------------- stories */

static void a_box_is_made_again_with_all_that_it_had(void **state)
{
    struct hash before = digest_of(n.w.box), after;
    struct second_copy_counts made, back;
    struct key_pair key;
    uint8_t epoch;

    (void)state;
    made = back_up();
    assert_int_equal(made.generation, 1);
    assert_int_equal(made.lacking, 0);
    assert_int_equal(made.held, 1);
    assert_true(made.key_is_new);
    back = restore(NEW);
    assert_int_equal(back.generation, 1);
    after = sound_box(NEW, &epoch);
    assert_same(&before, &after);
    assert_int_equal(epoch, 2);
    must(key_pair_load(&key, n.w.disk, NEW, "box", e), e);
    assert_memory_equal(key.secret, n.box.secret, sizeof key.secret);
    assert_false(is_there(NEW "/restoring/tram.db"));
}

static void a_second_backup_writes_only_what_is_new(void **state)
{
    struct second_copy_counts first, again, more;
    struct hash before, after;

    (void)state;
    first = back_up();
    again = back_up();
    assert_false(again.key_is_new);
    assert_int_equal(again.objects, first.objects);
    assert_true(again.copied <= 1); /* the first piece of the database */
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    before = digest_of(n.w.box);
    more = back_up();
    assert_int_equal(more.generation, 3);
    assert_true(more.copied >= 2 && more.copied <= 4);
    (void)restore(NEW);
    after = sound_box(NEW, NULL);
    assert_same(&before, &after);
}

static void count_name(struct hash *ids, size_t *count, uint64_t id)
{
    memset(&ids[*count], 0, sizeof *ids);
    memcpy(ids[*count].bytes, &id, sizeof id);
    for (size_t i = 0; i < *count; i++)
        assert_false(hash_equal(&ids[i], &ids[*count]));
    ++*count;
}

/* A new paper in the box in `dir`. */
static uint64_t take_in(const char *dir)
{
    struct box *ours = n.w.box;
    uint64_t document;

    n.w.box = NULL;
    must(box_open(&n.w.box, n.w.disk, &n.w.clock.clock, dir, &n.w.reader.reader, e), e);
    must(world_take(&n.w, "new.jpg", "fake jpeg\npage: Mới\nend\n", e), e);
    document = world_told(&n.w, "new.jpg")->document;
    box_close(n.w.box);
    n.w.box = ours;
    return document;
}

static void no_two_boxes_made_of_one_copy_give_the_same_ids(void **state)
{
    struct hash ids[4];
    size_t count = 0;

    (void)state;
    (void)back_up();
    (void)restore("/one");
    (void)restore("/two");
    count_name(ids, &count, take_in("/one"));
    count_name(ids, &count, take_in("/two"));
    must(world_take(&n.w, "new.jpg", "fake jpeg\npage: Mới\nend\n", e), e);
    count_name(ids, &count, world_told(&n.w, "new.jpg")->document);
    (void)sound_box("/one", NULL);
    (void)sound_box("/two", NULL);
}

static void a_box_that_is_there_is_not_overwritten(void **state)
{
    struct recovery_key key;
    struct second_copy_counts counts;
    struct hash before = digest_of(n.w.box), after;

    (void)state;
    (void)back_up();
    key = the_key();
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    before = digest_of(n.w.box);
    assert_int_equal(restore_with(WORLD_DIR, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_BUSY);
    after = digest_of(n.w.box);
    assert_same(&before, &after);
}

static void the_wrong_key_opens_nothing(void **state)
{
    struct recovery_key key;
    struct second_copy_counts counts;

    (void)state;
    (void)back_up();
    key = the_key();
    key.bytes[3] ^= 1;
    assert_int_equal(restore_with(NEW, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    assert_false(is_there(NEW "/tram.db"));
}

static void another_boxs_copy_is_not_written_over(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)back_up();
    must(disk_remove(n.w.disk, WORLD_DIR "/keys/backup", e), e); /* as another box has */
    assert_int_equal(back_up_with(&quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

static void where_there_is_no_copy_it_is_said(void **state)
{
    struct recovery_key key = {{0}};
    struct second_copy_counts counts;

    (void)state;
    assert_int_equal(restore_with(NEW, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

/* ---------------------------------------------------------------------- damage */

struct spoiling {
    unsigned which, seen;
    char path[DISK_PATH_BYTES];
};

static int spoil_one(void *arg, const struct hash *name, struct err *er)
{
    struct spoiling *s = arg;
    char hex[HASH_HEX_BYTES];
    struct disk_file *f = NULL;
    unsigned char byte;
    size_t got;

    (void)er;
    if (s->seen++ != s->which)
        return 0;
    hash_to_hex(hex, name);
    (void)snprintf(s->path, sizeof s->path, STICK "/objects/%.2s/%s", hex, hex + 2);
    must(disk_open(n.w.disk, &f, s->path, DISK_WRITE, e), e);
    must(disk_file_read(f, &byte, 1, 40, &got, e), e);
    byte ^= 1;
    must(disk_file_write(f, &byte, 1, 40, e), e);
    disk_close(f);
    return 0;
}

/* False if there are not so many objects. */
static bool spoil_object(unsigned which, struct spoiling *s)
{
    struct recovery_key key = the_key();
    struct copy_store store;

    *s = (struct spoiling){.which = which};
    must(copy_store_init(&store, n.w.disk, STICK, &key, e), e);
    must(copy_each(&store, spoil_one, s, e), e);
    return s->seen > which;
}

struct lost {
    unsigned count;
    struct hash sha256;
    char name[64];
};

static void note_lost(void *arg, const struct hash *sha256, const char *name)
{
    struct lost *l = arg;

    l->count++;
    l->sha256 = *sha256;
    (void)snprintf(l->name, sizeof l->name, "%s", name);
}

/* A box that lacks just this one: `verify` says so, and it is asked for. */
static void expect_lacking(const char *dir, const struct lost *l)
{
    struct box *ours = n.w.box, *b = NULL;
    struct hash wanted = {{0}};
    char hex[HASH_HEX_BYTES];
    bool found;

    must(box_open(&b, n.w.disk, &n.w.clock.clock, dir, &n.w.reader.reader, e), e);
    n.w.box = b;
    hash_to_hex(hex, &l->sha256);
    assert_non_null(world_problem(&n.w));
    assert_non_null(strstr(world_problem(&n.w), hex));
    must(room_next_wanted(b, true, &wanted, &found, e), e);
    assert_true(found && hash_equal(&wanted, &l->sha256));
    n.w.box = ours;
    box_close(b);
}

/* Its records, or the list of its originals, must all be there; an original or image that
 * has rotted is the only one that the new box lacks. */
static void what_is_damaged_in_a_copy_is_told_by_name(void **state)
{
    struct lost lost = {0};
    const struct backup_options o = {.lost = note_lost, .arg = &lost};
    struct recovery_key key;
    struct second_copy_counts counts;
    struct spoiling s;
    unsigned which, refused = 0;
    char dir[32];

    (void)state;
    (void)back_up();
    key = the_key();
    for (which = 0; spoil_object(which, &s); which++) {
        (void)snprintf(dir, sizeof dir, "/new-%u", which);
        if (restore_with(dir, &key, &o, &counts) == 0) {
            assert_int_equal(counts.lost, 1);
            expect_lacking(dir, &lost);
        } else {
            refused++;
            assert_int_equal(e->code, ERR_CORRUPT);
            assert_non_null(strstr(e->text, s.path));
            (void)snprintf(dir, sizeof dir, "/new-%u/tram.db", which);
            assert_false(is_there(dir));
        }
        (void)spoil_object(which, &s); /* as it was */
    }
    assert_true(which >= 7 && refused >= 2 && lost.count + refused == which);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

/* The paper is the third copy. */
static void what_a_copy_has_lost_the_paper_brings(void **state)
{
    struct lost lost = {0};
    const struct backup_options o = {.lost = note_lost, .arg = &lost};
    struct box *ours = n.w.box, *b = NULL;
    struct second_copy_counts counts;
    struct recovery_key key;
    struct hash name, a = world_told(&n.w, "a.jpg")->sha256;
    struct copy_store store;

    (void)state;
    (void)back_up();
    key = the_key();
    must(copy_store_init(&store, n.w.disk, STICK, &key, e), e);
    copy_name(&store, &a, &name);
    must(copy_remove(&store, &name, e), e);
    must(restore_with(NEW, &key, &o, &counts), e);
    assert_true(lost.count == 1 && hash_equal(&lost.sha256, &a));
    assert_string_equal(lost.name, "a.jpg");
    must(box_open(&b, n.w.disk, &n.w.clock.clock, NEW, &n.w.reader.reader, e), e);
    n.w.box = b;
    assert_non_null(world_problem(&n.w));
    must(world_take(&n.w, "a.jpg", "fake jpeg\npage: Quyết định số 1\nend\n", e), e);
    assert_null(world_problem(&n.w));
    n.w.box = ours;
    box_close(b);
}

/* ----------------------------------------------------------------------- bad blocks */

static struct worn_disk worn_box, worn_stick;
static char worn_name[HASH_HEX_BYTES];

/* The box, on a disk that does not give one original any more. */
static void wear_box(const char *file)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, &world_told(&n.w, file)->sha256);
    (void)snprintf(worn_name, sizeof worn_name, "%s",
                   hex + 2); /* as its file is called */
    worn_disk_init(&worn_box, n.w.disk);
    worn_box.unread = worn_name;
    outbox_destroy(n.outbox);
    n.outbox = NULL;
    world_close(&n.w);
    n.w.disk = &worn_box.disk;
    must(world_open(&n.w, e), e);
}

static void an_original_that_cannot_be_read_stops_no_copy(void **state)
{
    struct disk *good = n.w.disk;
    struct second_copy_counts counts;

    (void)state;
    wear_box("a.jpg");
    counts = back_up();
    assert_int_equal(counts.lacking, 1);
    worn_box.unread = NULL; /* it was only the cable */
    assert_int_equal(back_up().lacking, 0);
    world_close(&n.w);
    n.w.disk = good;
    must(world_open(&n.w, e), e);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

/* Where it has left to make room, or rotted here, the copy is what there is of it. */
static void what_a_stick_once_did_not_give_is_not_swept_from_it(void **state)
{
    struct second_copy_counts counts;
    struct recovery_key key;
    struct copy_store store;
    struct hash name;
    char hex[HASH_HEX_BYTES];
    unsigned unread = 0;

    (void)state;
    (void)back_up();
    key = the_key();
    must(copy_store_init(&store, n.w.disk, STICK, &key, e), e);
    copy_name(&store, &world_told(&n.w, "a.jpg")->sha256, &name);
    hash_to_hex(hex, &name);
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    worn_disk_init(&worn_stick, n.w.disk);
    for (int run = 0; run < 16; run++) {
        worn_stick.unread = hex + 2;
        worn_stick.unread_once = true;
        must(second_copy_make(n.w.box, &worn_stick.disk, STICK, &n.random.random, &quiet,
                              &counts, e),
             e);
        unread += worn_stick.unread == NULL;
        assert_int_equal(counts.lacking, worn_stick.unread == NULL);
    }
    assert_int_equal(unread, 2);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

static void a_rotten_copy_is_mended_within_eight_runs(void **state)
{
    struct spoiling s;

    (void)state;
    (void)back_up();
    for (unsigned which = 0; spoil_object(which, &s); which += 2)
        ;
    for (int run = 0; run < 8; run++)
        (void)back_up();
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

static void spoil_file(const char *path, uint64_t at)
{
    struct disk_file *f = NULL;

    must(disk_open(n.w.disk, &f, path, DISK_WRITE, e), e);
    must(disk_file_write(f, "x", 1, at, e), e);
    disk_close(f);
}

static void of_two_generations_the_newest_that_opens_is_taken(void **state)
{
    struct recovery_key key;
    struct backup_options second = {.generation = 2};
    struct second_copy_counts counts;
    struct hash before = digest_of(n.w.box), after;

    (void)state;
    (void)back_up();
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    (void)back_up();
    key = the_key();
    spoil_file(STICK "/generation-0000000002", 100);
    counts = restore(NEW);
    assert_int_equal(counts.generation, 1);
    assert_int_equal(counts.skipped, 1);
    after = sound_box(NEW, NULL);
    assert_same(&before, &after);
    assert_int_equal(restore_with("/other", &key, &second, &counts), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_non_null(strstr(e->text, "generation-0000000002"));
    assert_int_equal(back_up().generation, 3); /* and the next one is whole again */
    counts = restore("/third");
    assert_int_equal(counts.generation, 3);
}

static void a_damaged_mark_of_the_key_is_not_taken_for_a_wrong_key(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)back_up();
    (void)back_up();
    spoil_file(STICK "/generation-0000000002", 21); /* in the mark */
    counts = restore(NEW);
    assert_int_equal(counts.generation, 1);
    assert_int_equal(back_up().generation, 3);
}

static void two_generations_are_kept_and_what_neither_names_goes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        char file[16];

        (void)snprintf(file, sizeof file, "g%d.jpg", i);
        enrolled_take(&n, file, file);
        (void)back_up();
    }
    assert_false(is_there(STICK "/generation-0000000002"));
    assert_true(is_there(STICK "/generation-0000000003"));
    assert_true(is_there(STICK "/generation-0000000004"));
    {
        struct recovery_key key = the_key();
        struct backup_options third = {.generation = 3};
        struct second_copy_counts counts;

        must(restore_with(NEW, &key, &third, &counts), e);
        (void)sound_box(NEW, NULL);
    }
}

static void a_full_stick_leaves_the_copy_before(void **state)
{
    struct second_copy_counts counts;
    struct disk_sim_faults full = {0};
    struct hash before = digest_of(n.w.box), after;

    (void)state;
    (void)back_up();
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    full.bytes_max = disk_sim_bytes(n.w.disk) + 20000;
    disk_sim_set_faults(n.w.disk, &full);
    assert_int_equal(back_up_with(&quiet, &counts), -1);
    assert_int_equal(e->code, ERR_NO_SPACE);
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
    assert_int_equal(restore(NEW).generation, 1);
    after = sound_box(NEW, NULL);
    assert_same(&before, &after);
}

/* ------------------------------------------------------------- what is not in it */

/* Whether any file below `dir` holds these bytes. */
struct looking {
    const char *dir, *words;
    bool found;
};

static int look_into(void *arg, const char *name, struct err *er)
{
    struct looking *l = arg, below = {.words = l->words};
    char path[DISK_PATH_BYTES];
    struct disk_stat s;
    struct buffer text;

    (void)snprintf(path, sizeof path, "%s/%s", l->dir, name);
    must(disk_stat(n.w.disk, path, &s, e), e);
    below.dir = path;
    if (s.kind == DISK_DIR) {
        must(disk_list(n.w.disk, path, look_into, &below, er), er);
        l->found = l->found || below.found;
        return 0;
    }
    buffer_init(&text, 64u << 20);
    must(disk_read_all(n.w.disk, path, &text, e), e);
    if (text.count > 0 && memmem(text.bytes, text.count, l->words, strlen(l->words)))
        l->found = true;
    buffer_release(&text);
    return 0;
}

static bool dir_holds(const char *dir, const char *words)
{
    struct looking l = {.dir = dir, .words = words};

    must(disk_list(n.w.disk, dir, look_into, &l, e), e);
    return l.found;
}

static void who_finds_the_stick_reads_nothing_of_it(void **state)
{
    (void)state;
    (void)back_up();
    assert_true(dir_holds(WORLD_DIR, "Tờ trình số 2"));
    assert_false(dir_holds(STICK, "Tờ trình số 2"));
    assert_false(dir_holds(STICK, "SQLite format 3"));
    assert_true(dir_holds(STICK, "restore"));
}

static void papers_held_for_a_stamp_do_not_leave_the_box(void **state)
{
    const struct hash *held = &world_told(&n.w, "d.jpg")->sha256;
    bool there;

    (void)state;
    assert_int_equal(world_told(&n.w, "d.jpg")->state, INTAKE_HELD);
    assert_int_equal(back_up().held, 1);
    assert_int_equal(restore(NEW).held, 1);
    {
        struct blobs *blobs = NULL;

        must(blobs_open(&blobs, n.w.disk, NEW, e), e);
        must(blob_exists(blobs, held, &there, e), e);
        blobs_close(blobs);
    }
    assert_false(there);
}

static void a_damaged_original_is_told_and_the_rest_is_copied(void **state)
{
    struct second_copy_counts counts;
    struct box *ours = n.w.box, *b = NULL;

    (void)state;
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    counts = back_up();
    assert_int_equal(counts.lacking, 1);
    counts = restore(NEW);
    assert_int_equal(counts.lacking, 1);
    must(box_open(&b, n.w.disk, &n.w.clock.clock, NEW, &n.w.reader.reader, e), e);
    n.w.box = b;
    assert_non_null(strstr(world_problem(&n.w), "original"));
    n.w.box = ours;
    box_close(b);
}

static void what_is_damaged_here_and_good_in_the_copy_stays_good_there(void **state)
{
    (void)state;
    (void)back_up();
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    assert_int_equal(back_up().lacking, 0);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

/* As a power cut may leave a file. Two more runs would sweep what nobody names. */
static void what_is_cut_short_here_and_good_in_the_copy_stays_good_there(void **state)
{
    char path[DISK_PATH_BYTES], hex[HASH_HEX_BYTES];
    struct disk_file *f = NULL;

    (void)state;
    (void)back_up();
    hash_to_hex(hex, &world_told(&n.w, "a.jpg")->sha256);
    must(disk_path(path, e, "%s/blobs/%.2s/%s", WORLD_DIR, hex, hex + 2), e);
    must(disk_open(n.w.disk, &f, path, DISK_READ, e), e); /* it is of this name */
    disk_close(f);
    must(disk_replace(n.w.disk, path, "", 0, e), e);
    for (int i = 0; i < 3; i++)
        assert_int_equal(back_up().lacking, 0);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

static void damaged_records_do_not_push_out_the_good_copy(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)back_up();
    must(store_settle(n.w.box->store, e), e); /* or the log would still be good */
    outbox_destroy(n.outbox);
    n.outbox = NULL;
    world_close(&n.w);
    {
        struct disk_file *f = NULL;
        uint64_t bytes;

        must(disk_open(n.w.disk, &f, WORLD_DIR "/tram.db", DISK_WRITE, e), e);
        must(disk_file_size(f, &bytes, e), e);
        for (uint64_t at = 4096; at < bytes; at += 4096)
            must(disk_file_write(f, "\xa5\xa5\xa5", 3, at, e), e);
        disk_close(f);
    }
    if (world_open(&n.w, e) == 0)
        assert_int_equal(back_up_with(&quiet, &counts), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_false(is_there(STICK "/generation-0000000002"));
}

/* Somebody makes room while the copy is made. */
static int make_room_once(void *arg, const struct backup_progress *p)
{
    bool *done = arg;
    struct room room = {0};
    struct disk_sim_faults tight = {.bytes_max = disk_sim_bytes(n.w.disk) * 100 / 99};

    if (*done || p->total == 0)
        return 0;
    *done = true;
    disk_sim_set_faults(n.w.disk, &tight);
    for (int i = 0; i < 50 && room_turn(n.w.box, &room, e) == 1; i++)
        ;
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
    return 0;
}

static void an_original_that_leaves_meanwhile_is_no_damage(void **state)
{
    bool done = false;
    struct backup_options o = {.progress = make_room_once, .arg = &done};
    struct receipt_blob blobs[2] = {{.state = BLOB_SAFE}, {.state = BLOB_SAFE}};
    struct receipt r = {.blobs = blobs, .blobs_count = 2};
    struct second_copy_counts counts;

    (void)state;
    blobs[0].sha256 = world_told(&n.w, "a.jpg")->sha256;
    blobs[1].sha256 = world_told(&n.w, "b.jpg")->sha256;
    must(enrolled_receipt(&n, &r, e), e);
    must(back_up_with(&o, &counts), e);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"), 2);
    assert_int_equal(counts.lacking, 0);
    (void)restore(NEW);
    (void)sound_box(NEW, NULL);
}

static void a_second_copy_lets_no_original_leave(void **state)
{
    struct room room = {0};
    struct disk_sim_faults tight = {0};

    (void)state;
    (void)back_up();
    tight.bytes_max = disk_sim_bytes(n.w.disk) * 100 / 99;
    disk_sim_set_faults(n.w.disk, &tight);
    for (int i = 0; i < 50 && room_turn(n.w.box, &room, e) == 1; i++)
        ;
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"), 0);
}

/* -------------------------------------------------------------------- asking for it */

static int64_t days_on_box_only(void)
{
    struct status s;

    must(status_read(n.w.box, &s, e), e);
    return s.on_box_only_ms_min / DAY;
}

static bool copy_is_asked_for(void)
{
    struct status s;
    json_t *j, *problem;
    bool asked = false;
    size_t i;

    must(status_read(n.w.box, &s, e), e);
    j = status_json(n.w.box, &s);
    json_array_foreach(json_object_get(j, "problems"), i, problem) asked =
        asked ||
        strcmp(json_string_value(json_object_get(problem, "code")), "copy_wanted") == 0;
    json_decref(j);
    return asked;
}

static void work_on_the_box_only_for_seven_days_asks_for_a_copy(void **state)
{
    (void)state;
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 7 * DAY - 60000;
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 120000;
    assert_true(copy_is_asked_for());
    (void)back_up();
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 30 * DAY;
    assert_false(copy_is_asked_for()); /* nothing is newer than the copy */
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    n.w.clock.mono_ms_now += 8 * DAY;
    assert_true(copy_is_asked_for());
    assert_int_equal(days_on_box_only(), 8);
}

static void what_the_centre_has_safe_needs_no_copy_but_its_original_does(void **state)
{
    struct receipt_blob blobs[3];
    struct receipt r = {.blobs = blobs};
    const char *const files[] = {"a.jpg", "b.jpg", "c.jpg"};

    (void)state;
    must(outbox_last(n.outbox, &r.received, e), e);
    r.applied = r.safe = r.received;
    must(enrolled_receipt(&n, &r, e), e);
    n.w.clock.mono_ms_now += 8 * DAY;
    assert_true(copy_is_asked_for());
    for (; r.blobs_count < 3; r.blobs_count++)
        blobs[r.blobs_count] = (struct receipt_blob){
            .sha256 = world_told(&n.w, files[r.blobs_count])->sha256, .state = BLOB_SAFE};
    must(enrolled_receipt(&n, &r, e), e);
    assert_false(copy_is_asked_for());
}

/* ------------------------------------------------------------------------- the key */

static void a_digit_that_is_read_wrongly_shows_in_its_group(void **state)
{
    struct random_seeded r;
    struct recovery_key key, back;
    char text[RECOVERY_TEXT_BYTES];

    (void)state;
    random_seeded_init(&r, 5);
    for (int round = 0; round < 50; round++) {
        recovery_make(&key, &r.random);
        recovery_to_text(text, &key);
        assert_int_equal(recovery_from_text(&back, text), 0);
        assert_memory_equal(back.bytes, key.bytes, sizeof key.bytes);
        for (size_t i = 0; text[i] != '\0'; i++) {
            char was = text[i];

            if (was == '-')
                continue;
            text[i] = was == '9' ? '0' : (char)(was + 1);
            assert_int_equal(recovery_from_text(&back, text), i / 7 + 1);
            text[i] = was;
        }
    }
    text[RECOVERY_TEXT_BYTES - 2] = '\0';
    assert_int_equal(recovery_from_text(&back, text), RECOVERY_GROUPS + 1);
    assert_int_equal(recovery_from_text(&back, ""), RECOVERY_GROUPS + 1);
    assert_int_equal(recovery_from_text(&back, "000011 000011 000011 000011 000011 000011"
                                               " 000011 000011 1"),
                     RECOVERY_GROUPS + 1);
}

/* What province.key is, opened with these keys. */
static int open_province_key(const struct key_pair *with, struct recovery_key *out)
{
    uint8_t sealed[RECOVERY_SEALED_BYTES];
    struct buffer hex;

    buffer_init(&hex, 1024);
    must(disk_read_all(n.w.disk, STICK "/province.key", &hex, e), e);
    assert_int_equal(hex.count, 2 * RECOVERY_SEALED_BYTES);
    for (size_t i = 0; i < sizeof sealed; i++) {
        unsigned byte;

        assert_int_equal(sscanf((char *)hex.bytes + 2 * i, "%2x", &byte), 1);
        sealed[i] = (uint8_t)byte;
    }
    buffer_release(&hex);
    return recovery_open(out, with, sealed, e);
}

static void the_province_can_open_what_lies_beside_the_copy(void **state)
{
    struct recovery_key key, opened;

    (void)state;
    (void)back_up();
    key = the_key();
    must(open_province_key(&n.centre, &opened), e);
    assert_memory_equal(opened.bytes, key.bytes, sizeof key.bytes);
    assert_int_equal(open_province_key(&n.box, &opened), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

/* It was written once and never again, whatever became of it or of the province. */
static void what_lies_beside_the_copy_is_for_the_province_of_today(void **state)
{
    struct recovery_key key, opened;
    struct key_pair other;
    char sql[200], hex[HASH_HEX_BYTES];

    (void)state;
    (void)back_up();
    key = the_key();
    key_pair_make(&other, &n.random.random);
    public_key_to_hex(hex, &other.public_key);
    (void)snprintf(sql, sizeof sql, "UPDATE centre_link SET centre_key = x'%s'", hex);
    write_sql(sql);
    (void)back_up();
    must(open_province_key(&other, &opened), e);
    assert_memory_equal(opened.bytes, key.bytes, sizeof key.bytes);
    must(disk_replace(n.w.disk, STICK "/province.key", "rotten", 6, e), e);
    (void)back_up();
    must(open_province_key(&other, &opened), e);
}

/* ------------------------------------------------------------------------ power cuts */

static void power_cut(void)
{
    enrolled_power_cut(&n);
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
}

static void die_in(uint64_t calls)
{
    struct disk_sim_faults faults = {.die_at_call = disk_sim_calls(n.w.disk) + calls};

    disk_sim_set_faults(n.w.disk, &faults);
}

static void forget_restores(void)
{
    must(disk_remove(n.w.disk, STICK "/restored", e), e);
    must(disk_sync_dir(n.w.disk, STICK, e), e);
}

static void a_power_cut_at_any_call_of_a_backup_leaves_one_copy_whole(void **state)
{
    unsigned old = 0, new = 0;
    bool died = true;

    (void)state;
    for (uint64_t call = 1; died; call += CUTS_APART) {
        struct second_copy_counts counts;
        struct hash before, after, got;
        char dir[32], text[32];

        (void)back_up();
        before = digest_of(n.w.box);
        n.w.told_count = 0;
        (void)snprintf(text, sizeof text, "Giấy %" PRIu64, call);
        enrolled_take(&n, text, text);
        after = digest_of(n.w.box);
        die_in(call);
        died = back_up_with(&quiet, &counts) != 0;
        power_cut();
        (void)snprintf(dir, sizeof dir, "/new-%" PRIu64, call);
        (void)restore(dir);
        got = sound_box(dir, NULL);
        if (hash_equal(&got, &after))
            new ++;
        else
            old += hash_equal(&got, &before);
        assert_true(hash_equal(&got, &after) || hash_equal(&got, &before));
        if (world_problem(&n.w) != NULL)
            fail_msg("the box itself: %s", world_problem(&n.w));
        forget_restores();
    }
    print_message("# backup cut: the copy before %u times, the new one %u times\n", old,
                  new);
    assert_true(old > 20 / CUTS_APART && new > 1);
}

static void a_power_cut_at_any_call_of_a_restore_leaves_no_box_or_all_of_it(void **state)
{
    struct hash before = digest_of(n.w.box);
    struct recovery_key key;
    unsigned none = 0, all = 0;
    bool died = true;

    (void)state;
    (void)back_up();
    key = the_key();
    for (uint64_t call = 1; died; call += CUTS_APART) {
        struct second_copy_counts counts;
        char dir[32], path[48];
        struct hash got;
        uint8_t epoch;

        (void)snprintf(dir, sizeof dir, "/new-%" PRIu64, call);
        (void)snprintf(path, sizeof path, "%s/tram.db", dir);
        die_in(call);
        died = restore_with(dir, &key, &quiet, &counts) != 0;
        power_cut();
        if (is_there(path)) {
            all++;
        } else {
            none++;
            (void)restore(dir);
        }
        got = sound_box(dir, &epoch);
        assert_same(&before, &got);
        assert_true(epoch >= 2);
        forget_restores();
    }
    print_message("# restore cut: no box %u times, all of it %u times\n", none, all);
    assert_true(none > 20 / CUTS_APART && all > 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_box_is_made_again_with_all_that_it_had),
        STORY(a_second_backup_writes_only_what_is_new),
        STORY(no_two_boxes_made_of_one_copy_give_the_same_ids),
        STORY(a_box_that_is_there_is_not_overwritten),
        STORY(the_wrong_key_opens_nothing),
        STORY(another_boxs_copy_is_not_written_over),
        STORY(where_there_is_no_copy_it_is_said),
        STORY(what_is_damaged_in_a_copy_is_told_by_name),
        STORY(what_a_copy_has_lost_the_paper_brings),
        STORY(an_original_that_cannot_be_read_stops_no_copy),
        STORY(what_a_stick_once_did_not_give_is_not_swept_from_it),
        STORY(a_rotten_copy_is_mended_within_eight_runs),
        STORY(of_two_generations_the_newest_that_opens_is_taken),
        STORY(a_damaged_mark_of_the_key_is_not_taken_for_a_wrong_key),
        STORY(two_generations_are_kept_and_what_neither_names_goes),
        STORY(a_full_stick_leaves_the_copy_before),
        STORY(who_finds_the_stick_reads_nothing_of_it),
        STORY(papers_held_for_a_stamp_do_not_leave_the_box),
        STORY(a_damaged_original_is_told_and_the_rest_is_copied),
        STORY(what_is_damaged_here_and_good_in_the_copy_stays_good_there),
        STORY(what_is_cut_short_here_and_good_in_the_copy_stays_good_there),
        STORY(damaged_records_do_not_push_out_the_good_copy),
        STORY(an_original_that_leaves_meanwhile_is_no_damage),
        STORY(a_second_copy_lets_no_original_leave),
        STORY(work_on_the_box_only_for_seven_days_asks_for_a_copy),
        STORY(what_the_centre_has_safe_needs_no_copy_but_its_original_does),
        cmocka_unit_test(a_digit_that_is_read_wrongly_shows_in_its_group),
        STORY(the_province_can_open_what_lies_beside_the_copy),
        STORY(what_lies_beside_the_copy_is_for_the_province_of_today),
        STORY(a_power_cut_at_any_call_of_a_backup_leaves_one_copy_whole),
        STORY(a_power_cut_at_any_call_of_a_restore_leaves_no_box_or_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
