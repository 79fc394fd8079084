/* bench-sync-layout: what the layout of a page costs on the wire. Pages are read with the
 * real reader, and the readings go to a centre over TLS twice, ten pages a contact: with
 * their layouts and without.
 *
 *   bench-sync-layout FILE…   one picture, one page each
 *
 * On stdout: pages, words a page, bytes a page: packed, on the wire with all, on the wire
 * without layouts; the difference is in which the last two differ. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ocr/client.h"
#include "tests/lib/build.h"
#include "tests/lib/link_world.h"

#define PAGES_A_CONTACT 10
#define FILES_MAX       500

struct sum {
    uint64_t words, packed, wire;
};

static struct link_world w;
static struct reading readings[FILES_MAX];
static size_t count;

static void read_all(char **files)
{
    const struct ocr_options o = {.program = build_program("tram-ocr"), .jobs = 1};
    struct ocr_client *c;
    struct err e;

    must(ocr_client_create(&c, &o, &e), &e);
    for (; *files != NULL && count < FILES_MAX; files++) {
        int fd = open(*files, O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        must(ocr_read(c, fd, 0, 0, &readings[count], &e), &e);
        assert_int_equal(readings[count].refusal, REFUSAL_NONE);
        count++;
        (void)close(fd);
    }
    ocr_client_destroy(c);
}

static void write_page(uint64_t document, uint32_t ordinal, bool layouts, struct sum *sum)
{
    const struct reading *r = &readings[ordinal];
    const struct page_row p = {
        .document = document, .ordinal = ordinal, .original_page = 1};
    struct buffer packed;
    uint64_t page, id;

    buffer_init(&packed, LAYOUT_BYTES_MAX);
    layout_pack(&r->layout, &packed);
    must(buffer_check(&packed, &w.err), &w.err);
    must(record_page(w.box->records, &p, &page, &w.err), &w.err);
    must(record_reading(w.box->records, page, (const char *)r->text.bytes,
                        layouts ? packed.bytes : NULL, layouts ? packed.count : 0,
                        r->engine, &id, &w.err),
         &w.err);
    sum->words += r->layout.words_count;
    sum->packed += packed.count;
    buffer_release(&packed);
}

static void one_contact(uint64_t document, size_t from, bool layouts, struct sum *sum)
{
    struct agent_result r;

    must(store_write_begin(w.box->store, &w.err), &w.err);
    for (size_t i = from; i < count && i < from + PAGES_A_CONTACT; i++)
        write_page(document, (uint32_t)i, layouts, sum);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    r = link_world_sync(&w, 0);
    assert_int_equal(r.end, AGENT_DRAINED);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    sum->wire += r.bytes_out + r.bytes_in;
}

static struct sum carry(bool layouts)
{
    const struct document_row d = {.type = "letter"};
    struct sum sum = {0};
    uint64_t document;

    link_world_start(&w, false);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_document(w.box->records, &d, &document, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    (void)link_world_sync(&w, 0); /* its claim, and the document alone */
    for (size_t from = 0; from < count; from += PAGES_A_CONTACT)
        one_contact(document, from, layouts, &sum);
    link_world_finish(&w);
    return sum;
}

static void measure(void **state)
{
    struct sum with, without;

    read_all(*state);
    with = carry(true);
    without = carry(false);
    printf("%zu\t%.0f\t%.0f\t%.0f\t%.0f\n", count, (double)with.words / (double)count,
           (double)with.packed / (double)count, (double)with.wire / (double)count,
           (double)without.wire / (double)count);
    for (size_t i = 0; i < count; i++)
        reading_release(&readings[i]);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[] = {cmocka_unit_test(measure)};

    if (argc < 2) {
        fprintf(stderr, "usage: bench-sync-layout FILE...\n");
        return 2;
    }
    tests[0].initial_state = argv + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
