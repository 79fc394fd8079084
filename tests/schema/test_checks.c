/* Checks: for each rule, values that it says nothing of and values that it warns of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/checks/checks.h"
#include "schema/checks/date.h"
#include "schema/checks/identity.h"
#include "tests/lib/scratch.h"

static struct record_types *types;
static struct identity_prefixes *prefixes;
static struct units *units;

static int load(void **state)
{
    struct units_texts texts = units_own();
    struct err e;

    (void)state;
    must(types_load(&types, &e), &e);
    must(identity_prefixes_create(&prefixes, "identity_prefixes.tsv",
                                  identity_prefixes_tsv, identity_prefixes_tsv_bytes, &e),
         &e);
    must(units_create(&units, &texts, &e), &e);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    units_destroy(units);
    identity_prefixes_destroy(prefixes);
    types_destroy(types);
    return 0;
}

/* What was told: "rule field" a line, without the fields that are merely missing. */
struct told {
    char rules[2000], texts[4000];
    bool missing_too;
    enum fact_mark mark; /* of the last */
};

static void note(void *arg, const struct warning *w)
{
    struct told *t = arg;
    size_t n = strlen(t->rules);
    struct buffer text;

    if (!t->missing_too && strcmp(w->rule, "required") == 0)
        return;
    (void)snprintf(t->rules + n, sizeof t->rules - n, "%s%s %s", n == 0 ? "" : ", ",
                   w->rule, w->field->name);
    buffer_init(&text, 2000);
    warning_append(&text, w, LANGUAGE_EN);
    buffer_append_text(&text, "\n");
    warning_append(&text, w, LANGUAGE_VI);
    buffer_append_text(&text, "\n");
    n = strlen(t->texts);
    (void)snprintf(t->texts + n, sizeof t->texts - n, "%s", (char *)text.bytes);
    buffer_release(&text);
    if (w->fact == NULL || w->fact->source == NULL)
        fail_msg("%s stands on nothing", w->rule);
    t->mark = w->fact == NULL ? FACT_UNREAD : w->fact->mark;
}

/* "name=value|name=value" as a record of that type. */
static void run(struct told *out, const char *type, const char *pairs,
                struct check_record r)
{
    struct check_value values[20];
    char text[1000];
    size_t count = 0;

    (void)snprintf(text, sizeof text, "%s", pairs);
    for (char *rest, *pair = strtok_r(text, "|", &rest); pair != NULL;
         pair = strtok_r(NULL, "|", &rest)) {
        char *equals = strchr(pair, '=');

        assert_non_null(equals);
        *equals = '\0';
        values[count++] = (struct check_value){pair, 0, equals + 1};
    }
    r.type = types_find(types, type);
    assert_non_null(r.type);
    r.values = values;
    r.values_count = count;
    r.prefixes = prefixes;
    r.units = units;
    checks_run(&r, note, out);
}

struct check_case {
    const char *type, *values;
    const char *told; /* "": nothing */
};

static void expect(const struct check_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct check_record nothing_counted = {.pages = COUNT_UNKNOWN,
                                                     .documents = COUNT_UNKNOWN,
                                                     .dossier_pages = COUNT_UNKNOWN};
        struct told t = {.missing_too = false};

        run(&t, cases[i].type, cases[i].values, nothing_counted);
        if (strcmp(t.rules, cases[i].told) != 0)
            fail_msg("%s: told \"%s\", not \"%s\"", cases[i].values, t.rules,
                     cases[i].told);
        if (strstr(t.texts, "warning.") != NULL || strchr(t.texts, '{') != NULL)
            fail_msg("a sentence is not whole: %s", t.texts);
    }
}
#define EXPECT(cases) expect(cases, sizeof(cases) / sizeof *(cases))

/* ---------------------------------------------------------------------- dates */

static void a_day_that_does_not_exist_is_told(void **state)
{
    static const struct check_case cases[] = {
        {"administrative", "date=12/03/1975", ""},
        {"administrative", "date=03/1975", ""},
        {"administrative", "date=1975", ""},
        {"administrative", "date=1-2-2024", ""},
        {"administrative", "date=29.02.2024", ""},
        {"administrative", "date=2024-02-29", ""},
        {"administrative", "date=ngày 07 tháng 02 năm 2024", ""},
        {"administrative", "date=ngảy 01 thang 6 nam 2025", ""},
        {"administrative", "date=tháng 6 năm 2025", ""},
        {"administrative", "date=29/02/2023", "date_exists date"},
        {"administrative", "date=31/04/1999", "date_exists date"},
        {"administrative", "date=00/04/1999", "date_exists date"},
        {"administrative", "date=12/13/1999", "date_exists date"},
        {"administrative", "date=13/1999", "date_exists date"},
        {"administrative", "date=29/02/1900", "date_exists date"},
        {"administrative", "date=ngày 31 tháng 6 năm 2020", "date_exists date"},
        {"administrative", "date=12/03/75", "date_form date"},
        {"administrative", "date=hôm qua", "date_form date"},
        {"administrative", "date=12/O3/1975", "date_form date"},
        {"administrative", "date=21/0/20199", "date_form date"},
        {"administrative", "date=1/2/3/2019", "date_form date"},
    };

    (void)state;
    EXPECT(cases);
}

static void a_date_in_words_is_held_against_its_digits(void **state)
{
#define BORN(digits, words) "nksNgaySinh=" digits "|nksNgaySinhBangChu=" words
    static const struct check_case cases[] = {
        {"birth",
         BORN("12/03/1975",
              "Ngày mười hai tháng ba năm một nghìn chín trăm bảy mươi lăm"),
         ""},
        {"birth",
         BORN("12/03/1975", "ngày mười hai tháng ba năm một ngàn chín trăm bẩy lăm"), ""},
        {"birth",
         BORN("05/05/2005", "Mồng năm tháng năm năm hai nghìn không trăm linh năm"), ""},
        {"birth", BORN("05/05/2005", "Ngày năm, tháng năm, năm hai ngàn lẻ năm"), ""},
        {"birth",
         BORN("21/11/1999",
              "Ngày hai mươi mốt tháng mười một năm một nghìn chín trăm chín mươi chín"),
         ""},
        {"birth",
         BORN("30/10/2020", "Ngày ba mươi tháng mười năm hai nghìn không trăm hai mươi"),
         ""},
        {"birth", BORN("14/04/1984", "ngày mười bốn tháng tư năm một chín tám tư"), ""},
        {"birth",
         BORN("01/01/1960", "Ngày một tháng giêng năm một nghìn chín trăm sáu mươi"), ""},
        {"birth", BORN("1975", "Năm một nghìn chín trăm bảy mươi lăm"), ""},
        {"birth", BORN("03/1975", "Tháng ba năm một nghìn chín trăm bảy mươi lăm"), ""},
        /* partial against whole: the same as far as both say */
        {"birth", BORN("1975", "Tháng ba năm một nghìn chín trăm bảy mươi lăm"), ""},
        {"birth", BORN("12/03/1975", "Năm một nghìn chín trăm bảy mươi lăm"), ""},
        {"birth",
         BORN("12/03/1976",
              "Ngày mười hai tháng ba năm một nghìn chín trăm bảy mươi lăm"),
         "date_words nksNgaySinh"},
        {"birth",
         BORN("13/03/1975",
              "Ngày mười hai tháng ba năm một nghìn chín trăm bảy mươi lăm"),
         "date_words nksNgaySinh"},
        {"birth", BORN("12/08/1975", "Tháng ba năm một nghìn chín trăm bảy mươi lăm"),
         "date_words nksNgaySinh"},
        {"birth", "nksNgaySinhBangChu=Ngày ba mươi tháng hai năm hai nghìn",
         "date_exists nksNgaySinhBangChu"},
        {"birth", "nksNgaySinhBangChu=Ngày mười hại thảng bz",
         "date_words_form nksNgaySinhBangChu"},
        {"death",
         "nktNgayChet=01/02/2003|nktNgayChetGhiBangChu=Ngày hai tháng hai năm hai nghìn "
         "linh ba",
         "date_words nktNgayChet"},
    };

    (void)state;
    EXPECT(cases);
}

static void a_date_after_the_one_that_follows_it_is_told(void **state)
{
    static const struct check_case cases[] = {
        {"archive_dossier", "startDate=01/01/2001|endDate=31/12/2001", ""},
        {"archive_dossier", "startDate=2001|endDate=01/01/2001", ""},
        {"archive_dossier", "startDate=02/01/2001|endDate=01/01/2001",
         "date_order startDate"},
        {"archive_dossier", "startDate=2002|endDate=12/2001", "date_order startDate"},
        {"death", "nktNgaySinh=1990|nktNgayChet=1989", "date_order nktNgaySinh"},
        {"birth", "nksNgaySinh=02/2020|ngayDangKy=15/01/2020", "date_order nksNgaySinh"},
    };

    (void)state;
    EXPECT(cases);
}

/* ----------------------------------------------------------- identity numbers */

static void an_identity_number_has_9_or_12_digits_of_a_known_place(void **state)
{
    static const struct check_case cases[] = {
        {"birth", "meSoGiayToTuyThan=001175012345", ""},
        {"birth", "meSoGiayToTuyThan=096301012345", ""},
        {"birth", "meSoGiayToTuyThan=001 175 012 345", ""},
        {"birth", "meSoGiayToTuyThan=001175012346", ""}, /* there is no check digit */
        {"birth", "meSoGiayToTuyThan=123456789", ""},
        {"birth", "meSoGiayToTuyThan=B1234567", ""}, /* a passport */
        {"birth", "meSoGiayToTuyThan=00117501234", "identity_form meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=0011750123456", "identity_form meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=12345678", "identity_form meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=003175012345", "identity_place meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=097175012345", "identity_place meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=001675012345", "identity_century meSoGiayToTuyThan"},
        {"birth", "meSoGiayToTuyThan=003975012345",
         "identity_place meSoGiayToTuyThan, identity_century meSoGiayToTuyThan"},
    };

    (void)state;
    EXPECT(cases);
}

static void a_place_that_no_table_has_is_told_and_old_ones_are_known(void **state)
{
    static const struct check_case cases[] = {
        {"birth", "nksQueQuan=xã Cổ Đông, thị xã Sơn Tây, Hà Nội", ""},
        {"birth", "nksQueQuan=Xã Đoài Phương, TP. Hà Nội", ""},
        {"birth", "nksQueQuan=xa Ea H’leo, huyen Ea Hleo, tinh Dak Lak", ""},
        {"birth", "nksQueQuan=Bệnh viện đa khoa, tỉnh Bắc Giang", ""},
        {"birth", "nksQueQuan=xã Cổ Đông, huyện Thạch Thất, Hà Nội",
         "place_unknown nksQueQuan"},
        {"birth", "nksQueQuan=xã Cồ Đỏng Đảnh, Hà Nội", "place_unknown nksQueQuan"},
        {"birth", "nksQueQuan=Nước ngoài", "place_unknown nksQueQuan"},
        {"birth", "nksQueQuan=", ""},
    };

    (void)state;
    EXPECT(cases);
}

static void an_address_in_a_province_from_before_the_table_is_not_told(void **state)
{
    static const struct check_case cases[] = {
        {"birth", "nksQueQuan=xã Cổ Đông, huyện Tùng Thiện, tỉnh Hà Tây", ""},
        {"birth", "nksQueQuan=Đông La, Hoài Đức, Hà Tây", ""},
        {"birth", "nksQueQuan=huyện Lạng Giang, tỉnh Hà Bắc", ""},
        {"birth", "nksQueQuan=Điện Bàn, Quảng Nam - Đà Nẵng", ""},
        {"birth", "nksQueQuan=xã Cồ Đỏng Đảnh, tỉnh Hà Tâm", "place_unknown nksQueQuan"},
    };

    (void)state;
    EXPECT(cases);
}

static void no_warning_is_surer_than_what_was_read(void **state)
{
    static const struct {
        const char *type, *values;
        enum fact_mark mark;
    } cases[] = {
        {"birth", "meSoGiayToTuyThan=12345678", FACT_UNREAD},
        {"birth", "meSoGiayToTuyThan=003175012345", FACT_UNREAD},
        {"birth", "meSoGiayToTuyThan=001675012345", FACT_READ},
        {"administrative", "symbol=QĐ-UBND|kind=Tờ trình", FACT_RETOLD},
        {"administrative", "symbol=QĐ-UBND|kind=Phiếu báo", FACT_UNREAD},
        {"one_stop", "group=bản sao", FACT_RETOLD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct told t = {.missing_too = false};

        run(&t, cases[i].type, cases[i].values,
            (struct check_record){.pages = COUNT_UNKNOWN,
                                  .documents = COUNT_UNKNOWN,
                                  .dossier_pages = COUNT_UNKNOWN});
        if (t.rules[0] == '\0' || t.mark != cases[i].mark)
            fail_msg("%s: %s, as sure as %s", cases[i].values, t.rules,
                     fact_mark_name(t.mark));
    }
}

static void an_identity_number_is_held_against_year_and_sex(void **state)
{
#define PERSON(number, born) "nxnSoGiayToTuyThan=" number "|nxnNgaySinh=" born
    static const struct check_case cases[] = {
        {"marital_status", PERSON("001175012345", "12/03/1975"), ""},
        {"marital_status", PERSON("001175012345", "1975"), ""},
        {"marital_status", PERSON("001205012345", "03/2005"), ""},
        {"marital_status", PERSON("123456789", "1975"), ""}, /* 9 digits say no year */
        {"marital_status", PERSON("B1234567", "1975"), ""},
        {"marital_status", PERSON("001175012345", "1976"),
         "identity_birth nxnSoGiayToTuyThan"},
        {"marital_status", PERSON("001275012345", "1975"),
         "identity_birth nxnSoGiayToTuyThan"},
        {"marital_status", "nxnSoGiayToTuyThan=001175012345|nxnGioiTinh=2", ""},
        {"marital_status", "nxnSoGiayToTuyThan=001175012345|nxnGioiTinh=Nữ", ""},
        {"marital_status", "nxnSoGiayToTuyThan=001075012345|nxnGioiTinh=NAM", ""},
        {"marital_status", "nxnSoGiayToTuyThan=001075012345|nxnGioiTinh=3", ""},
        {"marital_status", "nxnSoGiayToTuyThan=001175012345|nxnGioiTinh=1",
         "identity_sex nxnSoGiayToTuyThan"},
        {"marital_status", "nxnSoGiayToTuyThan=001075012345|nxnGioiTinh=nữ",
         "identity_sex nxnSoGiayToTuyThan"},
    };

    (void)state;
    EXPECT(cases);
}

/* -------------------------------------------------------- numbers and kinds */

static void a_symbol_is_held_against_its_kind_letter_for_letter(void **state)
{
    static const struct check_case cases[] = {
        {"administrative", "symbol=QĐ-UBND|kind=QĐ", ""},
        {"administrative", "symbol=QĐ-UBND|kind=QUYẾT ĐỊNH", ""},
        {"administrative", "symbol=TTr-UBND|kind=Tờ trình", ""},
        {"administrative", "symbol=NQ-HĐND|kind=Nghị quyết", ""},
        {"administrative", "symbol=UBND-VP|kind=CV", ""}, /* a letter has none */
        {"administrative", "symbol=UBND-VP", ""},
        {"administrative", "symbol=UBND-VP|kind=GIẤY XÁC NHẬN", ""}, /* not of the 29 */
        {"administrative", "symbol=TTR-UBND|kind=Tờ trình", "symbol_kind symbol"},
        {"administrative", "symbol=QyĐ-UBND|kind=QUYẾT ĐỊNH", "symbol_kind symbol"},
        {"administrative", "symbol=QĐ-UBND|kind=Quy định", "symbol_kind symbol"},
        {"administrative", "symbol=QD-UBND|kind=QUYẾT ĐỊNH", "symbol_kind symbol"},
        {"administrative", "symbol=QĐ-UBND|kind=Công văn", "symbol_kind symbol"},
        {"party", "symbol=QĐ/ĐU|kind=QUYẾT ĐỊNH", ""},
        {"party", "symbol=CV/ĐU|kind=Công văn", ""},
        {"party", "symbol=NQ/ĐU|kind=QUYẾT ĐỊNH", "symbol_kind symbol"},
        {"archive_document", "codeNotation=QĐ-UBND|typeName=02", ""},
        {"archive_document", "codeNotation=05/QĐ-UBND|typeName=02", ""},
        {"archive_document", "codeNotation=15/2025/QĐ-UBND|typeName=02", ""},
        {"archive_document", "codeNotation=05A/QĐ-UBND|typeName=02", ""},
        {"archive_document", "codeNotation=12a/2025/QĐ-UBND|typeName=02", ""},
        {"archive_document", "codeNotation=12–QĐ/ĐU|typeName=02", ""},
        {"archive_document", "codeNotation=05A/QĐ-UBND|typeName=01",
         "symbol_kind codeNotation"},
        {"archive_document", "codeNotation=12–QĐ/ĐU|typeName=01",
         "symbol_kind codeNotation"},
        {"archive_document", "codeNotation=QĐ-UBND|typeName=01",
         "symbol_kind codeNotation"},
    };

    (void)state;
    EXPECT(cases);
}

static void a_number_is_written_as_its_papers_write_it(void **state)
{
    static const struct check_case cases[] = {
        {"administrative", "number=05|symbol=QĐ-UBND", ""},
        {"administrative", "number=15/2025|symbol=QĐ-UBND", ""},
        {"administrative", "number=12a|symbol=QĐ-UBND", ""},
        {"administrative", "number=05A|symbol=QĐ-UBND/KT", ""},
        {"administrative", "number=05AB|symbol=QĐ-UBND", "form number"},
        {"administrative", "number=O5|symbol=QĐ-UBND", "form number"},
        {"administrative", "number=05|symbol=QĐ/ĐU", "form symbol"},
        {"party", "number=15|symbol=QĐ/ĐU", ""},
        {"party", "number=40|symbol=HD/VPTW", ""},
        {"party", "number=40a|symbol=CV/BTGTU/ĐU", ""},
        {"party", "number=15|symbol=QĐ-UBND", "form symbol"},
        {"one_stop", "procedure_code=1.011442.000.00.00.H38", ""},
        {"one_stop", "procedure_code=1.011442", ""},
        {"one_stop", "procedure_code=1011442", "form procedure_code"},
        {"archive_dossier", "paperFileCode=01.K2/G3/H4.15", ""},
        {"archive_dossier", "paperFileCode=15", "form paperFileCode"},
        {"archive_document", "docCode=H49.64.33.2001.160.0000001", ""},
        {"archive_document", "docCode=H49.64.33.2001.160.1", "form docCode"},
    };

    (void)state;
    EXPECT(cases);
}

/* --------------------------------------------------- lists, lengths, conditions */

static void a_code_is_of_its_list(void **state)
{
    static const struct check_case cases[] = {
        {"archive_dossier", "maintenance=01", ""},
        {"archive_dossier", "maintenance=Vĩnh viễn", ""}, /* as printed */
        {"archive_dossier", "maintenance=08", "code maintenance"},
        {"archive_dossier", "maintenance=1", "code maintenance"},
        {"archive_dossier", "language=11", ""},
        {"archive_dossier", "language=12", "code language"},
        {"archive_dossier", "confidenceLevel=Số hóa", "required_when paperFileCode"},
        {"archive_dossier", "confidenceLevel=gốc điện tử", ""},
        {"archive_dossier", "riskRecovery=0", ""},
        {"archive_dossier", "riskRecovery=có", "flag riskRecovery"},
        {"archive_dossier", "totalDoc=12", ""},
        {"archive_dossier", "totalDoc=-12", "number totalDoc"},
        {"archive_dossier", "totalDoc=12a", "number totalDoc"},
        {"birth", "nksLoaiKhaiSinh=3", ""}, /* the list is open */
        {"administrative", "secrecy=MẬT", ""},
        {"administrative", "secrecy=bí mật", "code secrecy"},
    };

    (void)state;
    EXPECT(cases);
}

static void letters_are_counted_as_people_count_them(void **state)
{
    char title[3100] = "title=", longer[3200] = "";
    const struct check_case fits = {"archive_dossier", title, ""};
    const struct check_case too_long = {"archive_document", longer, "length inforSign"};

    (void)state;
    for (int i = 0; i < 160; i++)
        (void)strcat(title, "đ"); /* two bytes, one letter */
    (void)strcpy(longer, "inforSign=");
    for (int i = 0; i < 31; i++)
        (void)strcat(longer, "ộ");
    expect(&fits, 1);
    expect(&too_long, 1);
}

static void a_conditional_field_is_asked_for_when_its_condition_holds(void **state)
{
    static const struct check_case cases[] = {
        {"archive_dossier", "confidenceLevel=01", ""},
        {"archive_dossier", "confidenceLevel=02|paperFileCode=01.K1.5", ""},
        {"archive_dossier", "confidenceLevel=02", "required_when paperFileCode"},
        {"archive_dossier",
         "confidenceLevel=02|paperFileCode=", "required_when paperFileCode"},
        {"archive_dossier", "riskRecovery=0", ""},
        {"archive_dossier", "riskRecovery=1|riskRecoveryStatus=02", ""},
        {"archive_dossier", "riskRecovery=1", "required_when riskRecoveryStatus"},
        {"archive_document", "confidenceLevel=01", "required_when process"},
        {"archive_document", "confidenceLevel=02", ""},
    };

    (void)state;
    EXPECT(cases);
}

static void a_required_field_without_a_value_is_told(void **state)
{
    struct told t = {.missing_too = true};
    const struct check_record r = {.pages = COUNT_UNKNOWN,
                                   .documents = COUNT_UNKNOWN,
                                   .dossier_pages = COUNT_UNKNOWN};

    (void)state;
    run(&t, "administrative", "issuer=UBND xã Bản Mới|date=2026|kind=KH", r);
    assert_string_equal(t.rules, "required subject");
    assert_string_equal(t.texts, "“Subject” is missing.\nThiếu “Trích yếu”.\n");
}

/* -------------------------------------------------------------------- sums */

static void pages_and_documents_are_held_against_what_is_there(void **state)
{
    const struct {
        const char *type, *values;
        int64_t pages, documents, dossier_pages;
        const char *told;
    } cases[] = {
        {"archive_document", "numberOfPage=3", 3, 1, 3, ""},
        {"archive_document", "numberOfPage=4", 3, 1, 3, "page_count numberOfPage"},
        {"archive_document", "numberOfPage=4", COUNT_UNKNOWN, 1, 3, ""},
        {"administrative", "page_count=2", 3, 1, 3, "page_count page_count"},
        {"archive_dossier", "numberOfPage=12|totalDoc=5", 1, 5, 12, ""},
        {"archive_dossier", "numberOfPage=12|totalDoc=5", 1, 6, 13,
         "document_count totalDoc, page_sum numberOfPage"},
        {"archive_dossier", "numberOfPaper=6|numberOfPage=12", 1, 5, 12, ""},
        {"archive_dossier", "numberOfPaper=13|numberOfPage=12", 1, 5, 12,
         "not_more numberOfPaper"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct check_record r = {.pages = cases[i].pages,
                                       .documents = cases[i].documents,
                                       .dossier_pages = cases[i].dossier_pages};
        struct told t = {.missing_too = false};

        run(&t, cases[i].type, cases[i].values, r);
        assert_string_equal(t.rules, cases[i].told);
    }
}

/* ------------------------------------------------------------------- names */

static void no_name_is_a_suspect(void **state)
{
    static const struct check_case cases[] = {
        {"birth", "nksHoTen=Y Moan Êban", ""},
        {"birth", "nksHoTen=H' Hen Niê", ""},
        {"birth", "nksHoTen=Kpă Klơng", ""},
        {"birth", "nksHoTen=Đắk Rlấp", ""},
        {"birth", "nksHoTen=Vàng A Pó|meHoTen=Sùng Thị Dợ", ""},
        {"birth", "nksHoTen=John O'Neill-Đặng", ""},
        {"birth", "nksHoTen=Y", ""},
        {"birth", "nksNoiSinh=Buôn Ƀriêng, xã Krông Nô", ""},
    };

    (void)state;
    EXPECT(cases);
}

static void a_warning_says_both_values_in_both_languages(void **state)
{
    struct told t = {.missing_too = false};
    const struct check_record r = {.pages = COUNT_UNKNOWN,
                                   .documents = COUNT_UNKNOWN,
                                   .dossier_pages = COUNT_UNKNOWN};

    (void)state;
    run(&t, "archive_dossier", "startDate=2002|endDate=12/2001", r);
    assert_string_equal(
        t.texts, "“From” (2002) is later than “To” (12/2001).\n"
                 "“Thời gian bắt đầu” (2002) sau “Thời gian kết thúc” (12/2001).\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_that_does_not_exist_is_told),
        cmocka_unit_test(a_date_in_words_is_held_against_its_digits),
        cmocka_unit_test(a_date_after_the_one_that_follows_it_is_told),
        cmocka_unit_test(an_identity_number_has_9_or_12_digits_of_a_known_place),
        cmocka_unit_test(a_place_that_no_table_has_is_told_and_old_ones_are_known),
        cmocka_unit_test(an_identity_number_is_held_against_year_and_sex),
        cmocka_unit_test(an_address_in_a_province_from_before_the_table_is_not_told),
        cmocka_unit_test(no_warning_is_surer_than_what_was_read),
        cmocka_unit_test(a_symbol_is_held_against_its_kind_letter_for_letter),
        cmocka_unit_test(a_number_is_written_as_its_papers_write_it),
        cmocka_unit_test(a_code_is_of_its_list),
        cmocka_unit_test(letters_are_counted_as_people_count_them),
        cmocka_unit_test(a_conditional_field_is_asked_for_when_its_condition_holds),
        cmocka_unit_test(a_required_field_without_a_value_is_told),
        cmocka_unit_test(pages_and_documents_are_held_against_what_is_there),
        cmocka_unit_test(no_name_is_a_suspect),
        cmocka_unit_test(a_warning_says_both_values_in_both_languages),
    };

    return cmocka_run_group_tests_name("checks", tests, load, unload);
}
