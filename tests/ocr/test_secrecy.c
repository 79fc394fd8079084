/* The look for secrecy stamps: what is one is held, and what is none is not. */
#include "ocr/recognise.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/stamp.h"
#include "tests/lib/documents.h"
#include "tests/lib/program.h"

#define SHARED "../shared/pages"

static struct recogniser *recogniser;

static int recogniser_begin(void **state)
{
    struct err e;

    (void)state;
    if (recogniser_create(&recogniser, 0, &e) != 0)
        fail_msg("%s", e.text);
    return 0;
}

static int recogniser_end(void **state)
{
    (void)state;
    recogniser_destroy(recogniser);
    return 0;
}

/* --- words ----------------------------------------------------------------- */

static void whole_text_must_be_the_words(void **state)
{
    (void)state;
    assert_int_equal(stamp_words("M\xe1\xba\xacT", true), STAMP_MAT);
    assert_int_equal(stamp_words("T\xe1\xbb\x90I M\xe1\xba\xacT", true), STAMP_TOI_MAT);
    assert_int_equal(stamp_words("TUY\xe1\xbb\x86T\nM\xe1\xba\xacT\n", true),
                     STAMP_TUYET_MAT);
    assert_int_equal(stamp_words("| M\xe1\xba\xacT . I", true), STAMP_MAT);
    assert_int_equal(stamp_words("B\xe1\xba\xa2N M\xe1\xba\xaaU", true), STAMP_OTHER);
    assert_int_equal(stamp_words("M\xe1\xba\xb6T TR\xe1\xba\xacN", true), STAMP_OTHER);
    assert_int_equal(stamp_words("M\xe1\xba\xaaU", true), STAMP_OTHER);
    assert_int_equal(stamp_words("H\xe1\xbb\x8e"
                                 "A T\xe1\xbb\x90"
                                 "C",
                                 true),
                     STAMP_OTHER);
    assert_int_equal(stamp_words("", true), STAMP_OTHER);
}

static void letter_read_wrong_counts_less_in_longer_words(void **state)
{
    (void)state;
    assert_int_equal(stamp_words("TUYET MAI", false), STAMP_TUYET_MAT);
    assert_int_equal(stamp_words("LOI MAI", true), STAMP_TOI_MAT);
    assert_int_equal(stamp_words("LOI MAI", false), STAMP_OTHER);
    assert_int_equal(stamp_words("NAT", true), STAMP_OTHER);
    assert_int_equal(stamp_words("M\xe1\xba\xacI", true), STAMP_MAT); /* its vowel */
    assert_int_equal(stamp_words("M\xe1\xba\xacI", false), STAMP_OTHER);
}

/* --- stamps drawn here: letters without accents, which fold to the same ---------- */

#define WIDE  1654 /* A4 at 200 dpi */
#define HIGH  2339
#define RED   0xc8142000u
#define BLACK 0x10101000u

struct drawn {
    const char *words;
    int left, top, width, height; /* of the frame; no frame: width 0 */
    double tilt;
    l_uint32 ink;
};

static struct Pix *stamp_pix(const struct drawn *d)
{
    struct Pix *pix = pixCreate(d->width + 160, d->height + 160, 32);
    L_BMF *font = bmfCreate(NULL, 12);
    BOX *box = boxCreate(80, 80, d->width, d->height);
    l_int32 width = 0, end, over;

    (void)pixSetAll(pix);
    (void)bmfGetStringWidth(font, d->words, &width);
    (void)pixSetTextline(pix, font, d->words, d->ink, 80 + (d->width - width) / 2,
                         80 + d->height / 2 + 16, &end, &over);
    (void)pixRenderBoxArb(pix, box, 4, (l_uint8)(d->ink >> 24), (l_uint8)(d->ink >> 16),
                          (l_uint8)(d->ink >> 8));
    if (d->tilt != 0) {
        struct Pix *tilted = pixRotate(pix, (l_float32)(d->tilt * M_PI / 180),
                                       L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);

        pixDestroy(&pix);
        pix = tilted;
    }
    boxDestroy(&box);
    bmfDestroy(&font);
    return pix;
}

/* A page of text with a stamp on it. */
static struct Pix *stamped_page(const struct drawn *d)
{
    static const char *lines[36];
    struct Pix *grey, *page, *stamp;

    for (int i = 0; i < 35; i++)
        lines[i] = i < 9 ? " " : "CAN CU LUAT TO CHUC CHINH QUYEN DIA PHUONG NGAY 19";
    grey = document_page(WIDE, HIGH, lines);
    page = pixConvertTo32(grey);
    stamp = stamp_pix(d);
    (void)pixRasterop(page, d->left - 80, d->top - 80, pixGetWidth(stamp),
                      pixGetHeight(stamp), PIX_SRC & PIX_DST, stamp, 0, 0);
    pixDestroy(&stamp);
    pixDestroy(&grey);
    return page;
}

static struct look look_as(struct Pix *pix, uint32_t dpi)
{
    struct opened_page page = {.pix = pix,
                               .width = (uint32_t)pixGetWidth(pix),
                               .height = (uint32_t)pixGetHeight(pix),
                               .dpi = dpi};
    struct look look;
    struct err e;

    assert_int_equal(secrecy_look(recogniser, &page, &look, &e), 0);
    assert_int_equal(look.refusal, REFUSAL_NONE);
    assert_int_equal(look.width, page.width);
    return look;
}

static struct look look_at(struct Pix *pix)
{
    return look_as(pix, 200);
}

static void expect_secrecy(struct Pix *pix, enum secrecy wanted)
{
    struct look look = look_at(pix);

    assert_string_equal(secrecy_name(look.secrecy), secrecy_name(wanted));
}

static void expect_drawn(const struct drawn *d, enum secrecy wanted)
{
    struct Pix *page = stamped_page(d);

    expect_secrecy(page, wanted);
    pixDestroy(&page);
}

static void framed_words_are_found_in_red_and_in_black(void **state)
{
    static const struct {
        const char *words;
        int width;
        enum secrecy secrecy;
    } stamps[] = {{"MAT", 157, SECRECY_MAT},
                  {"TOI MAT", 236, SECRECY_TOI_MAT},
                  {"TUYET MAT", 315, SECRECY_TUYET_MAT}};

    (void)state;
    for (int i = 0; i < 3; i++)
        for (int tilt = -10; tilt <= 10; tilt += 5) {
            struct drawn d = {.words = stamps[i].words,
                              .left = 300,
                              .top = 300,
                              .width = stamps[i].width,
                              .height = 63,
                              .tilt = tilt,
                              .ink = RED};

            expect_drawn(&d, stamps[i].secrecy);
            d.ink = BLACK;
            expect_drawn(&d, stamps[i].secrecy);
        }
}

static void place_of_the_stamp_is_told(void **state)
{
    const struct drawn d = {"TUYET MAT", 900, 200, 315, 63, 3, RED};
    struct Pix *page = stamped_page(&d);
    struct look look = look_at(page);

    (void)state;
    assert_in_range(look.left, 880, 910);
    assert_in_range(look.top, 180, 205);
    assert_in_range(look.box_width, 310, 350);
    assert_in_range(look.box_height, 60, 110);
    pixDestroy(&page);
}

static void page_that_lies_wrong_shows_its_stamp_too(void **state)
{
    const struct drawn d = {"TUYET MAT", 300, 300, 315, 63, 2, RED};
    struct Pix *page = stamped_page(&d);

    (void)state;
    for (int turns = 1; turns < 4; turns++) {
        struct Pix *lying = pixRotateOrth(page, turns);

        expect_secrecy(lying, SECRECY_TUYET_MAT);
        pixDestroy(&lying);
    }
    pixDestroy(&page);
}

/* As the file says it, through its decoder: 0 is no word at all. */
static void a_files_word_on_its_resolution_hides_no_stamp(void **state)
{
    static const int said[] = {0, 72, 96, 100, 150, 200, 300, 400, 600, 1200};
    static const struct drawn stamps[] = {{"MAT", 300, 300, 157, 63, 3, RED},
                                          {"TUYET MAT", 300, 300, 315, 63, 0, BLACK}};
    static const enum secrecy wanted[] = {SECRECY_MAT, SECRECY_TUYET_MAT};

    (void)state;
    for (int n = 0; n < 2; n++) {
        struct Pix *pix = stamped_page(&stamps[n]);

        for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
            struct opened_page page;
            struct buffer file;
            int fd;

            (void)pixSetResolution(pix, said[i], said[i]);
            document_encode(&file, pix, IFF_JFIF_JPEG);
            fd = document_fd(file.bytes, file.count);
            assert_int_equal(page_open(fd, 0, &page), OPENED);
            print_message("# says %d: taken for %u\n", said[i], page.dpi);
            assert_int_equal(look_as(page.pix, page.dpi).secrecy, wanted[n]);
            pixDestroy(&page.pix);
            close(fd);
            buffer_release(&file);
        }
        pixDestroy(&pix);
    }
}

/* Of another size than A4, so that the guess is wrong and the file right. */
static void a_small_paper_that_says_its_resolution_hides_no_stamp(void **state)
{
    const struct drawn d = {"TUYET MAT", 300, 300, 315, 63, 0, BLACK};
    struct Pix *page = stamped_page(&d);
    BOX *half = boxCreate(0, 0, HIGH / 2, WIDE / 2);
    struct Pix *small = pixClipRectangle(page, half, NULL);

    (void)state;
    assert_int_equal(look_as(small, 200).secrecy, SECRECY_TUYET_MAT);
    pixDestroy(&small);
    boxDestroy(&half);
    pixDestroy(&page);
}

/* A page is only cleared when all of it was looked at. */
static void more_places_than_can_be_told_is_no_answer(void **state)
{
    struct opened_page page = {.width = 9000, .height = 9000, .dpi = 300};
    struct Pix *pix = pixCreate(3000, 3000, 32);
    struct look look;
    struct err e;

    (void)state;
    (void)pixSetAll(pix);
    for (int y = 10; y < 1500; y += 60)
        for (int x = 10; x < 2800; x += 120) {
            BOX *blob = boxCreate(x, y, 90, 40);

            (void)pixSetInRectArbitrary(pix, blob, RED);
            boxDestroy(&blob);
        }
    page.pix = pix;
    assert_int_equal(secrecy_look(recogniser, &page, &look, &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    pixDestroy(&pix);
}

/* Thirty red blobs above it. */
static void stamp_among_many_other_blobs_is_found(void **state)
{
    const struct drawn d = {"TOI MAT", 300, 330, 236, 63, 0, BLACK};
    struct Pix *page = stamped_page(&d);

    (void)state;
    for (int i = 0; i < 30; i++) {
        BOX *blob = boxCreate(100 + i % 6 * 240, 4 + i / 6 * 56, 110, 44);

        (void)pixSetInRectArbitrary(page, blob, RED);
        boxDestroy(&blob);
    }
    expect_secrecy(page, SECRECY_TOI_MAT);
    pixDestroy(&page);
}

/* Leptonica's memory, of which so many pieces more are given. */
static long pieces_left = -1;

static void *piece(size_t bytes)
{
    if (pieces_left == 0)
        return NULL;
    if (pieces_left > 0)
        pieces_left--;
    return malloc(bytes);
}

/* In a child: Leptonica itself may die of it. */
static int look_with(const struct opened_page *page, long pieces)
{
    struct look look;
    struct err e;
    int how = 0;
    pid_t pid = fork();

    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* which the test's frame would catch */
        pieces_left = pieces;
        if (secrecy_look(recogniser, page, &look, &e) != 0)
            _exit(2);
        _exit(look.secrecy == SECRECY_TUYET_MAT ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 3;
}

/* From some piece on, there is none any more: never is the page cleared. With enough for
 * all of it, more pieces change nothing. */
static void look_without_memory_is_no_answer(void **state)
{
    const struct drawn d = {"TUYET MAT", 300, 300, 315, 63, 3, RED};
    struct Pix *pix;
    unsigned told[4] = {0};

    (void)state;
    setPixMemoryManager(piece, free);
    pix = stamped_page(&d);
    for (long pieces = 0; pieces < 80 && told[0] < 3; pieces++) {
        const struct opened_page page = {
            .pix = pix, .width = WIDE, .height = HIGH, .dpi = 200};

        told[look_with(&page, 8 * pieces * pieces)]++;
    }
    print_message("# %u found, %u cleared, %u refused, %u died\n", told[0], told[1],
                  told[2], told[3]);
    assert_int_equal(told[1], 0);
    assert_true(told[2] > 20);
    assert_true(told[0] > 0);
    pixDestroy(&pix);
    setPixMemoryManager(malloc, free);
}

static void other_stamps_and_frames_hold_nothing(void **state)
{
    static const char *const words[] = {"BAN SAO", "HOA TOC", "KHAN",
                                        "BAN MAU", "DA THU",  "MAT TRAN"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct drawn d = {words[i], 300, 300, 260, 63, 2, RED};

        expect_drawn(&d, SECRECY_NONE);
    }
}

static void page_without_a_stamp_holds_nothing(void **state)
{
    const struct drawn d = {.words = "", .left = 300, .top = 300, .ink = 0xffffff00};

    (void)state;
    expect_drawn(&d, SECRECY_NONE);
}

/* --- typeset and aged pages ----------------------------------------------------------- */

static struct look look_in(const char *path)
{
    struct opened_page page;
    struct look look;
    struct err e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(page_open(fd, 0, &page), OPENED);
    assert_int_equal(secrecy_look(recogniser, &page, &look, &e), 0);
    pixDestroy(&page.pix);
    close(fd);
    return look;
}

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && (strcmp(dot, ".jpg") == 0 || strcmp(dot, ".png") == 0 ||
                           strcmp(dot, ".tif") == 0);
}

/* Counts the pictures of `dir` by what the look says. */
static unsigned look_in_all(const char *dir, unsigned found[SECRECY_TUYET_MAT + 1])
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    unsigned count = 0;
    char path[1024];

    memset(found, 0, (SECRECY_TUYET_MAT + 1) * sizeof *found);
    if (d == NULL)
        return 0;
    while ((entry = readdir(d)) != NULL)
        if (is_picture(entry->d_name)) {
            (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
            found[look_in(path).secrecy]++;
            count++;
        }
    closedir(d);
    return count;
}

/* So many letters of this age show their stamp, all of them, and no other. */
static void expect_typeset(const char *secrecy, enum secrecy wanted, const char *age,
                           const char *letters)
{
    struct bench b;
    struct ran ran;
    unsigned found[SECRECY_TUYET_MAT + 1], count;

    bench_create(&b);
    run(&b, &ran, "tram-pages", "--seed", "7", "--count", letters, "--out", b.dir,
        "--kind", "letter", "--secrecy", secrecy, "--age", age, "--format", "jpg",
        "--dpi", "200", NULL);
    assert_int_equal(ran.status, 0);
    ran_release(&ran);
    count = look_in_all(b.dir, found);
    assert_true(count >= strtoul(letters, NULL, 10));
    print_message("# %s %s: %u of %u\n", age, secrecy, found[wanted], count);
    assert_int_equal(found[wanted], count);
    bench_destroy(&b);
}

/* Ageing costs more than the look: a few pages, all of which must be right. How many of
 * hundreds are is bench-secrecy's. */
static void typeset_stamps_are_found_on_aged_letters_too(void **state)
{
    static const char *const ages[] = {"clean", "light", "heavy"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        const char *letters = i == 2 ? "2" : "1";

        expect_typeset("mat", SECRECY_MAT, ages[i], letters);
        expect_typeset("toi_mat", SECRECY_TOI_MAT, ages[i], letters);
        expect_typeset("tuyet_mat", SECRECY_TUYET_MAT, ages[i], letters);
        expect_typeset("none", SECRECY_NONE, ages[i], letters);
    }
}

/* Old stamping ink and thin toner: a person sees the stamp, and it is hardly darker or
 * redder than the paper. From bench-secrecy: of twelve in grey two were found. */
static void stamps_of_faint_ink_are_found_in_colour_and_in_grey(void **state)
{
    static const struct {
        const char *seed, *letters, *word, *tone;
        enum secrecy secrecy;
    } papers[] = {{"4100", "3", "mat", "grey", SECRECY_MAT},
                  {"2063", "2", "toi_mat", "colour", SECRECY_TOI_MAT}};

    (void)state;
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++) {
        unsigned found[SECRECY_TUYET_MAT + 1], count;
        struct bench b;
        struct ran ran;

        bench_create(&b);
        run(&b, &ran, "tram-pages", "--seed", papers[i].seed, "--count",
            papers[i].letters, "--out", b.dir, "--kind", "letter", "--secrecy",
            papers[i].word, "--age", "faint", "--tone", papers[i].tone, NULL);
        assert_int_equal(ran.status, 0);
        ran_release(&ran);
        count = look_in_all(b.dir, found);
        assert_int_equal(count, strtoul(papers[i].letters, NULL, 10));
        assert_int_equal(found[papers[i].secrecy], count);
        bench_destroy(&b);
    }
}

/* Black and white copies of copies, where speckle runs into the letters. */
static void stamps_on_speckled_bilevel_copies_are_nearly_all_found(void **state)
{
    static const char *const seeds[] = {"1011", "1012", "1013", "1014",
                                        "1015", "1016", "1017"};
    const unsigned count = sizeof seeds / sizeof *seeds;
    unsigned found[SECRECY_TUYET_MAT + 1];
    struct bench b;

    (void)state;
    bench_create(&b);
    for (unsigned i = 0; i < count; i++) {
        struct ran ran;

        run(&b, &ran, "tram-pages", "--seed", seeds[i], "--out", b.dir, "--kind",
            "letter", "--secrecy", "mat", "--age", "heavy", "--tone", "bilevel", NULL);
        assert_int_equal(ran.status, 0);
        ran_release(&ran);
    }
    assert_int_equal(look_in_all(b.dir, found), count);
    print_message("# %u of %u\n", found[SECRECY_MAT], count);
    assert_true(found[SECRECY_MAT] + 1 >= count);
    bench_destroy(&b);
}

static void scanned_letters_are_not_held(void **state)
{
    static const char *const folders[] = {"clean", "light", "heavy", "table",
                                          "real/pages"};
    unsigned found[SECRECY_TUYET_MAT + 1], seen = 0, held = 0;
    char dir[256];

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        unsigned count;

        (void)snprintf(dir, sizeof dir, SHARED "/%s", folders[i]);
        count = look_in_all(dir, found);
        seen += count;
        held += count - found[SECRECY_NONE];
    }
    if (seen == 0)
        skip();
    print_message("# %u pages, %u held\n", seen, held);
    assert_int_equal(held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_text_must_be_the_words),
        cmocka_unit_test(letter_read_wrong_counts_less_in_longer_words),
        cmocka_unit_test(framed_words_are_found_in_red_and_in_black),
        cmocka_unit_test(place_of_the_stamp_is_told),
        cmocka_unit_test(page_that_lies_wrong_shows_its_stamp_too),
        cmocka_unit_test(a_files_word_on_its_resolution_hides_no_stamp),
        cmocka_unit_test(a_small_paper_that_says_its_resolution_hides_no_stamp),
        cmocka_unit_test(more_places_than_can_be_told_is_no_answer),
        cmocka_unit_test(stamp_among_many_other_blobs_is_found),
        cmocka_unit_test(look_without_memory_is_no_answer),
        cmocka_unit_test(other_stamps_and_frames_hold_nothing),
        cmocka_unit_test(page_without_a_stamp_holds_nothing),
        cmocka_unit_test(typeset_stamps_are_found_on_aged_letters_too),
        cmocka_unit_test(stamps_of_faint_ink_are_found_in_colour_and_in_grey),
        cmocka_unit_test(stamps_on_speckled_bilevel_copies_are_nearly_all_found),
        cmocka_unit_test(scanned_letters_are_not_held),
    };

    return cmocka_run_group_tests(tests, recogniser_begin, recogniser_end);
}
