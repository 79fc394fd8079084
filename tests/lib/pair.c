#include "tests/lib/pair.h"

#include <stdio.h>
#include <string.h>

#include "appliance/verify.h"
#include "schema/statements.h"
#include "sync/centre/verify.h"
#include "sync/merge.h"
#include "sync/rows/change.h"
#include "sync/rows/index.h"
#include "tests/lib/store_template.h"

static void enrol(struct pair *p)
{
    struct store_identity who = {.epoch = 1, .name = "Xã Thử"};
    struct public_key tls = {{1}};
    struct enrolment file;
    struct claim claim = {.epoch = 1};
    uint8_t bytes[CLAIM_BYTES];
    enum refused why;

    must(site_enrol(p->p.centre, who.name, PROVINCE_URL, &tls, &file, &p->err), &p->err);
    p->site = who.site = claim.site = file.site;
    must(store_template_lay(p->disk, PAIR_DIR, &p->err), &p->err);
    must(box_init(p->disk, &p->clock.clock, PAIR_DIR, &who, &p->err), &p->err);
    key_pair_make(&p->key, &p->random.random);
    must(key_pair_save(&p->key, p->disk, PAIR_DIR, "box", &p->err), &p->err);
    must(box_open(&p->box, p->disk, &p->clock.clock, PAIR_DIR, NULL, &p->err), &p->err);
    must(outbox_enrol(p->box, &file, &p->err), &p->err);
    claim.key = p->key.public_key;
    claim_encode(&claim, file.secret, &p->key, bytes);
    assert_int_equal(site_claim(p->p.centre, bytes, sizeof bytes, &why, &p->err), 0);
}

void pair_start(struct pair *p, uint64_t seed)
{
    *p = (struct pair){0};
    province_start(&p->p, seed);
    clock_manual_init(&p->clock, 1);
    p->clock.mono_ms_now = 1000;
    p->clock.wall_ms_now = 1767225600000; /* 2026-01-01 */
    random_seeded_init(&p->random, seed + 1);
    must(disk_sim_create(&p->disk, seed + 1, &p->err), &p->err);
    enrol(p);
}

void pair_finish(struct pair *p)
{
    box_close(p->box);
    disk_sim_destroy(p->disk);
    province_finish(&p->p);
    *p = (struct pair){0};
}

/* ----------------------------------------------------------------------- writing */

int64_t pair_box_number(struct pair *p, const char *sql)
{
    int64_t n = 0;

    must(sql_number(store_db(p->box->store), sql, &n, &p->err), &p->err);
    return n;
}

int64_t pair_centre_number(struct pair *p, const char *sql)
{
    return province_number(&p->p, sql);
}

/* What the records' own writers would have done: search follows the frame. */
static void refresh_box(struct pair *p, uint64_t sequence)
{
    static const char *const sql = "SELECT changeset FROM changelog WHERE sequence = ?1";
    struct rows_index index = {.records = p->box->records};
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    sqlite3_stmt *s;

    must(statements_prepare(store_db(p->box->store), &s, &sql, 1, &p->err), &p->err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    assert_int_equal(statement_step(s, &p->err), 1);
    assert_int_equal(sqlite3changeset_start(&iter, sqlite3_column_bytes(s, 0),
                                            (void *)(uintptr_t)sqlite3_column_blob(s, 0)),
                     SQLITE_OK);
    must(store_write_begin(p->box->store, &p->err), &p->err);
    while (sqlite3changeset_next(iter) == SQLITE_ROW) {
        must(change_read(&c, iter, &p->err), &p->err);
        must(rows_index_touch(&index, c.name, change_subject(&c), &p->err), &p->err);
    }
    (void)sqlite3changeset_finalize(iter);
    statements_finalize(&s, 1);
    must(rows_index_refresh(&index, &p->err), &p->err);
    must(store_write_commit(p->box->store, NULL, &p->err), &p->err);
    rows_index_release(&index);
}

uint64_t pair_box_commit(struct pair *p)
{
    uint64_t sequence;

    must(store_write_commit(p->box->store, &sequence, &p->err), &p->err);
    if (sequence != 0)
        refresh_box(p, sequence);
    return sequence;
}

uint64_t pair_box_writes(struct pair *p, const char *sql)
{
    struct store *s = p->box->store;

    must(store_write_begin(s, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    return pair_box_commit(p);
}

uint64_t pair_centre_writes(struct pair *p, const char *sql)
{
    struct centre *c = p->p.centre;
    uint64_t sequence = 0;

    must(down_begin(c, p->site, &p->err), &p->err);
    must(sql_run(store_db(c->store), sql, &p->err), &p->err);
    must(down_commit(c, &sequence, &p->err), &p->err);
    return sequence;
}

uint64_t pair_box_last(struct pair *p)
{
    return (uint64_t)pair_box_number(p, "SELECT max(sequence) FROM changelog");
}

uint64_t pair_centre_last(struct pair *p)
{
    uint64_t last;

    must(down_last(p->p.centre, p->site, &last, &p->err), &p->err);
    return last;
}

/* ---------------------------------------------------------------------- carrying */

#define ANY 1000u /* whatever it says */

static enum journal_verdict hand_over(struct pair *p, struct bundle_writer *w,
                                      const struct hash *chain, unsigned expected)
{
    struct object_id id = {.kind = OBJECT_BUNDLE};
    enum journal_verdict verdict;
    enum refused why = 0;
    struct buffer bytes;
    struct hash h;

    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    must(bundle_writer_seal(w, chain, &p->key, &p->p.centre->key.public_key,
                            &p->random.random, &bytes, &p->err),
         &p->err);
    hash_of(&h, bytes.bytes, bytes.count);
    memcpy(id.id, h.bytes, OBJECT_ID_BYTES);
    p->died = journal_take(p->p.centre, p->site, &id, bytes.bytes, bytes.count, &verdict,
                           &why, &p->err) != 0;
    if (!p->mortal)
        must(p->died ? -1 : 0, &p->err);
    if (expected != ANY)
        assert_int_equal(why, expected);
    buffer_release(&bytes);
    return verdict;
}

static struct frame frame_of(sqlite3_stmt *s)
{
    return (struct frame){.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                          .schema = (uint32_t)sqlite3_column_int64(s, 1),
                          .seen = (uint64_t)sqlite3_column_int64(s, 2),
                          .changeset = sqlite3_column_blob(s, 3),
                          .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3)};
}

/* As the outbox does before anything leaves. */
static void mark_sent(struct pair *p, uint64_t last)
{
    struct store *s = p->box->store;
    char sql[128];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE sync_state SET sent = max(sent, min(%llu, (SELECT"
                   " max(sequence) FROM changelog)))",
                   (unsigned long long)last);
    must(store_write_begin(s, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    must(store_write_commit(s, NULL, &p->err), &p->err);
}

/* The receipt that each contact begins and ends with: believed where the centre's line is
 * ours that far. */
static void hear(struct pair *p)
{
    struct store *s = p->box->store;
    char sql[512], hex[2 * HASH_BYTES + 1];
    struct site_row site;
    bool found;

    if (p->died)
        return;
    if (site_find(p->p.centre, p->site, &site, &found, &p->err) != 0) {
        assert_true(p->mortal); /* its power is gone: it says nothing */
        return;
    }
    if (site.epoch != store_identity(s)->epoch)
        return;
    for (size_t i = 0; i < HASH_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", site.chain.bytes[i]);
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE sync_state SET received = max(received, %llu), sent = max(sent,"
        " %llu) WHERE EXISTS (SELECT 1 FROM changelog WHERE sequence = %llu AND"
        " chain = x'%s')",
        (unsigned long long)site.received, (unsigned long long)site.received,
        (unsigned long long)site.received, hex);
    must(store_write_begin(s, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    must(store_write_commit(s, NULL, &p->err), &p->err);
}

/* One bundle for each epoch of the box's among them, and of the centre's that they had seen,
 * as the outbox cuts them; the last one's verdict, or that of one that is refused. What was
 * held already is taken with the one before it. */
static enum journal_verdict carry_up(struct pair *p, uint64_t first, uint64_t last,
                                     unsigned expected)
{
    static const char *const sql = "SELECT sequence, schema, seen, changeset, chain,"
                                   " seen_epoch, epoch FROM changelog"
                                   " WHERE sequence BETWEEN ?1 AND ?2 ORDER BY sequence";
    enum journal_verdict verdict = JOURNAL_TAKEN;
    struct bundle_writer *w = NULL;
    struct hash chain = {{0}};
    sqlite3_stmt *s;
    int epoch = 0, seen_epoch = 0;
    bool taken = false;

    mark_sent(p, last);
    must(statements_prepare(store_db(p->box->store), &s, &sql, 1, &p->err), &p->err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    while (verdict != JOURNAL_REFUSED && statement_step(s, &p->err) == 1) {
        struct frame f = frame_of(s);

        if (w != NULL && (sqlite3_column_int(s, 6) != epoch ||
                          sqlite3_column_int(s, 5) != seen_epoch)) {
            verdict = hand_over(p, w, &chain, expected == ANY ? ANY : 0);
            taken = taken || verdict == JOURNAL_TAKEN;
            bundle_writer_destroy(w);
            w = NULL;
        }
        epoch = sqlite3_column_int(s, 6);
        seen_epoch = sqlite3_column_int(s, 5);
        if (w == NULL)
            must(bundle_writer_create(&w, DIRECTION_UP, p->site, (uint8_t)epoch, &p->err),
                 &p->err);
        must(bundle_writer_add(w, &f, &p->err), &p->err);
        bundle_writer_seen_epoch(w, (uint8_t)seen_epoch);
        memcpy(chain.bytes, sqlite3_column_blob(s, 4), HASH_BYTES);
    }
    statements_finalize(&s, 1);
    assert_non_null(w);
    if (verdict != JOURNAL_REFUSED)
        verdict = hand_over(p, w, &chain, expected);
    bundle_writer_destroy(w);
    hear(p);
    return taken && verdict == JOURNAL_KNOWN ? JOURNAL_TAKEN : verdict;
}

enum journal_verdict pair_carry_up(struct pair *p, uint64_t first, uint64_t last)
{
    return carry_up(p, first, last, 0);
}

enum journal_verdict pair_try_up(struct pair *p, uint64_t first, uint64_t last)
{
    return carry_up(p, first, last, ANY);
}

void pair_refused_up(struct pair *p, uint64_t first, uint64_t last, enum refused why)
{
    assert_int_equal(carry_up(p, first, last, why), JOURNAL_REFUSED);
}

enum incoming_verdict pair_carry_down(struct pair *p, uint64_t sequence)
{
    enum incoming_verdict verdict;
    struct down_sealed sealed;
    bool found;

    hear(p);
    must(down_bundle(p->p.centre, p->site, sequence, &sealed, &found, &p->err), &p->err);
    assert_true(found);
    must(incoming_take(p->box, sealed.bytes.bytes, sealed.bytes.count, &verdict, &p->err),
         &p->err);
    down_sealed_release(&sealed);
    return verdict;
}

unsigned pair_apply_up(struct pair *p, unsigned frames_max)
{
    unsigned applied;

    p->died = apply_some(p->p.centre, frames_max, &applied, &p->err) != 0;
    if (!p->mortal)
        must(p->died ? -1 : 0, &p->err);
    return applied;
}

unsigned pair_apply_down(struct pair *p, unsigned frames_max)
{
    unsigned applied;

    must(incoming_apply(p->box, frames_max, &applied, &p->err), &p->err);
    return applied;
}

static bool settle_down(struct pair *p)
{
    struct incoming_numbers n;
    bool moved = false;

    must(incoming_numbers(p->box, &n, &p->err), &p->err);
    while (n.last < pair_centre_last(p)) {
        assert_int_equal(pair_carry_down(p, n.last + 1), INCOMING_TAKEN);
        must(incoming_numbers(p->box, &n, &p->err), &p->err);
        moved = true;
    }
    return pair_apply_down(p, 1000) > 0 || moved;
}

void pair_settle(struct pair *p)
{
    bool moved = true;

    for (int i = 0; moved; i++) {
        uint64_t received = province_site(&p->p, p->site).received,
                 last = pair_box_last(p);

        assert_true(i < 100);
        if (received < last)
            assert_int_equal(pair_carry_up(p, received + 1, last), JOURNAL_TAKEN);
        moved = pair_apply_up(p, 1000) > 0 || received < last;
        moved = settle_down(p) || moved;
    }
}

/* ------------------------------------------------------------------- putting back */

static const char *const box_files[PAIR_KEPT_FILES] = {PAIR_DIR "/tram.db",
                                                       PAIR_DIR "/tram.db-wal"};
static const char *const centre_files[PAIR_KEPT_FILES] = {PROVINCE_DIR "/tram.db",
                                                          PROVINCE_DIR "/tram.db-wal"};

static void keep(struct pair *p, struct disk *d, const char *const *files,
                 struct pair_kept *kept)
{
    for (size_t i = 0; i < PAIR_KEPT_FILES; i++) {
        buffer_init(&kept->files[i], PAIR_KEPT_BYTES_MAX);
        must(disk_read_all(d, files[i], &kept->files[i], &p->err), &p->err);
    }
}

static void put_back(struct pair *p, struct disk *d, const char *const *files,
                     struct pair_kept *kept)
{
    for (size_t i = 0; i < PAIR_KEPT_FILES; i++) {
        must(disk_replace(d, files[i], kept->files[i].bytes, kept->files[i].count,
                          &p->err),
             &p->err);
        buffer_release(&kept->files[i]);
    }
}

void pair_forget(struct pair_kept *kept)
{
    for (size_t i = 0; i < PAIR_KEPT_FILES; i++)
        buffer_release(&kept->files[i]);
}

static void open_box(struct pair *p)
{
    must(box_open(&p->box, p->disk, &p->clock.clock, PAIR_DIR, NULL, &p->err), &p->err);
}

void pair_box_keep(struct pair *p, struct pair_kept *kept)
{
    box_close(p->box);
    keep(p, p->disk, box_files, kept);
    open_box(p);
}

void pair_box_put_back(struct pair *p, struct pair_kept *kept)
{
    box_close(p->box);
    must(disk_remove(p->disk, PAIR_DIR "/tram.db-shm", &p->err), &p->err);
    put_back(p, p->disk, box_files, kept);
    open_box(p);
}

void pair_centre_keep(struct pair *p, struct pair_kept *kept)
{
    province_close(&p->p);
    keep(p, p->p.disk, centre_files, kept);
    must(province_open(&p->p, &p->err), &p->err);
}

static void raise_epoch(struct pair *p, unsigned epoch)
{
    struct store *s = p->p.centre->store;
    char sql[80];

    (void)snprintf(sql, sizeof sql, "UPDATE centre_state SET epoch = %u", epoch);
    must(store_apply_begin(s, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    must(store_apply_commit(s, &p->err), &p->err);
}

void pair_centre_put_back(struct pair *p, struct pair_kept *kept)
{
    unsigned epoch = p->p.centre->epoch + 1u;

    province_close(&p->p);
    must(disk_remove(p->p.disk, PROVINCE_DIR "/tram.db-shm", &p->err), &p->err);
    put_back(p, p->p.disk, centre_files, kept);
    must(province_open(&p->p, &p->err), &p->err);
    raise_epoch(p, epoch);
    province_close(&p->p);
    must(province_open(&p->p, &p->err), &p->err);
}

/* The first of the centre's frames that the box has not applied; 0: it has all. */
static uint64_t first_unseen(struct pair *p, const struct incoming_numbers *n)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(min(sequence), 0) FROM down_frame WHERE site = %u"
                   " AND (sequence > %llu OR centre_epoch > %u)",
                   p->site, (unsigned long long)n->seen, n->seen_epoch);
    return (uint64_t)pair_centre_number(p, sql);
}

void pair_meet(struct pair *p)
{
    struct incoming_numbers n;
    uint64_t next;

    (void)pair_apply_down(p, 1000); /* else only the next contact tells of it */
    must(incoming_numbers(p->box, &n, &p->err), &p->err);
    must(down_seen(p->p.centre, p->site, n.seen_epoch, n.seen, &p->err), &p->err);
    while ((next = first_unseen(p, &n)) != 0) {
        (void)pair_carry_down(p, next);
        assert_true(pair_apply_down(p, 1000) > 0);
        must(incoming_numbers(p->box, &n, &p->err), &p->err);
    }
    pair_settle(p);
}

/* ---------------------------------------------------------------------- comparing */

static sqlite3_stmt *rows_of(struct pair *p, struct store *s, const char *table)
{
    const char *id = strcmp(table, "field") == 0   ? "document"
                     : strcmp(table, "image") == 0 ? "page"
                                                   : "id";
    char text[256];
    const char *sql = text;
    sqlite3_stmt *out;

    (void)snprintf(text, sizeof text,
                   "SELECT * FROM %s AS t WHERE (%s >> %d) = %u ORDER BY 1, 2, 3, 4",
                   table, id, ID_EPOCH_BITS + ID_COUNTER_BITS, p->site);
    must(statements_prepare(store_db(s), &out, &sql, 1, &p->err), &p->err);
    return out;
}

static bool same_row(sqlite3_stmt *ours, sqlite3_stmt *theirs, const char *table,
                     char why[256])
{
    for (int i = 0; i < sqlite3_column_count(ours); i++)
        if (!merge_values_equal(sqlite3_column_value(ours, i),
                                sqlite3_column_value(theirs, i))) {
            (void)snprintf(
                why, 256, "%s %lld: %s is '%.60s' at the box, '%.60s' at the centre",
                table, (long long)sqlite3_column_int64(ours, 0),
                sqlite3_column_name(ours, i), (const char *)sqlite3_column_text(ours, i),
                (const char *)sqlite3_column_text(theirs, i));
            return false;
        }
    return true;
}

static bool same_table(struct pair *p, const char *table, char why[256], uint64_t *rows)
{
    sqlite3_stmt *ours = rows_of(p, p->box->store, table),
                 *theirs = rows_of(p, p->p.centre->store, table);
    int here, there;
    bool same = true;

    do {
        here = statement_step(ours, &p->err);
        there = statement_step(theirs, &p->err);
        assert_true(here >= 0 && there >= 0);
        if (here != there) {
            (void)snprintf(why, 256, "%s: %s has more rows", table,
                           here ? "the box" : "the centre");
            same = false;
        } else if (here == 1) {
            same = same_row(ours, theirs, table, why);
            ++*rows;
        }
    } while (same && here == 1);
    statements_finalize(&ours, 1);
    statements_finalize(&theirs, 1);
    return same;
}

bool pair_equal(struct pair *p, char why[256], uint64_t *rows)
{
    const char *const *tables;
    size_t count = store_synced_tables(p->box->store, &tables);

    *rows = 0;
    why[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (!same_table(p, tables[i], why, rows))
            return false;
    return true;
}

static void on_problem(void *arg, const char *text)
{
    unsigned *problems = arg;

    if ((*problems)++ == 0)
        print_message("%s\n", text);
}

unsigned pair_problems(struct pair *p)
{
    unsigned problems = 0;
    const struct verify_sink box = {.problem = on_problem, .arg = &problems};
    const struct centre_verify_sink centre = {.problem = on_problem, .arg = &problems};

    must(verify_box(p->box, &box, &p->err), &p->err);
    must(centre_verify(p->p.centre, &centre, &p->err), &p->err);
    return problems;
}

void pair_expect_equal(struct pair *p)
{
    char why[256];
    uint64_t rows;

    if (!pair_equal(p, why, &rows))
        fail_msg("%s", why);
    assert_true(rows > 0);
}

/* --------------------------------------------------------------------- beginnings */

void pair_centre_alone(struct pair *p, const char *sql)
{
    struct store *s = p->p.centre->store;

    must(store_apply_begin(s, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    must(store_apply_commit(s, &p->err), &p->err);
}

void pair_document(struct pair *p)
{
    assert_true(pair_box_writes(p, "INSERT INTO document (id, type) VALUES (" PAIR_ID
                                   "1, 'quyết định');"
                                   "UPDATE identity SET counter = 1") > 0);
    pair_settle(p);
}
