/* Repacking through client, worker and cage. Nothing counts that was not restored:
 * this program is also a worker that lies (see lie()). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/disk.h"
#include "ocr/client.h"
#include "ocr/output.h"
#include "ocr/protocol.h"
#include "ocr/repack/packed.h"
#include "tests/lib/build.h"
#include "tests/lib/documents.h"
#include "tests/lib/program.h"

static struct err e;

/* --- a worker that lies ------------------------------------------------------ */

#define LIE_NAME  "TRAM_TEST_LIE" /* "other": other bytes; "more": and no end of them */
#define LIE_BYTES 1000

/* Answers whatever is asked with some bytes, and says that all is well. */
static void answer_with_a_lie(int answer, uint64_t ticket, bool endless)
{
    unsigned char lies[LIE_BYTES] = {1, 2, 3};
    struct verdict v = {.ticket = ticket};
    struct buffer message;
    struct err ignored;

    while (output_write(answer, lies, sizeof lies, &ignored) == 0 && endless)
        ;
    (void)close(answer);
    buffer_init(&message, MESSAGE_BYTES_MAX);
    verdict_encode(&v, &message);
    (void)message_send(WORKER_FD, &message, NULL, 0, &ignored);
    buffer_release(&message);
}

static int lie(void)
{
    const char *how = getenv(LIE_NAME);
    struct buffer message;
    struct question q;
    int fds[QUESTION_FDS];

    (void)signal(SIGPIPE, SIG_IGN);
    buffer_init(&message, MESSAGE_BYTES_MAX);
    while (message_receive(WORKER_FD, &message, fds, QUESTION_FDS, &e) == 1 &&
           question_decode(&q, message.bytes, message.count, &e) == 0) {
        (void)close(fds[0]);
        answer_with_a_lie(fds[1], q.ticket,
                          strcmp(how, "more") == 0 && q.kind == QUESTION_RESTORE);
    }
    buffer_release(&message);
    return 0;
}

/* --- documents and clients ----------------------------------------------------- */

struct world {
    struct ocr_client *client;
    struct buffer scan; /* a JPEG */
    struct hash sha256;
    int document, packed, restored;
};

static void world_init(struct world *w, const char *worker)
{
    static const char *const lines[] = {"UY BAN NHAN DAN", "SO 12 QD UBND", NULL};
    const struct ocr_options o = {.program = worker, .jobs = 1};
    struct Pix *page = document_page(1240, 1754, lines);

    document_encode(&w->scan, page, IFF_JFIF_JPEG);
    pixDestroy(&page);
    hash_of(&w->sha256, w->scan.bytes, w->scan.count);
    w->document = document_fd(w->scan.bytes, w->scan.count);
    w->packed = memfd_create("packed", MFD_CLOEXEC);
    w->restored = memfd_create("restored", MFD_CLOEXEC);
    if (ocr_client_create(&w->client, &o, &e) != 0)
        fail_msg("%s", e.text);
}

static void world_release(struct world *w)
{
    ocr_client_destroy(w->client);
    buffer_release(&w->scan);
    (void)close(w->document);
    (void)close(w->packed);
    (void)close(w->restored);
}

static off_t size_of(int fd)
{
    return lseek(fd, 0, SEEK_END);
}

static enum refusal repack(struct world *w, bool *gained)
{
    enum refusal r;

    if (ocr_repack(w->client, w->document, &w->sha256, w->packed, gained, &r, &e) != 0)
        fail_msg("%s", e.text);
    return r;
}

static enum refusal restore(struct world *w)
{
    enum refusal r;

    if (ocr_restore(w->client, w->packed, &w->sha256, w->restored, &r, &e) != 0)
        fail_msg("%s", e.text);
    return r;
}

/* --- well ------------------------------------------------------------------------ */

static void a_scan_is_repacked_in_the_cage_and_comes_back(void **state)
{
    struct world w;
    bool gained;
    char *again;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    assert_string_equal(refusal_name(repack(&w, &gained)), "none");
    assert_true(gained);
    assert_in_range(size_of(w.packed), 1000, w.scan.count * 9 / 10);
    assert_string_equal(refusal_name(restore(&w)), "none");
    assert_int_equal(size_of(w.restored), w.scan.count);
    again = mmap(NULL, w.scan.count, PROT_READ, MAP_PRIVATE, w.restored, 0);
    assert_memory_equal(again, w.scan.bytes, w.scan.count);
    assert_int_equal(munmap(again, w.scan.count), 0);
    world_release(&w);
}

static void repacked_again_a_longer_form_leaves_nothing_behind(void **state)
{
    static const char rubbish[300000];
    struct world w;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    assert_int_equal(write(w.packed, rubbish, sizeof rubbish), sizeof rubbish);
    assert_int_equal(repack(&w, &gained), REFUSAL_NONE);
    assert_true(gained);
    assert_int_equal(restore(&w), REFUSAL_NONE);
    world_release(&w);
}

static void what_gains_nothing_stays_as_it_is(void **state)
{
    struct world w;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    assert_int_equal(repack(&w, &gained), REFUSAL_NONE);
    (void)close(w.document);
    w.document = dup(w.packed); /* what is packed is packed */
    assert_true(w.document >= 0);
    (void)close(w.packed);
    w.packed = memfd_create("packed", MFD_CLOEXEC);
    assert_int_equal(repack(&w, &gained), REFUSAL_NONE);
    assert_false(gained);
    world_release(&w);
}

static void an_empty_document_is_refused(void **state)
{
    struct world w;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    assert_int_equal(ftruncate(w.document, 0), 0);
    assert_int_equal(repack(&w, &gained), REFUSAL_EMPTY);
    assert_false(gained);
    world_release(&w);
}

/* --- badly ------------------------------------------------------------------------- */

static void a_packed_form_with_one_byte_changed_is_refused(void **state)
{
    struct world w;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    assert_int_equal(repack(&w, &gained), REFUSAL_NONE);
    assert_int_equal(pwrite(w.packed, "x", 1, size_of(w.packed) / 2), 1);
    assert_string_equal(refusal_name(restore(&w)), "damaged");
    world_release(&w);
}

static void a_packed_form_that_says_4_gb_is_refused(void **state)
{
    const struct packed_head head = {.original_bytes = 4ull << 30};
    struct buffer form;
    struct world w;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    buffer_init(&form, 100);
    packed_head_encode(&head, &form);
    assert_int_equal(write(w.packed, form.bytes, form.count), form.count);
    assert_string_equal(refusal_name(restore(&w)), "too_large");
    assert_int_equal(size_of(w.restored), 0);
    buffer_release(&form);
    world_release(&w);
}

static void an_original_that_has_another_hash_is_not_repacked(void **state)
{
    struct world w;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    w.sha256.bytes[0] ^= 1;
    assert_string_equal(refusal_name(repack(&w, &gained)), "damaged");
    assert_false(gained);
    world_release(&w);
}

static void a_disk_that_takes_no_more_is_an_error_and_the_next_goes_on(void **state)
{
    struct world w;
    enum refusal r;
    bool gained;

    (void)state;
    world_init(&w, build_program("tram-ocr"));
    (void)close(w.packed);
    w.packed = memfd_create("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(fcntl(w.packed, F_ADD_SEALS, F_SEAL_GROW), 0);
    assert_int_equal(
        ocr_repack(w.client, w.document, &w.sha256, w.packed, &gained, &r, &e), -1);
    assert_false(gained);
    (void)close(w.packed);
    w.packed = memfd_create("packed", MFD_CLOEXEC);
    assert_int_equal(repack(&w, &gained), REFUSAL_NONE);
    assert_true(gained);
    world_release(&w);
}

/* --- lies ---------------------------------------------------------------------------- */

static void expect_disbelief(const char *how)
{
    struct world w;
    bool gained;

    assert_int_equal(setenv(LIE_NAME, how, 1), 0);
    world_init(&w, "/proc/self/exe");
    assert_string_equal(refusal_name(repack(&w, &gained)), "damaged");
    assert_int_equal(size_of(w.packed), LIE_BYTES);
    assert_false(gained);
    world_release(&w);
}

static void what_restores_to_other_bytes_is_not_believed(void **state)
{
    (void)state;
    expect_disbelief("other");
}

static void what_restores_to_more_than_the_original_is_not_listened_to(void **state)
{
    (void)state;
    expect_disbelief("more");
}

/* --- the command line ------------------------------------------------------------------ */

static void expect_words(struct bench *b, int status, const char *words,
                         const char *option, const char *out, const char *file)
{
    struct ran r;

    run(b, &r, "tram-ocr", option, out, file, NULL);
    assert_int_equal(r.status, status);
    assert_non_null(strstr(r.err.count == 0 ? "" : (char *)r.err.bytes, words));
    ran_release(&r);
}

static void by_hand_a_file_is_repacked_and_restored(void **state)
{
    struct buffer again;
    struct world w;
    struct bench b;
    struct ran r;

    (void)state;
    bench_create(&b);
    world_init(&w, build_program("tram-ocr"));
    bench_write(&b, "scan.jpg", w.scan.bytes, w.scan.count);
    run(&b, &r, "tram-ocr", "--repack", "scan.packed", "scan.jpg", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
    run(&b, &r, "tram-ocr", "--restore", "again.jpg", "scan.packed", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
    buffer_init(&again, DOCUMENT_BYTES_MAX);
    assert_int_equal(
        disk_read_all(disk_system(), bench_path(&b, "again.jpg"), &again, &e), 0);
    assert_int_equal(again.count, w.scan.count);
    assert_memory_equal(again.bytes, w.scan.bytes, again.count);
    buffer_release(&again);
    world_release(&w);
    bench_destroy(&b);
}

static void by_hand_what_cannot_be_is_said_and_nothing_is_written(void **state)
{
    struct bench b;

    (void)state;
    bench_create(&b);
    bench_write(&b, "note", "short", 5);
    expect_words(&b, 3, "note: would be no smaller", "--repack", "out", "note");
    expect_words(&b, 3, "note: the file is damaged", "--restore", "out", "note");
    expect_words(&b, 1, "none", "--repack", "out", "none");
    expect_words(&b, 1, "no plain file", "--repack", "/dev/null", "note");
    expect_words(&b, 2, "one file", "--repack=out", "--restore=out", "note");
    assert_int_equal(access(bench_path(&b, "out"), F_OK), -1);
    assert_int_equal(access(bench_path(&b, "out.part"), F_OK), -1);
    bench_destroy(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_is_repacked_in_the_cage_and_comes_back),
        cmocka_unit_test(repacked_again_a_longer_form_leaves_nothing_behind),
        cmocka_unit_test(what_gains_nothing_stays_as_it_is),
        cmocka_unit_test(an_empty_document_is_refused),
        cmocka_unit_test(a_packed_form_with_one_byte_changed_is_refused),
        cmocka_unit_test(a_packed_form_that_says_4_gb_is_refused),
        cmocka_unit_test(an_original_that_has_another_hash_is_not_repacked),
        cmocka_unit_test(a_disk_that_takes_no_more_is_an_error_and_the_next_goes_on),
        cmocka_unit_test(what_restores_to_other_bytes_is_not_believed),
        cmocka_unit_test(what_restores_to_more_than_the_original_is_not_listened_to),
        cmocka_unit_test(by_hand_a_file_is_repacked_and_restored),
        cmocka_unit_test(by_hand_what_cannot_be_is_said_and_nothing_is_written),
    };

    if (argc > 1 && strcmp(argv[1], "--worker") == 0)
        return lie();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
