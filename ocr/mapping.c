#include "ocr/mapping.h"

#include <math.h>

struct place {
    double x, y, width, height; /* x, y: the middle */
};

/* A word keeps its size and moves with its middle: the box around a slanted box
 * would reach into the lines above and below. */
static void untilt(const struct mapping *m, struct place *p)
{
    double angle = -m->tilt * M_PI / 180;
    double x = p->x - m->read_width / 2.0, y = p->y - m->read_height / 2.0;

    p->x = m->read_width / 2.0 + x * cos(angle) - y * sin(angle);
    p->y = m->read_height / 2.0 + x * sin(angle) + y * cos(angle);
}

static void swap(double *a, double *b)
{
    double was = *a;

    *a = *b;
    *b = was;
}

/* One turn back: what was turned clockwise into a picture `width` wide. */
static void unturn(struct place *p, double width)
{
    double x = p->x;

    p->x = p->y;
    p->y = width - x;
    swap(&p->width, &p->height);
}

static int32_t clip(double value, uint32_t max)
{
    return (int32_t)lround(fmin(fmax(value, 0), max));
}

void mapping_apply(const struct mapping *m, struct word *w)
{
    struct place p = {.x = w->left + w->width / 2.0,
                      .y = w->top + w->height / 2.0,
                      .width = w->width,
                      .height = w->height};
    double width = m->read_width, height = m->read_height, sx, sy;

    untilt(m, &p);
    for (unsigned i = 0; i < m->quarter_turns % 4; i++) {
        unturn(&p, width);
        swap(&width, &height);
    }
    sx = m->width / width;
    sy = m->height / height;
    w->left = clip((p.x - p.width / 2) * sx, m->width);
    w->top = clip((p.y - p.height / 2) * sy, m->height);
    w->width = clip((p.x + p.width / 2) * sx, m->width) - w->left;
    w->height = clip((p.y + p.height / 2) * sy, m->height) - w->top;
}
