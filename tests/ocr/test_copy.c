/* A searchable copy, made of pictures and words: they must lie upon each other whichever
 * way the page was scanned, and what is no sheaf must be refused. The pictures show a
 * black box where each word is. */
#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "ocr/copy/file.h"
#include "ocr/copy/picture.h"
#include "ocr/copy/picture_form.h"
#include "ocr/copy/sheaf.h"
#include "ocr/upright.h"
#include "tests/lib/pdfa.h"
#include "tests/lib/scratch.h"

#define WIDTH  620
#define HEIGHT 877
#define DPI    75

static struct scratch scratch;

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", scratch.dir, name);
    return path;
}

struct boxed {
    const char *text;
    int left, top, width, height;
};

/* Of an upright page. */
static const struct boxed words[] = {
    {"QUYẾT", 100, 90, 90, 20}, {"ĐỊNH", 200, 90, 70, 20},  {"Nguyễn", 90, 300, 80, 16},
    {"Thị", 180, 300, 40, 16},  {"Hằng", 230, 300, 60, 16}, {"thửa", 90, 330, 60, 16},
    {"đất", 160, 330, 40, 16},  {"ở", 300, 700, 20, 16},    {"Ủy", 330, 700, 30, 16},
    {"ban", 370, 700, 40, 16},
};
#define WORDS (sizeof words / sizeof *words)

/* The word where it lies when the page is turned clockwise so many times, and then by the
 * skew, to be straight. */
static struct boxed lying(const struct boxed *w, unsigned turns, int skew)
{
    struct boxed l = *w;

    l.top -= (int)lround((w->left + w->width / 2.0) * tan(skew * M_PI / 18000));
    for (unsigned i = 0; i < turns; i++) /* turned back */
        l = (struct boxed){w->text, l.top,
                           (i % 2 == 0 ? WIDTH : HEIGHT) - l.left - l.width, l.height,
                           l.width};
    return l;
}

/* The page as it lies in its file, with a box for each word. */
static struct Pix *draw(unsigned turns, int skew, int depth)
{
    bool lies = turns % 2 != 0;
    struct Pix *pix = pixCreate(lies ? HEIGHT : WIDTH, lies ? WIDTH : HEIGHT, depth);

    if (depth != 1)
        (void)pixSetAll(pix);
    for (size_t i = 0; i < WORDS; i++) {
        struct boxed l = lying(&words[i], turns, skew);
        struct Box *box = boxCreate(l.left, l.top, l.width, l.height);

        if (depth == 1)
            (void)pixSetInRect(pix, box);
        else
            (void)pixClearInRect(pix, box);
        boxDestroy(&box);
    }
    return pix;
}

/* Takes `pix`. */
static void add_picture(struct buffer *sheaf, struct Pix *pix, unsigned orientation)
{
    static const unsigned back[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    struct opened_page page = {.dpi = DPI};
    const unsigned char *coded;
    struct picture_form form;
    struct buffer made;
    struct err e;
    size_t count;

    page.pix = pix_upright(pix, back[orientation]);
    page.width = (uint32_t)pixGetWidth(page.pix);
    page.height = (uint32_t)pixGetHeight(page.pix);
    buffer_init(&made, 1 << 24);
    assert_int_equal(copy_picture_coded(&page, &made), REFUSAL_NONE);
    assert_int_equal(
        picture_form_decode(&form, &coded, &count, made.bytes, made.count, &e), 0);
    form.orientation = (uint8_t)orientation;
    picture_form_encode(sheaf, &form);
    buffer_append(sheaf, coded, count);
    buffer_release(&made);
    pixDestroy(&page.pix);
}

static void add_layer(struct buffer *sheaf, unsigned turns, int skew)
{
    bool lies = turns % 2 != 0;
    const struct layer_head head = {.shown_turns = (uint8_t)turns,
                                    .turns = (uint8_t)turns,
                                    .skew_centidegrees = skew,
                                    .width = lies ? HEIGHT : WIDTH,
                                    .height = lies ? WIDTH : HEIGHT,
                                    .dpi = DPI,
                                    .words_count = WORDS};

    layer_encode_head(sheaf, &head);
    for (size_t i = 0; i < WORDS; i++) {
        struct boxed l = lying(&words[i], turns, skew);
        bool begins = i == 0 || words[i].top != words[i - 1].top;

        layer_encode_word(
            sheaf, &(struct layer_word){.start = begins ? WORD_NEW_LINE : WORD_IN_LINE,
                                        .left = l.left,
                                        .top = l.top,
                                        .width = l.width,
                                        .height = l.height,
                                        .text = l.text,
                                        .bytes = strlen(l.text)});
    }
}

struct way {
    unsigned turns, orientation;
    int skew, depth;
};

static void make_sheaf(struct buffer *sheaf, const struct way *ways, size_t count)
{
    struct sheaf_lengths lengths[16];

    assert_true(count <= 16);
    buffer_init(sheaf, 1 << 26);
    for (size_t i = 0; i < count; i++) {
        size_t before = sheaf->count;

        add_picture(sheaf, draw(ways[i].turns, ways[i].skew, ways[i].depth),
                    ways[i].orientation);
        lengths[i].picture = sheaf->count - before;
        before = sheaf->count;
        add_layer(sheaf, ways[i].turns, ways[i].skew);
        lengths[i].layer = sheaf->count - before;
    }
    sheaf_encode_end(sheaf, lengths, count);
    assert_int_equal(sheaf->failed, ERR_NONE);
}

/* copy.pdf in the scratch directory. */
static enum refusal make_copy(const void *bytes, size_t count)
{
    int in = memfd_create("sheaf", MFD_CLOEXEC);
    int out = open(path_of("copy.pdf"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum refusal r;

    assert_true(in >= 0 && out >= 0);
    assert_int_equal(write(in, bytes, count), (ssize_t)count);
    r = copy_file(in, out);
    (void)close(in);
    (void)close(out);
    return r;
}

/* What a command of poppler's or qpdf's writes. */
static void tell(struct buffer *out, const char *command)
{
    char line[512];
    FILE *p;

    (void)snprintf(line, sizeof line, "cd %s && %s", scratch.dir, command);
    buffer_init(out, 1 << 24);
    p = popen(line, "r");
    assert_non_null(p);
    for (size_t n; (n = fread(line, 1, sizeof line, p)) > 0;)
        buffer_append(out, line, n);
    if (pclose(p) != 0)
        fail_msg("%s: %s", command, out->count == 0 ? "" : (char *)out->bytes);
}

/* Each word of the page must be told with its box, and that box's middle be black. */
static void expect_words_on_boxes(unsigned page)
{
    char command[128], text[64];
    const char *at;
    struct buffer told;
    struct Pix *pix;
    size_t found = 0;
    double box[4];

    (void)snprintf(command, sizeof command,
                   "pdftoppm -r 72 -gray -f %u -l %u copy.pdf page && mv page-*.pgm "
                   "page.pgm; pdftotext -raw -bbox -f %u -l %u copy.pdf -",
                   page, page, page, page);
    tell(&told, command);
    pix = pixRead(path_of("page.pgm"));
    assert_non_null(pix);
    for (at = (char *)told.bytes; (at = strstr(at, "<word ")) != NULL; at++, found++) {
        l_uint32 grey = 255;

        assert_int_equal(
            sscanf(at,
                   "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\">%63[^<]",
                   &box[0], &box[1], &box[2], &box[3], text),
            5);
        if (found == WORDS || strcmp(text, words[found].text) != 0)
            fail_msg("page %u: word %zu is %s", page, found, text);
        (void)pixGetPixel(pix, (l_int32)((box[0] + box[2]) / 2),
                          (l_int32)((box[1] + box[3]) / 2), &grey);
        if (grey > 60)
            fail_msg("page %u: %s is not where it is drawn", page, text);
    }
    assert_int_equal(found, WORDS);
    pixDestroy(&pix);
    buffer_release(&told);
}

static void expect_ways(const struct way *ways, size_t count)
{
    struct buffer sheaf, told;
    const char *problem;

    make_sheaf(&sheaf, ways, count);
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count), REFUSAL_NONE);
    problem = pdfa_problem(path_of("copy.pdf"));
    if (problem != NULL)
        fail_msg("%s", problem);
    tell(&told, "qpdf --check copy.pdf");
    buffer_release(&told);
    for (unsigned i = 0; i < count; i++)
        expect_words_on_boxes(i + 1);
    buffer_release(&sheaf);
}

/* -------------------------------------------------------------------------- the tests */

static void words_lie_on_the_picture_whichever_way_it_was_scanned(void **state)
{
    static const struct way ways[] = {{0, 1, 0, 8}, {1, 1, 0, 8}, {2, 1, 0, 8},
                                      {3, 1, 0, 8}, {0, 1, 0, 1}, {0, 1, 0, 32}};

    (void)state;
    expect_ways(ways, sizeof ways / sizeof *ways);
}

static void a_camera_s_tag_turns_the_picture_and_not_the_words(void **state)
{
    static const struct way ways[] = {{0, 2, 0, 8}, {0, 3, 0, 8}, {0, 4, 0, 8},
                                      {0, 5, 0, 8}, {0, 6, 0, 8}, {0, 7, 0, 8},
                                      {0, 8, 0, 8}, {1, 6, 0, 8}, {3, 5, 0, 8}};

    (void)state;
    expect_ways(ways, sizeof ways / sizeof *ways);
}

static void words_of_a_crooked_page_keep_their_places(void **state)
{
    static const struct way ways[] = {
        {0, 1, 150, 8}, {0, 1, -150, 8}, {2, 1, 120, 8}, {1, 1, -120, 8}};

    (void)state;
    expect_ways(ways, sizeof ways / sizeof *ways);
}

static void the_same_sheaf_gives_the_same_bytes(void **state)
{
    static const struct way way = {0, 1, 0, 8};
    struct buffer sheaf, told;

    (void)state;
    make_sheaf(&sheaf, &way, 1);
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count), REFUSAL_NONE);
    tell(&told, "mv copy.pdf first.pdf");
    buffer_release(&told);
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count), REFUSAL_NONE);
    tell(&told, "cmp copy.pdf first.pdf");
    buffer_release(&told);
    buffer_release(&sheaf);
}

static void every_letter_of_vietnamese_comes_back(void **state)
{
    static const char letters[] =
        "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụ"
        "ưừứửữựvxyỳýỷỹỵAÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬBCDĐEÈÉẺẼẸÊỀẾỂỄỆGHIÌÍỈĨỊKLMNOÒÓỎÕỌÔỒỐỔỖỘ"
        "ƠỜỚỞỠỢPQRSTUÙÚỦŨỤƯỪỨỬỮỰVXYỲÝỶỸỴ“”–…₫№";
    struct sheaf_lengths lengths;
    struct buffer sheaf, told;
    const struct layer_head head = {
        .width = WIDTH, .height = HEIGHT, .dpi = DPI, .words_count = 1};

    (void)state;
    buffer_init(&sheaf, 1 << 24);
    add_picture(&sheaf, draw(0, 0, 8), 1);
    lengths.picture = sheaf.count;
    layer_encode_head(&sheaf, &head);
    layer_encode_word(&sheaf, &(struct layer_word){.left = 10,
                                                   .top = 10,
                                                   .width = 600,
                                                   .height = 20,
                                                   .text = letters,
                                                   .bytes = sizeof letters - 1});
    lengths.layer = sheaf.count - lengths.picture;
    sheaf_encode_end(&sheaf, &lengths, 1);
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count), REFUSAL_NONE);
    tell(&told, "pdftotext -raw copy.pdf -");
    assert_non_null(strstr((char *)told.bytes, letters));
    buffer_release(&told);
    buffer_release(&sheaf);
}

static void what_is_no_sheaf_is_refused(void **state)
{
    static const struct way way = {0, 1, 0, 8};
    struct buffer sheaf;

    (void)state;
    make_sheaf(&sheaf, &way, 1);
    assert_int_equal(make_copy("", 0), REFUSAL_EMPTY);
    assert_int_equal(make_copy("%PDF-1.7", 8), REFUSAL_DAMAGED);
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count - 1), REFUSAL_DAMAGED);
    assert_int_equal(make_copy(sheaf.bytes + 1, sheaf.count - 1), REFUSAL_DAMAGED);
    sheaf.bytes[6] ^= 0xff; /* how the picture lies */
    assert_int_equal(make_copy(sheaf.bytes, sheaf.count), REFUSAL_DAMAGED);
    buffer_release(&sheaf);
}

static int start(void **state)
{
    (void)state;
    scratch_dir(&scratch);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lie_on_the_picture_whichever_way_it_was_scanned),
        cmocka_unit_test(a_camera_s_tag_turns_the_picture_and_not_the_words),
        cmocka_unit_test(words_of_a_crooked_page_keep_their_places),
        cmocka_unit_test(the_same_sheaf_gives_the_same_bytes),
        cmocka_unit_test(every_letter_of_vietnamese_comes_back),
        cmocka_unit_test(what_is_no_sheaf_is_refused),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
