/* The desk's question about the centre: how far each step is, the link, what waits with a
 * forecast, and the month's bytes. */
#include <stdio.h>

#include "appliance/api_parts.h"
#include "appliance/forecast.h"
#include "appliance/stages.h"
#include "appliance/verb_io.h"
#include "schema/statements.h"

#define CONTACTS 50

static const char *const kept_back_names[] = {[KEPT_BACK_NOT] = NULL,
                                              [KEPT_BACK_BUDGET] = "budget",
                                              [KEPT_BACK_METERED] = "metered"};

/* Null: a demo box. */
static int read_centre(struct box *b, json_t **out, struct err *e)
{
    static const char *const sql[] = {"SELECT province, url FROM centre_link"};
    sqlite3_stmt *q;
    int row;

    if (statements_prepare(store_db(b->store), &q, sql, 1, e) != 0)
        return -1;
    row = statement_step(q, e);
    *out = row != 1
               ? json_null()
               : json_pack("{s:o, s:o}", "province",
                           json_any_text((const char *)sqlite3_column_text(q, 0)), "url",
                           json_any_text((const char *)sqlite3_column_text(q, 1)));
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

/* A limit of 0 is none. */
static json_t *spent_json(uint64_t spent, uint64_t limit)
{
    return json_pack("{s:I, s:o}", "spent", (json_int_t)spent, "limit",
                     limit == 0 ? json_null() : json_integer((json_int_t)limit));
}

static json_t *month_json(const struct sync_budget *m)
{
    json_t *classes = json_object(), *all = spent_json(m->spent_all, m->month_all);

    for (int class = 1; class < CLASS_COUNT; class ++) {
        const char *why = kept_back_names[budget_keeps_back(m, (enum sync_class) class)];
        json_t *j = spent_json(m->spent[class], m->month[class]);
        char key[8];

        (void)snprintf(key, sizeof key, "%d", class);
        (void)json_object_set_new(j, "kept_back",
                                  why == NULL ? json_null() : json_string(why));
        (void)json_object_set_new(classes, key, j);
    }
    (void)json_object_set_new(all, "metered", json_boolean(m->metered));
    (void)json_object_set_new(all, "classes", classes);
    return all;
}

static void note(void *arg, const struct link_contact *c)
{
    forecast_note(arg, c);
}

/* What the link's object has no room for. */
static int add_rest(struct box *b, const struct pulse *p, const struct status *s,
                    json_t *j, struct err *e)
{
    struct stage_oldest oldest[STAGES];
    struct forecast_past past = {0};
    struct sync_budget month;
    struct forecast f;
    json_t *centre;

    if (stages_read(b, oldest, e) != 0 || budget_read(b, &month, e) != 0 ||
        link_each_contact(b, LINK_HISTORY, note, &past, e) != 0 ||
        read_centre(b, &centre, e) != 0)
        return -1;
    forecast_make(&f, s->waiting_bytes, &month, p->bytes_s, &past);
    (void)json_object_set_new(j, "centre", centre);
    (void)json_object_set_new(j, "stages", stages_json(s, oldest));
    (void)json_object_set_new(j, "month", month_json(&month));
    (void)json_object_set_new(j, "forecast", forecast_json(&f));
    return 0;
}

static int ask_sync(struct api *a, struct box *b, struct http_request *q,
                    struct http_reply *r, struct err *e)
{
    struct status s;
    struct pulse p;
    json_t *j;

    (void)a;
    (void)q;
    pulse_look(&p);
    if (status_read(b, &s, e) != 0 || link_json(b, &p, &s, CONTACTS, &j, e) != 0)
        return -1;
    if (add_rest(b, &p, &s, j, e) != 0) {
        json_decref(j);
        return -1;
    }
    api_reply(r, j);
    return 0;
}

void api_answer_sync(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_sync);
}
