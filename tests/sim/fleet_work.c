#include "tests/sim/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

#define TEXT_BYTES_MAX   3000
#define RECORD_BYTES_MAX 2000

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

static const char *word(struct fleet *f)
{
    static const char *const words[] = {
        "quyết", "định", "ủy", "ban", "nhân", "dân", "xã",  "báo",  "cáo", "tờ",
        "trình", "số",   "về", "đất", "đai",  "hộ",  "gia", "đình", "năm", "1975",
    };

    return words[pick(f, sizeof words / sizeof words[0])];
}

static void make_text(struct fleet *f, size_t bytes_max, struct buffer *out)
{
    size_t words = 5 + pick(f, bytes_max / 15);

    buffer_init(out, bytes_max);
    for (size_t i = 0; i < words && out->count < bytes_max - 32; i++)
        buffer_append_format(out, "%s%s", i == 0 ? "" : " ", word(f));
}

/* -------------------------------------------------------------------- remember */

static void remember_kept(struct fleet_memory *m, const struct hash *sha256)
{
    m->kept = fleet_grow(m->kept, m->kept_count, &m->kept_capacity, sizeof *m->kept);
    m->kept[m->kept_count++] = *sha256;
}

/* The end of a piece of work: committed, and told to the core; or not. */
static bool finish(struct fleet *f, unsigned box, int rc, struct err *e)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t sequence = 0;

    if (rc == 0)
        rc = store_write_commit(b->box->store, &sequence, e);
    else
        store_write_rollback(b->box->store);
    if (rc == 0 && sequence > 0)
        b->memory.last = sequence;
    else if (rc != 0 && e->code != ERR_NO_SPACE)
        fleet_box_error(f, box, "work", e);
    if (rc == 0 && !machine_dead(&b->machine))
        fleet_check_remember(f, box);
    if (rc == 0)
        fleet_box_committed(f, box);
    fleet_box_notice(f, box);
    return rc == 0;
}

/* --------------------------------------------------------------------- intake */

/* Bytes like a scan's, or now and then those of a form that every commune has. */
static void make_original(struct fleet *f, size_t bytes, struct buffer *out)
{
    struct random_seeded form;
    bool common = pick(f, 8) == 0;

    random_seeded_init(&form, pick(f, 3));
    buffer_init(out, 1 << 20);
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t eight;

        if (common)
            form.random.fill(&form.random, &eight, sizeof eight);
        else
            f->chance.random.fill(&f->chance.random, &eight, sizeof eight);
        buffer_append(out, &eight, bytes - i < 8 ? bytes - i : 8);
    }
}

static int keep_original(struct fleet *f, struct fleet_box *b, size_t bytes,
                         struct original_row *out, struct err *e)
{
    struct blob_writer *w = NULL;
    struct buffer scan;
    bool was_there;
    int rc = -1;

    make_original(f, bytes, &scan);
    *out = (struct original_row){.media = "image/jpeg", .name = "scan.jpg", .pages = 1};
    if (blob_writer_create(&w, b->box->blobs, e) == 0 &&
        blob_writer_add(w, scan.bytes, scan.count, e) == 0)
        rc = blob_writer_keep(w, &out->sha256, &out->bytes, &was_there, e);
    blob_writer_destroy(w);
    buffer_release(&scan);
    return rc;
}

static int add_pages(struct fleet *f, struct fleet_box *b, uint64_t document,
                     uint64_t original, unsigned pages, struct err *e)
{
    struct records *r = b->box->records;

    for (unsigned i = 0; i < pages; i++) {
        struct page_row p = {
            .document = document, .original = original, .ordinal = i + 1};
        struct buffer text;
        uint64_t page, reading;
        int rc = record_page(r, &p, &page, e);

        make_text(f, TEXT_BYTES_MAX, &text);
        if (rc == 0)
            rc = record_reading(r, page, (const char *)text.bytes, NULL, 0, "sim 1",
                                &reading, e);
        buffer_release(&text);
        if (rc != 0)
            return -1;
    }
    return 0;
}

static int add_document(struct fleet *f, struct fleet_box *b, unsigned pages,
                        const struct original_row *original, struct err *e)
{
    struct records *r = b->box->records;
    struct document_row d = {.type = "quyết định", .source = "sim"};
    char code[32], key[16];
    uint64_t document, original_id;

    (void)snprintf(key, sizeof key, "%u", ++f->documents_made);
    d.source_key = key;
    (void)snprintf(code, sizeof code, "HS-%u", b->documents / 5 + 1);
    if (record_dossier(r, code, &d.dossier, e) != 0 ||
        record_document(r, &d, &document, e) != 0 ||
        record_original(r, original, &original_id, e) != 0 ||
        add_pages(f, b, document, original_id, pages, e) != 0 ||
        record_field(r, document, "số", 0, "machine", word(f), e) != 0)
        return -1;
    return record_event(r, document, "taken", "sim", NULL, e);
}

void fleet_work_document(struct fleet *f, unsigned box, unsigned pages, size_t bytes)
{
    struct fleet_box *b = &f->boxes[box];
    struct original_row original;
    unsigned key = f->documents_made + 1;
    struct err e;
    int rc;

    if (!b->machine.on)
        return;
    rc = keep_original(f, b, bytes, &original, &e);
    if (rc == 0)
        rc = store_write_begin(b->box->store, &e);
    if (rc == 0)
        rc = add_document(f, b, pages, &original, &e);
    b->documents++;
    if (finish(f, box, rc, &e)) {
        remember_kept(&b->memory, &original.sha256);
        fleet_made(f, box, key);
    }
}

/* ----------------------------------------------------------------- a province's */

static int add_record(struct fleet *f, struct fleet_box *b, struct err *e)
{
    struct records *r = b->box->records;
    struct document_row d = {.type = "công văn"};
    struct page_row p = {.ordinal = 1};
    uint64_t page, reading;
    struct buffer text;
    int rc;

    if (record_document(r, &d, &p.document, e) != 0 || record_page(r, &p, &page, e) != 0)
        return -1;
    make_text(f, RECORD_BYTES_MAX, &text);
    rc = record_reading(r, page, (const char *)text.bytes, NULL, 0, "sim 1", &reading, e);
    buffer_release(&text);
    if (rc != 0 || record_field(r, p.document, "số", 0, "machine", word(f), e) != 0)
        return -1;
    return record_event(r, p.document, "taken", "sim", NULL, e);
}

void fleet_work_record(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct err e;
    int rc;

    if (!b->machine.on)
        return;
    rc = store_write_begin(b->box->store, &e);
    if (rc == 0)
        rc = add_record(f, b, &e);
    (void)finish(f, box, rc, &e);
}

/* ----------------------------------------------------------------- other work */

/* A number that a query gives, or 0. */
static uint64_t some_id(struct fleet *f, struct fleet_box *b, const char *table)
{
    char sql[128];
    int64_t count = 0, id = 0;
    struct err ignored;

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    if (sql_number(store_db(b->box->store), sql, &count, &ignored) != 0 || count == 0)
        return 0;
    (void)snprintf(sql, sizeof sql, "SELECT id FROM %s ORDER BY id LIMIT 1 OFFSET %llu",
                   table, (unsigned long long)pick(f, (uint64_t)count));
    if (sql_number(store_db(b->box->store), sql, &id, &ignored) != 0)
        return 0;
    return (uint64_t)id;
}

static int read_again(struct fleet *f, struct fleet_box *b, uint64_t page, struct err *e)
{
    struct buffer text;
    uint64_t reading;
    int rc;

    make_text(f, TEXT_BYTES_MAX, &text);
    rc = record_reading(b->box->records, page, (const char *)text.bytes, NULL, 0, "sim 2",
                        &reading, e);
    buffer_release(&text);
    return rc;
}

static int turn(struct fleet_box *b, uint64_t page, struct err *e)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE page SET rotation = (rotation + 1) %% 4 WHERE id = %llu",
                   (unsigned long long)page);
    return sql_run(store_db(b->box->store), sql, e);
}

/* What only newer programs know. */
static int change_new(struct fleet *f, struct fleet_box *b, uint64_t document,
                      struct err *e)
{
    uint64_t id;
    char sql[160];

    if (b->machine.program < 2 || pick(f, 2) == 0) {
        (void)snprintf(sql, sizeof sql,
                       "UPDATE document SET keeper = '%s' WHERE id = %llu", word(f),
                       (unsigned long long)document);
    } else {
        if (store_new_id(b->box->store, &id, e) != 0)
            return -1;
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO seal (id, document, words) VALUES (%llu, %llu, '%s')",
                       (unsigned long long)id, (unsigned long long)document, word(f));
    }
    return sql_run(store_db(b->box->store), sql, e);
}

static int change(struct fleet *f, struct fleet_box *b, struct err *e)
{
    static const char *const fields[] = {"số", "ngày", "trích yếu"};
    struct records *r = b->box->records;
    uint64_t document = some_id(f, b, "document"), page = some_id(f, b, "page");
    const char *field = fields[pick(f, 3)];

    if (document == 0 || page == 0)
        return 0;
    if (b->machine.program > 0 && pick(f, 4) == 0)
        return change_new(f, b, document, e);
    switch (pick(f, 7)) {
    case 0:
        return read_again(f, b, page, e);
    case 1:
        return record_page_delete(r, page, e);
    case 2:
        return record_document_change(r, document, 0, word(f), pick(f, 3) == 0, e);
    case 4:
        return turn(b, page, e);
    case 3:
        return record_fields_keep(
            r, document, "clerk",
            (const struct field_value[]){{.name = field}, {.name = field, .ordinal = 1}},
            2, e);
    default:
        return record_field(r, document, field, (unsigned)pick(f, 2),
                            pick(f, 2) == 0 ? "clerk" : "machine",
                            pick(f, 5) == 0 ? NULL : word(f), e);
    }
}

static void change_some(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t changes = 1 + pick(f, 4);
    struct err e;
    int rc = store_write_begin(b->box->store, &e);

    for (uint64_t i = 0; rc == 0 && i < changes; i++)
        rc = change(f, b, &e);
    (void)finish(f, box, rc, &e);
}

/* Each step is a commit of its own: what is there after a failure was committed. */
void fleet_work_afterwards(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    const struct afterwards_run run = {0};
    struct afterwards_counts made;
    struct err e;
    uint64_t last;

    if (!b->machine.on)
        return;
    if (afterwards_run(b->box, &b->afterwards, &run, &made, &e) != 0 &&
        e.code != ERR_NO_SPACE)
        fleet_box_error(f, box, "afterwards", &e);
    if (!machine_dead(&b->machine) && outbox_last(b->outbox, &last, &e) == 0 &&
        last > b->memory.last) {
        b->memory.last = last;
        fleet_check_remember(f, box);
        fleet_box_committed(f, box);
    }
    fleet_box_notice(f, box);
}

void fleet_work_any(struct fleet *f, unsigned box)
{
    if (!f->boxes[box].machine.on)
        return;
    if (pick(f, 4) == 0)
        fleet_work_afterwards(f, box);
    else if (f->boxes[box].documents > 0 && pick(f, 3) != 0)
        change_some(f, box);
    else
        fleet_work_document(f, box, 1 + (unsigned)pick(f, 3),
                            pick(f, 12) == 0 ? 60000 + pick(f, 90000)
                                             : 200 + pick(f, 12000));
}
