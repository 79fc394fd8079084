#include "appliance/stages.h"

#include "schema/statements.h"

#define SECOND_MS  1000
#define TOLD_OF_MS (60 * SECOND_MS) /* what no person notices in an age */

#define MOMENT     "boot, mono_ms, wall_ms, wall_confidence"
#define CHANGE_NOT "SELECT " MOMENT " FROM changelog WHERE sequence > (SELECT "
#define YET        " FROM sync_state) ORDER BY sequence LIMIT 1"

/* The earliest page in a state, by the index: what is read is not looked at. */
#define FIRST_PAGE                                                                       \
    "SELECT * FROM (SELECT j.page AS page, p.document AS document FROM job j"            \
    " JOIN page p ON p.id = j.page AND p.deleted = 0"                                    \
    " JOIN document d ON d.id = p.document AND d.deleted = 0"                            \
    " WHERE (j.way IS NULL OR NOT EXISTS (SELECT 1 FROM reading r"                       \
    "  WHERE r.page = j.page)) AND j.state = "
#define OF_IT " ORDER BY j.page LIMIT 1)"
#define UNREAD                                                                           \
    FIRST_PAGE "'waiting'" OF_IT " UNION ALL " FIRST_PAGE "'leased'" OF_IT               \
               " UNION ALL " FIRST_PAGE "'quarantined'" OF_IT

static const char *const sql[STAGES] = {
    [STAGE_READ] = "SELECT " MOMENT " FROM event WHERE kind = 'taken'"
                   " AND subject = (SELECT document FROM (" UNREAD
                   ") ORDER BY page LIMIT 1) ORDER BY id LIMIT 1",
    [STAGE_SENT] = CHANGE_NOT "sent" YET,
    [STAGE_RECEIVED] = CHANGE_NOT "received" YET,
    [STAGE_APPLIED] = CHANGE_NOT "applied" YET,
    [STAGE_COMPLETE] =
        "SELECT v.boot, v.mono_ms, v.wall_ms, v.wall_confidence FROM original o"
        " LEFT JOIN blob_sent b ON b.sha256 = o.sha256"
        " JOIN page p ON p.original = o.id AND p.deleted = 0"
        " JOIN document d ON d.id = p.document AND d.deleted = 0"
        " JOIN event v ON v.subject = d.id AND v.kind = 'taken'"
        " WHERE coalesce(b.state, 0) = 0 ORDER BY o.id LIMIT 1",
};

bool stage_age_is_sure(const struct moment *then, const struct moment *now,
                       int64_t age_ms_min)
{
    if (then->boot == now->boot)
        return true;
    return then->confidence >= WALL_SYSTEM && now->confidence >= WALL_SYSTEM &&
           now->wall_ms - then->wall_ms - age_ms_min < TOLD_OF_MS;
}

static int read_one(struct box *b, sqlite3_stmt *s, const struct moment *now,
                    struct stage_oldest *out, struct err *e)
{
    struct moment then;
    int step = statement_step(s, e);

    *out = (struct stage_oldest){0};
    if (step <= 0)
        return step;
    then = column_moment(s, 0);
    (void)statement_fresh(s);
    if (store_age_ms_min(b->store, &then, &out->age_ms_min, e) != 0)
        return -1;
    out->waits = true;
    out->sure = stage_age_is_sure(&then, now, out->age_ms_min);
    return 0;
}

int stages_read(struct box *b, struct stage_oldest out[STAGES], struct err *e)
{
    sqlite3_stmt *s[STAGES];
    struct moment now;
    int rc;

    if (statements_prepare(store_db(b->store), s, sql, STAGES, e) != 0)
        return err_wrap(e, "stages");
    rc = store_now(b->store, &now, e);
    for (int i = 0; i < STAGES && rc == 0; i++)
        rc = read_one(b, s[i], &now, &out[i], e);
    statements_finalize(s, STAGES);
    return rc == 0 ? 0 : err_wrap(e, "stages");
}

static json_t *oldest_json(const struct stage_oldest *o)
{
    if (o == NULL || !o->waits)
        return json_null();
    return json_pack("{s:I, s:b}", "age_s", (json_int_t)(o->age_ms_min / SECOND_MS),
                     "sure", (int)o->sure);
}

json_t *stages_json(const struct status *s, const struct stage_oldest oldest[STAGES])
{
    const struct {
        const char *name;
        uint64_t documents;
        const struct stage_oldest *oldest; /* NULL: nothing waits to be kept */
    } rows[] = {
        {"kept", s->kept, NULL},
        {"read", s->read, &oldest[STAGE_READ]},
        {"sent", s->sent, &oldest[STAGE_SENT]},
        {"received", s->received, &oldest[STAGE_RECEIVED]},
        {"applied", s->applied, &oldest[STAGE_APPLIED]},
        {"complete", s->complete, &oldest[STAGE_COMPLETE]},
    };
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        (void)json_array_append_new(all,
                                    json_pack("{s:s, s:I, s:o}", "name", rows[i].name,
                                              "documents", (json_int_t)rows[i].documents,
                                              "oldest", oldest_json(rows[i].oldest)));
    return all;
}
