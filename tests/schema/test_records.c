/* Records: rows written and read, current values, current text, search rows. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"

static int start(void **state)
{
    static struct scratch s;

    scratch_start(&s);
    must(store_write_begin(s.store, &s.err), &s.err);
    *state = &s;
    return 0;
}

/* Every story ends in a sound store: frames and index agree with the rows. */
static int end(void **state)
{
    struct scratch *s = *state;
    uint64_t missing = 0, surplus = 0;

    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(scratch_problems(s, "at the end"), 0);
    must(search_verify(s->records, &missing, &surplus, &s->err), &s->err);
    assert_int_equal(missing + surplus, 0);
    scratch_remove(s);
    return 0;
}

static uint64_t add_document(struct scratch *s, const char *dossier, const char *type)
{
    struct document_row d = {.type = type};
    uint64_t id;

    if (dossier != NULL)
        must(record_dossier(s->records, dossier, &d.dossier, &s->err), &s->err);
    must(record_document(s->records, &d, &id, &s->err), &s->err);
    return id;
}

static uint64_t add_page(struct scratch *s, uint64_t document, uint32_t ordinal,
                         const char *text)
{
    struct page_row p = {.document = document, .ordinal = ordinal};
    uint64_t id, reading;

    must(record_page(s->records, &p, &id, &s->err), &s->err);
    if (text != NULL)
        must(record_reading(s->records, id, text, NULL, 0, "test", &reading, &s->err),
             &s->err);
    return id;
}

static void expect_text(struct scratch *s, uint64_t page, const char *expected)
{
    struct buffer text;

    buffer_init(&text, 100000);
    must(record_page_text(s->records, page, &text, &s->err), &s->err);
    assert_string_equal(text.count == 0 ? "" : (char *)text.bytes, expected);
    buffer_release(&text);
}

static void expect_search_text(struct scratch *s, uint64_t id, const char *expected)
{
    struct buffer text;

    buffer_init(&text, 100000);
    must(record_search_text(s->records, id, &text, &s->err), &s->err);
    assert_string_equal(text.count == 0 ? "" : (char *)text.bytes, expected);
    buffer_release(&text);
}

static bool is_indexed(struct scratch *s, uint64_t id, const char *word)
{
    char sql[200];

    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM search JOIN search_fresh USING (slot)"
                   " WHERE id = %llu AND ' ' || folded LIKE '%% %s %%'",
                   (unsigned long long)id, word);
    return scratch_number(s, sql) == 1;
}

static void a_dossier_is_found_again_by_its_code(void **state)
{
    struct scratch *s = *state;
    uint64_t a, b, again;

    must(record_dossier(s->records, "HS-1", &a, &s->err), &s->err);
    must(record_dossier(s->records, "HS-2", &b, &s->err), &s->err);
    must(record_dossier(s->records, "HS-1", &again, &s->err), &s->err);
    assert_true(a == again && a != b);
}

static void a_source_and_key_name_one_document_even_deleted(void **state)
{
    struct scratch *s = *state;
    struct document_row d = {.source = "hộ tịch", .source_key = "17"};
    uint64_t id, found;

    must(record_find_source(s->records, "hộ tịch", "17", &found, &s->err), &s->err);
    assert_true(found == 0);
    must(record_document(s->records, &d, &id, &s->err), &s->err);
    must(record_document_change(s->records, id, 0, NULL, true, &s->err), &s->err);
    must(record_find_source(s->records, "hộ tịch", "17", &found, &s->err), &s->err);
    assert_true(found == id);
    must(record_find_source(s->records, "hộ tịch", "18", &found, &s->err), &s->err);
    assert_true(found == 0);
}

static void an_id_names_a_document_a_page_or_nothing(void **state)
{
    struct scratch *s = *state;
    uint64_t document = add_document(s, NULL, NULL);
    uint64_t page = add_page(s, document, 1, NULL), d, p;

    must(record_find(s->records, document, &d, &p, &s->err), &s->err);
    assert_true(d == document && p == 0);
    must(record_find(s->records, page, &d, &p, &s->err), &s->err);
    assert_true(d == document && p == page);
    must(record_find(s->records, 12345, &d, &p, &s->err), &s->err);
    assert_true(d == 0 && p == 0);
    must(record_document_change(s->records, document, 0, NULL, true, &s->err), &s->err);
    must(record_find(s->records, page, &d, &p, &s->err), &s->err);
    assert_true(d == 0 && p == 0);
}

struct list {
    char text[512];
};

static int list_page(void *arg, const struct page_row *p, struct err *e)
{
    struct list *l = arg;

    (void)e;
    (void)snprintf(l->text + strlen(l->text), sizeof l->text - strlen(l->text),
                   "%u/%u/%u ", (unsigned)p->ordinal, (unsigned)p->original_page,
                   (unsigned)p->rotation);
    return 0;
}

static int list_original(void *arg, const struct original_row *o, struct err *e)
{
    struct list *l = arg;

    (void)e;
    (void)snprintf(l->text + strlen(l->text), sizeof l->text - strlen(l->text),
                   "%s:%s:%llu:%u:%02x ", o->name, o->media, (unsigned long long)o->bytes,
                   (unsigned)o->pages, o->sha256.bytes[31]);
    return 0;
}

static uint64_t add_original(struct scratch *s, const char *name, uint8_t last_byte)
{
    struct original_row o = {
        .bytes = 1000, .media = "application/pdf", .name = name, .pages = 2};
    uint64_t id;

    o.sha256.bytes[31] = last_byte;
    must(record_original(s->records, &o, &id, &s->err), &s->err);
    return id;
}

static void pages_and_originals_come_in_order(void **state)
{
    struct scratch *s = *state;
    uint64_t document = add_document(s, NULL, NULL);
    uint64_t b = add_original(s, "b.pdf", 0xbb), a = add_original(s, "a.pdf", 0xaa);
    struct page_row pages[] = {
        {.document = document, .original = b, .ordinal = 3, .original_page = 0},
        {.document = document, .original = a, .ordinal = 2, .original_page = 1},
        {.document = document,
         .original = a,
         .ordinal = 1,
         .original_page = 0,
         .rotation = 3},
    };
    struct list l = {""};
    uint64_t ids[3];

    for (size_t i = 0; i < 3; i++)
        must(record_page(s->records, &pages[i], &ids[i], &s->err), &s->err);
    must(record_each_page(s->records, document, list_page, &l, &s->err), &s->err);
    assert_string_equal(l.text, "1/0/3 2/1/0 3/0/0 ");
    l.text[0] = '\0';
    must(record_each_original(s->records, document, list_original, &l, &s->err), &s->err);
    assert_string_equal(l.text, "a.pdf:application/pdf:1000:2:aa "
                                "b.pdf:application/pdf:1000:2:bb ");
    l.text[0] = '\0';
    must(record_page_delete(s->records, ids[0], &s->err), &s->err);
    must(record_each_original(s->records, document, list_original, &l, &s->err), &s->err);
    assert_string_equal(l.text, "a.pdf:application/pdf:1000:2:aa ");
}

static int stop(void *arg, const struct page_row *p, struct err *e)
{
    ++*(unsigned *)arg;
    return err_set(e, ERR_FAILED, "enough at %u", (unsigned)p->ordinal);
}

static void a_caller_may_stop_and_walk_again(void **state)
{
    struct scratch *s = *state;
    uint64_t document = add_document(s, NULL, NULL);
    unsigned calls = 0;

    (void)add_page(s, document, 1, NULL);
    (void)add_page(s, document, 2, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(record_each_page(s->records, document, stop, &calls, &s->err),
                         -1);
        assert_string_equal(s->err.text, "enough at 1");
    }
    assert_int_equal(calls, 2);
}

static int list_field(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct list *l = arg;

    (void)e;
    (void)snprintf(l->text + strlen(l->text), sizeof l->text - strlen(l->text),
                   "%s.%u=%s(%s) ", name, ordinal, value, source);
    return 0;
}

static void expect_fields(struct scratch *s, uint64_t document, const char *expected)
{
    struct list l = {""};

    must(record_each_field(s->records, document, list_field, &l, &s->err), &s->err);
    assert_string_equal(l.text, expected);
}

static void set_field(struct scratch *s, uint64_t document, const char *name,
                      unsigned ordinal, const char *source, const char *value)
{
    must(record_field(s->records, document, name, ordinal, source, value, &s->err),
         &s->err);
}

static int count_steps(void *arg)
{
    ++*(uint64_t *)arg;
    return 0;
}

/* What so many fields of a document cost, in tens of SQLite's steps. */
static uint64_t steps_of_fields(struct scratch *s, unsigned count)
{
    static char names[400][8];
    static struct field_value values[400];
    uint64_t d = add_document(s, NULL, NULL), steps = 0;

    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "f%u", i);
        values[i] = (struct field_value){.name = names[i], .value = "trị"};
    }
    sqlite3_progress_handler(store_db(s->store), 10, count_steps, &steps);
    must(record_fields(s->records, d, "clerk", values, count, &s->err), &s->err);
    sqlite3_progress_handler(store_db(s->store), 0, NULL, NULL);
    return steps;
}

static void fields_that_are_written_together_are_indexed_once(void **state)
{
    struct scratch *s = *state;
    uint64_t few = steps_of_fields(s, 100), many = steps_of_fields(s, 400);

    print_message("%llu0 steps for 100 fields, %llu0 for 400\n", (unsigned long long)few,
                  (unsigned long long)many);
    assert_true(few > 0 && many < 6 * few);
}

static void lock_province(struct scratch *s, int locked)
{
    char sql[100];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE field SET locked = %d WHERE source = 'province'", locked);
    must(sql_run(store_db(s->store), sql, &s->err), &s->err);
}

static void the_current_value_is_locked_province_then_clerk_then_machine(void **state)
{
    struct scratch *s = *state;
    uint64_t d = add_document(s, NULL, NULL);

    set_field(s, d, "so", 0, "province", "P");
    expect_fields(s, d, "so.0=P(province) ");
    set_field(s, d, "so", 0, "machine", "M");
    expect_fields(s, d, "so.0=M(machine) ");
    set_field(s, d, "so", 0, "clerk", "C");
    expect_fields(s, d, "so.0=C(clerk) ");
    lock_province(s, 1);
    expect_fields(s, d, "so.0=P(province) ");
    lock_province(s, 0);
    expect_fields(s, d, "so.0=C(clerk) ");
    set_field(s, d, "so", 1, "machine", NULL); /* nothing found */
    set_field(s, d, "ngay", 2, "machine", "1975");
    expect_fields(s, d, "ngay.2=1975(machine) so.0=C(clerk) ");
}

static void fields_that_are_not_kept_are_tombstones_and_may_come_back(void **state)
{
    static const struct field_value kept[] = {{.name = "so"}};
    struct scratch *s = *state;
    uint64_t d = add_document(s, NULL, NULL);

    set_field(s, d, "so", 0, "clerk", "1");
    set_field(s, d, "ten", 0, "clerk", "An");
    set_field(s, d, "ten", 1, "clerk", "Bình");
    set_field(s, d, "ten", 0, "machine", "Am");
    must(record_fields_keep(s->records, d, "clerk", kept, 1, &s->err), &s->err);
    expect_fields(s, d, "so.0=1(clerk) ten.0=Am(machine) ");
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM field WHERE deleted"), 2);
    assert_false(is_indexed(s, d, "binh"));
    assert_true(is_indexed(s, d, "am"));
    set_field(s, d, "ten", 0, "clerk", "An");
    expect_fields(s, d, "so.0=1(clerk) ten.0=An(clerk) ");
    must(record_fields_keep(s->records, d, "clerk", NULL, 0, &s->err), &s->err);
    expect_fields(s, d, "ten.0=Am(machine) ");
}

static void of_a_field_that_repeats_only_what_is_kept_stays(void **state)
{
    static const struct field_value kept[] = {{.name = "ten", .ordinal = 1}};
    struct scratch *s = *state;
    uint64_t d = add_document(s, NULL, NULL);

    for (unsigned i = 0; i < 3; i++)
        set_field(s, d, "ten", i, "clerk", "An");
    must(record_fields_keep(s->records, d, "clerk", kept, 1, &s->err), &s->err);
    expect_fields(s, d, "ten.1=An(clerk) ");
}

static void a_page_says_what_its_newest_reading_says(void **state)
{
    struct scratch *s = *state;
    uint64_t page = add_page(s, add_document(s, NULL, NULL), 1, NULL), reading;

    expect_text(s, page, "");
    must(record_reading(s->records, page, "đọc lần một", "x", 1, "t", &reading, &s->err),
         &s->err);
    must(record_reading(s->records, page, "đọc lần hai", NULL, 0, "t", &reading, &s->err),
         &s->err);
    expect_text(s, page, "đọc lần hai");
    assert_true(is_indexed(s, page, "hai"));
    assert_false(is_indexed(s, page, "mot"));
}

static void correct(struct scratch *s, uint64_t page, unsigned word, const char *new_text)
{
    struct correction_row c = {
        .word = word, .width = 1, .height = 1, .old_text = "", .new_text = new_text};
    struct buffer text, layout;

    buffer_init(&text, RECORD_TEXT_BYTES_MAX);
    buffer_init(&layout, RECORD_LAYOUT_BYTES_MAX);
    must(record_newest_reading(s->records, page, &c.reading, &text, &layout, &s->err),
         &s->err);
    must(record_correction(s->records, &c, &s->err), &s->err);
    must(records_refresh(s->records, page, &s->err), &s->err);
    buffer_release(&text);
    buffer_release(&layout);
}

static void corrections_replace_words_and_keep_lines_and_cells(void **state)
{
    static const struct {
        const char *text;
        struct {
            unsigned word;
            const char *text;
        } corrections[4];
        const char *expected;
    } cases[] = {
        {"a b c", {{1, "B"}}, "a B c"},
        {"a b c", {{0, "một hai"}, {2, "ba"}}, "một hai b ba"},
        {"a b c", {{1, ""}}, "a c"},
        {"a b c", {{0, ""}}, "b c"},
        {"a b c", {{2, ""}}, "a b"},
        {"a b c", {{0, ""}, {1, ""}}, "c"},
        {"a b\nc d", {{1, ""}}, "a\nc d"},
        {"a b\nc d", {{2, ""}}, "a b\nd"},
        {"a b\n\nc\nd", {{2, ""}}, "a b\n\nd"},
        {"a b\nc\n\nd", {{2, ""}}, "a b\n\nd"},
        {"a b\tc d", {{1, ""}}, "a\tc d"},
        {"a b\tc d", {{2, ""}}, "a b\td"},
        {"a\tb\nc\td", {{1, ""}}, "a\nc\td"},
        {"a", {{0, ""}}, ""},
        {"a b", {{1, "x"}, {1, "y"}}, "a y"},
        {"a b", {{7, "x"}}, "a b"},
    };
    struct scratch *s = *state;
    uint64_t document = add_document(s, NULL, NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t page = add_page(s, document, (uint32_t)i + 1, cases[i].text);

        for (size_t j = 0; j < 4 && cases[i].corrections[j].text != NULL; j++)
            correct(s, page, cases[i].corrections[j].word, cases[i].corrections[j].text);
        expect_text(s, page, cases[i].expected);
    }
}

static int write_correction_row(void *arg, const struct correction_row *c, struct err *e)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%u %d,%d,%d,%d %s>%s; ", c->word, c->left, c->top,
                   c->width, c->height, c->old_text, c->new_text);
    buffer_append_text(arg, line);
    return buffer_check(arg, e);
}

static void a_correction_is_found_and_told_with_its_box(void **state)
{
    struct scratch *s = *state;
    uint64_t page = add_page(s, add_document(s, NULL, NULL), 1, "so 12 QD"), reading;
    struct correction_row two[] = {
        {.word = 2, 70, 0, 20, 10, .old_text = "QD", .new_text = "Quyết"},
        {.word = 1, 30, 0, 20, 10, .old_text = "12", .new_text = "13"},
    };
    struct buffer text, layout, told;

    buffer_init(&text, RECORD_TEXT_BYTES_MAX);
    buffer_init(&layout, RECORD_LAYOUT_BYTES_MAX);
    buffer_init(&told, 4096);
    must(record_newest_reading(s->records, page, &reading, &text, &layout, &s->err),
         &s->err);
    two[0].reading = two[1].reading = reading;
    must(record_correction(s->records, &two[0], &s->err), &s->err);
    must(record_correction(s->records, &two[1], &s->err), &s->err);
    correct(s, page, 2, "QĐ");
    must(
        record_each_correction(s->records, reading, write_correction_row, &told, &s->err),
        &s->err);
    buffer_append_byte(&told, '\0');
    assert_string_equal((const char *)told.bytes, "1 30,0,20,10 12>13; 2 0,0,1,1 >QĐ; ");
    expect_text(s, page, "so 13 QĐ");
    assert_true(is_indexed(s, page, "qd"));
    assert_false(is_indexed(s, page, "quyet"));
    buffer_release(&text);
    buffer_release(&layout);
    buffer_release(&told);
}

static void a_documents_search_row_holds_dossier_type_and_values(void **state)
{
    struct scratch *s = *state;
    uint64_t d = add_document(s, "HS-7", "khai sinh"), other;

    expect_search_text(s, d, "HS-7\nkhai sinh");
    set_field(s, d, "ten", 0, "clerk", "Nguyễn Thị Mẫu");
    expect_search_text(s, d, "HS-7\nkhai sinh\nNguyễn Thị Mẫu");
    assert_true(is_indexed(s, d, "mau"));
    must(record_dossier(s->records, "HS-8", &other, &s->err), &s->err);
    must(record_document_change(s->records, d, other, "khai tử", false, &s->err),
         &s->err);
    expect_search_text(s, d, "HS-8\nkhai tử\nNguyễn Thị Mẫu");
    assert_false(is_indexed(s, d, "sinh"));
    expect_search_text(s, 12345, "");
}

static void deleting_takes_the_search_rows_and_undeleting_brings_them_back(void **state)
{
    struct scratch *s = *state;
    uint64_t d = add_document(s, NULL, "công văn");
    uint64_t one = add_page(s, d, 1, "trang một"), two = add_page(s, d, 2, "trang hai");

    must(record_page_delete(s->records, two, &s->err), &s->err);
    assert_true(is_indexed(s, one, "trang"));
    assert_false(is_indexed(s, two, "trang"));
    must(record_document_change(s->records, d, 0, "công văn", true, &s->err), &s->err);
    assert_false(is_indexed(s, d, "cong"));
    assert_false(is_indexed(s, one, "trang"));
    must(record_document_change(s->records, d, 0, "công văn", false, &s->err), &s->err);
    assert_true(is_indexed(s, d, "cong"));
    assert_true(is_indexed(s, one, "trang"));
    assert_false(is_indexed(s, two, "trang"));
}

static void changing_nothing_is_no_frame(void **state)
{
    struct scratch *s = *state;
    uint64_t d = add_document(s, NULL, "công văn"), sequence;

    set_field(s, d, "so", 0, "clerk", "1");
    must(store_write_commit(s->store, &sequence, &s->err), &s->err);
    assert_int_equal(sequence, 1);
    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_document_change(s->records, d, 0, "công văn", false, &s->err), &s->err);
    set_field(s, d, "so", 0, "clerk", "1");
    must(store_write_commit(s->store, &sequence, &s->err), &s->err);
    assert_int_equal(sequence, 0);
    must(store_write_begin(s->store, &s->err), &s->err);
}

static void an_unknown_document_cannot_be_changed(void **state)
{
    struct scratch *s = *state;

    assert_int_equal(record_document_change(s->records, 4711, 0, NULL, false, &s->err),
                     -1);
    assert_non_null(strstr(s->err.text, "4711"));
}

static void an_event_says_who_did_what_when(void **state)
{
    struct scratch *s = *state;

    s->clock.mono_ms_now = 5000;
    must(record_event(s->records, 42, "taken", "ông Mẫu", "{\"n\":1}", &s->err), &s->err);
    assert_int_equal(
        scratch_number(s, "SELECT subject = 42 AND kind = 'taken' AND boot = 1"
                          " AND mono_ms = 5000 AND wall_confidence = 2 FROM event"),
        1);
}

static void writing_outside_a_write_is_refused(void **state)
{
    struct scratch *s = *state;
    uint64_t id;

    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(record_dossier(s->records, "x", &id, &s->err), -1);
    assert_int_equal(record_field(s->records, 1, "so", 0, "clerk", "1", &s->err), -1);
    must(store_write_begin(s->store, &s->err), &s->err);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_dossier_is_found_again_by_its_code),
        STORY(a_source_and_key_name_one_document_even_deleted),
        STORY(an_id_names_a_document_a_page_or_nothing),
        STORY(pages_and_originals_come_in_order),
        STORY(a_caller_may_stop_and_walk_again),
        STORY(the_current_value_is_locked_province_then_clerk_then_machine),
        STORY(fields_that_are_written_together_are_indexed_once),
        STORY(fields_that_are_not_kept_are_tombstones_and_may_come_back),
        STORY(of_a_field_that_repeats_only_what_is_kept_stays),
        STORY(a_page_says_what_its_newest_reading_says),
        STORY(corrections_replace_words_and_keep_lines_and_cells),
        STORY(a_correction_is_found_and_told_with_its_box),
        STORY(a_documents_search_row_holds_dossier_type_and_values),
        STORY(deleting_takes_the_search_rows_and_undeleting_brings_them_back),
        STORY(changing_nothing_is_no_frame),
        STORY(an_unknown_document_cannot_be_changed),
        STORY(an_event_says_who_did_what_when),
        STORY(writing_outside_a_write_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
