#include "appliance/page_suspects.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/alternative_rows.h"
#include "appliance/box_types.h"
#include "appliance/own_words.h"
#include "appliance/readings.h"
#include "base/web/json_text.h"
#include "base/words.h"
#include "ocr/suspects/suspects.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

#define ZONES_MAX  200
#define TYPE_USUAL "administrative" /* of a paper that nobody has named yet */

static const char zones_sql[] =
    "SELECT f.name, f.zone_left, f.zone_top, f.zone_width, f.zone_height, d.type"
    " FROM page p JOIN document d ON d.id = p.document JOIN field f ON f.document = d.id"
    " WHERE p.id = ?1 AND f.page = p.id AND f.deleted = 0 AND f.zone_left IS NOT NULL"
    " LIMIT ?2";

/* A page being looked at. */
struct looking {
    struct box *box;
    uint64_t page;
    struct reading_rows reading;
    struct layout layout;
    struct alternatives alternatives;
    struct suspects_zone zones[ZONES_MAX];
    size_t zones_count;
    bool *settled; /* owned */
    const struct box_types *types;
    struct own_words own;
    bool own_gathered;
    json_t *corrections, *suspects;
};

static void looking_release(struct looking *l)
{
    reading_rows_release(&l->reading);
    layout_release(&l->layout);
    alternatives_release(&l->alternatives);
    free(l->settled);
    own_words_release(&l->own);
    json_decref(l->corrections);
    json_decref(l->suspects);
}

/* --- what is known of the page --------------------------------------------------------- */

static int add_correction(void *arg, const struct correction_row *c, struct err *e)
{
    struct looking *l = arg;

    if (c->word < l->layout.words_count)
        l->settled[c->word] = true;
    if (json_array_append_new(l->corrections,
                              json_pack("{s:i, s:o}", "word", (int)c->word + 1, "text",
                                        json_any_text(c->new_text))) != 0)
        return err_set(e, ERR_MEMORY, "corrections");
    return 0;
}

/* Values that others rely on: names, and what is made of digits. */
static bool is_key(const struct field_def *f)
{
    return f->kind == FIELD_NAME || f->kind == FIELD_NUMBER || f->kind == FIELD_DATE ||
           f->kind == FIELD_IDENTITY || f->kind == FIELD_SYMBOL;
}

static void take_zone(struct looking *l, sqlite3_stmt *q)
{
    const char *name = (const char *)sqlite3_column_text(q, 0);
    const char *type_name = (const char *)sqlite3_column_text(q, 5);
    const struct record_type *type =
        types_find(l->types->types, type_name == NULL ? TYPE_USUAL : type_name);
    const struct field_def *f =
        type == NULL || name == NULL ? NULL : type_field(type, name);

    if (f != NULL && is_key(f))
        l->zones[l->zones_count++] = (struct suspects_zone){
            sqlite3_column_int(q, 1), sqlite3_column_int(q, 2), sqlite3_column_int(q, 3),
            sqlite3_column_int(q, 4), f->kind == FIELD_NAME};
}

static int find_zones(struct looking *l, struct err *e)
{
    const char *sql = zones_sql;
    sqlite3_stmt *q = NULL;
    int row;

    if (statements_prepare(store_db(l->box->store), &q, &sql, 1, e) != 0)
        return -1;
    bind_id(q, 1, l->page);
    (void)sqlite3_bind_int(q, 2, ZONES_MAX);
    while ((row = statement_step(q, e)) == 1)
        take_zone(l, q);
    statements_finalize(&q, 1);
    return row;
}

static int ask_units(void *arg, const struct token *t)
{
    return units_have_word(arg, t->folded);
}

static int ask_own(void *arg, const struct token *t)
{
    return own_words_have(arg, t->exact);
}

/* Asked of rare syllables alone, so most pages never gather the own words. The table of
 * units is asked without accents, so it vouches for names only. */
static bool is_known(void *arg, const char *syllable, bool name)
{
    struct looking *l = arg;
    struct err ignored; /* without them more is shown, nothing is hidden */
    size_t bytes = strlen(syllable);

    if (name && tokens_each(syllable, bytes, ask_units, l->types->units) != 0)
        return true;
    if (!l->own_gathered)
        (void)own_words_gather(&l->own, l->box, &ignored);
    l->own_gathered = true;
    return tokens_each(syllable, bytes, ask_own, &l->own) != 0;
}

/* --- what is told ------------------------------------------------------------------------ */

static json_t *reasons_json(unsigned reasons)
{
    json_t *list = json_array();

    for (int r = 0; r < SUSPECT_REASONS; r++)
        if (reasons >> r & 1)
            (void)json_array_append_new(
                list, json_string(suspect_reason_name((enum suspect_reason)r)));
    return list;
}

static json_t *suspect_json(const struct suspect *s, const struct word *w,
                            const char *text, size_t bytes)
{
    json_t *alternatives = json_array();

    for (size_t i = 0; i < s->alternatives_count; i++)
        (void)json_array_append_new(alternatives, json_string(s->alternatives[i]));
    return json_pack("{s:i, s:s%, s:i, s:[i,i,i,i], s:o, s:o}", "word", (int)s->word + 1,
                     "text", text, bytes, "confidence", w->confidence, "box", w->left,
                     w->top, w->width, w->height, "reasons", reasons_json(s->reasons),
                     "alternatives", alternatives);
}

static int tell(struct looking *l, const struct suspects *found, struct err *e)
{
    const char *text = (const char *)l->reading.text.bytes, *word;
    size_t at = 0, bytes, next = 0;

    for (uint32_t i = 0; next < found->count && words_next(text, &at, &word, &bytes); i++)
        if (found->list[next].word == i &&
            json_array_append_new(l->suspects,
                                  suspect_json(&found->list[next++], &l->layout.words[i],
                                               word, bytes)) != 0)
            return err_set(e, ERR_MEMORY, "suspects");
    return 0;
}

static int find(struct looking *l, struct err *e)
{
    const struct suspects_page page = {.text = (const char *)l->reading.text.bytes,
                                       .layout = &l->layout,
                                       .alternatives = &l->alternatives,
                                       .zones = l->zones,
                                       .zones_count = l->zones_count,
                                       .settled = l->settled,
                                       .known = is_known,
                                       .arg = l};
    struct suspects found;
    int rc;

    if (suspects_find(&found, &page, e) != 0)
        return -1;
    rc = tell(l, &found, e);
    suspects_release(&found);
    return rc;
}

/* Text that was imported has no layout, and nobody doubts it. */
static int look(struct looking *l, struct err *e)
{
    struct box *b = l->box;
    size_t words;

    if (reading_newest(b, l->page, &l->reading, e) != 0)
        return -1;
    if (l->reading.layout.count > 0 && layout_unpack(&l->layout, l->reading.layout.bytes,
                                                     l->reading.layout.count, e) != 0)
        return -1;
    words = l->layout.words_count;
    l->settled = calloc(words + 1, sizeof *l->settled);
    if (l->settled == NULL)
        return err_set(e, ERR_MEMORY, "a page's words");
    if (record_each_correction(b->records, l->reading.id, add_correction, l, e) != 0)
        return -1;
    if (words == 0)
        return 0;
    return box_types(b, &l->types, e) != 0 ||
                   alternative_rows_find(b, l->reading.id, words, &l->alternatives, e) !=
                       0 ||
                   find_zones(l, e) != 0
               ? -1
               : find(l, e);
}

int page_suspects_json(struct box *b, uint64_t page, json_t **out, struct err *e)
{
    struct looking *l = calloc(1, sizeof *l);
    int rc = -1;

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "a page's suspects");
    l->box = b;
    l->page = page;
    l->corrections = json_array();
    l->suspects = json_array();
    if (look(l, e) != 0)
        goto out;
    *out = json_pack("{s:I, s:I, s:i, s:i, s:i, s:o, s:O, s:O}", "page", (json_int_t)page,
                     "reading", (json_int_t)l->reading.id, "width", (int)l->layout.width,
                     "height", (int)l->layout.height, "rotation", l->layout.rotation * 90,
                     "text", json_any_text((const char *)l->reading.text.bytes),
                     "corrections", l->corrections, "suspects", l->suspects);
    rc = *out != NULL ? 0 : err_set(e, ERR_MEMORY, "a page's suspects");
out:
    looking_release(l);
    free(l);
    return rc;
}
