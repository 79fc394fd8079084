/* The machine's fields of a document: drawn when its last page is read, again after a new
 * reading, and never in the place of a person's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/drawing.h"
#include "appliance/readings.h"
#include "appliance/show.h"
#include "tests/lib/box_world.h"
#include "tests/lib/set_page.h"

static struct box_world w;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

/* Takes a paper of so many pages in; nothing of it has been read. */
static uint64_t taken(const char *type, unsigned pages)
{
    char paper[2048] = "fake pdf\n";

    for (unsigned i = 0; i < pages; i++)
        (void)strcat(paper, "page: chưa đọc\n");
    (void)strcat(paper, "end\n");
    must(world_take_as(&w, "giay.pdf", paper, NULL, type, &w.err), &w.err);
    return world_told(&w, "giay.pdf")->document;
}

static uint64_t page_of(uint64_t document, unsigned ordinal)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql,
                   "SELECT id FROM page WHERE document = %llu AND ordinal = %u",
                   (unsigned long long)document, ordinal);
    return (uint64_t)world_number(&w, sql);
}

/* What a reader's turn does: its job ends, and what is due is drawn. */
static void job_ends(uint64_t page, const char *state)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "UPDATE job SET state = '%s' WHERE page = %llu",
                   state, (unsigned long long)page);
    assert_int_equal(sqlite3_exec(store_db(w.box->store), sql, NULL, NULL, NULL),
                     SQLITE_OK);
}

static void page_reads(uint64_t page, struct set_page *p)
{
    struct buffer packed;
    size_t lost;

    buffer_init(&packed, LAYOUT_BYTES_MAX);
    layout_pack(&p->layout, &packed);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(reading_write(w.box, page,
                       p->text.bytes == NULL ? "" : (const char *)p->text.bytes,
                       packed.bytes, packed.count, "t", &lost, &w.err),
         &w.err);
    job_ends(page, "done");
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    must(drawing_all(w.box, &w.err), &w.err);
    buffer_release(&packed);
}

static void page_is_set_aside(uint64_t page)
{
    must(store_write_begin(w.box->store, &w.err), &w.err);
    job_ends(page, "quarantined");
    must(drawing_mark(w.box, page, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    must(drawing_all(w.box, &w.err), &w.err);
}

static void page_reads_decision(uint64_t page)
{
    struct set_page p;

    set_decision(&p);
    page_reads(page, &p);
    set_page_end(&p);
}

static void page_reads_nothing_of_note(uint64_t page)
{
    struct set_page p;

    set_page_begin(&p);
    set_line(&p, 250, 900, "Trân trọng./.");
    page_reads(page, &p);
    set_page_end(&p);
}

static int64_t count_where(const char *condition)
{
    char sql[512];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM field WHERE deleted = 0 AND %s",
                   condition);
    return world_number(&w, sql);
}

static void a_paper_that_was_read_has_fields_in_its_types_words(void **state)
{
    uint64_t page = page_of(taken(NULL, 1), 1);

    (void)state;
    page_reads_decision(page);
    assert_int_equal(count_where("name = 'number' AND value = '05'"), 1);
    assert_int_equal(count_where("name = 'symbol' AND value = 'QĐ-UBND'"), 1);
    assert_int_equal(count_where("name = 'kind' AND value = 'QĐ'"), 1);
    assert_int_equal(count_where("name = 'authority' AND value LIKE 'TM. %'"), 1);
    assert_int_equal(count_where("name = 'title' AND value = 'PHÓ CHỦ TỊCH'"), 1);
    assert_int_equal(count_where("name = 'recipient'"), 2);
    assert_int_equal(count_where("name = 'page_count' AND value = '1' AND page IS NULL"),
                     1);
    assert_int_equal(count_where("source = 'machine' AND rule = 'head.issuer'"
                                 " AND confidence BETWEEN 90 AND 99 AND zone_top = 160"),
                     1);
}

static void fields_wait_for_the_last_page(void **state)
{
    uint64_t document = taken("administrative", 2);

    (void)state;
    page_reads_decision(page_of(document, 1));
    assert_int_equal(count_where("1"), 0);
    page_reads_nothing_of_note(page_of(document, 2));
    assert_int_equal(count_where("name = 'number'"), 1);
    assert_int_equal(count_where("name = 'page_count' AND value = '2'"), 1);
}

static void a_new_reading_replaces_what_was_drawn_and_leaves_the_clerks_rows(void **state)
{
    uint64_t document = taken(NULL, 1), page = page_of(document, 1);

    (void)state;
    page_reads_decision(page);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_field(w.box->records, document, "number", 0, "clerk", "5", &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    page_reads_nothing_of_note(page);
    assert_int_equal(count_where("source = 'machine'"), 0);
    assert_int_equal(count_where("source = 'clerk' AND value = '5'"), 1);
    page_reads_decision(page);
    assert_int_equal(count_where("source = 'machine' AND value = '05'"), 1);
    assert_int_equal(count_where("source = 'clerk' AND value = '5'"), 1);
}

static void write_sql(const char *sql)
{
    must(store_write_begin(w.box->store, &w.err), &w.err);
    assert_int_equal(sqlite3_exec(store_db(w.box->store), sql, NULL, NULL, NULL),
                     SQLITE_OK);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

static void a_page_in_quarantine_does_not_keep_the_others_from_being_drawn(void **state)
{
    uint64_t document = taken(NULL, 2);

    (void)state;
    page_reads_decision(page_of(document, 1));
    assert_int_equal(count_where("1"), 0);
    page_is_set_aside(page_of(document, 2));
    assert_int_equal(count_where("name = 'number' AND value = '05'"), 1);
    assert_int_equal(count_where("name = 'page_count' AND value = '2'"), 1);
}

static void a_page_that_leaves_quarantine_is_drawn_from_too(void **state)
{
    uint64_t document = taken(NULL, 2);

    (void)state;
    page_is_set_aside(page_of(document, 1));
    page_reads_nothing_of_note(page_of(document, 2));
    assert_int_equal(count_where("name = 'number'"), 0);
    page_reads_decision(page_of(document, 1));
    assert_int_equal(count_where("name = 'number' AND value = '05'"), 1);
}

static void a_damaged_layout_is_passed_over_once(void **state)
{
    uint64_t document = taken(NULL, 2);

    (void)state;
    must(store_write_begin(w.box->store, &w.err), &w.err);
    {
        size_t lost;

        must(reading_write(w.box, page_of(document, 2), "hỏng", "\xff\xff\xff", 3, "t",
                           &lost, &w.err),
             &w.err);
        job_ends(page_of(document, 2), "done");
    }
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    page_reads_decision(page_of(document, 1));
    assert_int_equal(count_where("name = 'number' AND value = '05'"), 1);
    assert_int_equal(drawing_next(w.box, &w.err), 0);
}

static void what_is_marked_is_drawn_after_a_start(void **state)
{
    uint64_t page = page_of(taken(NULL, 1), 1);

    (void)state;
    page_reads_decision(page);
    write_sql("UPDATE field SET deleted = 1, value = NULL");
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(drawing_mark(w.box, page, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(count_where("name = 'number'"), 0); /* the power went here */
    assert_int_equal(drawing_next(w.box, &w.err), 1);
    assert_int_equal(count_where("name = 'number'"), 1);
    assert_int_equal(drawing_next(w.box, &w.err), 0);
}

static void set_cell(struct set_page *p, int row, int column, const char *text)
{
    struct cell c = {.row = (uint16_t)row,
                     .column = (uint16_t)column,
                     .row_span = 1,
                     .column_span = 1,
                     .left = 50 + 300 * column,
                     .top = 300 + 12 * row,
                     .width = 300,
                     .height = 12,
                     .word_first = (uint32_t)p->layout.words_count};

    set_line(p, c.left, c.top, text);
    c.words_count = (uint32_t)p->layout.words_count - c.word_first;
    must(layout_add_cell(&p->layout, &c, &w.err), &w.err);
}

/* Four columns of so many births. */
static void page_reads_register(uint64_t page, bool headed, int births)
{
    static const char *const headings[] = {"Họ và tên", "Dân tộc", "Nơi sinh",
                                           "Quê quán"};
    struct set_page p;

    set_page_begin(&p);
    set_line_middle(&p, SET_MIDDLE, 100, "SỔ ĐĂNG KÝ KHAI SINH");
    for (int column = 0; headed && column < 4; column++)
        set_cell(&p, 0, column, headings[column]);
    for (int row = headed; row < births + headed; row++)
        for (int column = 0; column < 4; column++)
            set_cell(&p, row, column, "Tày");
    page_reads(page, &p);
    set_page_end(&p);
}

static void
a_register_of_more_values_than_a_transaction_holds_is_drawn_whole(void **state)
{
    uint64_t page = page_of(taken("birth", 1), 1);

    (void)state;
    page_reads_register(page, true, 150);
    assert_int_equal(count_where("name = 'nksDanToc'"), 150);
    assert_int_equal(count_where("rule = 'column'"), 600);
    page_reads_nothing_of_note(page);
    assert_int_equal(count_where("1"), 0);
}

static void a_long_register_is_drawn_from_its_middle_pages_too(void **state)
{
    const unsigned pages = 40;
    uint64_t document = taken("birth", pages);

    (void)state;
    for (unsigned i = 1; i <= pages; i++)
        page_reads_register(page_of(document, i), i == 1, 3);
    assert_int_equal(count_where("name = 'nksHoTen'"), 3 * pages);
    assert_int_equal(count_where("rule = 'column'"), 12 * pages);
    assert_int_equal(count_where("name = 'nksHoTen' AND ordinal = 60 AND page ="
                                 " (SELECT id FROM page WHERE ordinal = 21)"),
                     1);
}

static void a_long_paper_tells_of_the_page_that_its_signer_is_on(void **state)
{
    const unsigned pages = 40;
    uint64_t document = taken(NULL, pages);

    (void)state;
    for (unsigned i = 1; i < pages; i++)
        page_reads_nothing_of_note(page_of(document, i));
    page_reads_decision(page_of(document, pages));
    assert_int_equal(count_where("name = 'signer' AND page ="
                                 " (SELECT id FROM page WHERE ordinal = 40)"),
                     1);
    assert_int_equal(count_where("name = 'page_count' AND value = '40'"), 1);
}

/* A paper that says it is a birth's. */
static void page_reads_birth(uint64_t page)
{
    struct set_page p;

    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ");
    set_nation(&p);
    set_line_middle(&p, SET_MIDDLE, 420, "GIẤY KHAI SINH");
    set_line(&p, 250, 500, "Họ, chữ đệm, tên: PHẠM THỊ THU NHẠN");
    set_line(&p, 250, 560, "Giới tính: Nữ");
    set_line(&p, 250, 620, "Họ, chữ đệm, tên người mẹ: Huỳnh Thanh Lụa");
    page_reads(page, &p);
    set_page_end(&p);
}

static void a_form_has_the_fields_of_the_type_that_it_has_or_its_head_tells(void **state)
{
    static const char *const given[] = {NULL, "birth"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_destroy(&w);
        world_start(&w);
        page_reads_birth(page_of(taken(given[i], 1), 1));
        assert_int_equal(count_where("name = 'nksHoTen' AND value = 'PHẠM THỊ THU NHẠN'"
                                     " AND rule = 'label' AND zone_top = 500"),
                         1);
        assert_int_equal(count_where("name = 'nksGioiTinh' AND value = '2'"), 1);
        assert_int_equal(count_where("name = 'meHoTen' AND value = 'Huỳnh Thanh Lụa'"),
                         1);
    }
}

static void a_document_that_is_given_another_type_is_drawn_by_that_one(void **state)
{
    uint64_t document = taken("administrative", 1);

    (void)state;
    page_reads_birth(page_of(document, 1));
    assert_int_equal(count_where("name = 'issuer' AND source = 'machine'"), 1);
    assert_int_equal(count_where("name = 'nksHoTen'"), 0);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_field(w.box->records, document, "nksHoTen", 0, "clerk", "Phạm Thu Nhạn",
                      &w.err),
         &w.err);
    must(record_document_change(w.box->records, document, 0, "birth", false, &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    must(drawing_all(w.box, &w.err), &w.err);
    assert_int_equal(count_where("name = 'issuer'"), 0);
    assert_int_equal(count_where("name = 'meHoTen' AND value = 'Huỳnh Thanh Lụa'"), 1);
    assert_int_equal(count_where("name = 'nksHoTen' AND source = 'machine'"), 1);
    assert_int_equal(count_where("source = 'clerk' AND value = 'Phạm Thu Nhạn'"), 1);
}

static void the_same_type_again_draws_nothing(void **state)
{
    uint64_t document = taken("birth", 1);

    (void)state;
    page_reads_birth(page_of(document, 1));
    write_sql("UPDATE document SET type = 'birth'");
    assert_int_equal(drawing_next(w.box, &w.err), 0);
}

static void a_joint_paper_has_a_row_for_each_of_its_issuers_and_signers(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "SỞ TƯ PHÁP - SỞ NỘI VỤ");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: 05/KHLT-STP-SNV");
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, 420, 1700, "GIÁM ĐỐC");
    set_line_middle(&p, 420, 1980, "Nguyễn Văn Thuận");
    set_line_middle(&p, SET_SIGNATURE, 1700, "GIÁM ĐỐC");
    set_line_middle(&p, SET_SIGNATURE, 1980, "Trần Thị Thu Nguyệt");
    page_reads(page_of(taken(NULL, 1), 1), &p);
    set_page_end(&p);
    assert_int_equal(count_where("name = 'issuer'"), 2);
    assert_int_equal(count_where("name = 'issuer' AND ordinal = 1"
                                 " AND value = 'SỞ NỘI VỤ'"),
                     1);
    assert_int_equal(count_where("name = 'signer' AND ordinal = 1"
                                 " AND value = 'Nguyễn Văn Thuận'"),
                     1);
}

static void what_a_clerk_deleted_of_the_machines_stays_deleted(void **state)
{
    uint64_t page = page_of(taken(NULL, 1), 1);

    (void)state;
    page_reads_decision(page);
    write_sql("UPDATE field SET deleted = 1 WHERE name = 'signer'");
    page_reads_decision(page);
    assert_int_equal(count_where("name = 'signer'"), 0);
    assert_int_equal(count_where("name = 'number'"), 1);
    page_reads_nothing_of_note(page);
    page_reads_decision(page);
    assert_int_equal(count_where("name = 'signer'"), 0);
    assert_int_equal(count_where("name = 'number'"), 1);
}

static const json_t *shown_field(const json_t *shown, const char *name)
{
    const json_t *field;
    size_t i;

    json_array_foreach(
        json_object_get(shown, "fields"), i,
        field) if (strcmp(json_string_value(json_object_get(field, "name")), name) ==
                   0) return field;
    fail_msg("no field %s is shown", name);
    return NULL;
}

static void evidence_is_shown_of_what_the_machine_found_and_of_nothing_else(void **state)
{
    uint64_t document = taken(NULL, 1);
    const struct shown what = {.document = document};
    json_t *shown;

    (void)state;
    page_reads_decision(page_of(document, 1));
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_field(w.box->records, document, "number", 0, "clerk", "5", &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    must(show_json(w.box, &what, &shown, &w.err), &w.err);
    assert_null(json_object_get(shown_field(shown, "number"), "confidence"));
    assert_null(json_object_get(shown_field(shown, "number"), "rule"));
    assert_string_equal(
        json_string_value(json_object_get(shown_field(shown, "issuer"), "rule")),
        "head.issuer");
    assert_int_equal(
        json_array_size(json_object_get(shown_field(shown, "issuer"), "zone")), 4);
    json_decref(shown);
}

static void a_type_without_rules_is_left_alone(void **state)
{
    (void)state;
    page_reads_decision(page_of(taken("khac", 1), 1));
    assert_int_equal(count_where("1"), 0);
}

int main(void)
{
#define CLAIM(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        CLAIM(a_paper_that_was_read_has_fields_in_its_types_words),
        CLAIM(fields_wait_for_the_last_page),
        CLAIM(a_new_reading_replaces_what_was_drawn_and_leaves_the_clerks_rows),
        CLAIM(a_page_in_quarantine_does_not_keep_the_others_from_being_drawn),
        CLAIM(a_page_that_leaves_quarantine_is_drawn_from_too),
        CLAIM(a_damaged_layout_is_passed_over_once),
        CLAIM(what_is_marked_is_drawn_after_a_start),
        CLAIM(a_register_of_more_values_than_a_transaction_holds_is_drawn_whole),
        CLAIM(a_long_register_is_drawn_from_its_middle_pages_too),
        CLAIM(a_long_paper_tells_of_the_page_that_its_signer_is_on),
        CLAIM(a_form_has_the_fields_of_the_type_that_it_has_or_its_head_tells),
        CLAIM(a_document_that_is_given_another_type_is_drawn_by_that_one),
        CLAIM(the_same_type_again_draws_nothing),
        CLAIM(a_joint_paper_has_a_row_for_each_of_its_issuers_and_signers),
        CLAIM(what_a_clerk_deleted_of_the_machines_stays_deleted),
        CLAIM(evidence_is_shown_of_what_the_machine_found_and_of_nothing_else),
        CLAIM(a_type_without_rules_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
