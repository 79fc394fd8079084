#include "ocr/pdf_density.h"

#include <math.h>
#include <stdbool.h>

#define DPI_MAX      2400.0
#define HAIR         0.005 /* what rounding may part the two sides' densities by */
#define PICTURES_MAX 64    /* of which to look at */

/* 0: it does not fill the page. */
static uint32_t density_of(qpdf_data q, qpdf_oh picture, double width, double height)
{
    qpdf_oh dict;
    int across, down;
    double dpi, other;

    if (!qpdf_oh_is_stream(q, picture))
        return 0;
    dict = qpdf_oh_get_dict(q, picture);
    if (!qpdf_oh_get_value_as_int(q, qpdf_oh_get_key_if_dict(q, dict, "/Width"),
                                  &across) ||
        !qpdf_oh_get_value_as_int(q, qpdf_oh_get_key_if_dict(q, dict, "/Height"), &down))
        return 0;
    dpi = across * 72 / width;
    other = down * 72 / height;
    /* Negated: none of them may be a NaN. */
    if (!(dpi >= 1 && dpi <= DPI_MAX && fabs(dpi - other) <= HAIR * dpi))
        return 0;
    return (uint32_t)lround(dpi);
}

static bool has_letters(qpdf_data q, qpdf_oh resources)
{
    qpdf_oh fonts = qpdf_oh_get_key_if_dict(q, resources, "/Font");

    if (!qpdf_oh_is_dictionary(q, fonts))
        return !qpdf_oh_is_null(q, fonts);
    qpdf_oh_begin_dict_key_iter(q, fonts);
    return qpdf_oh_dict_more_keys(q);
}

uint32_t pdf_density(qpdf_data q, qpdf_oh page, double width, double height)
{
    qpdf_oh resources = qpdf_oh_get_key_if_dict(q, page, "/Resources");
    qpdf_oh pictures = qpdf_oh_get_key_if_dict(q, resources, "/XObject");
    uint32_t finest = 0;

    if (has_letters(q, resources) || !qpdf_oh_is_dictionary(q, pictures))
        return 0;
    qpdf_oh_begin_dict_key_iter(q, pictures);
    for (int i = 0; i < PICTURES_MAX && qpdf_oh_dict_more_keys(q); i++) {
        qpdf_oh picture = qpdf_oh_get_key_if_dict(q, pictures, qpdf_oh_dict_next_key(q));
        uint32_t dpi = density_of(q, picture, width, height);

        finest = dpi > finest ? dpi : finest;
    }
    return finest;
}
