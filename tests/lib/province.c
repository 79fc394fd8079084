#include "tests/lib/province.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "sync/sealed_blob.h"
#include "tests/lib/store_template.h"

#define BOX_DIR           "/box"
#define MESSAGE_BYTES_MAX (1u << 20)

static void start_clock(struct clock_manual *c)
{
    clock_manual_init(c, 1);
    c->mono_ms_now = 1000;
    c->wall_ms_now = 1767225600000; /* 2026-01-01 */
    c->confidence = WALL_SYSTEM;
}

/* ------------------------------------------------------------------ the centre */

void province_start(struct province *p, uint64_t seed)
{
    *p = (struct province){0};
    start_clock(&p->clock);
    random_seeded_init(&p->random, seed);
    must(store_template_make(&p->err), &p->err);
    must(disk_sim_create(&p->disk, seed, &p->err), &p->err);
    must(store_template_lay(p->disk, PROVINCE_DIR, &p->err), &p->err);
    must(centre_init(p->disk, &p->clock.clock, &p->random.random, PROVINCE_DIR,
                     "Tỉnh Thử Nghiệm", &p->err),
         &p->err);
    must(province_open(p, &p->err), &p->err);
}

void province_finish(struct province *p)
{
    province_close(p);
    disk_sim_destroy(p->disk);
    p->disk = NULL;
}

int province_open(struct province *p, struct err *e)
{
    return centre_open(&p->centre, p->disk, &p->clock.clock, &p->random.random,
                       PROVINCE_DIR, e);
}

void province_close(struct province *p)
{
    centre_close(p->centre);
    p->centre = NULL;
}

void province_power_cut(struct province *p)
{
    province_close(p);
    disk_sim_power_cut(p->disk);
    p->clock.boot++;
    p->clock.mono_ms_now = 1000;
}

void province_forget(struct province *p)
{
    must(disk_remove(p->disk, PROVINCE_DIR "/tram.db", &p->err), &p->err);
    must(disk_sync_dir(p->disk, PROVINCE_DIR, &p->err), &p->err);
}

int64_t province_number(struct province *p, const char *sql)
{
    int64_t n = 0;

    must(sql_number(store_db(p->centre->store), sql, &n, &p->err), &p->err);
    return n;
}

struct site_row province_site(struct province *p, uint16_t site)
{
    struct site_row row = {0};
    bool found = false;

    must(site_find(p->centre, site, &row, &found, &p->err), &p->err);
    assert_true(found);
    return row;
}

struct alarm_count {
    uint16_t site;
    const char *kind;
    unsigned count;
};

static int count_alarm(void *arg, uint16_t site, const char *kind, const char *detail,
                       const struct moment *when, struct err *e)
{
    struct alarm_count *c = arg;

    (void)e;
    assert_true(detail[0] != '\0' && when->boot > 0);
    if (site == c->site && strcmp(kind, c->kind) == 0)
        c->count++;
    return 0;
}

unsigned province_alarms(struct province *p, uint16_t site, const char *kind)
{
    struct alarm_count c = {.site = site, .kind = kind};

    must(site_each_alarm(p->centre, count_alarm, &c, &p->err), &p->err);
    return c.count;
}

unsigned province_apply(struct province *p)
{
    unsigned all = 0, some;

    do {
        must(apply_some(p->centre, 3, &some, &p->err), &p->err);
        all += some;
    } while (some > 0);
    return all;
}

struct found {
    unsigned hits;
    uint64_t document;
};

static int count_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct found *f = arg;

    (void)e;
    if (f->hits++ == 0)
        f->document = hit->document;
    return 0;
}

unsigned province_search(struct province *p, const char *query, uint64_t *document)
{
    struct found f = {0};

    must(search_run(p->centre->records, query, 100, count_hit, &f, &p->err), &p->err);
    if (document != NULL)
        *document = f.document;
    return f.hits;
}

/* --------------------------------------------------------------------- a box */

void hand_box_start(struct hand_box *b, struct province *p, const char *name,
                    uint64_t seed)
{
    struct public_key tls = {{1}};
    struct store_identity who = {.epoch = 1};

    *b = (struct hand_box){.claims = true};
    start_clock(&b->clock);
    random_seeded_init(&b->random, seed);
    must(disk_sim_create(&b->disk, seed, &b->err), &b->err);
    must(site_enrol(p->centre, name, PROVINCE_URL, &tls, &b->enrolment, &b->err),
         &b->err);
    key_pair_make(&b->key, &b->random.random);
    who.site = b->enrolment.site;
    (void)snprintf(who.name, sizeof who.name, "%s", name);
    must(store_template_lay(b->disk, BOX_DIR, &b->err), &b->err);
    must(store_init(b->disk, &b->clock.clock, BOX_DIR, &who, &b->err), &b->err);
    must(store_open(&b->store, b->disk, &b->clock.clock, BOX_DIR, &b->err), &b->err);
    must(records_create(&b->records, b->store, &b->err), &b->err);
}

void hand_box_finish(struct hand_box *b)
{
    records_destroy(b->records);
    store_close(b->store);
    disk_sim_destroy(b->disk);
    *b = (struct hand_box){0};
}

static uint64_t take_original(struct hand_box *b, const char *original)
{
    struct original_row o = {
        .bytes = strlen(original), .media = "image/png", .name = "quét.png", .pages = 1};
    uint64_t id;

    hash_of(&o.sha256, original, strlen(original));
    must(record_original(b->records, &o, &id, &b->err), &b->err);
    return id;
}

uint64_t hand_box_take(struct hand_box *b, const char *text, const char *original)
{
    struct document_row d = {.type = "quyết định"};
    struct page_row p = {.ordinal = 1};
    uint64_t document, page, reading;

    must(store_write_begin(b->store, &b->err), &b->err);
    must(record_dossier(b->records, "HS-01", &d.dossier, &b->err), &b->err);
    must(record_document(b->records, &d, &document, &b->err), &b->err);
    p.document = document;
    if (original != NULL)
        p.original = take_original(b, original);
    must(record_page(b->records, &p, &page, &b->err), &b->err);
    must(record_reading(b->records, page, text, "layout", 6, "test 1", &reading, &b->err),
         &b->err);
    must(store_write_commit(b->store, NULL, &b->err), &b->err);
    return document;
}

void hand_box_retype(struct hand_box *b, uint64_t document, const char *type)
{
    must(store_write_begin(b->store, &b->err), &b->err);
    must(record_document_change(b->records, document, 0, type, false, &b->err), &b->err);
    must(store_write_commit(b->store, NULL, &b->err), &b->err);
}

void hand_box_write(struct hand_box *b, const char *sql)
{
    must(store_write_begin(b->store, &b->err), &b->err);
    must(sql_run(store_db(b->store), sql, &b->err), &b->err);
    must(store_write_commit(b->store, NULL, &b->err), &b->err);
}

uint64_t hand_box_last(struct hand_box *b)
{
    int64_t last = 0;

    must(sql_number(store_db(b->store), "SELECT max(sequence) FROM changelog", &last,
                    &b->err),
         &b->err);
    return (uint64_t)last;
}

void parcel_release(struct parcel *p)
{
    buffer_release(&p->bytes);
}

void parcel_rename(struct parcel *p)
{
    struct hash h;

    hash_of(&h, p->bytes.bytes, p->bytes.count);
    memcpy(p->id.id, h.bytes, OBJECT_ID_BYTES);
}

void hand_box_bundle(struct hand_box *b, struct province *p, uint64_t first,
                     uint64_t last, struct parcel *out)
{
    static const char *const sql = "SELECT sequence, schema, seen, changeset, chain"
                                   " FROM changelog WHERE sequence BETWEEN ?1 AND ?2"
                                   " ORDER BY sequence";
    struct bundle_writer *w = NULL;
    struct hash chain = {{0}};
    sqlite3_stmt *s;

    must(bundle_writer_create(&w, DIRECTION_UP, b->enrolment.site, 1, &b->err), &b->err);
    must(statements_prepare(store_db(b->store), &s, &sql, 1, &b->err), &b->err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    while (statement_step(s, &b->err) == 1) {
        struct frame f = {.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                          .schema = (uint32_t)sqlite3_column_int64(s, 1),
                          .seen = (uint64_t)sqlite3_column_int64(s, 2),
                          .changeset = sqlite3_column_blob(s, 3),
                          .changeset_bytes = (size_t)sqlite3_column_bytes(s, 3)};

        must(bundle_writer_add(w, &f, &b->err), &b->err);
        memcpy(chain.bytes, sqlite3_column_blob(s, 4), HASH_BYTES);
    }
    statements_finalize(&s, 1);
    *out = (struct parcel){.id = {.kind = OBJECT_BUNDLE}};
    buffer_init(&out->bytes, BUNDLE_BYTES_MAX);
    must(bundle_writer_seal(w, &chain, &b->key, &p->centre->key.public_key,
                            &b->random.random, &out->bytes, &b->err),
         &b->err);
    bundle_writer_destroy(w);
    parcel_rename(out);
}

void hand_box_frame(struct hand_box *b, struct province *p, const struct frame *f,
                    struct parcel *out)
{
    struct bundle_writer *w = NULL;
    struct hash start, chain;

    chain_start(&start, b->enrolment.site);
    chain_next(&chain, &start, f->sequence, f->schema, f->changeset, f->changeset_bytes);
    must(bundle_writer_create(&w, DIRECTION_UP, b->enrolment.site, 1, &b->err), &b->err);
    must(bundle_writer_add(w, f, &b->err), &b->err);
    *out = (struct parcel){.id = {.kind = OBJECT_BUNDLE}};
    buffer_init(&out->bytes, BUNDLE_BYTES_MAX);
    must(bundle_writer_seal(w, &chain, &b->key, &p->centre->key.public_key,
                            &b->random.random, &out->bytes, &b->err),
         &b->err);
    bundle_writer_destroy(w);
    parcel_rename(out);
}

void hand_box_blob(struct hand_box *b, struct province *p, const void *bytes,
                   size_t count, struct parcel *out)
{
    uint8_t shared[SHARED_BYTES];
    struct disk_file *f = NULL;
    struct hash sha256;

    *out = (struct parcel){.id = {.kind = OBJECT_BLOB}};
    buffer_init(&out->bytes, MESSAGE_BYTES_MAX);
    hash_of(&sha256, bytes, count);
    memcpy(out->id.id, sha256.bytes, OBJECT_ID_BYTES);
    assert_true(key_agree(&b->key, &p->centre->key.public_key, shared));
    must(disk_replace(b->disk, BOX_DIR "/blob", bytes, count, &b->err), &b->err);
    must(disk_open(b->disk, &f, BOX_DIR "/blob", DISK_READ, &b->err), &b->err);
    must(sealed_blob_read(f, b->enrolment.site, &sha256, shared, 0, sealed_bytes(count),
                          &out->bytes, &b->err),
         &b->err);
    disk_close(f);
}

/* ----------------------------------------------------------------- a contact */

static void hear(struct visit *c, const struct buffer *answers)
{
    size_t at = 0, used;
    struct message m;

    while (at < answers->count) {
        assert_int_equal(
            message_next(&m, &used, answers->bytes + at, answers->count - at, &c->err),
            1);
        at += used;
        switch (m.type) {
        case MESSAGE_RECEIPT:
            receipt_release(&c->receipt);
            must(receipt_decode(&c->receipt, m.as.receipt.bytes, m.as.receipt.count,
                                &c->centre, c->site, &c->err),
                 &c->err);
            c->receipts++;
            break;
        case MESSAGE_HAVE:
            c->have = m.as.block.offset;
            c->haves++;
            break;
        case MESSAGE_REFUSED:
            c->reason = m.as.refused.reason;
            c->refusals++;
            break;
        case MESSAGE_PING:
            c->pings++;
            break;
        case MESSAGE_CHAIN:
            assert_true(
                message_chain_proved(&m, c->binding, strlen(c->binding), &c->centre));
            c->chains++;
            c->chain = m.as.chain.range;
            c->chain_epoch = m.as.chain.epoch;
            break;
        default:
            fail_msg("the centre said %d", (int)m.type);
        }
    }
}

void visit_say(struct visit *c, const struct buffer *messages)
{
    struct buffer out;
    struct message m;
    size_t at = 0, used;

    buffer_init(&out, MESSAGE_BYTES_MAX);
    while (c->open && at < messages->count) {
        int rc;

        assert_int_equal(
            message_next(&m, &used, messages->bytes + at, messages->count - at, &c->err),
            1);
        at += used;
        buffer_clear(&out);
        rc = session_message(c->session, &m, &out, &c->err);
        c->open = rc == 1;
        c->died = rc < 0;
        if (rc >= 0)
            hear(c, &out);
    }
    buffer_release(&out);
}

void visit_connect(struct visit *c, struct province *p, const char *binding)
{
    *c = (struct visit){.open = true};
    (void)snprintf(c->binding, sizeof c->binding, "%s", binding);
    c->centre = p->centre->key.public_key;
    must(session_create(&c->session, p->centre, binding, strlen(binding), &c->err),
         &c->err);
}

void visit_begin(struct visit *c, struct province *p, struct hand_box *b)
{
    struct status_vector status = {.last = hand_box_last(b), .oldest_unsent_s = 60};
    struct claim claim = {
        .site = b->enrolment.site, .epoch = 1, .key = b->key.public_key};
    uint8_t bytes[CLAIM_BYTES];
    struct buffer hello;

    visit_connect(c, p, "a connection");
    c->site = b->enrolment.site;
    buffer_init(&hello, MESSAGE_BYTES_MAX);
    if (b->claims) {
        claim_encode(&claim, b->enrolment.secret, &b->key, bytes);
        message_claim(&hello, bytes);
    }
    message_hello(&hello, b->enrolment.site, 1, &status, c->binding, strlen(c->binding),
                  &b->key);
    visit_say(c, &hello);
    buffer_release(&hello);
}

void visit_end(struct visit *c)
{
    session_destroy(c->session);
    receipt_release(&c->receipt);
    *c = (struct visit){0};
}

void visit_offer(struct visit *c, const struct parcel *p)
{
    struct buffer b;

    buffer_init(&b, MESSAGE_BYTES_MAX);
    message_offer(&b, &p->id, p->bytes.count);
    visit_say(c, &b);
    buffer_release(&b);
}

void visit_send_part(struct visit *c, const struct parcel *p, uint64_t offset,
                     uint64_t end)
{
    struct buffer b;

    buffer_init(&b, MESSAGE_BYTES_MAX);
    while (offset < end && c->open) {
        size_t count =
            end - offset < BLOCK_BYTES_MAX ? (size_t)(end - offset) : BLOCK_BYTES_MAX;

        buffer_clear(&b);
        message_block(&b, &p->id, p->bytes.count, offset, p->bytes.bytes + offset, count);
        visit_say(c, &b);
        offset += count;
    }
    buffer_release(&b);
}

void visit_send(struct visit *c, const struct parcel *p)
{
    visit_send_part(c, p, 0, p->bytes.count);
}

int visit_news(struct visit *c)
{
    struct buffer out;
    int rc;

    buffer_init(&out, MESSAGE_BYTES_MAX);
    rc = session_news(c->session, &out, &c->err);
    if (rc == 0)
        hear(c, &out);
    buffer_release(&out);
    return rc;
}

static void own_hash(struct hand_box *b, uint64_t sequence, struct hash *out)
{
    static const char *const sql = "SELECT chain FROM changelog WHERE sequence = ?1";
    sqlite3_stmt *s;

    chain_start(out, b->enrolment.site);
    if (sequence == 0)
        return;
    must(statements_prepare(store_db(b->store), &s, &sql, 1, &b->err), &b->err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    assert_int_equal(statement_step(s, &b->err), 1);
    assert_true(column_hash(s, 0, out));
    statements_finalize(&s, 1);
}

void visit_ask_chain(struct visit *c, struct hand_box *b, const struct chain_range *r,
                     uint64_t good)
{
    unsigned char hashes[CHAIN_PLACES_MAX * CHAIN_HASH_BYTES];
    struct buffer ask;

    memset(hashes, 99, sizeof hashes);
    for (unsigned i = 0; i < chain_places(r); i++) {
        struct hash h;

        if (chain_place(r, i) > good)
            continue;
        own_hash(b, chain_place(r, i), &h);
        memcpy(hashes + (size_t)i * CHAIN_HASH_BYTES, h.bytes, CHAIN_HASH_BYTES);
    }
    buffer_init(&ask, MESSAGE_BYTES_MAX);
    message_chain_ask(&ask, r, 1, hashes);
    visit_say(c, &ask);
    buffer_release(&ask);
}
