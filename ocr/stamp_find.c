#include "ocr/stamp.h"

#include <leptonica/allheaders.h>
#include <math.h>

#define SEARCH_DPI 100.0
/* Millimetres. The stamps of the rules are 8 high and 20, 30 or 40 wide; offices
 * have had them cut larger, and a tilt of 15 degrees makes the box around higher. */
#define LONG_MIN  12.0
#define LONG_MAX  75.0
#define SHORT_MIN 5.0
#define SHORT_MAX 26.0
/* 20 by 8 and 15 degrees askew is still 1.6; a round seal is 1. */
#define LONG_OVER_SHORT 1.3
/* Letters of a line without a frame: those of the text are lower. */
#define LINE_HIGH_MIN 4.6
#define LINE_HIGH_MAX 14.0
#define LINE_GAP      4.0 /* to its neighbours in the line */
#define RED_GAP       1.3
#define PAPER_LEVEL   200 /* of whitened paper */
#define DARK_LEVEL    150 /* on it: what is darker */
#define DARK_BLURRED  130
#define INK_RANK      0.01f /* of all pixels are darker than this part of the ink */
/* Where ink is faint, a stamp's grey is so far from the paper's, of the text's way; and
 * beyond this level it is lost in the paper's grain. */
#define FAINT_PART  0.4
#define FAINT_LEVEL 180
/* How much redder than green and blue red ink is, where ink is as dark as this; where it
 * is fainter, by as much less, down to what aged paper is by itself: on tram-pages' papers
 * by 12 at most where they bear no red ink, while their faintest stamps are by 20 to 50. */
#define RED_OVER     45
#define RED_OVER_MIN 18
#define INK_USUAL    60
#define UPPER_PART   0.55
#define BOX_AREA_MIN 0.42
#define INSIDES_MAX  6

struct search {
    struct Pix *small; /* 8 or 32 bits, at `dpi` */
    double scale, dpi; /* small over page */
    int ink;           /* the text's level on paper of PAPER_LEVEL */
    struct stamp_place *places;
    size_t count;
    bool overflowed, failed; /* more places than there is room for; no memory */
};

static int pixels(const struct search *s, double mm)
{
    return (int)lround(mm * s->dpi / 25.4);
}

static double millimetres(const struct search *s, int px)
{
    return px * 25.4 / s->dpi;
}

/* What Leptonica gives; it gives nothing when memory is out. */
static struct Pix *given(struct search *s, struct Pix *pix)
{
    s->failed = s->failed || pix == NULL;
    return pix;
}

static BOXA *given_boxes(struct search *s, BOXA *boxes)
{
    s->failed = s->failed || boxes == NULL;
    return boxes;
}

static bool is_between(double value, double min, double max)
{
    return value >= min && value <= max;
}

static bool overlaps(const struct stamp_place *p, const struct stamp_place *q)
{
    int x = p->left + p->width / 2, y = p->top + p->height / 2;

    return p->turns == q->turns && x >= q->left && x < q->left + q->width &&
           y >= q->top && y < q->top + q->height;
}

static void add_place(struct search *s, enum stamp_kind kind, const BOX *box,
                      unsigned turns)
{
    struct stamp_place p = {.kind = kind,
                            .left = (int)(box->x / s->scale),
                            .top = (int)(box->y / s->scale),
                            .width = (int)ceil(box->w / s->scale),
                            .height = (int)ceil(box->h / s->scale),
                            .turns = turns};

    for (size_t i = 0; i < s->count; i++)
        if (overlaps(&p, &s->places[i]) && kind != STAMP_RED &&
            s->places[i].kind != STAMP_LINE)
            return;
    if (s->count == STAMP_PLACES_MAX)
        s->overflowed = true;
    else
        s->places[s->count++] = p;
}

/* A stamp stands on the upper half of its page. Where that is shows which way the
 * page lies: a wide box below the middle is one of a page upside down. */
static void add_framed(struct search *s, enum stamp_kind kind, const BOX *box)
{
    double x = (box->x + box->w / 2.0) / pixGetWidth(s->small);
    double y = (box->y + box->h / 2.0) / pixGetHeight(s->small);
    double wide = millimetres(s, box->w), high = millimetres(s, box->h);

    if (is_between(wide, LONG_MIN, LONG_MAX) && is_between(high, SHORT_MIN, SHORT_MAX) &&
        wide > LONG_OVER_SHORT * high) {
        if (y < UPPER_PART)
            add_place(s, kind, box, 0);
        if (y > 1 - UPPER_PART)
            add_place(s, kind, box, 2);
    }
    if (is_between(high, LONG_MIN, LONG_MAX) && is_between(wide, SHORT_MIN, SHORT_MAX) &&
        high > LONG_OVER_SHORT * wide) {
        if (x < UPPER_PART)
            add_place(s, kind, box, 1);
        if (x > 1 - UPPER_PART)
            add_place(s, kind, box, 3);
    }
}

/* --- red ink ------------------------------------------------------------------ */

static int red_over(const struct search *s)
{
    int over = RED_OVER * (PAPER_LEVEL - s->ink) / (PAPER_LEVEL - INK_USUAL);

    return over < RED_OVER_MIN ? RED_OVER_MIN : over > RED_OVER ? RED_OVER : over;
}

/* 1 bit: red ink. */
static struct Pix *red_mask(const struct search *s)
{
    struct Pix *small = s->small;
    int width = pixGetWidth(small), height = pixGetHeight(small), over = red_over(s);
    struct Pix *mask = pixCreate(width, height, 1);

    if (mask == NULL)
        return NULL;
    for (int y = 0; y < height; y++) {
        const l_uint32 *from = pixGetData(small) + (size_t)y * (size_t)pixGetWpl(small);
        l_uint32 *to = pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask);

        for (int x = 0; x < width; x++) {
            int red = (int)(from[x] >> L_RED_SHIFT & 0xff);
            int green = (int)(from[x] >> L_GREEN_SHIFT & 0xff);
            int blue = (int)(from[x] >> L_BLUE_SHIFT & 0xff);

            if (red - green > over && red - blue > over / 2)
                SET_DATA_BIT(to, x);
        }
    }
    return mask;
}

static void find_red(struct search *s)
{
    struct Pix *mask, *closed = NULL;
    BOXA *boxes = NULL;
    int gap = pixels(s, RED_GAP);

    if (pixGetDepth(s->small) != 32) /* a page without colours */
        return;
    mask = given(s, red_mask(s));
    if (mask != NULL)
        closed = given(s, pixCloseSafeBrick(NULL, mask, gap, gap));
    if (closed != NULL)
        boxes = given_boxes(s, pixConnCompBB(closed, 8));
    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes); i++)
        add_framed(s, STAMP_RED, boxes->box[i]);
    boxaDestroy(&boxes);
    pixDestroy(&closed);
    pixDestroy(&mask);
}

/* --- frames --------------------------------------------------------------------- */

static bool is_stamp_sized(const struct search *s, const BOX *box)
{
    double wide = millimetres(s, box->w), high = millimetres(s, box->h);

    return is_between(fmax(wide, high), LONG_MIN, LONG_MAX) &&
           is_between(fmin(wide, high), SHORT_MIN, SHORT_MAX);
}

/* Whether the component, with its holes filled, takes up most of its bounds, as a
 * box does even when it is askew, and whether it is itself no more than `own_max`
 * of that. */
static bool is_box(struct search *s, struct Pix *component, double own_min,
                   double own_max)
{
    struct Pix *holes = given(s, pixHolesByFilling(component, 4));
    double area = (double)pixGetWidth(component) * pixGetHeight(component);
    l_int32 own = 0, hole = 0;

    if (holes == NULL)
        return false;
    if (pixCountPixels(component, &own, NULL) != 0 ||
        pixCountPixels(holes, &hole, NULL) != 0)
        s->failed = true;
    pixDestroy(&holes);
    return own + hole > BOX_AREA_MIN * area &&
           is_between(own, own_min * (own + hole), own_max * (own + hole));
}

/* A frame that touches nothing: a component that is mostly hole. */
static void find_frames(struct search *s, struct Pix *dark)
{
    PIXA *components = NULL;
    BOXA *boxes = given_boxes(s, pixConnComp(dark, &components, 8));

    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes); i++)
        if (is_stamp_sized(s, boxes->box[i]) && is_box(s, components->pix[i], 0, 0.5))
            add_framed(s, STAMP_FRAME, boxes->box[i]);
    boxaDestroy(&boxes);
    pixaDestroy(&components);
}

/* A frame that something runs into still closes its white inside off. So does each
 * cell of a table: where there are many, they are no stamps. */
static void find_insides(struct search *s, struct Pix *dark)
{
    struct Pix *white = given(s, pixInvert(NULL, dark));
    PIXA *components = NULL;
    BOXA *boxes =
        white != NULL ? given_boxes(s, pixConnComp(white, &components, 4)) : NULL;
    const BOX *found[INSIDES_MAX];
    size_t count = 0;

    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes) && count <= INSIDES_MAX; i++)
        if (is_stamp_sized(s, boxes->box[i]) && is_box(s, components->pix[i], 0.5, 1)) {
            if (count < INSIDES_MAX)
                found[count] = boxes->box[i];
            count++;
        }
    for (size_t i = 0; i < count && count <= INSIDES_MAX; i++)
        add_framed(s, STAMP_FRAME, found[i]);
    boxaDestroy(&boxes);
    pixaDestroy(&components);
    pixDestroy(&white);
}

static void find_framed(struct search *s, struct Pix *dark)
{
    static const int gaps[] = {1, 3, 7}; /* in the frame's line, closed */

    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct Pix *closed = given(s, pixCloseSafeBrick(NULL, dark, gaps[i], gaps[i]));

        if (closed != NULL)
            find_frames(s, closed);
        if (closed != NULL && i == 1)
            find_insides(s, closed);
        pixDestroy(&closed);
    }
}

/* --- lines of large letters -------------------------------------------------------- */

static void find_lines(struct search *s, struct Pix *dark)
{
    struct Pix *joined = given(s, pixCloseSafeBrick(NULL, dark, pixels(s, LINE_GAP), 1));
    BOXA *boxes = NULL;

    if (joined != NULL)
        boxes = given_boxes(s, pixConnCompBB(joined, 8));
    for (int i = 0; boxes != NULL && i < boxaGetCount(boxes); i++) {
        const BOX *box = boxes->box[i];
        double wide = millimetres(s, box->w), high = millimetres(s, box->h);

        if (is_between(high, LINE_HIGH_MIN, LINE_HIGH_MAX) &&
            is_between(wide, LONG_MIN, LONG_MAX) && wide > 1.6 * high &&
            wide < 9 * high && box->y < UPPER_PART * pixGetHeight(s->small))
            add_place(s, STAMP_LINE, box, 0);
    }
    boxaDestroy(&boxes);
    pixDestroy(&joined);
}

/* --- all ---------------------------------------------------------------------------- */

static struct Pix *small_of(struct Pix *page, float scale)
{
    if (pixGetDepth(page) == 1)
        return scale < 1 ? pixScaleToGray(page, scale) : pixConvertTo8(page, 0);
    return scale < 1 ? pixScaleAreaMap(page, scale, scale) : pixClone(page);
}

static int dark_level(const struct search *s, int usual)
{
    int level = (int)(PAPER_LEVEL - FAINT_PART * (PAPER_LEVEL - s->ink));

    if (level > FAINT_LEVEL)
        level = FAINT_LEVEL;
    return level > usual ? level : usual;
}

/* 1 bit: everything darker than the paper around it. Blurred, a copier's speckle is
 * averaged away; but so are thin lines. */
static struct Pix *dark_mask(const struct search *s, struct Pix *grey, bool blurred)
{
    struct Pix *calm = blurred ? pixBlockconv(grey, 1, 1) : pixClone(grey);
    struct Pix *even = NULL, *dark = NULL;

    if (calm != NULL)
        even = pixBackgroundNormSimple(calm, NULL, NULL);
    if (even != NULL)
        dark = pixThresholdToBinary(even,
                                    dark_level(s, blurred ? DARK_BLURRED : DARK_LEVEL));
    pixDestroy(&even);
    pixDestroy(&calm);
    return dark;
}

static void find_dark(struct search *s, struct Pix *grey)
{
    for (int blurred = 0; blurred < 2; blurred++) {
        struct Pix *dark = given(s, dark_mask(s, grey, blurred != 0));

        if (dark != NULL)
            find_framed(s, dark);
        if (dark != NULL && !blurred)
            find_lines(s, dark);
        pixDestroy(&dark);
    }
}

static void measure_ink(struct search *s, struct Pix *grey)
{
    struct Pix *even = given(s, pixBackgroundNormSimple(grey, NULL, NULL));
    l_uint32 level = 0;

    if (even != NULL && pixGetRankValue(even, 2, INK_RANK, &level) != 0)
        s->failed = true;
    s->ink = (int)level;
    pixDestroy(&even);
}

/* A page that is no larger than a stamp holds none, and is too little for some of
 * what we do with pages. */
static bool has_room(const struct search *s, const struct Pix *page)
{
    double side = fmin(pixGetWidth(page), pixGetHeight(page)) * s->scale;

    return side >= pixels(s, SHORT_MIN);
}

int stamp_find(struct Pix *page, double dpi, struct stamp_place places[STAMP_PLACES_MAX],
               size_t *count, struct err *e)
{
    struct search s = {.scale = dpi > SEARCH_DPI ? SEARCH_DPI / dpi : 1,
                       .places = places};
    struct Pix *grey = NULL;

    *count = 0;
    s.dpi = dpi * s.scale;
    if (!has_room(&s, page))
        return 0;
    s.small = given(&s, small_of(page, (float)s.scale));
    if (s.small != NULL)
        grey = given(&s, pixConvertTo8(s.small, 0));
    if (grey != NULL) {
        measure_ink(&s, grey);
        find_red(&s);
        find_dark(&s, grey);
    }
    pixDestroy(&grey);
    pixDestroy(&s.small);
    if (s.failed)
        return err_set(e, ERR_MEMORY, "look: out of memory");
    if (s.overflowed)
        return err_set(e, ERR_TOO_BIG, "look: more than %d places", STAMP_PLACES_MAX);
    *count = s.count;
    return 0;
}
