/* Format: a reading of two blocks in every form. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
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
    assert_false(format_from_name("pdf", &f));
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
        cmocka_unit_test(json_says_what_was_not_read),
        cmocka_unit_test(hocr_nests_and_escapes),
        cmocka_unit_test(alto_nests_and_escapes),
        cmocka_unit_test(tsv_counts_as_tesseract_does),
        cmocka_unit_test(a_page_without_words_is_a_page_in_every_format),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(no_time_is_promised_before_a_few_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
