#include "appliance/hit_boxes.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/page_words.h"
#include "appliance/verb_io.h"
#include "schema/search/query.h"
#include "schema/statements.h"

struct looking {
    struct box *box;
    const struct shown *what;
    struct search_query *query;
    struct search_spans spans;
    json_t *pages, *fields;
    unsigned pages_looked;
    sqlite3_stmt *zone;
};

static const char *const zone_sql =
    "SELECT f.page, p.rotation, f.zone_left, f.zone_top, f.zone_width, f.zone_height"
    " FROM field f JOIN page p ON p.id = f.page WHERE f.document = ?1 AND f.name = ?2"
    " AND f.ordinal = ?3 AND f.source = 'machine' AND f.zone_width > 0"
    " AND f.deleted = 0 AND p.deleted = 0";

/* ---------------------------------------------------------------------- boxes */

struct rectangle {
    double left, top, right, bottom;
};

static double fraction(double part, double whole)
{
    double f = part / whole;

    return f < 0 ? 0 : f > 1 ? 1 : f;
}

static json_t *rectangle_json(const struct rectangle *r)
{
    return json_pack("[f,f,f,f]", r->left, r->top, r->right - r->left,
                     r->bottom - r->top);
}

/* In fractions of the page as it lies, then turned as it is shown. */
static struct rectangle rectangle_of(const struct layout *l, unsigned turns, int32_t left,
                                     int32_t top, int32_t width, int32_t height)
{
    struct rectangle r = {fraction(left, l->width), fraction(top, l->height),
                          fraction((double)left + width, l->width),
                          fraction((double)top + height, l->height)};

    for (unsigned i = 0; i < turns % 4; i++)
        r = (struct rectangle){1 - r.bottom, r.left, 1 - r.top, r.right};
    return r;
}

static void rectangle_join(struct rectangle *r, const struct rectangle *other)
{
    r->left = other->left < r->left ? other->left : r->left;
    r->top = other->top < r->top ? other->top : r->top;
    r->right = other->right > r->right ? other->right : r->right;
    r->bottom = other->bottom > r->bottom ? other->bottom : r->bottom;
}

/* ---------------------------------------------------------------- words of a page */

/* The words with a blank between, which is as far apart as a line's end to the index; and
 * where each begins. */
static int join_words(const struct page_words *w, struct buffer *text, size_t *starts,
                      struct err *e)
{
    for (size_t i = 0; i < w->count; i++) {
        if (i > 0)
            buffer_append_byte(text, ' ');
        starts[i] = text->count;
        buffer_append(text, w->list[i].text, w->list[i].bytes);
    }
    starts[w->count] = text->count + 1;
    return buffer_check(text, e);
}

/* As the hit was found: in the strictest form that finds all; else what there is. */
static void find_spans(struct looking *l, const char *text, size_t bytes)
{
    if (search_query_accented(l->query) &&
        search_query_find(l->query, SEARCH_EXACT, text, bytes, &l->spans))
        return;
    if (search_query_find(l->query, SEARCH_FOLDED, text, bytes, &l->spans))
        return;
    if (!search_query_find(l->query, SEARCH_NEAR, text, bytes, &l->spans))
        (void)search_query_find(l->query, SEARCH_FOLDED, text, bytes, &l->spans);
}

static int append_box(json_t *boxes, const struct rectangle *r, struct err *e)
{
    if (json_array_append_new(boxes, rectangle_json(r)) != 0)
        return err_set(e, ERR_MEMORY, "boxes");
    return 0;
}

/* The span's words, a box for each line of them. */
static int add_span(const struct page_words *w, unsigned turns, const size_t *starts,
                    const struct search_span *span, json_t *boxes, struct err *e)
{
    struct rectangle r = {0};
    bool any = false;

    for (size_t i = 0; i < w->count && starts[i] < span->end; i++) {
        const struct page_word *word = &w->list[i];
        struct rectangle one;

        if (starts[i + 1] <= span->start + 1)
            continue; /* it ends before */
        one = rectangle_of(&w->layout, turns, word->left, word->top, word->width,
                           word->height);
        if (any && word->start == WORD_IN_LINE) {
            rectangle_join(&r, &one);
            continue;
        }
        if (any && append_box(boxes, &r, e) != 0)
            return -1;
        r = one;
        any = true;
    }
    return any ? append_box(boxes, &r, e) : 0;
}

static int add_spans(struct looking *l, const struct page_words *w, unsigned turns,
                     json_t *boxes, struct err *e)
{
    size_t *starts = calloc(w->count + 1, sizeof *starts);
    struct buffer text;
    int rc = -1;

    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    if (starts == NULL)
        (void)err_set(e, ERR_MEMORY, "boxes");
    else
        rc = join_words(w, &text, starts, e);
    if (rc == 0 && text.count > 0) {
        find_spans(l, (const char *)text.bytes, text.count);
        for (size_t i = 0; rc == 0 && i < l->spans.count; i++)
            rc = add_span(w, turns, starts, &l->spans.at[i], boxes, e);
    }
    free(starts);
    buffer_release(&text);
    return rc;
}

static int look_at_page(void *arg, const struct page_row *p, struct err *e)
{
    struct looking *l = arg;
    struct page_words words;
    json_t *boxes;
    int rc = 0;

    if ((l->what->page != 0 && l->what->page != p->id) ||
        l->pages_looked == HIT_BOXES_PAGES_MAX)
        return 0;
    l->pages_looked++;
    boxes = json_array();
    if (boxes == NULL)
        return err_set(e, ERR_MEMORY, "boxes");
    rc = page_words_read(&words, l->box->records, p->id, e);
    if (rc == 0 && words.layout.width > 0 && words.layout.height > 0)
        rc = add_spans(l, &words, page_words_turns(&words, p), boxes, e);
    if (rc == 0 && json_array_size(boxes) > 0)
        rc = json_array_append_new(l->pages,
                                   json_pack("{s:I, s:i, s:O}", "page", (json_int_t)p->id,
                                             "number", (int)p->ordinal, "boxes", boxes));
    page_words_release(&words);
    json_decref(boxes);
    return rc == 0 ? 0 : -1;
}

/* --------------------------------------------------------------------- fields */

/* A field of its own name, or any whose value holds some of the text that is asked for. */
static bool field_holds(struct looking *l, const char *name, const char *value)
{
    const struct query_group *groups;
    size_t count = search_query_groups(l->query, &groups);
    uint32_t from, to;

    for (size_t i = 0; i < count; i++) {
        const struct query_group *g = &groups[i];

        if (g->negated ||
            (g->field != SEARCH_FIELD_NONE && !search_field_is(g->field, name)))
            continue;
        if (!g->is_range && search_query_find_group(l->query, i, value, strlen(value)))
            return true;
        if (g->is_range && search_days(value, strlen(value), &from, &to) &&
            from <= g->to && to >= g->from)
            return true;
    }
    return false;
}

/* The size that the page has in pixels is its layout's. */
static int add_zone(struct looking *l, const char *name, struct err *e)
{
    sqlite3_stmt *s = l->zone;
    struct page_row page = {.id = (uint64_t)sqlite3_column_int64(s, 0),
                            .rotation = (uint8_t)sqlite3_column_int(s, 1)};
    struct page_words words;
    int rc = page_words_read(&words, l->box->records, page.id, e);

    if (rc == 0 && words.layout.width > 0 && words.layout.height > 0) {
        struct rectangle r = rectangle_of(
            &words.layout, page_words_turns(&words, &page), sqlite3_column_int(s, 2),
            sqlite3_column_int(s, 3), sqlite3_column_int(s, 4), sqlite3_column_int(s, 5));

        if (json_array_append_new(l->fields, json_pack("{s:o, s:I, s:o}", "name",
                                                       json_any_text(name), "page",
                                                       (json_int_t)page.id, "box",
                                                       rectangle_json(&r))) != 0)
            rc = err_set(e, ERR_MEMORY, "boxes");
    }
    page_words_release(&words);
    return rc;
}

static int look_at_field(void *arg, const char *name, unsigned ordinal,
                         const char *source, const char *value, struct err *e)
{
    struct looking *l = arg;
    sqlite3_stmt *s = statement_fresh(l->zone);
    int row;

    (void)source; /* a person's value stands where the machine's stood */
    if (value == NULL || !field_holds(l, name, value))
        return 0;
    bind_id(s, 1, l->what->document);
    bind_text(s, 2, name);
    (void)sqlite3_bind_int64(s, 3, ordinal);
    row = statement_step(s, e);
    if (row == 1 &&
        (l->what->page == 0 || l->what->page == (uint64_t)sqlite3_column_int64(s, 0)))
        row = add_zone(l, name, e) == 0 ? 1 : -1;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------ all */

static int look(struct looking *l, const struct hit_boxes_question *q, struct err *e)
{
    struct records *r = l->box->records;

    if (l->pages == NULL || l->fields == NULL)
        return err_set(e, ERR_MEMORY, "boxes");
    if (search_query_create(&l->query, q->query, q->typing, e) != 0)
        return -1;
    if (!search_query_asks(l->query))
        return 0;
    if (statements_prepare(store_db(l->box->store), &l->zone, &zone_sql, 1, e) != 0 ||
        (!q->fields_only &&
         record_each_page(r, l->what->document, look_at_page, l, e) != 0))
        return -1;
    return record_each_field(r, l->what->document, look_at_field, l, e);
}

int hit_boxes_json(struct box *b, const struct shown *what,
                   const struct hit_boxes_question *q, json_t **out, struct err *e)
{
    struct looking *l = calloc(1, sizeof *l);
    int rc = -1;

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "boxes");
    l->box = b;
    l->what = what;
    l->pages = json_array();
    l->fields = json_array();
    if (look(l, q, e) == 0) {
        *out = json_pack("{s:O, s:O}", "pages", l->pages, "fields", l->fields);
        rc = *out == NULL ? err_set(e, ERR_MEMORY, "boxes") : 0;
    }
    json_decref(l->pages);
    json_decref(l->fields);
    search_query_destroy(l->query);
    statements_finalize(&l->zone, 1);
    free(l);
    return rc == 0 ? 0 : err_wrap(e, "boxes");
}
