#include "appliance/again.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "appliance/alternative_rows.h"
#include "appliance/drawing.h"
#include "appliance/events.h"
#include "appliance/readings.h"
#include "appliance/room.h"
#include "schema/id_text.h"
#include "schema/statements.h"

enum { READ_AGAIN, PAGE_ORIGINAL, JOB_WAY, PROPOSE, FIND, FORGET, EACH, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    /* Also what is in quarantine: another way may read it. */
    [READ_AGAIN] = "UPDATE job SET state = 'waiting', way = ?2, reason = NULL"
                   " WHERE page = ?1 AND state IN ('done', 'quarantined')",
    [PAGE_ORIGINAL] = "SELECT o.sha256 FROM page p JOIN original o ON o.id = p.original"
                      " WHERE p.id = ?1",
    [JOB_WAY] = "SELECT way FROM job WHERE page = ?1 AND way IS NOT NULL"
                " AND EXISTS (SELECT 1 FROM reading r WHERE r.page = job.page)",
    [PROPOSE] = "INSERT OR REPLACE INTO proposal (page, reading, way, text, layout,"
                "  engine, reason, alternatives) VALUES (?1, (SELECT max(id) FROM reading"
                "   WHERE page = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
    [FIND] = "SELECT way, reading, text, layout, engine, reason, alternatives"
             " FROM proposal WHERE page = ?1",
    [FORGET] = "DELETE FROM proposal WHERE page = ?1",
    [EACH] = "SELECT o.page, p.document, o.reason FROM proposal o"
             " JOIN page p ON p.id = o.page AND p.deleted = 0"
             " JOIN document d ON d.id = p.document AND d.deleted = 0"
             " WHERE o.reading = (SELECT max(id) FROM reading WHERE page = o.page)"
             " ORDER BY o.page",
};

/* Prepared for one call: a person asks for it now and then. 1: a row is there, and the
 * statement the caller's to finalise, as always. */
static int run(struct box *b, int which, sqlite3_stmt **out, uint64_t page, struct err *e)
{
    *out = NULL;
    if (statements_prepare(store_db(b->store), out, &sql[which], 1, e) != 0)
        return -1;
    bind_id(*out, 1, page);
    return 0;
}

static int run_simple(struct box *b, int which, uint64_t page, const char *word,
                      struct err *e)
{
    sqlite3_stmt *s;
    int rc = run(b, which, &s, page, e);

    if (rc == 0 && word != NULL)
        bind_text(s, 2, word);
    if (rc == 0)
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* ---------------------------------------------------------------------- asking */

struct asking {
    struct box *box;
    uint64_t page; /* only this one; 0: all */
    enum reading_way way;
    struct again_asked asked;
    struct hash *away; /* owned: their hashes, to be wanted after the transaction */
};

static int find_original(struct box *b, uint64_t page, struct hash *out, bool *found,
                         struct err *e)
{
    sqlite3_stmt *s;
    int row = run(b, PAGE_ORIGINAL, &s, page, e) == 0 ? statement_step(s, e) : -1;

    *found = row == 1 && column_hash(s, 0, out);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int note_away(struct asking *a, const struct hash *sha256, struct err *e)
{
    struct hash *grown = realloc(a->away, (a->asked.away + 1) * sizeof *grown);

    if (grown == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for pages to read again");
    a->away = grown;
    a->away[a->asked.away++] = *sha256;
    return 0;
}

static int ask_page(void *arg, const struct page_row *p, struct err *e)
{
    struct asking *a = arg;
    struct hash sha256;
    bool found, away;

    if (a->page != 0 && p->id != a->page)
        return 0;
    if (find_original(a->box, p->id, &sha256, &found, e) != 0)
        return -1;
    if (found && room_is_away(a->box, &sha256, &away, e) != 0)
        return -1;
    if (found && away)
        return note_away(a, &sha256, e);
    if (run_simple(a->box, READ_AGAIN, p->id, way_name(a->way), e) != 0)
        return -1;
    if (sqlite3_changes(store_db(a->box->store)) != 1) {
        a->asked.never++; /* and what is proposed stays */
        return 0;
    }
    a->asked.pages++;
    return run_simple(a->box, FORGET, p->id, NULL, e);
}

static int ask_pages(struct asking *a, uint64_t document, struct err *e)
{
    if (store_write_begin(a->box->store, e) != 0)
        return -1;
    if (record_each_page(a->box->records, document, ask_page, a, e) == 0 &&
        store_write_commit(a->box->store, NULL, e) == 0)
        return 0;
    store_write_rollback(a->box->store);
    return -1;
}

int again_ask(struct box *b, uint64_t id, enum reading_way way, struct again_asked *out,
              struct err *e)
{
    struct asking a = {.box = b, .way = way};
    uint64_t document;
    int rc = -1;

    *out = a.asked;
    if (record_find(b->records, id, &document, &a.page, e) != 0)
        return -1;
    if (document == 0)
        return err_set(e, ERR_USAGE, "there is no document or page %" PRIu64, id);
    if (ask_pages(&a, document, e) != 0)
        goto out;
    for (unsigned i = 0; i < a.asked.away; i++)
        if (room_want(b, &a.away[i], e) != 0)
            goto out;
    *out = a.asked;
    rc = 0;
out:
    free(a.away);
    return rc;
}

/* ------------------------------------------------------------------- proposals */

int again_is_proposed(struct box *b, uint64_t page, bool *proposed, enum reading_way *way,
                      struct err *e)
{
    sqlite3_stmt *s;
    int row = run(b, JOB_WAY, &s, page, e) == 0 ? statement_step(s, e) : -1;

    *proposed = row == 1;
    *way = WAY_USUAL;
    if (row == 1) /* a word that an older program does not know: as usual */
        (void)way_find((const char *)sqlite3_column_text(s, 0), way);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int again_propose(struct box *b, uint64_t page, enum reading_way way,
                  const struct reading *r, struct err *e)
{
    struct buffer packed, alternatives;
    sqlite3_stmt *s = NULL;
    int rc = -1;

    buffer_init(&packed, LAYOUT_BYTES_MAX);
    buffer_init(&alternatives, ALTERNATIVES_BYTES_MAX);
    if (run(b, PROPOSE, &s, page, e) != 0)
        goto out;
    bind_text(s, 2, way_name(way));
    if (r->refusal != REFUSAL_NONE) {
        bind_text(s, 6, refusal_name(r->refusal));
    } else {
        layout_pack(&r->layout, &packed);
        alternatives_pack(&r->alternatives, &alternatives);
        if (buffer_check(&packed, e) != 0 || buffer_check(&alternatives, e) != 0)
            goto out;
        bind_text(s, 3, r->text.bytes != NULL ? (const char *)r->text.bytes : "");
        bind_blob(s, 4, packed.bytes, packed.count);
        bind_text(s, 5, r->engine);
        bind_blob(s, 7, alternatives.bytes, alternatives.count);
    }
    rc = statement_run(s, e);
out:
    statements_finalize(&s, 1);
    buffer_release(&packed);
    buffer_release(&alternatives);
    return rc;
}

static void take_column(struct buffer *out, sqlite3_stmt *s, int column, size_t bytes_max)
{
    buffer_init(out, bytes_max);
    buffer_append(out, sqlite3_column_blob(s, column),
                  (size_t)sqlite3_column_bytes(s, column));
}

static void take_proposal(struct proposal *out, sqlite3_stmt *s)
{
    const char *reason = (const char *)sqlite3_column_text(s, 5);

    (void)way_find((const char *)sqlite3_column_text(s, 0), &out->way);
    out->reading = (uint64_t)sqlite3_column_int64(s, 1);
    take_column(&out->text, s, 2, RECORD_TEXT_BYTES_MAX);
    take_column(&out->layout, s, 3, RECORD_LAYOUT_BYTES_MAX);
    take_column(&out->engine, s, 4, RECORD_TEXT_BYTES_MAX);
    take_column(&out->alternatives, s, 6, ALTERNATIVES_BYTES_MAX);
    (void)snprintf(out->reason, sizeof out->reason, "%s", reason == NULL ? "" : reason);
}

void proposal_release(struct proposal *p)
{
    buffer_release(&p->text);
    buffer_release(&p->layout);
    buffer_release(&p->engine);
    buffer_release(&p->alternatives);
}

int again_each(struct box *b,
               int (*each)(void *arg, uint64_t page, uint64_t document,
                           const char *reason, struct err *e),
               void *arg, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    if (statements_prepare(store_db(b->store), &s, &sql[EACH], 1, e) != 0)
        return -1;
    while (rc == 0 && (row = statement_step(s, e)) != 0)
        rc = row < 0 ? -1
                     : each(arg, (uint64_t)sqlite3_column_int64(s, 0),
                            (uint64_t)sqlite3_column_int64(s, 1),
                            (const char *)sqlite3_column_text(s, 2), e);
    statements_finalize(&s, 1);
    return rc;
}

int again_find(struct box *b, uint64_t page, struct proposal *out, bool *found,
               struct err *e)
{
    sqlite3_stmt *s;
    int row = run(b, FIND, &s, page, e) == 0 ? statement_step(s, e) : -1;

    *out = (struct proposal){0};
    *found = row == 1;
    if (row == 1)
        take_proposal(out, s);
    statements_finalize(&s, 1);
    if (row < 0)
        return -1;
    return buffer_check(&out->text, e) != 0 || buffer_check(&out->layout, e) != 0 ||
                   buffer_check(&out->engine, e) != 0 ||
                   buffer_check(&out->alternatives, e) != 0
               ? -1
               : 0;
}

/* -------------------------------------------------------------------- choosing */

static json_t *detail_of(const struct proposal *p)
{
    char reading[ID_TEXT_BYTES];

    id_text(reading, p->reading);
    return json_pack("{s:s, s:s}", "way", way_name(p->way), "instead_of", reading);
}

static int check_choice(struct box *b, uint64_t page, const struct proposal *p,
                        struct err *e)
{
    struct reading_rows newest = {0};
    int rc = -1;

    if (p->reason[0] != '\0')
        return err_set(e, ERR_USAGE, "page %" PRIu64 " could not be read this way: %s",
                       page, p->reason);
    if (reading_newest(b, page, &newest, e) == 0)
        rc = newest.id == p->reading
                 ? 0
                 : err_set(e, ERR_USAGE,
                           "page %" PRIu64 " has another reading since: read it again",
                           page);
    reading_rows_release(&newest);
    return rc;
}

static int take_it(struct box *b, uint64_t page, const struct proposal *p, size_t *lost,
                   struct err *e)
{
    const char *text = p->text.bytes == NULL ? "" : (const char *)p->text.bytes;

    if (check_choice(b, page, p, e) != 0)
        return -1;
    if (reading_write(b, page, text, p->layout.bytes, p->layout.count,
                      (const char *)p->engine.bytes, lost, e) != 0 ||
        alternative_rows_keep(b, page, p->alternatives.bytes, p->alternatives.count, e) !=
            0)
        return -1;
    return event_add(b, page, "read_again", detail_of(p), e);
}

/* Accepts if *lost is there, else declines. */
static int choose(struct box *b, uint64_t page, size_t *lost, struct err *e)
{
    struct proposal p = {0};
    bool found;
    int rc = -1;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (again_find(b, page, &p, &found, e) != 0)
        goto out;
    if (!found) {
        (void)err_set(e, ERR_USAGE, "no other reading of page %" PRIu64 " is proposed",
                      page);
        goto out;
    }
    if ((lost != NULL ? take_it(b, page, &p, lost, e)
                      : event_add(b, page, "kept_as_read", detail_of(&p), e)) != 0 ||
        run_simple(b, FORGET, page, NULL, e) != 0)
        goto out;
    rc = store_write_commit(b->store, NULL, e);
out:
    if (rc != 0)
        store_write_rollback(b->store);
    proposal_release(&p);
    return rc;
}

int again_accept(struct box *b, uint64_t page, size_t *lost, struct err *e)
{
    return choose(b, page, lost, e) != 0 ? -1 : drawing_all(b, e);
}

int again_decline(struct box *b, uint64_t page, struct err *e)
{
    return choose(b, page, NULL, e);
}
