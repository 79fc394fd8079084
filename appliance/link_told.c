#include "appliance/link_told.h"

#include <stdio.h>

#include "schema/statements.h"

uint64_t link_waiting_bytes(const struct status *s)
{
    uint64_t bytes = 0;

    for (int class = 0; class < CLASS_COUNT; class ++)
        bytes += s->waiting_bytes[class];
    return bytes;
}

int64_t link_forecast_s(const struct pulse *p, const struct status *s)
{
    return p->bytes_s == 0 ? -1 : (int64_t)(link_waiting_bytes(s) / p->bytes_s);
}

int link_each_contact(struct box *b, uint64_t count,
                      void (*each)(void *arg, const struct link_contact *c), void *arg,
                      struct err *e)
{
    static const char *const sql[] = {
        "SELECT wall_ms, wall_confidence, took_ms, bytes_out, bytes_in, ended"
        " FROM contact ORDER BY id DESC LIMIT ?1"};
    sqlite3_stmt *q;
    int row;

    if (statements_prepare(store_db(b->store), &q, sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(q, 1, (sqlite3_int64)count);
    while ((row = statement_step(q, e)) == 1)
        each(arg, &(struct link_contact){
                      .wall_ms = sqlite3_column_int64(q, 0),
                      .confidence = (enum wall_confidence)sqlite3_column_int(q, 1),
                      .took_ms = sqlite3_column_int64(q, 2),
                      .bytes_out = (uint64_t)sqlite3_column_int64(q, 3),
                      .bytes_in = (uint64_t)sqlite3_column_int64(q, 4),
                      .ended = (const char *)sqlite3_column_text(q, 5)});
    statements_finalize(&q, 1);
    return row;
}

static void add_contact(void *arg, const struct link_contact *c)
{
    (void)json_array_append_new(
        arg,
        json_pack("{s:I, s:i, s:I, s:I, s:I, s:s}", "wall_ms", (json_int_t)c->wall_ms,
                  "wall_confidence", (int)c->confidence, "took_ms",
                  (json_int_t)c->took_ms, "bytes_out", (json_int_t)c->bytes_out,
                  "bytes_in", (json_int_t)c->bytes_in, "ended", c->ended));
}

static json_t *classes_json(const uint64_t bytes[CLASS_COUNT])
{
    json_t *j = json_object();
    char key[8];

    for (int class = 0; class < CLASS_COUNT; class ++) {
        (void)snprintf(key, sizeof key, "%d", class);
        (void)json_object_set_new(j, key, json_integer((json_int_t)bytes[class]));
    }
    return j;
}

static json_t *now_json(const struct pulse *p)
{
    if (!p->at_work)
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "state",
                     sync_state_name(p->state), "talking_ms", (json_int_t)p->talking_ms,
                     "bytes_out", (json_int_t)p->bytes_out, "bytes_in",
                     (json_int_t)p->bytes_in, "bytes_s", (json_int_t)p->bytes_s,
                     "round_trip_ms", (json_int_t)p->round_trip_ms, "classes",
                     classes_json(p->class_bytes));
}

int link_json(struct box *b, const struct pulse *p, const struct status *s,
              uint64_t history, json_t **out, struct err *e)
{
    json_t *contacts = json_array();
    int64_t left_s = link_forecast_s(p, s);

    *out = NULL;
    if (link_each_contact(b, history, add_contact, contacts, e) != 0) {
        json_decref(contacts);
        return -1;
    }
    *out =
        json_pack("{s:o, s:o, s:o, s:o}", "now", now_json(p), "waiting",
                  classes_json(s->waiting_bytes), "forecast_s",
                  left_s < 0 ? json_null() : json_integer(left_s), "contacts", contacts);
    return *out != NULL ? 0 : err_set(e, ERR_MEMORY, "the link");
}
