#include "ocr/pdf.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/content.h"
#include "ocr/pdf_density.h"
#include "ocr/pdf_picture.h"
#include "ocr/picture.h"

/* The header may stand behind a little rubbish, and the end mark before some. */
#define HEAD_BYTES 1024
#define TAIL_BYTES 2048
/* Of the page's area that its picture must cover, and how far beyond the page it
 * may reach, in parts of the page's sides. */
#define COVER_MIN    0.85
#define OVERHANG_MAX 0.03
#define POINTS_MAX   20000.0 /* a page's side: seven metres */

bool pdf_begins(const uint8_t *bytes, size_t count)
{
    return memmem(bytes, count < HEAD_BYTES ? count : HEAD_BYTES, "%PDF-", 5) != NULL;
}

static bool ends(const uint8_t *bytes, size_t count)
{
    size_t tail = count < TAIL_BYTES ? count : TAIL_BYTES;

    return memmem(bytes + count - tail, tail, "%%EOF", 5) != NULL;
}

static enum refusal refusal_of(qpdf_data q, bool whole)
{
    switch (qpdf_get_error_code(q, qpdf_get_error(q))) {
    case qpdf_e_password:
    case qpdf_e_unsupported: /* a lock of a kind that qpdf has no key for */
        return REFUSAL_ENCRYPTED;
    default:
        return whole ? REFUSAL_DAMAGED : REFUSAL_CUT_OFF;
    }
}

/* The caller cleans *q up, also after a refusal. */
static enum refusal document_open(qpdf_data *q, const uint8_t *bytes, size_t count,
                                  uint32_t *pages)
{
    bool whole = ends(bytes, count);
    int n;

    *pages = 0;
    *q = qpdf_init();
    if (*q == NULL)
        return REFUSAL_OUT_OF_MEMORY;
    qpdf_silence_errors(*q);
    qpdf_set_suppress_warnings(*q, QPDF_TRUE);
    if (qpdf_read_memory(*q, "document", (const char *)bytes, count, NULL) & QPDF_ERRORS)
        return refusal_of(*q, whole);
    n = qpdf_get_num_pages(*q);
    if (qpdf_has_error(*q))
        return refusal_of(*q, whole);
    /* qpdf pieces together what it can; without the end, pages are missing. */
    if (!whole && qpdf_more_warnings(*q))
        return REFUSAL_CUT_OFF;
    if (n <= 0)
        return REFUSAL_NO_PAGES;
    *pages = (uint32_t)n;
    return n > PAGES_MAX ? REFUSAL_TOO_LARGE : REFUSAL_NONE;
}

enum refusal pdf_count_pages(const uint8_t *bytes, size_t count, uint32_t *pages)
{
    qpdf_data q = NULL;
    enum refusal r = document_open(&q, bytes, count, pages);

    if (q != NULL)
        qpdf_cleanup(&q);
    return r;
}

/* --- one page ------------------------------------------------------------- */

static qpdf_oh key(qpdf_data q, qpdf_oh dict, const char *name)
{
    return qpdf_oh_get_key_if_dict(q, dict, name);
}

static bool take_box(qpdf_data q, qpdf_oh array, struct box *out)
{
    double v[4];

    if (!qpdf_oh_is_array(q, array) || qpdf_oh_get_array_n_items(q, array) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!qpdf_oh_get_value_as_number(q, qpdf_oh_get_array_item(q, array, i), &v[i]) ||
            !(fabs(v[i]) < POINTS_MAX))
            return false;
    *out = (struct box){.left = fmin(v[0], v[2]),
                        .right = fmax(v[0], v[2]),
                        .bottom = fmin(v[1], v[3]),
                        .top = fmax(v[1], v[3])};
    return out->right - out->left > 1 && out->top - out->bottom > 1;
}

/* Links paint nothing; a stamp, a note or a signature field may. */
static bool has_painted_notes(qpdf_data q, qpdf_oh page)
{
    qpdf_oh notes = key(q, page, "/Annots");
    int n;

    if (qpdf_oh_is_null(q, notes))
        return false;
    if (!qpdf_oh_is_array(q, notes))
        return true;
    n = qpdf_oh_get_array_n_items(q, notes);
    for (int i = 0; i < n; i++) {
        qpdf_oh note = qpdf_oh_get_array_item(q, notes, i);
        qpdf_oh kind = key(q, note, "/Subtype");

        if (!qpdf_oh_is_name_and_equals(q, kind, "/Link") &&
            !qpdf_oh_is_name_and_equals(q, kind, "/Popup"))
            return true;
    }
    return false;
}

static bool is_opaque(qpdf_data q, qpdf_oh state)
{
    static const char *const alphas[] = {"/ca", "/CA"};
    qpdf_oh mask = key(q, state, "/SMask"), blend = key(q, state, "/BM");

    for (int i = 0; i < 2; i++) {
        qpdf_oh alpha = key(q, state, alphas[i]);
        double value = 0;

        if (!qpdf_oh_is_null(q, alpha) &&
            (!qpdf_oh_get_value_as_number(q, alpha, &value) || value != 1))
            return false;
    }
    return (qpdf_oh_is_null(q, mask) || qpdf_oh_is_name_and_equals(q, mask, "/None")) &&
           (qpdf_oh_is_null(q, blend) ||
            qpdf_oh_is_name_and_equals(q, blend, "/Normal") ||
            qpdf_oh_is_name_and_equals(q, blend, "/Compatible"));
}

static bool states_are_opaque(qpdf_data q, qpdf_oh resources)
{
    qpdf_oh states = key(q, resources, "/ExtGState");
    bool opaque = qpdf_oh_is_dictionary(q, states);

    if (!opaque)
        return false;
    qpdf_oh_begin_dict_key_iter(q, states);
    while (opaque && qpdf_oh_dict_more_keys(q))
        opaque = is_opaque(q, key(q, states, qpdf_oh_dict_next_key(q)));
    return opaque;
}

static bool covers(const struct box *page, const struct box *picture)
{
    double width = page->right - page->left, height = page->top - page->bottom;
    double shown_width =
        fmin(page->right, picture->right) - fmax(page->left, picture->left);
    double shown_height =
        fmin(page->top, picture->top) - fmax(page->bottom, picture->bottom);

    return shown_width > 0 && shown_height > 0 &&
           shown_width * shown_height >= COVER_MIN * width * height &&
           page->left - picture->left <= OVERHANG_MAX * width &&
           picture->right - page->right <= OVERHANG_MAX * width &&
           page->bottom - picture->bottom <= OVERHANG_MAX * height &&
           picture->top - page->top <= OVERHANG_MAX * height;
}

/* Quarter turns clockwise that the matrix gives the picture; -1 if it is mirrored
 * or slanted. */
static int matrix_turns(const struct matrix *m)
{
    double along = fabs(m->a) + fabs(m->d), across = fabs(m->b) + fabs(m->c);
    double hair = 1e-3 * (along + across);

    if (across < hair && m->a > 0 && m->d > 0)
        return 0;
    if (across < hair && m->a < 0 && m->d < 0)
        return 2;
    if (along < hair && m->b < 0 && m->c > 0)
        return 1;
    if (along < hair && m->b > 0 && m->c < 0)
        return 3;
    return -1;
}

struct scan {
    struct content content;
    qpdf_oh picture;
    int turns; /* clockwise, of the picture as it is shown */
};

static bool take_content(qpdf_data q, qpdf_oh page, const struct box *visible,
                         struct content *out)
{
    unsigned char *bytes = NULL;
    size_t count = 0;
    QPDF_ERROR_CODE failed = qpdf_oh_get_page_content_data(q, page, &bytes, &count);
    bool good = (failed & QPDF_ERRORS) == 0 && bytes != NULL &&
                content_is_one_picture(bytes, count, visible, out);

    free(bytes);
    return good;
}

static bool take_visible(qpdf_data q, qpdf_oh page, struct box *out)
{
    return take_box(q, key(q, page, "/CropBox"), out) ||
           take_box(q, key(q, page, "/MediaBox"), out);
}

/* False if the page must be drawn. */
static bool take_scan(qpdf_data q, qpdf_oh page, struct scan *s)
{
    const struct box unit = {0, 0, 1, 1};
    struct box visible, picture;
    qpdf_oh resources = key(q, page, "/Resources"), rotate = key(q, page, "/Rotate");
    int degrees = 0;

    if (!take_visible(q, page, &visible))
        return false;
    if (!qpdf_oh_is_null(q, rotate) &&
        (!qpdf_oh_get_value_as_int(q, rotate, &degrees) || degrees % 90 != 0))
        return false;
    if (has_painted_notes(q, page) || !take_content(q, page, &visible, &s->content))
        return false;
    picture = matrix_box(&s->content.at, &unit);
    if (!covers(&visible, &picture) ||
        (s->content.sets_state && !states_are_opaque(q, resources)))
        return false;
    s->turns = matrix_turns(&s->content.at);
    if (s->turns < 0)
        return false;
    s->turns = (s->turns + degrees / 90 % 4 + 4) % 4;
    s->picture = key(q, key(q, resources, "/XObject"), s->content.picture);
    return qpdf_oh_is_stream(q, s->picture) &&
           qpdf_oh_is_name_and_equals(
               q, key(q, qpdf_oh_get_dict(q, s->picture), "/Subtype"), "/Image");
}

/* As the page shows it: turned, and as dense as it is printed. */
static enum opened show(const struct scan *s, struct opened_page *out)
{
    const struct matrix *m = &s->content.at;
    double dpi = out->width * 72.0 / hypot(m->a, m->b);
    struct Pix *turned;

    out->dpi = picture_dpi(dpi > 0 && dpi < 1e6 ? (uint32_t)lround(dpi) : 0, out->width,
                           out->height);
    if (s->turns == 0)
        return OPENED;
    turned = pixRotateOrth(out->pix, s->turns);
    pixDestroy(&out->pix);
    if (turned == NULL) {
        out->refusal = REFUSAL_OUT_OF_MEMORY;
        return OPENED_REFUSED;
    }
    out->pix = turned;
    if (s->turns % 2 != 0) {
        uint32_t width = out->width;

        out->width = out->height;
        out->height = width;
    }
    return OPENED;
}

/* What a page that must be drawn is told to whoever draws it. */
static void tell_density(qpdf_data q, qpdf_oh page, struct opened_page *out)
{
    struct box visible;

    *out = (struct opened_page){0};
    if (take_visible(q, page, &visible))
        out->dpi = pdf_density(q, page, visible.right - visible.left,
                               visible.top - visible.bottom);
}

enum opened pdf_open_page(const uint8_t *bytes, size_t count, uint32_t page,
                          struct opened_page *out)
{
    qpdf_data q = NULL;
    struct scan s = {0};
    uint32_t pages;
    enum opened opened = OPENED_REFUSED;

    out->refusal = document_open(&q, bytes, count, &pages);
    if (out->refusal == REFUSAL_NONE && page >= pages)
        out->refusal = REFUSAL_NO_PAGES;
    if (out->refusal != REFUSAL_NONE)
        goto out;
    opened = OPENED_NEEDS_DRAWING;
    if (qpdf_push_inherited_attributes_to_page(q) & QPDF_ERRORS)
        goto out;
    if (take_scan(q, qpdf_get_page_n(q, page), &s))
        opened = pdf_picture_open(q, s.picture, out);
    if (opened == OPENED)
        opened = show(&s, out);
    else if (opened == OPENED_NEEDS_DRAWING)
        tell_density(q, qpdf_get_page_n(q, page), out);
out:
    if (q != NULL)
        qpdf_cleanup(&q);
    return opened;
}

bool pdf_take_jpeg(const uint8_t *bytes, size_t count, uint32_t page,
                   struct pdf_jpeg *out)
{
    qpdf_data q = NULL;
    struct scan s = {0};
    uint32_t pages;

    *out = (struct pdf_jpeg){0};
    if (document_open(&q, bytes, count, &pages) == REFUSAL_NONE && page < pages &&
        (qpdf_push_inherited_attributes_to_page(q) & QPDF_ERRORS) == 0 &&
        take_scan(q, qpdf_get_page_n(q, page), &s))
        out->bytes = pdf_picture_jpeg(q, s.picture, &out->count);
    if (out->bytes != NULL)
        out->turns = (unsigned)s.turns;
    if (q != NULL)
        qpdf_cleanup(&q);
    return out->bytes != NULL;
}
