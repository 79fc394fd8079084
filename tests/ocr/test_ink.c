/* What a page's strokes say about its ink: that the back shows through, or that it is
 * faint; and what is done about it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/image/bleed.h"
#include "ocr/image/faint.h"
#include "ocr/image/steps.h"
#include "ocr/image/strokes.h"

#define DPI   200
#define WIDE  1654 /* an A4 */
#define HIGH  2339
#define PAPER 235
#define TOP   200
#define LINE  60
#define LINES 32

static unsigned level(struct Pix *grey, int x, int y)
{
    l_uint32 value = 0;

    assert_int_equal(pixGetPixel(grey, x, y, &value), 0);
    return value;
}

static void fill(struct Pix *pix, int x, int y, int width, int height, l_uint32 ink)
{
    BOX *box = boxCreate(x, y, width, height);

    assert_non_null(box);
    (void)pixSetInRectArbitrary(pix, box, ink);
    boxDestroy(&box);
}

static struct Pix *paper(void)
{
    struct Pix *grey = pixCreate(WIDE, HIGH, 8);

    assert_non_null(grey);
    (void)pixSetAllArbitrary(grey, PAPER);
    return grey;
}

/* Lines first..last - 1 of upright strokes, 3 dots wide, in groups; `shift` to the side
 * and down. */
static void print_lines(struct Pix *grey, int first, int last, int shift, l_uint32 ink)
{
    for (int i = first; i < last; i++)
        for (int x = 200; x < WIDE - 250; x += x % 7 == 0 ? 41 : 16)
            fill(grey, x + shift, TOP + i * LINE + shift, 3, 22, ink);
}

static struct Pix *softened(struct Pix *grey, int reach)
{
    struct Pix *soft = pixBlockconv(grey, reach, reach);

    assert_non_null(soft);
    pixDestroy(&grey);
    return soft;
}

/* Both sides of a thin sheet, as a scanner sees them; and the front alone. */
static struct Pix *sheet_with_back(l_uint32 back)
{
    struct Pix *front = paper(), *behind = paper(), *both;

    print_lines(front, 0, LINES, 0, 40);
    print_lines(behind, 0, LINES, 27, back);
    behind = softened(behind, 2);
    both = pixMinOrMax(NULL, front, behind, L_CHOOSE_MIN);
    assert_non_null(both);
    pixDestroy(&behind);
    pixDestroy(&front);
    return softened(both, 1);
}

static void look(struct bleed_look *out, struct Pix *grey)
{
    struct strokes s;

    strokes_find(&s, grey, DPI);
    bleed_look(out, &s);
}

static bool is_faint(struct Pix *grey)
{
    struct strokes s;

    strokes_find(&s, grey, DPI);
    return faint_shows(&s, grey);
}

/* --- the back ----------------------------------------------------------------------- */

static void back_that_shows_through_goes_and_the_front_stays(void **state)
{
    struct Pix *grey = sheet_with_back(60), *made;
    struct bleed_look seen;

    (void)state;
    look(&seen, grey);
    assert_true(seen.shows);
    made = bleed_suppress(grey, DPI, &seen);
    assert_non_null(made);
    for (int x = 200; x < WIDE - 250; x += x % 7 == 0 ? 41 : 16) {
        assert_true(level(made, x + 1, TOP + 10 * LINE + 11) < 110);
        assert_int_equal(level(made, x + 28, TOP + 10 * LINE + 40), 255);
    }
    pixDestroy(&made);
    pixDestroy(&grey);
}

/* A form of pale ink filled in with dark: both are to be read. */
static void pale_print_beside_dark_is_no_back(void **state)
{
    static const l_uint32 pale[] = {120, 150, 175};

    (void)state;
    for (size_t i = 0; i < sizeof pale / sizeof *pale; i++) {
        struct Pix *grey = paper();
        struct bleed_look seen;

        print_lines(grey, 0, LINES / 2, 0, 40);
        print_lines(grey, LINES / 2, LINES, 0, pale[i]);
        grey = softened(grey, 1);
        look(&seen, grey);
        assert_false(seen.shows);
        pixDestroy(&grey);
    }
}

static void ordinary_page_shows_no_back_and_is_not_faint(void **state)
{
    struct Pix *grey = paper();
    struct bleed_look seen;

    (void)state;
    print_lines(grey, 0, LINES, 0, 40);
    grey = softened(grey, 1);
    look(&seen, grey);
    assert_false(seen.shows);
    assert_false(is_faint(grey));
    pixDestroy(&grey);
}

/* --- faint ink ------------------------------------------------------------------------ */

static void faint_print_becomes_dark(void **state)
{
    struct Pix *grey = paper(), *made;
    struct strokes s;

    (void)state;
    print_lines(grey, 0, LINES, 0, 160);
    strokes_find(&s, grey, DPI);
    assert_true(faint_shows(&s, grey));
    made = faint_strengthen(grey, &s);
    assert_non_null(made);
    assert_true(level(made, 201, TOP + 10 * LINE + 11) < 40);
    assert_true(level(made, 201, TOP + 10 * LINE - 11) > 250);
    pixDestroy(&made);
    pixDestroy(&grey);
}

static void faint_page_of_uneven_light_is_left_to_the_ladder(void **state)
{
    struct Pix *grey = paper();

    (void)state;
    print_lines(grey, 0, LINES, 0, 160);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++)
            (void)pixSetPixel(grey, x, y,
                              level(grey, x, y) * (100 - 50 * x / WIDE) / 100);
    assert_false(is_faint(grey));
    pixDestroy(&grey);
}

/* --- steps ------------------------------------------------------------------------------ */

static void share(struct shared_steps *out, struct Pix *page, bool wanted)
{
    const struct step_set set = {wanted, wanted, wanted, wanted};

    assert_int_equal(steps_share(out, page, 0, DPI, &set), 0);
}

static void steps_are_taken_if_wanted_and_told(void **state)
{
    struct Pix *page = sheet_with_back(60);
    struct shared_steps s;
    char told[96];

    (void)state;
    fill(page, 0, 0, 50, HIGH, 10);
    share(&s, page, true);
    steps_tell(told, sizeof told, &s, &(struct recipe){.enlarged = 1});
    assert_string_equal(told, "borders removed, back suppressed");
    pixDestroy(&s.grey);
    share(&s, page, false);
    steps_tell(told, sizeof told, &s, &(struct recipe){.enlarged = 1});
    assert_string_equal(told, "");
    assert_int_equal(level(s.grey, 20, 900), 10);
    pixDestroy(&s.grey);
    pixDestroy(&page);
}

static void pages_of_any_size_are_looked_at(void **state)
{
    (void)state;
    for (int wide = 1; wide < 400; wide = wide * 3 + 1)
        for (int high = 1; high < 400; high = high * 3 + 1) {
            struct Pix *pix = pixCreate(wide, high, 8), *made;
            const struct bleed_look any = {.shows = true, .parting = 150};
            struct strokes s;

            strokes_find(&s, pix, 0);
            made = bleed_suppress(pix, 0, &any);
            pixDestroy(&made);
            made = faint_strengthen(pix, &s);
            pixDestroy(&made);
            pixDestroy(&pix);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_that_shows_through_goes_and_the_front_stays),
        cmocka_unit_test(pale_print_beside_dark_is_no_back),
        cmocka_unit_test(ordinary_page_shows_no_back_and_is_not_faint),
        cmocka_unit_test(faint_print_becomes_dark),
        cmocka_unit_test(faint_page_of_uneven_light_is_left_to_the_ladder),
        cmocka_unit_test(steps_are_taken_if_wanted_and_told),
        cmocka_unit_test(pages_of_any_size_are_looked_at),
    };

    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests_name("ink", tests, NULL, NULL);
}
