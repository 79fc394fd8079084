#include "ocr/content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPERANDS_MAX 8
#define STATES_MAX   32
#define TOKEN_BYTES  128
/* Clipping rectangles are rounded by those who write them. */
#define HAIR_POINTS 1.5
#define FAR_POINTS  1e9 /* further than any page */

struct state {
    struct matrix m;
    struct box clip;
};

struct walker {
    const unsigned char *at, *end;
    double operands[OPERANDS_MAX]; /* the last numbers before an operator */
    size_t operands_count;
    char name[CONTENT_NAME_BYTES]; /* the first name before an operator */
    struct state states[STATES_MAX];
    size_t depth;
    struct box path; /* of one rectangle */
    unsigned path_boxes;
    bool clips; /* W was said: the path clips when it ends */
    const struct box *visible;
    struct content *out;
};

/* What else may stand in the stream, because it paints nothing. */
static const char *const harmless[] = {
    "w",  "J",  "j",  "M",  "d",   "ri",  "i",   "g",   "G",  "rg", "RG", "k",  "K",
    "cs", "CS", "sc", "SC", "scn", "SCN", "BMC", "EMC", "MP", "DP", "BX", "EX",
};

static bool is_space(unsigned char c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(unsigned char c)
{
    return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

static struct matrix matrix_product(const struct matrix *m, const struct matrix *n)
{
    return (struct matrix){.a = m->a * n->a + m->b * n->c,
                           .b = m->a * n->b + m->b * n->d,
                           .c = m->c * n->a + m->d * n->c,
                           .d = m->c * n->b + m->d * n->d,
                           .e = m->e * n->a + m->f * n->c + n->e,
                           .f = m->e * n->b + m->f * n->d + n->f};
}

struct box matrix_box(const struct matrix *m, const struct box *b)
{
    double x[4] = {b->left, b->right, b->left, b->right};
    double y[4] = {b->bottom, b->bottom, b->top, b->top};
    struct box around = {
        .left = INFINITY, .bottom = INFINITY, .right = -INFINITY, .top = -INFINITY};

    for (int i = 0; i < 4; i++) {
        double px = m->a * x[i] + m->c * y[i] + m->e;
        double py = m->b * x[i] + m->d * y[i] + m->f;

        around.left = fmin(around.left, px);
        around.right = fmax(around.right, px);
        around.bottom = fmin(around.bottom, py);
        around.top = fmax(around.top, py);
    }
    return around;
}

static struct box box_overlap(const struct box *a, const struct box *b)
{
    return (struct box){.left = fmax(a->left, b->left),
                        .bottom = fmax(a->bottom, b->bottom),
                        .right = fmin(a->right, b->right),
                        .top = fmin(a->top, b->top)};
}

static bool box_holds(const struct box *outer, const struct box *inner)
{
    return inner->left >= outer->left - HAIR_POINTS &&
           inner->right <= outer->right + HAIR_POINTS &&
           inner->bottom >= outer->bottom - HAIR_POINTS &&
           inner->top <= outer->top + HAIR_POINTS;
}

/* --- tokens -------------------------------------------------------------- */

static void skip_blank(struct walker *w)
{
    while (w->at < w->end && (is_space(*w->at) || *w->at == '%')) {
        if (*w->at == '%')
            while (w->at < w->end && *w->at != '\n' && *w->at != '\r')
                w->at++;
        else
            w->at++;
    }
}

static bool skip_string(struct walker *w)
{
    unsigned depth = 0;

    for (; w->at < w->end; w->at++) {
        if (*w->at == '\\')
            w->at++;
        else if (*w->at == '(')
            depth++;
        else if (*w->at == ')' && --depth == 0) {
            w->at++;
            return true;
        }
    }
    return false;
}

/* The run of letters at `at`; false if it is longer than any that we know. */
static bool take_word(struct walker *w, char word[TOKEN_BYTES])
{
    size_t n = 0;

    while (w->at < w->end && !is_space(*w->at) && !is_delimiter(*w->at)) {
        if (n == TOKEN_BYTES - 1)
            return false;
        word[n++] = (char)*w->at++;
    }
    word[n] = '\0';
    return true;
}

static bool take_name(struct walker *w)
{
    char word[TOKEN_BYTES];

    w->at++; /* the slash */
    /* Escapes in names are rare; such a page is drawn. */
    if (!take_word(w, word) || strchr(word, '#') != NULL)
        return false;
    if (w->name[0] == '\0') {
        w->name[0] = '/';
        memcpy(w->name + 1, word, strnlen(word, sizeof w->name - 2) + 1);
        w->name[sizeof w->name - 1] = '\0';
    }
    return true;
}

/* --- operators ------------------------------------------------------------ */

static struct state *state_of(struct walker *w)
{
    return &w->states[w->depth];
}

static bool do_save(struct walker *w)
{
    if (w->depth + 1 == STATES_MAX)
        return false;
    w->states[w->depth + 1] = w->states[w->depth];
    w->depth++;
    return true;
}

static bool do_restore(struct walker *w)
{
    if (w->depth == 0)
        return false;
    w->depth--;
    return true;
}

static bool do_matrix(struct walker *w)
{
    const double *o = w->operands;
    struct matrix m = {o[0], o[1], o[2], o[3], o[4], o[5]};

    if (w->operands_count != 6)
        return false;
    state_of(w)->m = matrix_product(&m, &state_of(w)->m);
    return true;
}

static bool do_rectangle(struct walker *w)
{
    const double *o = w->operands;
    struct matrix *m = &state_of(w)->m;
    struct box b;

    if (w->operands_count != 4 ||
        (fabs(m->b) + fabs(m->c) > 1e-6 && fabs(m->a) + fabs(m->d) > 1e-6))
        return false;
    b = (struct box){.left = fmin(o[0], o[0] + o[2]),
                     .right = fmax(o[0], o[0] + o[2]),
                     .bottom = fmin(o[1], o[1] + o[3]),
                     .top = fmax(o[1], o[1] + o[3])};
    w->path = matrix_box(m, &b);
    w->path_boxes++;
    return true;
}

static bool do_end_path(struct walker *w)
{
    if (w->clips) {
        if (w->path_boxes != 1)
            return false;
        state_of(w)->clip = box_overlap(&state_of(w)->clip, &w->path);
    }
    w->clips = false;
    w->path_boxes = 0;
    return true;
}

static bool do_draw(struct walker *w)
{
    struct box unit = {0, 0, 1, 1};
    struct box whole = matrix_box(&state_of(w)->m, &unit);
    struct box shown = box_overlap(&whole, w->visible);

    if (w->name[0] == '\0' || w->out->picture[0] != '\0')
        return false;
    if (!box_holds(&state_of(w)->clip, &shown))
        return false;
    memcpy(w->out->picture, w->name, sizeof w->name);
    w->out->at = state_of(w)->m;
    return true;
}

static bool is_harmless(const char *word)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(word, harmless[i]) == 0)
            return true;
    return false;
}

static bool do_operator(struct walker *w, const char *word)
{
    if (strcmp(word, "q") == 0)
        return do_save(w);
    if (strcmp(word, "Q") == 0)
        return do_restore(w);
    if (strcmp(word, "cm") == 0)
        return do_matrix(w);
    if (strcmp(word, "re") == 0)
        return do_rectangle(w);
    if (strcmp(word, "n") == 0)
        return do_end_path(w);
    if (strcmp(word, "Do") == 0)
        return do_draw(w);
    if (strcmp(word, "W") == 0 || strcmp(word, "W*") == 0)
        return w->clips = true;
    if (strcmp(word, "gs") == 0)
        return w->out->sets_state = true;
    if (strcmp(word, "BDC") == 0) /* optional content may be switched off */
        return strcmp(w->name, "/OC") != 0;
    return is_harmless(word);
}

static bool take_number_or_operator(struct walker *w)
{
    char word[TOKEN_BYTES], *end;
    double value;
    bool good;

    if (!take_word(w, word) || word[0] == '\0')
        return false;
    if (strchr("+-.0123456789", word[0]) != NULL) {
        value = strtod(word, &end);
        if (*end != '\0' || !(fabs(value) < FAR_POINTS))
            return false;
        if (w->operands_count < OPERANDS_MAX)
            w->operands[w->operands_count++] = value;
        return true;
    }
    good = do_operator(w, word);
    w->operands_count = 0;
    w->name[0] = '\0';
    return good;
}

static bool step(struct walker *w)
{
    switch (*w->at) {
    case '/':
        return take_name(w);
    case '(':
        return skip_string(w);
    case '<':
    case '>':
    case '[':
    case ']':
        w->at++; /* what is inside of marks and dash patterns says nothing to us */
        return true;
    case ')':
    case '{':
    case '}':
        return false;
    default:
        return take_number_or_operator(w);
    }
}

bool content_is_one_picture(const unsigned char *bytes, size_t count,
                            const struct box *visible, struct content *out)
{
    struct walker w = {.at = bytes, .end = bytes + count, .visible = visible, .out = out};

    *out = (struct content){0};
    w.states[0].m = (struct matrix){1, 0, 0, 1, 0, 0};
    w.states[0].clip = (struct box){-FAR_POINTS, -FAR_POINTS, FAR_POINTS, FAR_POINTS};
    for (skip_blank(&w); w.at < w.end; skip_blank(&w))
        if (!step(&w))
            return false;
    return out->picture[0] != '\0';
}
