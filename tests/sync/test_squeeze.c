/* Squeezed texts: exact whatever the bytes, the same on every machine, refused when they
 * are not what was squeezed, and small where the past says what comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/random.h"
#include "sync/squeeze.h"
#include "tests/lib/build.h"
#include "tests/lib/scratch.h"

#define PHRASE "Ủy ban nhân dân xã đề nghị các thôn lập danh sách hộ gia đình, tờ số "

static struct random_seeded chance;
static struct buffer text, past, squeezed;

static int start(void **state)
{
    (void)state;
    random_seeded_init(&chance, 27);
    buffer_init(&text, 2 * SQUEEZE_MAX);
    buffer_init(&past, 4u << 20);
    buffer_init(&squeezed, 4u << 20);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buffer_release(&text);
    buffer_release(&past);
    buffer_release(&squeezed);
    return 0;
}

static uint32_t drawn(uint32_t below)
{
    return (uint32_t)random_below(&chance.random, below);
}

static void append_drawn(struct buffer *b, size_t count, uint32_t kinds)
{
    for (size_t i = 0; i < count; i++)
        buffer_append_byte(b, (uint8_t)drawn(kinds));
}

static void append_phrases(struct buffer *b, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_append_format(b, PHRASE "%u.\n", from + i * 7919 % 1000);
}

static void squeeze_text(void)
{
    struct err e = {0};

    buffer_clear(&squeezed);
    assert_int_equal(
        squeeze(text.bytes, text.count, past.bytes, past.count, &squeezed, &e), 0);
}

static int unsqueeze_into(unsigned char *out, size_t count)
{
    struct err e = {0};
    int rc =
        unsqueeze(out, count, squeezed.bytes, squeezed.count, past.bytes, past.count, &e);

    if (rc != 0)
        assert_int_equal(e.code, ERR_REFUSED);
    return rc;
}

static void assert_comes_back(void)
{
    unsigned char *out = malloc(text.count + 1);

    assert_non_null(out);
    squeeze_text();
    assert_int_equal(unsqueeze_into(out, text.count), 0);
    assert_true(text.count == 0 || memcmp(out, text.bytes, text.count) == 0);
    free(out);
}

static void any_text_comes_back_behind_any_past(void **state)
{
    static const size_t pasts[] = {0, 1, 7, 3000, SQUEEZE_THOROUGH + 5000};
    static const uint32_t kinds[] = {1, 2, 5, 256};

    (void)state;
    for (size_t i = 0; i < sizeof pasts / sizeof pasts[0]; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            buffer_clear(&past);
            buffer_clear(&text);
            append_drawn(&past, pasts[i], kinds[k]);
            append_drawn(&text, drawn(3000), kinds[k]);
            assert_comes_back();
        }
    buffer_clear(&text);
    assert_comes_back();
    append_phrases(&text, 1, 40);
    assert_comes_back();
}

static void a_past_longer_than_is_read_counts_by_its_end(void **state)
{
    struct buffer whole = {0};

    (void)state;
    buffer_init(&whole, 4u << 20);
    append_phrases(&past, 1, 3000);
    append_phrases(&text, 2, 10);
    assert_true(past.count > squeeze_past(text.count));
    squeeze_text();
    buffer_append(&whole, squeezed.bytes, squeezed.count);
    memset(past.bytes, 'x', past.count - squeeze_past(text.count));
    squeeze_text();
    assert_int_equal(squeezed.count, whole.count);
    assert_memory_equal(squeezed.bytes, whole.bytes, whole.count);
    buffer_release(&whole);
}

static void what_the_past_has_said_costs_next_to_nothing(void **state)
{
    size_t alone;

    (void)state;
    append_phrases(&text, 3, 60);
    squeeze_text();
    alone = squeezed.count;
    assert_true(alone < text.count / 10);
    append_phrases(&past, 3, 60);
    squeeze_text();
    assert_true(squeezed.count < alone / 5);
    buffer_clear(&text);
    append_drawn(&text, 5000, 256); /* and what nobody can say, hardly more than itself */
    squeeze_text();
    assert_true(squeezed.count < text.count + text.count / 20);
}

static void make_golden(void)
{
    append_phrases(&past, 5, 1500);
    append_drawn(&past, 2000, 256);
    append_phrases(&text, 11, 300);
    append_drawn(&text, 1000, 256);
    append_drawn(&text, 20000, 9);
    squeeze_text();
}

/* Both ends predict, so a change of a single figure would make two languages of one:
 * these are the bytes that every machine and every version makes. */
static void the_same_text_is_the_same_bytes_everywhere(void **state)
{
    static const char expected[] =
        "e761ac4174435d993b3caf75a6190b47d051b6d0df948c1798c4af8285ead67f";
    char hex[HASH_HEX_BYTES];
    struct hash h;

    (void)state;
    make_golden();
    hash_of(&h, squeezed.bytes, squeezed.count);
    hash_to_hex(hex, &h);
    assert_string_equal(hex, expected);
}

static void write_file(const struct scratch *s, const char *name, const struct buffer *b)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
    f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(b->bytes, 1, b->count, f), b->count);
    assert_int_equal(fclose(f), 0);
}

/* sync/PROTOCOL.md is enough to read it: another program, in another language. */
static void who_knows_only_the_document_unsqueezes_it(void **state)
{
    unsigned char out[65536];
    struct scratch s;
    char command[1024];
    FILE *said;

    (void)state;
    if (system("command -v node >/dev/null 2>&1") != 0) {
        print_message("skipped: Node.js is not here (make deps)\n");
        skip();
    }
    make_golden();
    assert_true(text.count < sizeof out && past.count > SQUEEZE_THOROUGH);
    scratch_dir(&s);
    write_file(&s, "past", &past);
    write_file(&s, "squeezed", &squeezed);
    (void)snprintf(command, sizeof command,
                   "cd %s && node %s/../../tests/sync/unsqueeze.mjs past squeezed %zu",
                   s.dir, build_dir(), text.count);
    said = popen(command, "r");
    assert_non_null(said);
    assert_int_equal(fread(out, 1, sizeof out, said), text.count);
    assert_int_equal(pclose(said), 0);
    assert_memory_equal(out, text.bytes, text.count);
    scratch_remove(&s);
}

static void what_is_altered_cut_off_or_behind_another_past_is_refused(void **state)
{
    unsigned char out[4096];

    (void)state;
    append_phrases(&past, 1, 20);
    append_phrases(&text, 2, 20);
    append_drawn(&text, 50, 256);
    squeeze_text();
    assert_true(text.count <= sizeof out);
    for (size_t i = 0; i < squeezed.count; i++) {
        squeezed.bytes[i] ^= 1;
        assert_int_equal(unsqueeze_into(out, text.count), -1);
        squeezed.bytes[i] ^= 1;
    }
    for (size_t n = squeezed.count; n > 0; n--) {
        squeezed.count = n - 1;
        assert_int_equal(unsqueeze_into(out, text.count), -1);
    }
    squeeze_text();
    assert_int_equal(unsqueeze_into(out, text.count), 0);
    assert_int_equal(unsqueeze_into(out, text.count - 1), -1);
    assert_int_equal(unsqueeze_into(out, text.count + 1), -1);
    buffer_append_byte(&squeezed, 0);
    assert_int_equal(unsqueeze_into(out, text.count), -1);
    squeezed.count--;
    past.bytes[past.count / 2] ^= 1;
    assert_int_equal(unsqueeze_into(out, text.count), -1);
}

static void more_than_a_receiver_would_unsqueeze_is_not_squeezed(void **state)
{
    struct err e = {0};
    unsigned char out[1];

    (void)state;
    append_drawn(&text, SQUEEZE_MAX + 1, 2);
    assert_int_equal(squeeze(text.bytes, text.count, NULL, 0, &squeezed, &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    assert_int_equal(unsqueeze(out, SQUEEZE_MAX + 1, "0000", 4, NULL, 0, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
}

/* A receiver takes its time over each byte that comes out. */
static void what_would_come_of_next_to_nothing_is_not_squeezed(void **state)
{
    struct err e = {0};
    unsigned char out[1];

    (void)state;
    append_drawn(&text, SQUEEZE_MAX, 1);
    assert_int_equal(squeeze(text.bytes, text.count, NULL, 0, &squeezed, &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    assert_int_equal(
        unsqueeze(out, SQUEEZE_RATIO * 4 + SQUEEZE_FREE + 1, "0000", 4, NULL, 0, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
}

#define STORY(claim) cmocka_unit_test_setup_teardown(claim, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(any_text_comes_back_behind_any_past),
        STORY(a_past_longer_than_is_read_counts_by_its_end),
        STORY(what_the_past_has_said_costs_next_to_nothing),
        STORY(the_same_text_is_the_same_bytes_everywhere),
        STORY(who_knows_only_the_document_unsqueezes_it),
        STORY(what_is_altered_cut_off_or_behind_another_past_is_refused),
        STORY(more_than_a_receiver_would_unsqueeze_is_not_squeezed),
        STORY(what_would_come_of_next_to_nothing_is_not_squeezed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
