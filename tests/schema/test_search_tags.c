/* Hits counted, narrowed and put in the order of their papers' days. */
#include <stdlib.h>
#include <string.h>

#include "schema/search/search.h"
#include "tests/lib/scratch.h"

#define HITS 20
#define MANY 3000 /* more than are looked at for a field, and than one block holds */

static struct scratch scratch;
static struct search_counts counts;
static struct search_answer answer;
static uint64_t documents[HITS];
static size_t documents_count;

static int start(void **state)
{
    (void)state;
    scratch_start(&scratch);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* One page; empty fields are none. */
static uint64_t add_paper(const char *text, const char *kind, const char *issuer,
                          const char *date)
{
    const struct field_value all[] = {{.name = "kind", .value = kind},
                                      {.name = "issuer", .value = issuer},
                                      {.name = "date", .value = date}};
    struct err *e = &scratch.err;
    struct page_row p = {.ordinal = 1};
    uint64_t id, page, reading;

    must(store_write_begin(scratch.store, e), e);
    must(record_document(scratch.records, &(struct document_row){0}, &id, e), e);
    p.document = id;
    must(record_page(scratch.records, &p, &page, e), e);
    must(record_reading(scratch.records, page, text, NULL, 0, "test", &reading, e), e);
    must(record_fields(scratch.records, id, "machine", all, 3, e), e);
    must(store_write_commit(scratch.store, NULL, e), e);
    return id;
}

static void set_field(uint64_t document, const char *name, const char *value)
{
    struct err *e = &scratch.err;

    must(store_write_begin(scratch.store, e), e);
    must(record_field(scratch.records, document, name, 0, "clerk", value, e), e);
    must(store_write_commit(scratch.store, NULL, e), e);
}

static int take_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)arg;
    (void)e;
    if (hit->page != 0) /* that a document's fields hold the word too is not at issue */
        documents[documents_count++] = hit->document;
    return 0;
}

static void ask(const char *query, enum search_order order, struct search_filter filter)
{
    const struct search_request r = {.query = query,
                                     .limit = HITS,
                                     .order = order,
                                     .filter = filter,
                                     .counts = &counts};

    documents_count = 0;
    must(search_ask(scratch.records, &r, &answer, take_hit, NULL, &scratch.err),
         &scratch.err);
}

static uint64_t counted(enum search_facet facet, const char *name, uint32_t number)
{
    for (size_t i = 0; i < counts.counts[facet]; i++)
        if (name == NULL ? counts.values[facet][i].number == number
                         : strcmp(counts.values[facet][i].name, name) == 0)
            return counts.values[facet][i].hits;
    return 0;
}

static const struct search_filter all;

static void hits_are_counted_by_kind_issuer_year_and_site(void **state)
{
    (void)state;
    add_paper("cấp đất ở", "Quyết định", "UBND xã Xuân Hòa", "12/03/2019");
    add_paper("cấp đất rừng", "QUYẾT ĐỊNH", "UBND huyện Mộc Lâm", "2019");
    add_paper("đất công ích", "Báo cáo", "UBND XÃ XUÂN HOÀ", "03/2021");
    add_paper("không có gì", "Báo cáo", "UBND xã Xuân Hòa", "2021");
    ask("đất", SEARCH_BY_RANK, all);
    assert_int_equal(answer.total, 3);
    assert_int_equal(counted(SEARCH_KINDS, "Quyết định", 0), 2); /* in capitals too */
    assert_int_equal(counted(SEARCH_KINDS, "Báo cáo", 0), 1);
    assert_int_equal(counted(SEARCH_ISSUERS, "UBND xã Xuân Hòa", 0), 2); /* tone moved */
    assert_int_equal(counted(SEARCH_YEARS, NULL, 2019), 2);
    assert_int_equal(counted(SEARCH_YEARS, NULL, 2021), 1);
    assert_int_equal(counted(SEARCH_SITES, NULL, SCRATCH_SITE), 3);
    assert_string_equal(counts.values[SEARCH_KINDS][0].name,
                        "Quyết định"); /* most first */
}

static void filters_leave_only_what_they_name_and_counts_follow(void **state)
{
    uint64_t wanted = add_paper("họp dân", "Thông báo", "UBND xã Xuân Hòa", "2020");

    (void)state;
    add_paper("họp dân", "Thông báo", "UBND xã Xuân Hòa", "2021");
    add_paper("họp dân", "Giấy mời", "UBND xã Xuân Hòa", "2020");
    ask("họp dân", SEARCH_BY_RANK, (struct search_filter){.kind = "thong bao"});
    assert_int_equal(answer.total, 2);
    assert_int_equal(counted(SEARCH_KINDS, "Giấy mời", 0), 0);
    ask("họp dân", SEARCH_BY_RANK,
        (struct search_filter){.kind = "Thông báo", .year = 2020});
    assert_int_equal(documents_count, 1);
    assert_int_equal(documents[0], wanted);
    assert_int_equal(counted(SEARCH_YEARS, NULL, 2020), 1);
    ask("họp dân", SEARCH_BY_RANK, (struct search_filter){.kind = "loại chưa ai viết"});
    assert_int_equal(answer.total, 0);
    ask("họp dân", SEARCH_BY_RANK, (struct search_filter){.site = SCRATCH_SITE + 1});
    assert_int_equal(answer.total, 0);
    /* Fields in the query, and filters beside them. */
    ask("loại:\"giấy mời\" họp", SEARCH_BY_RANK, (struct search_filter){.year = 2020});
    assert_int_equal(documents_count, 1);
    ask("loại:\"giấy mời\" họp", SEARCH_BY_RANK, (struct search_filter){.year = 2021});
    assert_int_equal(documents_count, 0);
}

static void a_field_that_no_paper_has_leaves_nothing(void **state)
{
    (void)state;
    add_paper("sổ mục kê", "Sổ", "UBND xã", "1999");
    ask("số:98765 mục kê", SEARCH_BY_RANK, all);
    assert_int_equal(answer.total, 0);
    assert_int_equal(documents_count, 0);
}

static void the_latest_paper_comes_first_and_the_undated_last(void **state)
{
    uint64_t undated = add_paper("tiêm phòng", "Sổ", "", NULL);
    uint64_t late = add_paper("tiêm phòng", "Sổ", "", "05/02/2022");
    uint64_t early = add_paper("tiêm phòng", "Sổ", "", "1997");
    uint64_t middle = add_paper("tiêm phòng tiêm phòng", "Sổ", "", "04/02/2022");

    (void)state;
    ask("tiêm phòng", SEARCH_BY_DATE, all);
    assert_int_equal(answer.order, SEARCH_BY_DATE);
    assert_int_equal(documents_count, 4);
    assert_int_equal(documents[0], late);
    assert_int_equal(documents[1], middle);
    assert_int_equal(documents[2], early);
    assert_int_equal(documents[3], undated);
    /* The day that a clerk writes counts, on the pages that were there before. */
    set_field(undated, "date", "06/02/2022");
    ask("tiêm phòng", SEARCH_BY_DATE, all);
    assert_int_equal(documents[0], undated);
    assert_int_equal(counted(SEARCH_YEARS, NULL, 2022), 3);
}

/* Above what is ranked, and through blocks: nothing is left behind. */
static void all_documents_are_all_however_many(void **state)
{
    struct err *e = &scratch.err;
    uint64_t *ids, document, page, reading;
    size_t count;

    (void)state;
    must(store_write_begin(scratch.store, e), e);
    for (unsigned i = 0; i < MANY; i++) {
        struct page_row p = {.ordinal = 1};

        must(record_document(scratch.records, &(struct document_row){0}, &document, e),
             e);
        p.document = document;
        must(record_page(scratch.records, &p, &page, e), e);
        must(record_reading(scratch.records, page, i % 3 == 0 ? "phiếu xanh" : "phiếu",
                            NULL, 0, "test", &reading, e),
             e);
        if (i % 200 == 199) { /* a transaction holds so many rows */
            must(store_write_commit(scratch.store, NULL, e), e);
            must(store_write_begin(scratch.store, e), e);
        }
    }
    must(store_write_commit(scratch.store, NULL, e), e);
    must(search_all_documents(scratch.records, "phieu", &ids, &count, e), e);
    assert_int_equal(count, MANY);
    for (size_t i = 1; i < count; i++)
        assert_true(ids[i] > ids[i - 1]);
    free(ids);
    must(search_all_documents(scratch.records, "phieu -xanh", &ids, &count, e), e);
    assert_int_equal(count, MANY - MANY / 3);
    free(ids);
    must(search_all_documents(scratch.records, "…", &ids, &count, e), e);
    assert_int_equal(count, 0);
    free(ids);
}

static void what_means_too_much_for_all_is_refused(void **state)
{
    uint64_t *ids;
    size_t count;

    (void)state;
    for (unsigned i = 0; i < SEARCH_DOCUMENTS_MAX + 1; i++) {
        struct err *e = &scratch.err;
        uint64_t document;

        must(store_write_begin(scratch.store, e), e);
        must(record_document(scratch.records, &(struct document_row){0}, &document, e),
             e);
        must(record_field(scratch.records, document, "number", 0, "machine", "7/QĐ", e),
             e);
        must(store_write_commit(scratch.store, NULL, e), e);
    }
    assert_int_equal(
        search_all_documents(scratch.records, "số:7", &ids, &count, &scratch.err), -1);
    assert_int_equal(scratch.err.code, ERR_REFUSED);
    assert_null(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_counted_by_kind_issuer_year_and_site),
        cmocka_unit_test(filters_leave_only_what_they_name_and_counts_follow),
        cmocka_unit_test(a_field_that_no_paper_has_leaves_nothing),
        cmocka_unit_test(the_latest_paper_comes_first_and_the_undated_last),
        cmocka_unit_test(all_documents_are_all_however_many),
        cmocka_unit_test(what_means_too_much_for_all_is_refused),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
