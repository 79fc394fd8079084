/* The typesetter of sample pages (tests/pages): whoever measures a reader with its
 * pages relies on what is claimed here. */
#include "tests/lib/program.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <leptonica/allheaders.h>
#include <utf8proc.h>

#define SAMPLES           "tests/pages/samples"
#define TRUTH             "tests/pages/truth"
#define SAMPLES_BYTES_MAX (1300 * 1024)
#define FILE_BYTES_MAX    (64u << 20)
#define WORDS_MAX         4096

static struct bench bench;
static struct err e;

static int bench_begin(void **state)
{
    (void)state;
    bench_create(&bench);
    return 0;
}

static int bench_end(void **state)
{
    (void)state;
    bench_destroy(&bench);
    return 0;
}

/* ---- files ---- */

static void file_read(struct buffer *out, const char *path)
{
    FILE *f = fopen(path, "rb");
    char block[65536];
    size_t count;

    if (f == NULL)
        fail_msg("%s is not there", path);
    buffer_init(out, FILE_BYTES_MAX);
    while ((count = fread(block, 1, sizeof block, f)) > 0)
        buffer_append(out, block, count);
    (void)fclose(f);
    assert_int_equal(buffer_check(out, &e), 0);
}

static bool same_bytes(const char *one, const char *other)
{
    struct buffer a, b;
    bool same;

    file_read(&a, one);
    file_read(&b, other);
    same = a.count == b.count && memcmp(a.bytes, b.bytes, a.count) == 0;
    buffer_release(&a);
    buffer_release(&b);
    return same;
}

/* Calls `each` for every file of a directory whose name ends so; how many. */
static int files_each(const char *dir, const char *suffix,
                      void (*each)(const char *dir, const char *stem))
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    int count = 0;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        char stem[256];
        size_t bytes = strlen(entry->d_name), tail = strlen(suffix);

        if (bytes <= tail || strcmp(entry->d_name + bytes - tail, suffix) != 0)
            continue;
        (void)snprintf(stem, sizeof stem, "%.*s", (int)(bytes - tail), entry->d_name);
        if (each != NULL)
            each(dir, stem);
        count++;
    }
    (void)closedir(d);
    return count;
}

static json_t *truth_load(const char *dir, const char *stem)
{
    char path[600];
    json_error_t error;
    json_t *o;

    (void)snprintf(path, sizeof path, "%s/%s.json", dir, stem);
    o = json_load_file(path, 0, &error);
    if (o == NULL)
        fail_msg("%s: %s", path, error.text);
    return o;
}

static void text_load(struct buffer *out, const char *dir, const char *stem)
{
    char path[600];

    (void)snprintf(path, sizeof path, "%s/%s.txt", dir, stem);
    file_read(out, path);
}

/* Breaks and runs of space become one space. */
static void spaces_flatten(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++) {
        bool space = *at == ' ' || *at == '\n' || *at == '\f';

        if (!space)
            *to++ = *at;
        else if (to != text && to[-1] != ' ')
            *to++ = ' ';
    }
    while (to != text && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* ---- what every page must be ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void text_is_nfc(const char *text)
{
    utf8proc_uint8_t *nfc = utf8proc_NFC((const utf8proc_uint8_t *)text);

    assert_non_null(nfc);
    assert_string_equal((const char *)nfc, text);
    free(nfc);
}

/* The words and those of the stamps are the words of the text. */
static void words_are_the_text(json_t *o, const char *flat)
{
    static const char *told[WORDS_MAX], *printed[WORDS_MAX];
    char *copy = strdup(flat), *stamps[4] = {0}, *rest = NULL;
    size_t told_count = 0, printed_count = 0, i, stamp_count = 0;
    json_t *item;

    json_array_foreach(json_object_get(o, "words"), i, item) told[told_count++] =
        json_text_of(item, "text");
    json_array_foreach(json_object_get(o, "stamps"), i, item)
    {
        char *at = stamps[stamp_count] = strdup(json_text_of(item, "text"));

        for (char *w = strtok_r(at, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
            told[told_count++] = w;
        stamp_count++;
    }
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        printed[printed_count++] = w;
    qsort(told, told_count, sizeof *told, by_text);
    qsort(printed, printed_count, sizeof *printed, by_text);
    assert_int_equal(told_count, printed_count);
    for (i = 0; i < told_count; i++)
        assert_string_equal(told[i], printed[i]);
    free(copy);
    for (i = 0; i < stamp_count; i++)
        free(stamps[i]);
}

static void first_orders_are_the_text(json_t *o, const char *flat)
{
    struct buffer all;
    json_t *zone;
    size_t i;

    buffer_init(&all, FILE_BYTES_MAX);
    json_array_foreach(json_object_get(o, "zones"), i, zone)
        buffer_append_format(&all, "%s\n", json_string_value(json_array_get(zone, 0)));
    assert_int_equal(buffer_check(&all, &e), 0);
    spaces_flatten((char *)all.bytes);
    assert_string_equal((const char *)all.bytes, flat);
    buffer_release(&all);
}

static void fields_are_in_the_text(json_t *o, const char *flat)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(o, "fields"), name,
                        value) if (strstr(flat, json_string_value(value)) == NULL)
        fail_msg("field %s, '%s', is not printed", name, json_string_value(value));
}

static void boxes_are_on_the_page(json_t *o)
{
    json_int_t width = json_number_of(o, "width"), height = json_number_of(o, "height");
    json_t *word;
    size_t i;

    json_array_foreach(json_object_get(o, "words"), i, word)
    {
        int left, top, across, down;

        assert_int_equal(
            json_unpack(word, "{s:[i,i,i,i]}", "box", &left, &top, &across, &down), 0);
        if (left < 0 || top < 0 || across < 1 || down < 1 || left + across > width ||
            top + down > height)
            fail_msg("'%s' lies at %d, %d, %d x %d", json_text_of(word, "text"), left,
                     top, across, down);
    }
}

static void truth_check(const char *dir, const char *stem)
{
    json_t *o = truth_load(dir, stem);
    struct buffer text;

    text_load(&text, dir, stem);
    text_is_nfc((const char *)text.bytes);
    spaces_flatten((char *)text.bytes);
    words_are_the_text(o, (const char *)text.bytes);
    first_orders_are_the_text(o, (const char *)text.bytes);
    fields_are_in_the_text(o, (const char *)text.bytes);
    boxes_are_on_the_page(o);
    buffer_release(&text);
    json_decref(o);
}

#define PAGES_RUN(...)                                                                   \
    do {                                                                                 \
        struct ran r_;                                                                   \
        run(&bench, &r_, "tram-pages", __VA_ARGS__, NULL);                               \
        if (r_.status != 0)                                                              \
            fail_msg("tram-pages: %s", (const char *)r_.err.bytes);                      \
        ran_release(&r_);                                                                \
    } while (0)

/* ---- claims ---- */

static void text_words_zones_and_fields_of_every_kind_and_age_agree(void **state)
{
    static const char *const kinds[] = {"letter",   "decision", "party",
                                        "register", "list",     "certificate"};
    static const char *const ages[] = {"clean", "light", "heavy", "worn", "office"};

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t a = 0; a < sizeof ages / sizeof ages[0]; a++)
            PAGES_RUN("--seed", k == 0 ? "21" : "22", "--count", "2", "--kind", kinds[k],
                      "--age", ages[a], "--dpi", "100", "--out", ages[a]);
    for (size_t a = 0; a < sizeof ages / sizeof ages[0]; a++) {
        const char *dir = bench_path(&bench, ages[a]);

        assert_int_equal(files_each(dir, ".json", truth_check), 12);
        assert_int_equal(files_each(dir, ".png", NULL), 12);
    }
}

static void same_seed_gives_the_same_bytes_in_every_format(void **state)
{
    static const char *const formats[] = {"png", "jpg", "tif", "pdf", "pdf-text"};
    static const char *const suffixes[] = {"png", "jpg", "tif", "pdf", "pdf"};

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        char one[64], other[64];

        for (int k = 0; k < 2; k++)
            PAGES_RUN("--seed", "5", "--age", "heavy", "--dpi", "100", "--format",
                      formats[i], "--name", k ? "b" : "a", "--out", "same");
        (void)snprintf(one, sizeof one, "same/a.%s", suffixes[i]);
        (void)snprintf(other, sizeof other, "same/b.%s", suffixes[i]);
        if (!same_bytes(bench_path(&bench, one), bench_path(&bench, other)))
            fail_msg("%s differs", formats[i]);
    }
}

static void a_paper_depends_on_its_seed_and_not_on_age_or_neighbours(void **state)
{
    (void)state;
    PAGES_RUN("--seed", "9", "--count", "2", "--kind", "letter", "--dpi", "100", "--out",
              "two");
    PAGES_RUN("--seed", "9", "--kind", "letter", "--dpi", "100", "--age", "heavy",
              "--seal", "yes", "--out", "one");
    PAGES_RUN("--seed", "10", "--kind", "letter", "--dpi", "100", "--out", "other");
    assert_true(same_bytes(bench_path(&bench, "two/letter-9-000.txt"),
                           bench_path(&bench, "one/letter-9-000.txt")));
    assert_false(same_bytes(bench_path(&bench, "two/letter-9-000.txt"),
                            bench_path(&bench, "other/letter-10-000.txt")));
    assert_false(same_bytes(bench_path(&bench, "two/letter-9-000.txt"),
                            bench_path(&bench, "two/letter-9-001.txt")));
}

static void a_missing_glyph_or_font_is_named_and_nothing_is_written(void **state)
{
    struct ran r;

    (void)state;
    run(&bench, &r, "tram-pages", "--font", "Noto Sans Thai", "--out", "none", NULL);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr((const char *)r.err.bytes, "Noto Sans Thai"));
    assert_non_null(strstr((const char *)r.err.bytes, "no glyph for U+"));
    ran_release(&r);
    run(&bench, &r, "tram-pages", "--font", "No Such Face", "--out", "none", NULL);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr((const char *)r.err.bytes, "No Such Face is not installed"));
    ran_release(&r);
    assert_int_equal(files_each(bench_path(&bench, "none"), "", NULL), 2); /* . and .. */
}

static void a_stamp_on_a_list_or_register_is_a_wrong_word(void **state)
{
    static const char *const kinds[] = {"list", "register"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ran r;

        run(&bench, &r, "tram-pages", "--kind", kinds[i], "--secrecy", "mat", "--out",
            "none", NULL);
        assert_int_equal(r.status, 2);
        assert_non_null(strstr((const char *)r.err.bytes, "bears no stamp"));
        ran_release(&r);
    }
}

static PIX *black_of(const char *path)
{
    PIX *pix = pixRead(path);

    assert_non_null(pix);
    assert_int_equal(pixGetDepth(pix), 1);
    return pix;
}

static int black_in(PIX *pix, int left, int top, int width, int height)
{
    BOX *box = boxCreate(left, top, width, height);
    PIX *part = pixClipRectangle(pix, box, NULL);
    l_int32 count = 0;

    assert_non_null(part);
    (void)pixCountPixels(part, &count, NULL);
    pixDestroy(&part);
    boxDestroy(&box);
    return count;
}

static void boxes_turn_with_the_page_and_hold_its_ink(void **state)
{
    const char *angles[] = {"-3", "3"};

    (void)state;
    for (int a = 0; a < 2; a++) {
        json_t *o, *word;
        PIX *pix;
        size_t i;

        PAGES_RUN("--seed", "31", "--kind", "letter", "--skew", angles[a], "--tone",
                  "bilevel", "--name", a ? "right" : "left", "--out", "skew");
        o = truth_load(bench_path(&bench, "skew"), a ? "right" : "left");
        pix = black_of(bench_path(&bench, a ? "skew/right.png" : "skew/left.png"));
        json_array_foreach(json_object_get(o, "words"), i, word)
        {
            int l, t, w, h;

            assert_int_equal(json_unpack(word, "{s:[i,i,i,i]}", "box", &l, &t, &w, &h),
                             0);
            if (black_in(pix, l, t, w, h) * 50 < w * h)
                fail_msg("no ink in the box of '%s'", json_text_of(word, "text"));
            (void)pixRasterop(pix, l - 2, t - 2, w + 4, h + 4, PIX_CLR, NULL, 0, 0);
        }
        /* Three rules of the head are left over, and little else. */
        assert_true(black_in(pix, 0, 0, pixGetWidth(pix), pixGetHeight(pix)) < 4000);
        pixDestroy(&pix);
        json_decref(o);
    }
}

static void a_secrecy_stamp_is_red_ink_where_it_is_told(void **state)
{
    json_t *o, *stamp;
    int l, t, w, h, red = 0;
    PIX *pix;

    (void)state;
    PAGES_RUN("--seed", "41", "--kind", "letter", "--secrecy", "toi_mat", "--tone",
              "colour", "--name", "held", "--out", "stamp");
    o = truth_load(bench_path(&bench, "stamp"), "held");
    stamp = json_array_get(json_object_get(o, "stamps"), 0);
    assert_non_null(stamp);
    assert_string_equal(json_text_of(stamp, "text"), "TỐI MẬT");
    assert_string_equal(json_text_of(json_object_get(o, "fields"), "secrecy"), "TỐI MẬT");
    assert_int_equal(json_unpack(stamp, "{s:[i,i,i,i]}", "box", &l, &t, &w, &h), 0);
    pix = pixRead(bench_path(&bench, "stamp/held.png"));
    assert_non_null(pix);
    for (int y = t; y < t + h; y++)
        for (int x = l; x < l + w; x++) {
            l_int32 r, g, b;

            pixGetRGBPixel(pix, x, y, &r, &g, &b);
            red += r > g + 80 && r > b + 80;
        }
    assert_true(red * 12 > w * h);
    pixDestroy(&pix);
    json_decref(o);
}

static void as_many_pages_as_were_wished_lie_in_one_file(void **state)
{
    l_int32 pages = 0;
    FILE *f;
    json_t *o;

    (void)state;
    PAGES_RUN("--seed", "51", "--kind", "letter", "--variant", "BC", "--pages", "3",
              "--format", "tif", "--tone", "bilevel", "--name", "long", "--out", "many");
    f = fopen(bench_path(&bench, "many/long.tif"), "rb");
    assert_non_null(f);
    assert_int_equal(tiffGetCount(f, &pages), 0);
    (void)fclose(f);
    o = truth_load(bench_path(&bench, "many"), "long");
    assert_int_equal(json_number_of(o, "pages"), 3);
    assert_int_equal(pages, 3);
    json_decref(o);
    truth_check(bench_path(&bench, "many"), "long");
}

static void the_committed_samples_are_small_and_tell_the_truth(void **state)
{
    static const char *const wanted[] = {
        "quyet-dinh-01.png",    "so-ho-tich-khai-sinh.png",
        "cong-van-dau-do.jpg",  "chuyen-pho-to.tif",
        "ke-hoach-mot-anh.pdf", "cong-van-hai-trang.pdf",
        "hai-trang.zip",        "mat-01.png",
    };
    uint64_t bytes = 0;
    struct dirent *entry;
    DIR *d = opendir(SAMPLES);

    (void)state;
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        char path[512];
        struct stat s;

        (void)snprintf(path, sizeof path, SAMPLES "/%s", entry->d_name);
        assert_int_equal(stat(path, &s), 0);
        bytes += S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
    }
    (void)closedir(d);
    assert_in_range(bytes, 100000, SAMPLES_BYTES_MAX);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        char path[512];
        struct stat s;

        (void)snprintf(path, sizeof path, SAMPLES "/%s", wanted[i]);
        if (stat(path, &s) != 0)
            fail_msg("%s is not there", path);
    }
    assert_true(files_each(TRUTH, ".json", truth_check) >= 12);
}

int main(void)
{
#define IN_A_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_begin, bench_end)
    const struct CMUnitTest tests[] = {
        IN_A_BENCH(text_words_zones_and_fields_of_every_kind_and_age_agree),
        IN_A_BENCH(same_seed_gives_the_same_bytes_in_every_format),
        IN_A_BENCH(a_paper_depends_on_its_seed_and_not_on_age_or_neighbours),
        IN_A_BENCH(a_missing_glyph_or_font_is_named_and_nothing_is_written),
        IN_A_BENCH(a_stamp_on_a_list_or_register_is_a_wrong_word),
        IN_A_BENCH(boxes_turn_with_the_page_and_hold_its_ink),
        IN_A_BENCH(a_secrecy_stamp_is_red_ink_where_it_is_told),
        IN_A_BENCH(as_many_pages_as_were_wished_lie_in_one_file),
        cmocka_unit_test(the_committed_samples_are_small_and_tell_the_truth),
    };

    setMsgSeverity(L_SEVERITY_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
