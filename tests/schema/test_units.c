/* Units: which place a paper means, when, and what became of it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/units/units.h"
#include "tests/lib/plain.h"

#define ANY "any"

static struct units *own;

static int open_own(void **state)
{
    struct units_texts texts = units_own();
    struct err e;

    (void)state;
    if (units_create(&own, &texts, &e) != 0) {
        printf("%s\n", e.text);
        return -1;
    }
    return 0;
}

static int close_own(void **state)
{
    (void)state;
    units_destroy(own);
    return 0;
}

static struct unit_when when_of(const char *text)
{
    struct unit_when when = {0, 0};

    if (strcmp(text, ANY) != 0)
        assert_true(unit_when_read(text, &when));
    return when;
}

/* --- the table ---------------------------------------------------------------------- */

struct counts {
    size_t levels[3];
};

static int count_unit(void *arg, const struct unit *unit)
{
    struct counts *c = arg;

    c->levels[unit->level]++;
    return 0;
}

static void there_are_as_many_units_as_the_state_says(void **state)
{
    static const struct {
        const char *day;
        size_t provinces, districts, communes;
    } cases[] = {
        {"01/12/2021", 63, 705, 10599}, {"30/06/2025", 63, 696, 10035},
        {"01/07/2025", 34, 0, 3321},    {"29/04/2026", 34, 0, 3321},
        {"30/04/2026", 34, 0, 3321},    {"22/11/2026", 34, 0, 3321},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct counts c = {{0}};

        assert_int_equal(units_each(own, when_of(cases[i].day), count_unit, &c), 0);
        assert_int_equal(c.levels[UNIT_PROVINCE], cases[i].provinces);
        assert_int_equal(c.levels[UNIT_DISTRICT], cases[i].districts);
        assert_int_equal(c.levels[UNIT_COMMUNE], cases[i].communes);
    }
}

static int check_parent(void *arg, const struct unit *unit)
{
    struct unit_when day = *(struct unit_when *)arg;
    struct unit parent;

    if (unit->level == UNIT_PROVINCE) {
        assert_false(units_parent(own, unit, day, &parent));
        return 0;
    }
    assert_true(units_parent(own, unit, day, &parent));
    assert_true(parent.from <= day.first && (parent.to == 0 || parent.to > day.first));
    assert_true(parent.level < unit->level);
    if (day.first >= 20250701)
        assert_int_equal(parent.level, UNIT_PROVINCE);
    return 0;
}

static void no_unit_is_without_a_parent_in_force(void **state)
{
    static const char *const days[] = {"01/12/2021", "30/06/2025", "01/07/2025",
                                       "30/04/2026"};

    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct unit_when day = when_of(days[i]);

        assert_int_equal(units_each(own, day, check_parent, &day), 0);
    }
}

static int check_successors(void *arg, const struct unit *unit)
{
    struct unit into[64];
    size_t count = units_in_place_of(own, unit, 20250701, into, 64);

    (void)arg;
    if (count == 0)
        fail_msg("%s %s became nothing", unit->code, unit->name);
    for (size_t i = 0; i < count && i < 64; i++) {
        assert_true(into[i].from <= 20250701);
        assert_true(into[i].to == 0 || into[i].to > 20250701);
        if (unit->level != UNIT_DISTRICT)
            assert_int_equal(into[i].level, unit->level);
        else
            assert_int_equal(into[i].level, UNIT_COMMUNE);
    }
    return 0;
}

static void every_unit_of_june_2025_leads_to_units_of_july(void **state)
{
    struct counts c = {{0}};

    (void)state;
    assert_int_equal(units_each(own, when_of("30/06/2025"), check_successors, &c), 0);
}

static int count_lost(void *arg, const struct unit *unit)
{
    struct unit into;
    size_t *lost = arg;

    if (unit->level == UNIT_COMMUNE &&
        units_in_place_of(own, unit, 20250701, &into, 1) == 0)
        lost[1]++;
    lost[0] += unit->level == UNIT_COMMUNE;
    return 0;
}

/* Of those that ended before 2025 the successors are found by names alone (README.md). */
static void most_that_ended_before_lead_there_too(void **state)
{
    size_t lost[2] = {0, 0};

    (void)state;
    assert_int_equal(units_each(own, when_of("01/12/2021"), count_lost, lost), 0);
    assert_true(lost[1] * 100 < lost[0] * 2);
}

struct asking {
    struct unit_when day;
    size_t asked, several;
    bool folded; /* without accents */
};

static int ask_own_address(void *arg, const struct unit *unit)
{
    struct asking *a = arg;
    struct unit parent, top;
    struct unit_answer answer;
    char text[512];
    int n = snprintf(text, sizeof text, "%s %s", unit_kind_name(unit->kind), unit->name);

    if (unit->level != UNIT_PROVINCE && units_parent(own, unit, a->day, &parent)) {
        n += snprintf(text + n, sizeof text - (size_t)n, ", %s %s",
                      unit_kind_name(parent.kind), parent.name);
        if (units_parent(own, &parent, a->day, &top))
            (void)snprintf(text + n, sizeof text - (size_t)n, ", %s %s",
                           unit_kind_name(top.kind), top.name);
    }
    if (a->folded) {
        char plain[sizeof text];

        plain_text(plain, sizeof plain, text);
        memcpy(text, plain, sizeof text);
    }
    units_find(own, text, a->day, &answer);
    if (answer.found == UNIT_UNKNOWN || (answer.folded && !a->folded) ||
        answer.other_kind || answer.other_time || answer.unknown_bytes > 0)
        fail_msg("%s", text);
    if (answer.found == UNIT_ONE)
        assert_string_equal(answer.units[0].code, unit->code);
    a->asked++;
    a->several += answer.found == UNIT_SEVERAL;
    return 0;
}

static void every_commune_is_found_by_its_own_address_within_its_time(void **state)
{
    struct asking a = {.day = when_of("30/06/2025")};

    (void)state;
    assert_int_equal(units_each(own, a.day, ask_own_address, &a), 0);
    a.day = when_of("22/11/2026");
    assert_int_equal(units_each(own, a.day, ask_own_address, &a), 0);
    assert_int_equal(a.asked, 63 + 696 + 10035 + 34 + 3321);
    assert_int_equal(a.several, 0);
}

/* Some names of one place differ in accents alone: "Tân Lập" and "Tấn Lập". */
static void without_accents_it_is_found_too_or_said_to_be_one_of_several(void **state)
{
    struct asking a = {.day = when_of("30/06/2025"), .folded = true};

    (void)state;
    assert_int_equal(units_each(own, a.day, ask_own_address, &a), 0);
    a.day = when_of("22/11/2026");
    assert_int_equal(units_each(own, a.day, ask_own_address, &a), 0);
    assert_true(a.several * 100 < a.asked);
}

/* --- what a paper says -------------------------------------------------------------- */

/* "00004 phường Trúc Bạch" of an answer, with what was overlooked behind it. */
static void story_of(const struct unit_answer *a, const char *text, char *out,
                     size_t room)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < a->count; i++)
        n += (size_t)snprintf(out + n, room - n, "%s%s %s %s", i > 0 ? " | " : "",
                              a->units[i].code, unit_kind_name(a->units[i].kind),
                              a->units[i].name);
    if (a->total > a->count)
        n += (size_t)snprintf(out + n, room - n, " | …");
    if (a->found == UNIT_UNKNOWN)
        n += (size_t)snprintf(out + n, room - n, "unknown");
    n += (size_t)snprintf(out + n, room - n, "%s%s%s%s", a->folded ? " +folded" : "",
                          a->other_kind ? " +kind" : "", a->other_time ? " +time" : "",
                          a->before_known ? " +early" : "");
    if (a->unknown_bytes > 0)
        (void)snprintf(out + n, room - n, " -[%.*s]", (int)a->unknown_bytes,
                       text + a->unknown_at);
}

static void places_are_found_as_papers_write_them(void **state)
{
    static const struct {
        const char *text, *date, *found;
    } cases[] = {
        /* a date before 2025 keeps the old unit, one after it has the new one */
        {"phường Trúc Bạch, quận Ba Đình, Hà Nội", "12/03/2024",
         "00004 phường Trúc Bạch"},
        {"phường Ba Đình, Hà Nội", "12/03/2026", "00004 phường Ba Đình"},
        {"phường Trúc Bạch, quận Ba Đình, TP Hà Nội", "12/03/2026",
         "00004 phường Trúc Bạch +time"},
        {"tỉnh Bắc Giang", "2020", "24 tỉnh Bắc Giang +early"},
        {"tỉnh Bắc Ninh", "30/06/2025", "27 tỉnh Bắc Ninh"},
        {"tỉnh Bắc Ninh", "01/07/2025", "24 tỉnh Bắc Ninh"},
        {"tỉnh Bắc Giang", "01/07/2025", "24 tỉnh Bắc Giang +time"},
        {"tỉnh Thừa Thiên Huế", "2024", "46 tỉnh Thừa Thiên Huế"},
        {"TP Huế", "2026", "46 thành phố Huế"},
        {"tỉnh Đồng Nai", "29/04/2026", "75 tỉnh Đồng Nai"},
        {"thành phố Đồng Nai", "30/04/2026", "75 thành phố Đồng Nai"},
        {"xã Lộc Ninh, tỉnh Đồng Nai", "01/2026", "25270 xã Lộc Ninh"},
        {"phường Lộc Ninh, TP. Đồng Nai", "06/2026", "25270 phường Lộc Ninh"},
        /* without accents, capitals, old and new places of the tone */
        {"xa Co Dong, thi xa Son Tay, Ha Noi", "2023", "09616 xã Cổ Đông +folded"},
        {"XÃ CỔ ĐÔNG, THỊ XÃ SƠN TÂY, THÀNH PHỐ HÀ NỘI", "2023", "09616 xã Cổ Đông"},
        {"tỉnh Hòa Bình", "2024", "17 tỉnh Hoà Bình"},
        {"tinh Hoa Binh", "2024", "17 tỉnh Hoà Bình +folded"},
        {"phuong Quan Thanh, quan Ba Dinh, Ha Noi", "2023",
         "00013 phường Quán Thánh +folded"},
        /* short forms */
        {"P. Trúc Bạch, Q. Ba Đình, TP. Hà Nội", "2023", "00004 phường Trúc Bạch"},
        {"P.1, Q.3, TP.HCM", "2024", "27160 phường 1"},
        {"P1, Q3, TPHCM", "2024", "27160 phường 1"},
        {"Phường 01, Quận 3, Thành phố Hồ Chí Minh", "2024", "27160 phường 1"},
        {"F.1, quận 03, Sài Gòn", "2024", "27160 phường 1"},
        {"X. Cổ Đông, TX. Sơn Tây, Hà Nội", "2024", "09616 xã Cổ Đông"},
        {"TT. Văn Giang, H. Văn Giang, T. Hưng Yên", "2024", "12019 thị trấn Văn Giang"},
        {"ĐK. Côn Đảo, TP HCM", "2026", "26732 đặc khu Côn Đảo"},
        /* no commas; words before the unit; kinds left out */
        {"xã Cổ Đông thị xã Sơn Tây thành phố Hà Nội", "2024", "09616 xã Cổ Đông"},
        {"thôn Đoàn Kết xã Cổ Đông, thị xã Sơn Tây, Hà Nội", "2024", "09616 xã Cổ Đông"},
        {"Số 5 ngõ 12, Cổ Đông, Sơn Tây, Hà Nội", "2024", "09616 xã Cổ Đông"},
        {"Cổ Đông, Sơn Tây, Hà Nội", ANY, "09616 xã Cổ Đông"},
        {"xã Xuân Quan, huyện Văn Giang, tỉnh Hưng Yên", "2024", "12022 xã Xuân Quan"},
        {"xã Vĩnh Quang, Cao Bằng, Cao Bằng", "2024", "01693 xã Vĩnh Quang"},
        {"xã Cổ Đông, Sơn Tây, Hà Nội, thành phố Hà Nội", "2024", "09616 xã Cổ Đông"},
        {"Hà Nội", "2024", "01 thành phố Hà Nội"},
        /* a street that is a ward's name elsewhere */
        {"Nguyễn Trãi, phường Thượng Đình, quận Thanh Xuân, Hà Nội", "2024",
         "00346 phường Thượng Đình"},
        /* minority names, with and without their marks */
        {"xã Ea H'Leo, huyện Ea H'leo, tỉnh Đắk Lắk", "2024", "24184 xã Ea H'leo"},
        {"xa Ea Hleo, huyen Ea H’leo, tinh Dak Lak", "2024", "24184 xã Ea H'leo"},
        {"xã M'Drắk, tỉnh Đắk Lắk", "2026", "24412 xã M'Drắk"},
        {"tỉnh Đắc Lắc", "2010", "66 tỉnh Đắk Lắk +early"},
        {"Daklak", "2024", "66 tỉnh Đắk Lắk +folded"},
        /* another kind than the paper's */
        {"phường Cổ Đông, thị xã Sơn Tây, Hà Nội", "2024", "09616 xã Cổ Đông +kind"},
        {"huyện Sơn Tây, Hà Nội", "2024", "269 thị xã Sơn Tây +kind"},
        /* what nobody knows, and the larger unit that is known */
        {"xã Không Đâu, tỉnh Hà Tĩnh", "2024", "42 tỉnh Hà Tĩnh -[xã Không Đâu]"},
        {"xã Cổ Đông, huyện Thạch Thất, Hà Nội", "2024",
         "276 huyện Thạch Thất -[xã Cổ Đông]"},
        {"xã Không Đâu", "2024", "unknown -[xã Không Đâu]"},
        {"Kính gửi ông chủ tịch", "2024", "unknown"},
        {"", ANY, "unknown"},
        {", ,;(", ANY, "unknown"},
    };
    struct unit_answer answer;
    char story[2048];
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        units_find(own, cases[i].text, when_of(cases[i].date), &answer);
        story_of(&answer, cases[i].text, story, sizeof story);
        if (strcmp(story, cases[i].found) == 0)
            continue;
        print_message("%s (%s): %s, not %s\n", cases[i].text, cases[i].date, story,
                      cases[i].found);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void one_name_in_two_provinces_is_several_and_a_parent_tells_which(void **state)
{
    struct unit_answer answer;

    (void)state;
    units_find(own, "xã Đông Xuân", when_of("2024"), &answer);
    assert_int_equal(answer.found, UNIT_SEVERAL);
    assert_true(answer.total > 1);
    units_find(own, "xã Đông Xuân, huyện Sóc Sơn, Hà Nội", when_of("2024"), &answer);
    assert_int_equal(answer.found, UNIT_ONE);
    units_find(own, "xã Tân Thành", when_of("2024"), &answer);
    assert_int_equal(answer.found, UNIT_SEVERAL);
    assert_int_equal(answer.count, UNIT_ANSWERS_MAX);
    assert_true(answer.total > answer.count);
}

static void a_year_that_saw_the_change_holds_both_units(void **state)
{
    struct unit_answer answer;

    (void)state;
    units_find(own, "phường Trúc Bạch, Hà Nội", when_of("2025"), &answer);
    assert_string_equal(answer.units[0].name, "Trúc Bạch");
    assert_false(answer.other_time);
    units_find(own, "phường Ba Đình, Hà Nội", when_of("2025"), &answer);
    assert_string_equal(answer.units[0].name, "Ba Đình");
    assert_false(answer.other_time);
}

static void a_code_used_again_needs_its_date(void **state)
{
    struct unit unit;

    (void)state;
    assert_true(units_by_code(own, "24", when_of("2024"), &unit));
    assert_string_equal(unit.name, "Bắc Giang");
    assert_int_equal(unit.to, 20250701);
    assert_string_equal(unit.ended->name, "Nghị quyết 202/2025/QH15");
    assert_true(units_by_code(own, "24", when_of("2026"), &unit));
    assert_string_equal(unit.name, "Bắc Ninh");
    assert_int_equal(unit.from, 20250701);
    assert_int_equal(unit.to, 0);
    assert_true(units_by_code(own, "15", when_of("2026"), &unit));
    assert_string_equal(unit.name, "Lào Cai");
    assert_false(units_by_code(own, "27", when_of("2026"), &unit));
    assert_false(units_by_code(own, "024", when_of("2026"), &unit)); /* no districts */
    assert_false(units_by_code(own, "7", when_of("2026"), &unit));
    assert_false(units_by_code(own, "0000x", when_of("2026"), &unit));
}

/* "xã Cổ Đông" of a day → the names of what is there on another. */
static void assert_became(const char *text, const char *then, uint32_t day,
                          const char *names)
{
    struct unit_answer answer;
    struct unit into[32];
    char all[1024] = "";
    size_t count, n = 0;

    units_find(own, text, when_of(then), &answer);
    assert_int_equal(answer.found, UNIT_ONE);
    count = units_in_place_of(own, &answer.units[0], day, into, 32);
    for (size_t i = 0; i < count && i < 32; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? ", " : "",
                              into[i].name);
    assert_string_equal(all, names);
}

static void what_a_unit_became_is_told_over_several_changes(void **state)
{
    (void)state;
    assert_became("tỉnh Hà Giang", "2024", 20250701, "Tuyên Quang");
    assert_became("tỉnh Yên Bái", "2024", 20250701, "Lào Cai");
    assert_became("xã Cổ Đông, thị xã Sơn Tây, Hà Nội", "2024", 20250701,
                  "Đoài Phương, Hòa Lạc");
    assert_became("huyện Côn Đảo, tỉnh Bà Rịa - Vũng Tàu", "2024", 20250701, "Côn Đảo");
    /* xã 2021, phường 2022, another phường 2025 */
    assert_became("xã Hồng Tiến, thị xã Phổ Yên, tỉnh Thái Nguyên", "12/2021", 20260101,
                  "Phổ Yên");
    assert_became("xã Hồng Tiến, thị xã Phổ Yên, tỉnh Thái Nguyên", "12/2021", 20230101,
                  "Hồng Tiến");
    /* and on a day of its own life it is itself */
    assert_became("tỉnh Hà Giang", "2024", 20240101, "Hà Giang");
}

static void words_of_names_are_known_and_others_are_not(void **state)
{
    (void)state;
    assert_true(units_have_word(own, "hleo") || units_have_word(own, "leo"));
    assert_true(units_have_word(own, "krong"));
    assert_true(units_have_word(own, "dak"));
    assert_true(units_have_word(own, "truc"));
    assert_false(units_have_word(own, "trucc"));
    assert_false(units_have_word(own, "trucx"));
    assert_false(units_have_word(own, ""));
}

static void dates_of_papers_are_spans_of_days(void **state)
{
    static const struct {
        const char *text;
        uint32_t first, last; /* 0: no date */
    } cases[] = {
        {"12/03/2024", 20240312, 20240312},
        {"1/7/2025", 20250701, 20250701},
        {"03/2024", 20240301, 20240331},
        {"2024", 20240101, 20241231},
        {"2024-03-12", 20240312, 20240312},
        {"12.3.1975", 19750312, 19750312},
        {"12-3-75", 0, 0},
        {"13/2024", 0, 0},
        {"32/01/2024", 0, 0},
        {"0/1/2024", 0, 0},
        {"2024/", 0, 0},
        {"", 0, 0},
        {"/", 0, 0},
        {"1/2/3/2024", 0, 0},
        {"ngày 1", 0, 0},
        {"20245", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct unit_when when = {0, 0};

        assert_int_equal(unit_when_read(cases[i].text, &when), cases[i].first != 0);
        assert_int_equal(when.first, cases[i].first);
        assert_int_equal(when.last, cases[i].last);
    }
}

/* --- tables of somebody else -------------------------------------------------------- */

#define ACTS "a\t2020-01-01\tV\tU\tQuyết định A\nb\t2025-07-01\tV2\tV2\tQuyết định B\n"

static const char *refusal(const char *acts, const char *units, const char *aliases)
{
    static struct err e;
    struct units_texts texts = {{"a.tsv", acts, strlen(acts)},
                                {"u.tsv", units, strlen(units)},
                                {"n.tsv", aliases, strlen(aliases)}};
    struct units *u = NULL;

    if (units_create(&u, &texts, &e) == 0) {
        units_destroy(u);
        return "";
    }
    assert_null(u);
    assert_int_equal(e.code, ERR_REFUSED);
    return e.text;
}

static void a_faulty_table_is_refused_with_file_line_and_reason(void **state)
{
#define P "01\ttinh\tMột\t-\t-\t-\t-\n"
    static const struct {
        const char *acts, *units, *aliases, *says;
    } cases[] = {
        {ACTS, P, "", ""},
        {ACTS, P, "Uno\t01\n", ""},
        {ACTS, P "00001\tx\tHai\t01\ta\tb\t00002\n00002\tx\tBa\t01\tb\t-\t-\n", "", ""},
        {"a\t2020-13-01\tV\tU\tA\n", P, "", "a.tsv: line 1: a date is YYYY-MM-DD"},
        {"a\t2020-01-01\tV3\tU\tA\n", P, "", "a.tsv: line 1: a mark is V, V2 or U"},
        {"a\t2020-01-01\tV\tU\t\n", P, "", "a.tsv: line 1: key or name is missing"},
        {ACTS "a\t2020-01-01\tV\tU\tA\n", P, "", "a.tsv: line 3: key a is there already"},
        {ACTS, "1\ttinh\tMột\t-\t-\t-\t-\n", "",
         "u.tsv: line 1: a code is 2, 3 or 5 digits"},
        {ACTS, "01\txa\tMột\t-\t-\t-\t-\n", "",
         "u.tsv: line 1: no such kind at this level"},
        {ACTS, "01\tx\tMột\t-\t-\t-\t-\n", "",
         "u.tsv: line 1: no such kind at this level"},
        {ACTS, "01\ttinh\t\t-\t-\t-\t-\n", "",
         "u.tsv: line 1: a name has 1 to 127 bytes"},
        {ACTS, "01\ttinh\tMột\t-\tc\t-\t-\n", "", "u.tsv: line 1: no such act"},
        {ACTS, "01\ttinh\tMột\t-\tb\ta\t-\n", "", "u.tsv: line 1: ended before it began"},
        {ACTS, "01\ttinh\tMột\t02\t-\t-\t-\n", "",
         "u.tsv: line 1: a province has no parent"},
        {ACTS, P "00001\tx\tHai\t02\t-\t-\t-\n", "", "u.tsv: line 2: no such parent"},
        {ACTS, P "001\th\tHai\t01\t-\t-\t-\n002\th\tBa\t001\t-\t-\t-\n", "",
         "u.tsv: line 3: its parent is of a higher level"},
        {ACTS, P P, "", "u.tsv: line 2: two at once of one code"},
        {ACTS, "02\ttinh\tHai\t-\t-\t-\t-\n" P, "",
         "u.tsv: line 2: not sorted by level and code"},
        {ACTS, P "00001\tx\tHai\t01\t-\t-\t00002\n", "",
         "u.tsv: line 2: became others, but is there"},
        {ACTS, P "00001\tx\tHai\t01\t-\tb\tx\n", "",
         "u.tsv: line 2: what it became are codes"},
        {ACTS, P "00001\tx\tHai\t01\t-\tb\t00002\n", "",
         "u.tsv: 00001 Hai: what it became was not there on the day"},
        {ACTS, "01\ttinh\tMột\t-\t-\tb\t-\n00001\tx\tHai\t01\t-\t-\t-\n", "",
         "u.tsv: 00001 Hai: its parent was not there all the time"},
        {ACTS, P "00001\tx\tHai\t01\t-\t-\n", "", "u.tsv: line 2: 6 cells, need 7"},
        {ACTS, "", "", "u.tsv: no units in it"},
        {ACTS, P, "Uno\t02\n", "n.tsv: line 1: no unit has this code"},
        {ACTS, P, "Uno\tx\n", "n.tsv: line 1: a code is 2, 3 or 5 digits"},
        {ACTS, P, "\t01\n", "n.tsv: line 1: a name has 1 to 127 bytes"},
        {ACTS, "01\ttinh\t--\t-\t-\t-\t-\n", "", "units: \"--\" has no letters"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(refusal(cases[i].acts, cases[i].units, cases[i].aliases),
                            cases[i].says);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_as_many_units_as_the_state_says),
        cmocka_unit_test(no_unit_is_without_a_parent_in_force),
        cmocka_unit_test(every_unit_of_june_2025_leads_to_units_of_july),
        cmocka_unit_test(most_that_ended_before_lead_there_too),
        cmocka_unit_test(every_commune_is_found_by_its_own_address_within_its_time),
        cmocka_unit_test(without_accents_it_is_found_too_or_said_to_be_one_of_several),
        cmocka_unit_test(places_are_found_as_papers_write_them),
        cmocka_unit_test(one_name_in_two_provinces_is_several_and_a_parent_tells_which),
        cmocka_unit_test(a_year_that_saw_the_change_holds_both_units),
        cmocka_unit_test(a_code_used_again_needs_its_date),
        cmocka_unit_test(what_a_unit_became_is_told_over_several_changes),
        cmocka_unit_test(words_of_names_are_known_and_others_are_not),
        cmocka_unit_test(dates_of_papers_are_spans_of_days),
        cmocka_unit_test(a_faulty_table_is_refused_with_file_line_and_reason),
    };

    return cmocka_run_group_tests(tests, open_own, close_own);
}
