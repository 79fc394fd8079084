/* Format: a reading of two blocks, and one of a table, in every form. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/format.h"
#include "ocr/progress.h"

static struct err e;

/* "Kính gửi:" / "A & <B>" in one paragraph, then a block "\"C'\"". */
static void a_reading(struct reading *r)
{
    static const struct word words[] = {
        {WORD_NEW_BLOCK, 90, 10, 20, 30, 10}, {WORD_IN_LINE, 95, 50, 18, 40, 12},
        {WORD_NEW_LINE, 80, 10, 40, 8, 10},   {WORD_IN_LINE, 7, 20, 40, 8, 10},
        {WORD_IN_LINE, 100, 30, 40, 25, 10},  {WORD_NEW_BLOCK, 60, 5, 100, 20, 10},
    };

    *r = (struct reading){.engine = "tesseract 5.3.0 vie psm3", .took_ms = 1600};
    buffer_init(&r->text, READING_TEXT_MAX);
    buffer_append_text(&r->text, "Kính gửi:\nA & <B>\n\n\"C'\"");
    r->layout = (struct layout){.width = 200, .height = 300, .dpi = 300, .rotation = 1};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(layout_add(&r->layout, &words[i], &e), 0);
}

/* A heading, a table of "STT | Họ <tên> (two columns)" over "1 | Đào / Văn | (empty)",
 * an empty table and "Nơi nhận". The recogniser had read "Hç" and "Nơi nh ận". */
static void a_table(struct reading *r)
{
    static const struct word words[] = {
        {WORD_NEW_BLOCK, 90, 90, 10, 20, 4}, {WORD_NEW_BLOCK, 91, 15, 32, 7, 4},
        {WORD_NEW_CELL, 60, 50, 32, 7, 4},   {WORD_IN_LINE, 70, 59, 31, 7, 4},
        {WORD_NEW_LINE, 99, 19, 45, 1, 4},   {WORD_NEW_CELL, 98, 32, 40, 9, 4},
        {WORD_CELL_LINE, 97, 33, 46, 9, 4},  {WORD_NEW_BLOCK, 96, 10, 250, 9, 4},
        {WORD_IN_LINE, 55, 25, 250, 12, 4},
    };
    static const struct cell cells[] = {
        {0, 0, 0, 1, 1, 10, 30, 20, 8, 1, 1},  {0, 0, 1, 1, 2, 30, 30, 90, 8, 2, 2},
        {0, 1, 0, 1, 1, 10, 38, 20, 15, 4, 1}, {0, 1, 1, 1, 1, 30, 38, 50, 15, 5, 2},
        {0, 1, 2, 1, 1, 80, 38, 40, 15, 0, 0}, {1, 0, 0, 1, 1, 5, 90, 190, 10, 0, 0},
    };
    static const struct change changes[] = {{2, CHANGE_LANGUAGE, "Hç"},
                                            {8, CHANGE_JOIN, "nh <ận"}};

    *r = (struct reading){.engine = "tesseract 5.3.0 vie; cells", .took_ms = 1600};
    buffer_init(&r->text, READING_TEXT_MAX);
    buffer_append_text(&r->text, "DANH\n\nSTT\tHọ <tên>\n1\tĐào Văn\n\nNơi nhận");
    r->layout = (struct layout){.width = 200, .height = 300, .dpi = 300};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(layout_add(&r->layout, &words[i], &e), 0);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_int_equal(layout_add_cell(&r->layout, &cells[i], &e), 0);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_int_equal(layout_add_change(&r->layout, &changes[i], &e), 0);
}

/* A file of one page; takes the reading. */
static void written_reading(struct buffer *out, enum format f, struct reading *r)
{
    const struct format_page p = {"t.png", 1, 1, r};

    buffer_init(out, FORMAT_BYTES_MAX);
    format_begin(f, p.file, out);
    format_page(f, &p, out);
    format_end(f, out);
    assert_int_equal(buffer_check(out, &e), 0);
    reading_release(r);
}

static void written_table(struct buffer *out, enum format f)
{
    struct reading r;

    a_table(&r);
    written_reading(out, f, &r);
}

/* Two pages of the same reading, from "dir/s & n.png". */
static void written(struct buffer *out, enum format f)
{
    struct reading r;
    struct format_page p = {"dir/s & n.png", 1, 1, &r};

    a_reading(&r);
    buffer_init(out, FORMAT_BYTES_MAX);
    format_begin(f, p.file, out);
    format_page(f, &p, out);
    p.page = p.number = 2;
    format_page(f, &p, out);
    format_end(f, out);
    assert_int_equal(buffer_check(out, &e), 0);
    reading_release(&r);
}

static void expect_in(const struct buffer *b, const char *part)
{
    if (strstr((const char *)b->bytes, part) == NULL)
        fail_msg("no %s in\n%s", part, (const char *)b->bytes);
}

static size_t count_in(const struct buffer *b, const char *part)
{
    size_t count = 0;

    for (const char *at = (const char *)b->bytes; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* Fails unless what is between '<' and '>' nests, attributes are quoted and no letter
 * of markup lies bare: what a reader of XML asks first. */
static void expect_xml(const struct buffer *b)
{
    const char *at = (const char *)b->bytes;
    char open[32][32];
    size_t depth = 0;

    while (*at != '\0') {
        char quote = '\0';
        const char *name, *end;

        assert_true(*at != '>' && (*at != '&' || at[1] == '#'));
        if (*at++ != '<')
            continue;
        for (end = at; *end != '>' || quote != '\0'; end++) {
            assert_true(*end != '\0' && *end != '<');
            if (quote == '\0' ? *end == '"' || *end == '\'' : *end == quote)
                quote = quote == '\0' ? *end : '\0';
        }
        name = at + (*at == '/');
        if (*at == '/') {
            assert_in_range(depth, 1, 32);
            assert_int_equal(strlen(open[depth - 1]), end - name);
            assert_memory_equal(open[--depth], name, end - name);
        } else if (*at != '?' && *at != '!' && end[-1] != '/') {
            assert_in_range(depth, 0, 31);
            (void)snprintf(open[depth++], sizeof *open, "%.*s", (int)strcspn(name, " >"),
                           name);
        }
        at = end + 1;
    }
    assert_int_equal(depth, 0);
}

static void text_has_a_form_feed_between_pages(void **state)
{
    struct buffer b;

    (void)state;
    written(&b, FORMAT_TEXT);
    assert_string_equal((char *)b.bytes, "Kính gửi:\nA & <B>\n\n\"C'\"\n\f"
                                         "Kính gửi:\nA & <B>\n\n\"C'\"\n");
    buffer_release(&b);
}

static void json_is_an_object_a_line(void **state)
{
    struct buffer b;
    json_error_t error;
    json_t *page, *word;
    char *end;

    (void)state;
    written(&b, FORMAT_JSON);
    assert_int_equal(count_in(&b, "\n"), 2);
    end = strchr((char *)b.bytes, '\n');
    page = json_loadb((char *)b.bytes, (size_t)(end - (char *)b.bytes), 0, &error);
    assert_non_null(page);
    assert_string_equal(json_string_value(json_object_get(page, "file")),
                        "dir/s & n.png");
    assert_int_equal(json_integer_value(json_object_get(page, "page")), 1);
    assert_int_equal(json_integer_value(json_object_get(page, "width")), 200);
    assert_int_equal(json_integer_value(json_object_get(page, "rotation")), 90);
    assert_int_equal(json_integer_value(json_object_get(page, "ms")), 1600);
    assert_string_equal(json_string_value(json_object_get(page, "text")),
                        "Kính gửi:\nA & <B>\n\n\"C'\"");
    assert_int_equal(json_array_size(json_object_get(page, "words")), 6);
    word = json_array_get(json_object_get(page, "words"), 4);
    assert_string_equal(json_string_value(json_object_get(word, "text")), "<B>");
    assert_int_equal(json_integer_value(json_object_get(word, "confidence")), 100);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(word, "box"), 2)),
                     25);
    json_decref(page);
    buffer_release(&b);
}

static const json_t *member(const json_t *list, size_t at, const char *name)
{
    const json_t *value = json_object_get(json_array_get(list, at), name);

    assert_non_null(value);
    return value;
}

static void expect_run(const json_t *list, size_t at, const char *run)
{
    char *said;
    json_t *short_one = json_pack("[O,O,O]", member(list, at, "box"),
                                  member(list, at, "first"), member(list, at, "count"));

    said = json_dumps(short_one, JSON_COMPACT);
    assert_string_equal(said, run);
    free(said);
    json_decref(short_one);
}

static void expect_text(const json_t *list, size_t at, const char *text)
{
    assert_string_equal(json_string_value(member(list, at, "text")), text);
}

static void json_tells_lines_blocks_tables_and_changes(void **state)
{
    struct buffer b;
    json_t *page;
    const json_t *rows, *cells, *changes;

    (void)state;
    written_table(&b, FORMAT_JSON);
    page = json_loadb((char *)b.bytes, b.count, 0, NULL);
    assert_non_null(page);
    assert_int_equal(json_array_size(json_object_get(page, "words")), 9);
    assert_int_equal(json_array_size(json_object_get(page, "lines")), 7);
    expect_run(json_object_get(page, "lines"), 2, "[[50,31,16,5],2,2]");
    assert_int_equal(json_array_size(json_object_get(page, "blocks")), 4);
    expect_run(json_object_get(page, "blocks"), 1, "[[10,30,110,23],1,6]");
    assert_int_equal(json_array_size(json_object_get(page, "tables")), 2);
    rows = member(json_object_get(page, "tables"), 0, "rows");
    assert_int_equal(json_array_size(rows), 2);
    cells = member(rows, 0, "cells");
    assert_int_equal(json_array_size(cells), 2);
    expect_text(cells, 1, "Họ <tên>");
    assert_int_equal(json_integer_value(member(cells, 1, "column_span")), 2);
    cells = member(rows, 1, "cells");
    assert_int_equal(json_array_size(cells), 3);
    expect_text(cells, 1, "Đào Văn");
    expect_run(cells, 1, "[[30,38,50,15],5,2]");
    expect_text(cells, 2, "");
    changes = json_object_get(page, "changes");
    assert_int_equal(json_array_size(changes), 2);
    assert_int_equal(json_integer_value(member(changes, 1, "word")), 8);
    assert_string_equal(json_string_value(member(changes, 1, "kind")), "join");
    assert_string_equal(json_string_value(member(changes, 1, "was")), "nh <ận");
    json_decref(page);
    buffer_release(&b);
}

static void json_says_what_was_not_read(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 4096);
    format_refusal(FORMAT_JSON, "a\xff.pdf", 0, "cut_off", &b);
    format_refusal(FORMAT_JSON, "b.pdf", 3, "crashed", &b);
    format_refusal(FORMAT_TEXT, "b.pdf", 3, "crashed", &b);
    assert_string_equal(
        (char *)b.bytes,
        "{\"file\":\"a\xef\xbf\xbd.pdf\",\"page\":null,\"refusal\":\"cut_off\"}\n"
        "{\"file\":\"b.pdf\",\"page\":3,\"refusal\":\"crashed\"}\n");
    buffer_release(&b);
}

static void hocr_nests_and_escapes(void **state)
{
    struct buffer b;

    (void)state;
    written(&b, FORMAT_HOCR);
    expect_in(&b, "id='page_2' title='image \"dir/s &#38; n.png\"; bbox 0 0 200 300; "
                  "ppageno 1;");
    expect_in(&b, "id='block_1_1' title='bbox 10 18 90 50'");
    expect_in(&b, "id='line_1_1' title='bbox 10 18 90 30'");
    expect_in(&b, "title='bbox 10 20 40 30; x_wconf 90'>Kính</span> <span");
    expect_in(&b, ">&#60;B&#62;</span></span>\n");
    expect_in(&b, ">&#34;C&#39;&#34;</span>");
    assert_int_equal(count_in(&b, "ocr_carea'"), 4);
    assert_int_equal(count_in(&b, "<div"), count_in(&b, "</div>"));
    assert_int_equal(count_in(&b, "<span"), count_in(&b, "</span>"));
    assert_int_equal(count_in(&b, "<p "), count_in(&b, "</p>"));
    expect_xml(&b);
    buffer_release(&b);
}

static void a_table_in_hocr_is_one_and_its_lines_are_found_without_it(void **state)
{
    struct buffer b;

    (void)state;
    written_table(&b, FORMAT_HOCR);
    expect_xml(&b);
    expect_in(&b, "<table class='ocr_table' id='table_1_1' title='bbox 10 30 120 53'>");
    expect_in(&b, "<td id='cell_1_2' colspan='2' title='bbox 30 30 120 38'>");
    expect_in(&b, "<td id='cell_1_5' title='bbox 80 38 120 53'>\n  </td>");
    assert_int_equal(count_in(&b, "<tr "), 3);
    assert_int_equal(count_in(&b, "<td "), 6);
    assert_int_equal(count_in(&b, "'ocr_line'"), 7);
    assert_int_equal(count_in(&b, "'ocr_carea'"), 2);
    expect_in(&b, ">Đào</span></span>\n    <span class='ocr_line'");
    buffer_release(&b);
}

static void alto_nests_and_escapes(void **state)
{
    struct buffer b;

    (void)state;
    written(&b, FORMAT_ALTO);
    expect_in(&b, "<fileName>dir/s &#38; n.png</fileName>");
    expect_in(&b, "<Page ID=\"page_2\" PHYSICAL_IMG_NR=\"2\" WIDTH=\"200\"");
    expect_in(&b, "HPOS=\"20\" VPOS=\"40\" WIDTH=\"8\" HEIGHT=\"10\" WC=\"0.07\" "
                  "CONTENT=\"&#38;\"/>");
    expect_in(&b, "WC=\"1.00\" CONTENT=\"&#60;B&#62;\"/>");
    assert_int_equal(count_in(&b, "<String "), 12);
    assert_int_equal(count_in(&b, "<SP/>"), 6);
    assert_int_equal(count_in(&b, "<TextBlock "), count_in(&b, "</TextBlock>"));
    assert_int_equal(count_in(&b, "<ComposedBlock "), count_in(&b, "</ComposedBlock>"));
    assert_int_equal(count_in(&b, "<TextLine "), 6);
    expect_xml(&b);
    buffer_release(&b);
}

static void a_table_in_alto_is_blocks_within_blocks(void **state)
{
    struct buffer b;

    (void)state;
    written_table(&b, FORMAT_ALTO);
    expect_xml(&b);
    expect_in(&b,
              "<ComposedBlock TYPE=\"table\" ID=\"table_1_1\" HPOS=\"10\" VPOS=\"30\" "
              "WIDTH=\"110\" HEIGHT=\"23\">\n    <ComposedBlock TYPE=\"row\"");
    assert_int_equal(count_in(&b, "TYPE=\"row\""), 3);
    assert_int_equal(count_in(&b, "TYPE=\"cell\""), 6);
    assert_int_equal(count_in(&b, "<TextBlock "), 6);
    buffer_release(&b);
}

static void alto_says_what_the_recogniser_had_said(void **state)
{
    struct buffer b;

    (void)state;
    written_table(&b, FORMAT_ALTO);
    expect_in(&b, "CONTENT=\"Họ\"><ALTERNATIVE PURPOSE=\"recognised\">Hç</ALTERNATIVE>"
                  "</String>");
    expect_in(&b, "CONTENT=\"nhận\"><ALTERNATIVE PURPOSE=\"recognised\">nh &#60;ận<");
    assert_int_equal(count_in(&b, "<ALTERNATIVE"), 2);
    buffer_release(&b);
}

static void tsv_counts_as_tesseract_does(void **state)
{
    struct buffer b;

    (void)state;
    written(&b, FORMAT_TSV);
    expect_in(&b, "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft");
    expect_in(&b, "\n1\t2\t0\t0\t0\t0\t0\t0\t200\t300\t-1\t\n");
    expect_in(&b, "\n4\t1\t1\t1\t2\t0\t10\t40\t45\t10\t-1\t\n");
    expect_in(&b, "\n5\t1\t1\t1\t2\t3\t30\t40\t25\t10\t100\t<B>\n");
    expect_in(&b, "\n5\t1\t2\t1\t1\t1\t5\t100\t20\t10\t60\t\"C'\"\n");
    buffer_release(&b);
}

static void in_tsv_a_table_is_a_block_and_a_cell_a_paragraph(void **state)
{
    struct buffer b;

    (void)state;
    written_table(&b, FORMAT_TSV);
    expect_in(&b, "\n2\t1\t2\t0\t0\t0\t10\t30\t110\t23\t-1\t\n");
    expect_in(&b, "\n5\t1\t2\t2\t1\t2\t59\t31\t7\t4\t70\t<tên>\n");
    expect_in(&b, "\n5\t1\t2\t4\t2\t1\t33\t46\t9\t4\t97\tVăn\n");
    expect_in(&b, "\n2\t1\t4\t0\t0\t0\t5\t90\t190\t10\t-1\t\n");
    expect_in(&b, "\n5\t1\t3\t1\t1\t1\t10\t250\t9\t4\t96\tNơi\n");
    assert_int_equal(count_in(&b, "\n5\t"), 9);
    buffer_release(&b);
}

/* Words that no cell holds, between those of one table. */
static void no_word_is_lost_that_interrupts_a_table(void **state)
{
    (void)state;
    for (enum format f = FORMAT_JSON; f <= FORMAT_TSV; f++) {
        struct reading r;
        struct buffer b;

        a_table(&r);
        r.layout.cells[2].word_first = r.layout.cells[2].words_count = 0; /* the "1" */
        written_reading(&b, f, &r);
        if (f == FORMAT_HOCR || f == FORMAT_ALTO)
            expect_xml(&b);
        expect_in(&b, "DANH");
        expect_in(&b, "STT");
        expect_in(&b, "Văn");
        expect_in(&b, "Nơi");
        if (f == FORMAT_TSV)
            expect_in(&b, "\n5\t1\t3\t1\t1\t1\t19\t45\t1\t4\t99\t1\n");
        buffer_release(&b);
    }
}

static void a_page_without_words_is_a_page_in_every_format(void **state)
{
    const struct reading empty = {.layout = {.width = 10, .height = 10}};
    const struct format_page p = {"a.png", 1, 1, &empty};

    (void)state;
    for (enum format f = FORMAT_TEXT; f <= FORMAT_TSV; f++) {
        struct buffer b;

        buffer_init(&b, FORMAT_BYTES_MAX);
        format_page(f, &p, &b);
        assert_int_equal(buffer_check(&b, &e), 0);
        assert_true(b.count > 0);
        buffer_release(&b);
    }
}

static void formats_have_names(void **state)
{
    enum format f;

    (void)state;
    assert_true(format_from_name("alto", &f));
    assert_int_equal(f, FORMAT_ALTO);
    assert_true(format_from_name("pdf", &f));
    assert_int_equal(f, FORMAT_PDF);
    assert_false(format_from_name("docx", &f));
    assert_false(format_from_name("", &f));
}

static void no_time_is_promised_before_a_few_pages(void **state)
{
    (void)state;
    assert_int_equal(progress_left_s(60000, 2, 100), -1);
    assert_int_equal(progress_left_s(1000, 50, 100), -1);
    assert_int_equal(progress_left_s(20000, 10, 100), 180);
    assert_int_equal(progress_left_s(20000, 100, 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_a_form_feed_between_pages),
        cmocka_unit_test(json_is_an_object_a_line),
        cmocka_unit_test(json_tells_lines_blocks_tables_and_changes),
        cmocka_unit_test(json_says_what_was_not_read),
        cmocka_unit_test(hocr_nests_and_escapes),
        cmocka_unit_test(a_table_in_hocr_is_one_and_its_lines_are_found_without_it),
        cmocka_unit_test(alto_nests_and_escapes),
        cmocka_unit_test(a_table_in_alto_is_blocks_within_blocks),
        cmocka_unit_test(alto_says_what_the_recogniser_had_said),
        cmocka_unit_test(tsv_counts_as_tesseract_does),
        cmocka_unit_test(in_tsv_a_table_is_a_block_and_a_cell_a_paragraph),
        cmocka_unit_test(no_word_is_lost_that_interrupts_a_table),
        cmocka_unit_test(a_page_without_words_is_a_page_in_every_format),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(no_time_is_promised_before_a_few_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
