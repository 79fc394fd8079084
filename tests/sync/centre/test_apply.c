/* Applying frames: what merges, what is parked, and that search follows. */
#include "tests/lib/province.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "sync/centre/down.h"

struct story {
    struct province p;
    struct hand_box b;
    struct visit v;
};

static void begin(struct story *s)
{
    province_start(&s->p, 5);
    hand_box_start(&s->b, &s->p, "Xã An Bình", 21);
    visit_begin(&s->v, &s->p, &s->b);
}

static void end(struct story *s)
{
    visit_end(&s->v);
    hand_box_finish(&s->b);
    province_finish(&s->p);
}

/* Sends what the centre has not received, and applies it. */
static void sync_now(struct story *s)
{
    struct parcel parcel;

    hand_box_bundle(&s->b, &s->p, province_site(&s->p, s->b.enrolment.site).received + 1,
                    hand_box_last(&s->b), &parcel);
    visit_send(&s->v, &parcel);
    assert_int_equal(s->v.refusals, 0);
    assert_true(province_apply(&s->p) > 0);
    parcel_release(&parcel);
}

static void expect_index_sound(struct story *s)
{
    uint64_t missing, surplus;

    must(search_verify(s->p.centre->records, &missing, &surplus, &s->p.err), &s->p.err);
    assert_int_equal(missing, 0);
    assert_int_equal(surplus, 0);
}

__attribute__((format(printf, 2, 3))) static void box_writes(struct story *s,
                                                             const char *format, ...)
{
    char sql[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    hand_box_write(&s->b, sql);
}

/* The centre changes a row of its own accord: a frame for the box. */
__attribute__((format(printf, 2, 3))) static void centre_writes(struct story *s,
                                                                const char *format, ...)
{
    struct centre *c = s->p.centre;
    char sql[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    must(down_begin(c, s->b.enrolment.site, &s->p.err), &s->p.err);
    must(sql_run(store_db(c->store), sql, &s->p.err), &s->p.err);
    must(down_commit(c, NULL, &s->p.err), &s->p.err);
}

/* ----------------------------------------------------------------------- sound */

static void what_a_box_did_is_not_the_centres_own_change(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    (void)hand_box_take(&s.b, "Quyết định", NULL);
    sync_now(&s);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM document"), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM changelog"), 0);
    end(&s);
}

static void search_follows_what_is_applied(void **state)
{
    uint64_t document, found;
    struct story s;

    (void)state;
    begin(&s);
    document = hand_box_take(&s.b, "Tờ trình xin kinh phí", NULL);
    sync_now(&s);
    assert_int_equal(province_search(&s.p, "kinh phi", &found), 1);
    assert_int_equal(found, document);
    box_writes(&s, "UPDATE dossier SET code = 'Hồ sơ Mới'");
    box_writes(&s,
               "INSERT INTO field (document, name, ordinal, source, value)"
               " VALUES (%" PRIu64 ", 'so', 0, 'clerk', 'Số Mười Hai')",
               document);
    sync_now(&s);
    assert_int_equal(province_search(&s.p, "so muoi hai", NULL), 1);
    assert_int_equal(province_search(&s.p, "ho so moi", NULL), 1);
    box_writes(&s, "UPDATE document SET deleted = 1 WHERE id = %" PRIu64, document);
    sync_now(&s);
    assert_int_equal(province_search(&s.p, "kinh phi", NULL), 0);
    assert_int_equal(province_search(&s.p, "so muoi hai", NULL), 0);
    expect_index_sound(&s);
    end(&s);
}

static void a_correction_changes_the_page_that_is_found(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    (void)hand_box_take(&s.b, "Quyết địmh", NULL);
    sync_now(&s);
    hand_box_write(&s.b, "INSERT INTO correction (id, reading, word, box_left, box_top,"
                         " box_width, box_height, old_text, new_text)"
                         " SELECT id + 1, id, 1, 0, 0, 1, 1, 'địmh', 'chuẩn' FROM"
                         " reading");
    sync_now(&s);
    assert_int_equal(province_search(&s.p, "\"quyet chuan\"", NULL), 1);
    expect_index_sound(&s);
    end(&s);
}

static void frames_are_applied_one_after_the_other(void **state)
{
    struct parcel parcel;
    unsigned applied;
    struct story s;

    (void)state;
    begin(&s);
    for (int i = 0; i < 5; i++)
        (void)hand_box_take(&s.b, "trang", NULL);
    hand_box_bundle(&s.b, &s.p, 1, 5, &parcel);
    visit_send(&s.v, &parcel);
    must(apply_some(s.p.centre, 2, &applied, &s.p.err), &s.p.err);
    assert_int_equal(applied, 2);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).applied, 2);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM document"), 2);
    must(apply_some(s.p.centre, 100, &applied, &s.p.err), &s.p.err);
    assert_int_equal(applied, 3);
    parcel_release(&parcel);
    end(&s);
}

/* --------------------------------------------------------------------- merging */

static void other_columns_of_one_row_merge(void **state)
{
    uint64_t document;
    struct story s;

    (void)state;
    begin(&s);
    document = hand_box_take(&s.b, "trang", NULL);
    sync_now(&s);
    centre_writes(&s, "UPDATE document SET configuration = 'mới' WHERE id = %" PRIu64,
                  document);
    box_writes(&s, "UPDATE document SET type = 'công văn' WHERE id = %" PRIu64, document);
    sync_now(&s);
    assert_int_equal(province_number(&s.p,
                                     "SELECT count(*) FROM document WHERE"
                                     " configuration = 'mới' AND type = 'công văn'"),
                     1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM conflict"), 0);
    end(&s);
}

static void the_same_column_is_the_boxs_and_the_other_value_is_kept_beside(void **state)
{
    uint64_t document;
    struct story s;

    (void)state;
    begin(&s);
    document = hand_box_take(&s.b, "trang", NULL);
    sync_now(&s);
    centre_writes(&s, "UPDATE document SET type = 'tờ trình' WHERE id = %" PRIu64,
                  document);
    box_writes(&s, "UPDATE document SET type = 'công văn' WHERE id = %" PRIu64, document);
    sync_now(&s);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM document WHERE type = 'công văn'"),
        1);
    assert_int_equal(
        province_number(
            &s.p, "SELECT count(*) FROM conflict WHERE field = 'type'"
                  " AND box_value = '\"công văn\"' AND centre_value = '\"tờ trình\"'"
                  " AND taken = 'box' AND name = 'document'"),
        1);
    end(&s);
}

/* A box that has seen the centre's change and changes it again contradicts nobody. */
static void what_was_seen_is_not_concurrent(void **state)
{
    uint64_t document;
    struct story s;

    (void)state;
    begin(&s);
    document = hand_box_take(&s.b, "trang", NULL);
    sync_now(&s);
    centre_writes(&s, "UPDATE document SET type = 'tờ trình' WHERE id = %" PRIu64,
                  document);
    hand_box_write(&s.b, "UPDATE sync_state SET seen = 1");
    box_writes(&s, "UPDATE document SET type = 'công văn' WHERE id = %" PRIu64, document);
    sync_now(&s);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM document WHERE type = 'công văn'"),
        1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM conflict"), 0);
    end(&s);
}

static void a_value_that_the_province_locked_stays(void **state)
{
    uint64_t document;
    struct story s;

    (void)state;
    begin(&s);
    document = hand_box_take(&s.b, "trang", NULL);
    box_writes(&s,
               "INSERT INTO field (document, name, ordinal, source, value)"
               " VALUES (%" PRIu64 ", 'so', 0, 'province', '12')",
               document);
    sync_now(&s);
    centre_writes(&s, "UPDATE field SET locked = 1 WHERE document = %" PRIu64, document);
    box_writes(&s, "UPDATE field SET value = '13' WHERE document = %" PRIu64, document);
    sync_now(&s);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM field WHERE value = '12'"), 1);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM conflict WHERE taken = 'centre'"), 1);
    end(&s);
}

/* --------------------------------------------------------------------- hostile */

/* The changeset that `change` makes after `before`, in a database of its own. */
static void changeset_of(const char *before, const char *change, struct buffer *out)
{
    sqlite3_session *session = NULL;
    sqlite3 *db = NULL;
    void *bytes = NULL;
    int count = 0;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, before, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3session_create(db, "main", &session), SQLITE_OK);
    assert_int_equal(sqlite3session_attach(session, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, change, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3session_changeset(session, &count, &bytes), SQLITE_OK);
    buffer_init(out, 1 << 20);
    buffer_append(out, bytes, (size_t)count);
    assert_true(out->count > 0);
    sqlite3_free(bytes);
    sqlite3session_delete(session);
    (void)sqlite3_close(db);
}

/* Sends it as frame 1, and applies it. */
static void sync_frame(struct story *s, const struct buffer *changeset, uint32_t schema)
{
    struct frame f = {.sequence = 1,
                      .schema = schema,
                      .seen = 1, /* whatever the centre wrote before */
                      .changeset = changeset->bytes,
                      .changeset_bytes = changeset->count};
    struct parcel parcel;

    hand_box_frame(&s->b, &s->p, &f, &parcel);
    visit_send(&s->v, &parcel);
    assert_int_equal(s->v.receipt.received, 1);
    (void)province_apply(&s->p);
    parcel_release(&parcel);
}

#define DOSSIER                                                                          \
    "CREATE TABLE dossier (id INTEGER NOT NULL PRIMARY KEY, fonds INTEGER,"              \
    " code TEXT NOT NULL, title TEXT, deleted INTEGER NOT NULL DEFAULT 0);"

static uint32_t newest_schema(void)
{
    size_t count;

    (void)migrations_all(&count);
    return (uint32_t)count;
}

/* The one change, of site 1, is parked for this reason, and the frame is done. */
static void expect_parked(const char *before, const char *change, const char *reason)
{
    struct buffer changeset;
    struct story s;
    uint64_t parked;
    char sql[256];

    begin(&s);
    changeset_of(before, change, &changeset);
    sync_frame(&s, &changeset, newest_schema());
    must(apply_parked_count(s.p.centre, s.b.enrolment.site, &parked, &s.p.err), &s.p.err);
    assert_int_equal(parked, 1);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM parked WHERE sequence = 1 AND reason LIKE '%%%s'"
                   " AND json_valid(incoming)",
                   reason);
    assert_int_equal(province_number(&s.p, sql), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM dossier"), 0);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).applied, 1);
    buffer_release(&changeset);
    end(&s);
}

static const uint64_t first_id = (uint64_t)1 << 36 | 7; /* site 1 */

__attribute__((format(printf, 1, 2))) static const char *with_id(const char *format, ...)
{
    static char sql[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    return sql;
}

static void a_table_that_is_not_synced_is_parked(void **state)
{
    (void)state;
    expect_parked("CREATE TABLE alarm (id INTEGER NOT NULL PRIMARY KEY, x)",
                  with_id("INSERT INTO alarm VALUES (%" PRIu64 ", 2)", first_id),
                  "no synced table has this name");
}

static void other_columns_than_the_schemas_are_parked(void **state)
{
    (void)state;
    expect_parked("CREATE TABLE dossier (id INTEGER NOT NULL PRIMARY KEY, code TEXT)",
                  with_id("INSERT INTO dossier VALUES (%" PRIu64 ", 'x')", first_id),
                  "not the columns that its schema version has");
    expect_parked(
        "CREATE TABLE dossier (a, b, c, d, e NOT NULL PRIMARY KEY)",
        with_id("INSERT INTO dossier VALUES (%" PRIu64 ", 1, 2, 3, 4)", first_id),
        "not the key that its schema version has");
}

static void another_sites_row_is_parked(void **state)
{
    (void)state;
    expect_parked(DOSSIER,
                  with_id("INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'x')",
                          (uint64_t)2 << 36 | 7),
                  "a row of another site");
    expect_parked(DOSSIER, "INSERT INTO dossier (id, code) VALUES (-5, 'x')",
                  "a row of another site");
}

static void a_change_of_a_row_that_is_not_there_is_parked(void **state)
{
    char before[512];

    (void)state;
    (void)snprintf(before, sizeof before,
                   DOSSIER "INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'x')",
                   first_id);
    expect_parked(before, "UPDATE dossier SET code = 'y'", "the row is not there");
    expect_parked(before, "DELETE FROM dossier", "rows are never deleted");
}

static void a_row_that_is_there_already_is_parked_with_both_versions(void **state)
{
    struct buffer changeset;
    struct story s;

    (void)state;
    begin(&s);
    centre_writes(&s, "INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'của tỉnh')",
                  first_id);
    changeset_of(DOSSIER,
                 with_id("INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'của xã')",
                         first_id),
                 &changeset);
    sync_frame(&s, &changeset, 2);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM parked WHERE name = 'dossier'"
                              " AND json_extract(incoming, '$.new.code') = 'của xã'"
                              " AND json_extract(here, '$.code') = 'của tỉnh'"),
        1);
    buffer_release(&changeset);
    end(&s);
}

static void a_value_that_does_not_fit_is_parked(void **state)
{
    (void)state;
    expect_parked(
        "CREATE TABLE dossier (id INTEGER NOT NULL PRIMARY KEY, fonds, code,"
        " title, deleted)",
        with_id("INSERT INTO dossier VALUES (%" PRIu64 ", 1, NULL, 3, 0)", first_id),
        "NOT NULL constraint failed: dossier.code");
}

static void what_never_changes_is_parked_when_it_does(void **state)
{
    struct story s;
    struct buffer changeset;

    (void)state;
    begin(&s);
    centre_writes(&s,
                  "INSERT INTO reading (id, page, text, engine)"
                  " VALUES (%" PRIu64 ", 1, 'như đã đọc', 'x')",
                  first_id);
    changeset_of(with_id("CREATE TABLE reading (id INTEGER NOT NULL PRIMARY KEY, page,"
                         " text, layout, engine, configuration);"
                         "INSERT INTO reading VALUES (%" PRIu64
                         ", 1, 'như đã đọc', NULL, 'x', NULL)",
                         first_id),
                 "UPDATE reading SET text = 'khác'", &changeset);
    sync_frame(&s, &changeset, 2);
    assert_int_equal(province_number(&s.p,
                                     "SELECT count(*) FROM parked WHERE name = 'reading'"
                                     " AND reason LIKE '%rows never change'"),
                     1);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM reading WHERE text = 'như đã đọc'"),
        1);
    buffer_release(&changeset);
    end(&s);
}

/* The rest of the frame, and the frames after it, go on. */
static void what_is_parked_keeps_nothing_waiting(void **state)
{
    struct buffer changeset;
    char sql[512];
    struct story s;

    (void)state;
    begin(&s);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'a'), (%" PRIu64
                   ", 'b'), (%" PRIu64 ", 'c')",
                   first_id, (uint64_t)9 << 36, first_id + 1);
    changeset_of(DOSSIER, sql, &changeset);
    sync_frame(&s, &changeset, 2);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM dossier"), 2);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM parked"), 1);
    buffer_release(&changeset);
    end(&s);
}

/* Found by fuzz_rows: a value of kind 0, "none", in a new row. */
static void a_new_row_that_lacks_a_value_is_parked(void **state)
{
    struct buffer changeset;
    struct story s;

    (void)state;
    begin(&s);
    changeset_of(
        DOSSIER,
        with_id("INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'x')", first_id),
        &changeset);
    /* … | 5 fonds | 3 1 x code | 5 title | 1 and 8 bytes deleted: the title goes. */
    assert_int_equal(changeset.bytes[changeset.count - 10], 5);
    changeset.bytes[changeset.count - 10] = 0;
    sync_frame(&s, &changeset, newest_schema());
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM parked WHERE reason"
                                           " = 'a new row lacks a value'"),
                     1);
    buffer_release(&changeset);
    end(&s);
}

static void a_malformed_changeset_is_parked_whole(void **state)
{
    struct buffer changeset;
    struct story s;

    (void)state;
    begin(&s);
    changeset_of(DOSSIER,
                 with_id("INSERT INTO dossier (id, code) VALUES (%" PRIu64
                         ", 'x'), (99, 'y')",
                         first_id),
                 &changeset);
    changeset.count -= 3;
    sync_frame(&s, &changeset, 2);
    assert_int_equal(
        province_number(&s.p,
                        "SELECT count(*) FROM parked WHERE reason LIKE '%malformed'"),
        1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM dossier"), 0);
    buffer_release(&changeset);
    end(&s);
}

static void a_frame_of_a_newer_schema_waits(void **state)
{
    struct buffer changeset;
    struct story s;
    size_t ours;

    (void)state;
    begin(&s);
    (void)migrations_all(&ours);
    changeset_of(
        DOSSIER,
        with_id("INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'x')", first_id),
        &changeset);
    sync_frame(&s, &changeset, (uint32_t)ours + 1);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).applied, 0);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM parked"), 0);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM journal WHERE state = 'ready'"), 1);
    buffer_release(&changeset);
    end(&s);
}

/* Columns that a newer schema added are NULL in an older box's rows. */
static void an_older_schemas_row_lacks_the_last_columns(void **state)
{
    struct buffer changeset;
    struct story s;

    (void)state;
    begin(&s);
    changeset_of(
        "CREATE TABLE reading (id INTEGER NOT NULL PRIMARY KEY, page, text,"
        " layout, engine)",
        with_id("INSERT INTO reading VALUES (%" PRIu64 ", 5, 'x', NULL, 'y')", first_id),
        &changeset);
    sync_frame(&s, &changeset, 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM reading WHERE"
                                           " engine = 'y' AND configuration IS NULL"),
                     1);
    buffer_release(&changeset);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_box_did_is_not_the_centres_own_change),
        cmocka_unit_test(search_follows_what_is_applied),
        cmocka_unit_test(a_correction_changes_the_page_that_is_found),
        cmocka_unit_test(frames_are_applied_one_after_the_other),
        cmocka_unit_test(other_columns_of_one_row_merge),
        cmocka_unit_test(the_same_column_is_the_boxs_and_the_other_value_is_kept_beside),
        cmocka_unit_test(what_was_seen_is_not_concurrent),
        cmocka_unit_test(a_value_that_the_province_locked_stays),
        cmocka_unit_test(a_table_that_is_not_synced_is_parked),
        cmocka_unit_test(other_columns_than_the_schemas_are_parked),
        cmocka_unit_test(another_sites_row_is_parked),
        cmocka_unit_test(a_change_of_a_row_that_is_not_there_is_parked),
        cmocka_unit_test(a_row_that_is_there_already_is_parked_with_both_versions),
        cmocka_unit_test(a_value_that_does_not_fit_is_parked),
        cmocka_unit_test(what_never_changes_is_parked_when_it_does),
        cmocka_unit_test(what_is_parked_keeps_nothing_waiting),
        cmocka_unit_test(a_new_row_that_lacks_a_value_is_parked),
        cmocka_unit_test(a_malformed_changeset_is_parked_whole),
        cmocka_unit_test(a_frame_of_a_newer_schema_waits),
        cmocka_unit_test(an_older_schemas_row_lacks_the_last_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
