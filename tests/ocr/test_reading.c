/* Reading: the answers of a caged child, which nobody believes before they are
 * checked, and the entry stream of an archive. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/opener.h"
#include "ocr/reading.h"

static struct err e;

/* --- answers ------------------------------------------------------------- */

static void answer(struct buffer *b)
{
    buffer_init(b, ANSWER_BYTES_MAX);
}

static int decode_identity(const void *bytes, size_t count)
{
    struct identity i;

    return identity_decode(&i, bytes, count, &e);
}

static int decode_look(const void *bytes, size_t count)
{
    struct look l;

    return look_decode(&l, bytes, count, &e);
}

static int decode_reading(const void *bytes, size_t count)
{
    struct reading r;
    int rc = reading_decode(&r, bytes, count, &e);

    reading_release(&r);
    return rc;
}

/* Whole it decodes; cut off anywhere, or a byte longer, it is corrupt. */
static void only_whole(int (*decode)(const void *, size_t), const struct buffer *b)
{
    unsigned char *longer = malloc(b->count + 1);

    assert_int_equal(buffer_check(b, &e), 0);
    assert_int_equal(decode(b->bytes, b->count), 0);
    for (size_t n = 0; n < b->count; n++) {
        unsigned char *cut = malloc(n + (n == 0));

        memcpy(cut, b->bytes, n);
        assert_int_equal(decode(cut, n), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        free(cut);
    }
    memcpy(longer, b->bytes, b->count);
    longer[b->count] = 0;
    assert_int_equal(decode(longer, b->count + 1), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    free(longer);
}

static void an_identity_comes_back(void **state)
{
    struct identity i = {.media = MEDIA_PDF, .pages = 412}, back;
    struct buffer b;

    (void)state;
    answer(&b);
    identity_encode(&i, &b);
    only_whole(decode_identity, &b);
    assert_int_equal(identity_decode(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.media, MEDIA_PDF);
    assert_int_equal(back.pages, 412);
    buffer_release(&b);
}

static void a_refusal_comes_back_and_says_nothing_else(void **state)
{
    struct identity i = {.refusal = REFUSAL_ENCRYPTED, .media = MEDIA_PDF, .pages = 3};
    struct buffer b;

    (void)state;
    answer(&b);
    identity_encode(&i, &b);
    only_whole(decode_identity, &b);
    assert_int_equal(identity_decode(&i, b.bytes, b.count, &e), 0);
    assert_int_equal(i.refusal, REFUSAL_ENCRYPTED);
    assert_int_equal(i.media, MEDIA_UNKNOWN);
    assert_int_equal(i.pages, 0);
    buffer_release(&b);
}

static void a_picture_without_pages_or_kind_is_corrupt(void **state)
{
    struct identity i = {.media = MEDIA_PNG};
    struct buffer b;

    (void)state;
    answer(&b);
    identity_encode(&i, &b);
    assert_int_equal(decode_identity(b.bytes, b.count), -1);
    i = (struct identity){.media = MEDIA_UNKNOWN, .pages = 1};
    buffer_clear(&b);
    identity_encode(&i, &b);
    assert_int_equal(decode_identity(b.bytes, b.count), -1);
    i = (struct identity){.media = MEDIA_TIFF, .pages = PAGES_MAX + 1};
    buffer_clear(&b);
    identity_encode(&i, &b);
    assert_int_equal(decode_identity(b.bytes, b.count), -1);
    i = (struct identity){.media = MEDIA_ZIP};
    buffer_clear(&b);
    identity_encode(&i, &b);
    assert_int_equal(decode_identity(b.bytes, b.count), 0);
    buffer_release(&b);
}

static void a_look_comes_back_with_its_stamp(void **state)
{
    struct look l = {.secrecy = SECRECY_TOI_MAT, .width = 800, .height = 1000}, back;
    struct buffer b;

    (void)state;
    l.dpi = 100;
    l.left = 40;
    l.top = 50;
    l.box_width = 760;
    l.box_height = 60;
    answer(&b);
    look_encode(&l, &b);
    only_whole(decode_look, &b);
    assert_int_equal(look_decode(&back, b.bytes, b.count, &e), 0);
    assert_memory_equal(&back, &l, sizeof l);
    l.box_width = 761;
    buffer_clear(&b);
    look_encode(&l, &b);
    assert_int_equal(decode_look(b.bytes, b.count), -1);
    buffer_release(&b);
}

static void a_reading(struct reading *r, const char *text)
{
    static const struct word words[] = {
        {WORD_NEW_BLOCK, 91, 10, 10, 30, 8}, {WORD_IN_LINE, 90, 45, 10, 30, 8},
        {WORD_NEW_LINE, 20, 10, 30, 30, 8},  {WORD_NEW_PARAGRAPH, 99, 10, 50, 30, 8},
        {WORD_NEW_BLOCK, 100, 10, 80, 1, 1},
    };

    *r = (struct reading){.engine = "tesseract 5.3.0 vie psm3", .took_ms = 1600};
    buffer_init(&r->text, READING_TEXT_MAX);
    buffer_append_text(&r->text, text);
    r->layout = (struct layout){.width = 100, .height = 100, .dpi = 300};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(layout_add(&r->layout, &words[i], &e), 0);
}

static void a_reading_comes_back(void **state)
{
    const char *text = "Ủy ban\nnhân\n\ndân\n\nxã";
    const struct alternatives_word offered = {2, 2, {"nhần", "nhấn"}};
    struct reading r, back;
    struct buffer b;

    (void)state;
    a_reading(&r, text);
    assert_int_equal(alternatives_add(&r.alternatives, &offered, &e), 0);
    answer(&b);
    reading_encode(&r, &b);
    only_whole(decode_reading, &b);
    assert_int_equal(reading_decode(&back, b.bytes, b.count, &e), 0);
    assert_string_equal((char *)back.text.bytes, text);
    assert_string_equal(back.engine, "tesseract 5.3.0 vie psm3");
    assert_int_equal(back.took_ms, 1600);
    assert_int_equal(back.layout.words_count, 5);
    assert_string_equal(alternatives_of(&back.alternatives, 2)->texts[1], "nhấn");
    reading_release(&back);
    reading_release(&r);
    buffer_release(&b);
}

/* "Stt | Họ tên" over "1 | Đào / Văn". */
static void a_table_reading(struct reading *r, const char *text)
{
    static const struct word words[] = {
        {WORD_NEW_BLOCK, 91, 10, 10, 9, 8}, {WORD_NEW_CELL, 90, 20, 10, 30, 8},
        {WORD_IN_LINE, 90, 55, 10, 30, 8},  {WORD_NEW_LINE, 99, 10, 30, 3, 8},
        {WORD_NEW_CELL, 99, 20, 30, 30, 8}, {WORD_CELL_LINE, 99, 20, 40, 30, 8},
    };

    *r = (struct reading){.took_ms = 1600};
    buffer_init(&r->text, READING_TEXT_MAX);
    buffer_append_text(&r->text, text);
    r->layout = (struct layout){.width = 100, .height = 100, .dpi = 300};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(layout_add(&r->layout, &words[i], &e), 0);
    memset(r->engine, 'e', sizeof r->engine - 1);
}

static void a_tables_row_is_a_line_and_its_cells_are_between_tabs(void **state)
{
    static const struct {
        const char *text;
        bool sound;
    } cases[] = {
        {"Stt\tHọ tên\n1\tĐào Văn", true},
        {"Stt Họ tên\n1\tĐào Văn", false},   /* a cell that is none */
        {"Stt\tHọ\ttên\n1\tĐào Văn", false}, /* and one too many */
        {"Stt\tHọ tên\n1\tĐào\nVăn", false}, /* a cell's line is not the text's */
        {"Stt\t\tHọ tên\n1\tĐào Văn", false},
        {"Stt\tHọ tên\t1\tĐào Văn", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r;
        struct buffer b;

        a_table_reading(&r, cases[i].text);
        answer(&b);
        reading_encode(&r, &b);
        assert_int_equal(decode_reading(b.bytes, b.count), cases[i].sound ? 0 : -1);
        reading_release(&r);
        buffer_release(&b);
    }
}

static void what_was_done_to_a_page_may_be_said_at_length(void **state)
{
    struct reading r, back;
    struct buffer b;

    (void)state;
    a_table_reading(&r, "Stt\tHọ tên\n1\tĐào Văn");
    answer(&b);
    reading_encode(&r, &b);
    assert_int_equal(reading_decode(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(strlen(back.engine), 255);
    assert_string_equal(back.engine, r.engine);
    reading_release(&back);
    reading_release(&r);
    buffer_release(&b);
}

static void a_page_without_words_is_a_reading(void **state)
{
    struct reading r = {0}, back;
    struct buffer b;

    (void)state;
    r.layout = (struct layout){.width = 100, .height = 100};
    answer(&b);
    reading_encode(&r, &b);
    only_whole(decode_reading, &b);
    assert_int_equal(reading_decode(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.text.count, 0);
    reading_release(&back);
    buffer_release(&b);
}

static void text_that_is_not_what_layout_h_says_is_corrupt(void **state)
{
    static const char *const texts[] = {
        "Ủy ban\nnhân\n\ndân",                  /* four words for five boxes */
        "Ủy ban\nnhân\n\ndân\n\nxã hội",        /* six */
        "Ủy\nban nhân\n\ndân\n\nxã",            /* lines that are elsewhere */
        "Ủy  ban\nnhân\n\ndân\n\nxã",           /* two blanks */
        " Ủy ban\nnhân\n\ndân\n\nxã",           /* a blank first */
        "Ủy ban\nnhân\n\ndân\n\nxã\n",          /* and last */
        "U\xcc\x89y ban\nnhân\n\ndân\n\nxã",    /* not NFC */
        "Ủy ban\nnhân\n\ndân\n\nx\xff",         /* not UTF-8 */
        "Ủy ban\nnhân\n\ndân\n\nx\xed\xa0\x80", /* a surrogate */
        "Ủy ban\nnhân\n\ndân\n\nx\x1b[2J",      /* a control character */
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r;
        struct buffer b;

        a_reading(&r, texts[i]);
        answer(&b);
        reading_encode(&r, &b);
        assert_int_equal(decode_reading(b.bytes, b.count), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        reading_release(&r);
        buffer_release(&b);
    }
}

static void hostile_counts_in_a_reading_are_corrupt(void **state)
{
    struct buffer b;

    (void)state;
    answer(&b);
    buffer_append(&b, "\x02\x00\x05\x00", 4);
    buffer_append_varint(&b, UINT64_MAX); /* bytes of text */
    assert_int_equal(decode_reading(b.bytes, b.count), -1);
    buffer_clear(&b);
    buffer_append(&b, "\x02\x00\x05\xff", 4); /* of the engine's name */
    buffer_append_text(&b, "tesseract");
    assert_int_equal(decode_reading(b.bytes, b.count), -1);
    buffer_clear(&b);
    buffer_append(&b, "\x02\xc8", 2); /* a refusal that there is not */
    assert_int_equal(decode_reading(b.bytes, b.count), -1);
    buffer_release(&b);
}

static void every_refusal_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < REFUSAL_COUNT; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(refusal_name((enum refusal)i),
                                    refusal_name((enum refusal)j));
    assert_non_null(refusal_name((enum refusal)1000));
}

/* --- entries ------------------------------------------------------------- */

/* The sink writes a story. */
static int story_begin(void *arg, const char *name, struct err *err)
{
    (void)err;
    buffer_append_format(arg, "[%s|", name);
    return 0;
}

static int story_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
    (void)err;
    buffer_append(arg, bytes, count);
    return 0;
}

static int story_end(void *arg, enum refusal r, struct err *err)
{
    (void)err;
    buffer_append_format(arg, "|%s]", r == REFUSAL_NONE ? "whole" : refusal_name(r));
    return 0;
}

/* Feeds `stream` in pieces of `piece` bytes; the result of the last feed. */
static int tell(struct buffer *story, const struct buffer *stream, size_t piece)
{
    const struct entry_sink sink = {story_begin, story_bytes, story_end, story};
    struct entry_parser *p;
    enum refusal refusal;
    uint64_t entries;
    int rc = 0;

    buffer_init(story, 1 << 20);
    assert_int_equal(entry_parser_create(&p, &sink, &e), 0);
    for (size_t at = 0; at < stream->count && rc == 0; at += piece) {
        size_t left = stream->count - at;

        rc = entry_parser_feed(p, stream->bytes + at, left < piece ? left : piece, &e);
    }
    entry_parser_finish(p, &refusal, &entries);
    buffer_append_format(story, " %s %d", refusal_name(refusal), (int)entries);
    entry_parser_destroy(p);
    return rc;
}

static void expect_story(const struct buffer *stream, size_t piece, int rc,
                         const char *expected)
{
    struct buffer story;

    assert_int_equal(buffer_check(stream, &e), 0);
    assert_int_equal(tell(&story, stream, piece), rc);
    assert_string_equal((char *)story.bytes, expected);
    buffer_release(&story);
}

static void an_archive(struct buffer *b)
{
    buffer_init(b, 1 << 20);
    entry_encode_begin(b, "hồ sơ/01.png");
    entry_encode_bytes(b, "abcdef", 6);
    entry_encode_bytes(b, "ghi", 3);
    entry_encode_end(b, REFUSAL_NONE);
    entry_encode_begin(b, "link");
    entry_encode_end(b, REFUSAL_LINK);
    entry_encode_finish(b, 2);
}

static void a_stream_tells_the_same_story_in_pieces_of_any_size(void **state)
{
    struct buffer b;

    (void)state;
    an_archive(&b);
    for (size_t piece = 1; piece <= b.count; piece++)
        expect_story(&b, piece, 0, "[hồ sơ/01.png|abcdefghi|whole][link||link] none 2");
    buffer_release(&b);
}

static void a_stream_cut_off_anywhere_says_so(void **state)
{
    struct buffer b;

    (void)state;
    an_archive(&b);
    for (size_t n = 0; n < b.count; n++) {
        struct buffer cut = {.bytes = b.bytes, .count = n}, story;

        assert_int_equal(tell(&story, &cut, 1), 0);
        assert_non_null(strstr((char *)story.bytes, " cut_off "));
        buffer_release(&story);
    }
    buffer_release(&b);
}

static void an_archive_may_be_refused_in_the_middle(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 1000);
    entry_encode_begin(&b, "a");
    entry_encode_end(&b, REFUSAL_NONE);
    entry_encode_refusal(&b, REFUSAL_BOMB);
    expect_story(&b, 3, 0, "[a||whole] bomb 1");
    buffer_release(&b);
}

static void nothing_may_follow_the_end(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 1000);
    entry_encode_finish(&b, 0);
    entry_encode_finish(&b, 0);
    expect_story(&b, 1, -1, " cut_off 0");
    buffer_release(&b);
}

static void names_are_made_harmless_and_stay_readable(void **state)
{
    static const char *const names[][2] = {
        {"../../etc/passwd", "‥/‥/etc/passwd"},
        {"/etc/passwd", "∕etc/passwd"},
        {"a/../b", "a/‥/b"},
        {"a/..", "a/‥"},
        {"..a/b..", "..a/b.."},
        {"a\nb\x1b", "a\xef\xbf\xbd"
                     "b\xef\xbf\xbd"},
        {"H\xf4 s\xff.png", "H\xef\xbf\xbd s\xef\xbf\xbd.png"},
        {"", "\xef\xbf\xbd"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buffer b;
        char story[100];

        buffer_init(&b, 1000);
        entry_encode_begin(&b, names[i][0]);
        entry_encode_end(&b, REFUSAL_BAD_PATH);
        entry_encode_finish(&b, 1);
        (void)snprintf(story, sizeof story, "[%s||bad_path] none 1", names[i][1]);
        expect_story(&b, 1, 0, story);
        buffer_release(&b);
    }
}

static void a_name_too_long_is_cut_between_letters(void **state)
{
    char name[3001] = "";
    struct buffer b;

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(name + 3 * i, "ạ", 4); /* three bytes each: 341 of them fit */
    buffer_init(&b, 10000);
    entry_encode_begin(&b, name);
    assert_int_equal(b.count, 1 + 2 + 341 * 3);
    entry_encode_end(&b, REFUSAL_NONE);
    entry_encode_finish(&b, 1);
    memcpy(name + 341 * 3, "||whole] none 1", 16);
    memmove(name + 1, name, strlen(name) + 1);
    name[0] = '[';
    expect_story(&b, 7, 0, name);
    buffer_release(&b);
}

/* Found by fuzzing. */
static void dots_that_the_cut_leaves_do_not_climb(void **state)
{
    char name[1100];
    struct buffer b, story;

    (void)state;
    memset(name, 'a', sizeof name);
    memcpy(name + 1021, "/...", 4);
    name[sizeof name - 1] = '\0';
    buffer_init(&b, 10000);
    entry_encode_begin(&b, name);
    entry_encode_end(&b, REFUSAL_NONE);
    entry_encode_finish(&b, 1);
    assert_int_equal(tell(&story, &b, 1), 0);
    buffer_release(&story);
    buffer_release(&b);
}

static void hostile_streams_are_corrupt(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
    } streams[] = {
        {"E\x02..F", 5},   /* a name that climbs */
        {"E\x04/etcF", 7}, /* that is absolute */
        {"E\x03"
         "a\0bF",
         6},                                               /* that hides its end */
        {"E\x01\xff", 3},                                  /* that is no text */
        {"E\x00", 2},                                      /* that is none */
        {"E\x81\x08", 3},                                  /* of 1025 bytes */
        {"E\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11}, /* of 2^70 */
        {"E\x01"
         "aD\x81\x80\x04",
         7}, /* 65537 bytes at once */
        {"E\x01"
         "aE",
         4}, /* an entry in an entry */
        {"E\x01"
         "aZ",
         4},          /* the end inside one */
        {"D\x01", 2}, /* bytes of no entry */
        {"F", 1},     /* an end of none */
        {"X\x00", 2}, /* refused for nothing */
        {"X\xc8", 2}, /* for what is unknown */
        {"Z\x01", 2}, /* one entry too many */
        {"?", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct buffer b = {.bytes = (unsigned char *)streams[i].bytes,
                           .count = streams[i].count};
        struct buffer story;

        assert_int_equal(tell(&story, &b, 1), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        buffer_release(&story);
    }
}

static void more_entries_than_an_archive_may_hold_are_corrupt(void **state)
{
    struct buffer b, story;

    (void)state;
    buffer_init(&b, 1 << 20);
    for (unsigned i = 0; i <= ARCHIVE_ENTRIES_MAX; i++)
        buffer_append(&b,
                      "E\x01"
                      "aF",
                      4);
    assert_int_equal(tell(&story, &b, 4096), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&story);
    buffer_release(&b);
}

static int disk_is_full(void *arg, const char *name, struct err *err)
{
    (void)arg;
    (void)name;
    return err_set(err, ERR_NO_SPACE, "disk full");
}

static void the_sinks_error_passes_through_and_stops_the_parser(void **state)
{
    const struct entry_sink sink = {disk_is_full, story_bytes, story_end, NULL};
    struct entry_parser *p;
    struct buffer b;

    (void)state;
    an_archive(&b);
    assert_int_equal(entry_parser_create(&p, &sink, &e), 0);
    assert_int_equal(entry_parser_feed(p, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    assert_int_equal(entry_parser_feed(p, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    entry_parser_destroy(p);
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_comes_back),
        cmocka_unit_test(a_refusal_comes_back_and_says_nothing_else),
        cmocka_unit_test(a_picture_without_pages_or_kind_is_corrupt),
        cmocka_unit_test(a_look_comes_back_with_its_stamp),
        cmocka_unit_test(a_reading_comes_back),
        cmocka_unit_test(a_tables_row_is_a_line_and_its_cells_are_between_tabs),
        cmocka_unit_test(what_was_done_to_a_page_may_be_said_at_length),
        cmocka_unit_test(a_page_without_words_is_a_reading),
        cmocka_unit_test(text_that_is_not_what_layout_h_says_is_corrupt),
        cmocka_unit_test(hostile_counts_in_a_reading_are_corrupt),
        cmocka_unit_test(every_refusal_has_a_name_of_its_own),
        cmocka_unit_test(a_stream_tells_the_same_story_in_pieces_of_any_size),
        cmocka_unit_test(a_stream_cut_off_anywhere_says_so),
        cmocka_unit_test(an_archive_may_be_refused_in_the_middle),
        cmocka_unit_test(nothing_may_follow_the_end),
        cmocka_unit_test(names_are_made_harmless_and_stay_readable),
        cmocka_unit_test(a_name_too_long_is_cut_between_letters),
        cmocka_unit_test(dots_that_the_cut_leaves_do_not_climb),
        cmocka_unit_test(hostile_streams_are_corrupt),
        cmocka_unit_test(more_entries_than_an_archive_may_hold_are_corrupt),
        cmocka_unit_test(the_sinks_error_passes_through_and_stops_the_parser),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
