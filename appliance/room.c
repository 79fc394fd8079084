#include "appliance/room.h"

#include "appliance/packing.h"
#include "schema/reserve.h"
#include "schema/statements.h"

/* Safe by the centre as it is now, and nobody here needs it. `o` is the original. */
#define MAY_LEAVE                                                                        \
    " EXISTS (SELECT 1 FROM blob_sent s, centre_link c WHERE s.sha256 = o.sha256"        \
    "         AND s.state = 2 AND s.centre_epoch = c.centre_epoch)"                      \
    " AND NOT EXISTS (SELECT 1 FROM intake t WHERE t.sha256 = o.sha256"                  \
    "                 AND t.state IN ('taken', 'cleared', 'held'))"                      \
    " AND NOT EXISTS (SELECT 1 FROM original q"                                          \
    "   JOIN page p ON p.original = q.id AND p.deleted = 0"                              \
    "   LEFT JOIN job j ON j.page = p.id"                                                \
    "   WHERE q.sha256 = o.sha256 AND (j.state IN ('waiting', 'leased', 'quarantined')"  \
    "    OR (EXISTS (SELECT 1 FROM reading r WHERE r.page = p.id)"                       \
    "        AND NOT EXISTS (SELECT 1 FROM image i WHERE i.page = p.id"                  \
    "                        AND i.kind = 'small' AND i.rotation = p.rotation)"          \
    "        AND NOT EXISTS (SELECT 1 FROM image_refused f WHERE f.page = p.id"          \
    "                        AND f.rotation = p.rotation))))"

enum { LOOKED_TO, OLDEST, CAME_BACK, LEAVE, NEXT_LEAVING, STILL_MAY, GONE, STAYS, SQL };

static const char *const sql[SQL] = {
    [LOOKED_TO] = "SELECT max(id), count(*) FROM"
                  " (SELECT id FROM original WHERE id > ?1 ORDER BY id LIMIT ?2)",
    [OLDEST] = "SELECT o.sha256, o.bytes FROM original o WHERE o.id > ?1 AND o.id <= ?2"
               " AND NOT EXISTS (SELECT 1 FROM away_blob a WHERE a.sha256 = o.sha256)"
               " AND NOT EXISTS (SELECT 1 FROM wanted_blob w WHERE w.sha256 = o.sha256)"
               " AND" MAY_LEAVE " ORDER BY o.id LIMIT ?3",
    /* What somebody asked for goes only when nothing else can, longest here first. */
    [CAME_BACK] = "SELECT o.sha256, o.bytes FROM wanted_blob w"
                  " JOIN original o ON o.sha256 = w.sha256 WHERE w.back = 1 AND" MAY_LEAVE
                  " ORDER BY w.boot, w.mono_ms, o.id LIMIT ?1",
    [LEAVE] =
        "INSERT INTO away_blob (sha256, gone) VALUES (?1, 0) ON CONFLICT DO NOTHING",
    [NEXT_LEAVING] =
        "SELECT sha256 FROM away_blob WHERE gone = 0 ORDER BY sha256 LIMIT 1",
    [STILL_MAY] = "SELECT 1 FROM original o WHERE o.sha256 = ?1 AND" MAY_LEAVE,
    [GONE] = "UPDATE away_blob SET gone = 1 WHERE sha256 = ?1",
    [STAYS] = "DELETE FROM away_blob WHERE sha256 = ?1",
};

struct making {
    struct box *box;
    struct room *room;
    sqlite3_stmt *statements[SQL];
    uint64_t wanted_bytes; /* until the mark */
    unsigned left;         /* originals that did */
    bool over;             /* nothing is left to look at */
};

/* ------------------------------------------------------------------ how much */

uint64_t room_floor_bytes(uint64_t total_bytes)
{
    uint64_t floor = total_bytes / 100 * ROOM_FLOOR_PERCENT;

    if (floor < ROOM_FLOOR_BYTES_MIN)
        floor = ROOM_FLOOR_BYTES_MIN;
    if (floor > ROOM_FLOOR_BYTES_MAX)
        floor = ROOM_FLOOR_BYTES_MAX;
    if (floor > total_bytes / ROOM_FLOOR_SHARE)
        floor = total_bytes / ROOM_FLOOR_SHARE;
    return floor;
}

uint64_t room_mark_bytes(uint64_t total_bytes)
{
    return room_floor_bytes(total_bytes) / 2 * 3;
}

static int look_at_disk(struct making *m, struct err *e)
{
    struct disk_space space;
    uint64_t mark;

    if (disk_space(m->box->disk, m->box->dir, &space, e) != 0)
        return -1;
    mark = room_mark_bytes(space.total_bytes);
    if (space.free_bytes < room_floor_bytes(space.total_bytes))
        m->room->making = true;
    if (space.free_bytes >= mark)
        m->room->making = false;
    m->wanted_bytes = m->room->making ? mark - space.free_bytes : 0;
    return 0;
}

/* ------------------------------------------------------------------- leaving */

static int run_for(struct making *m, int which, const struct hash *sha256, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(m->statements[which]);

    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    return statement_run(s, e);
}

/* Inside the write. Rows of what the statement finds, until they make room enough. */
static int mark_leaving(struct making *m, sqlite3_stmt *s, struct err *e)
{
    uint64_t bytes = 0;
    struct hash h;
    int row = 1;

    while (bytes < m->wanted_bytes && (row = statement_step(s, e)) == 1) {
        bytes += (uint64_t)sqlite3_column_int64(s, 1);
        if (column_hash(s, 0, &h) && run_for(m, LEAVE, &h, e) != 0)
            row = -1;
    }
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* *to is the last id that is looked at now; *end: there is none behind it. */
static int look_ahead(struct making *m, uint64_t *to, bool *end, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(m->statements[LOOKED_TO]);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)m->room->after);
    (void)sqlite3_bind_int(s, 2, ROOM_LOOK_MAX);
    row = statement_step(s, e);
    *to = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    *end = row != 1 || sqlite3_column_int(s, 1) < ROOM_LOOK_MAX;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

static int choose(struct making *m, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(m->statements[OLDEST]);
    sqlite3 *db = store_db(m->box->store);
    sqlite3_int64 before = sqlite3_total_changes64(db);
    uint64_t to;
    bool end;

    if (look_ahead(m, &to, &end, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)m->room->after);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)to);
    (void)sqlite3_bind_int(s, 3, ROOM_LEAVE_MAX);
    if (mark_leaving(m, s, e) != 0)
        return -1;
    if (sqlite3_total_changes64(db) != before) /* there may be more behind these */
        return 0;
    m->room->after = end ? 0 : to;
    m->over = end;
    if (!end)
        return 0;
    s = statement_fresh(m->statements[CAME_BACK]);
    (void)sqlite3_bind_int(s, 1, ROOM_LEAVE_MAX);
    return mark_leaving(m, s, e);
}

/* Inside the write: no receipt can change what it says of this one meanwhile. */
static int remove_one(struct making *m, const struct hash *sha256, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(m->statements[STILL_MAY]);
    bool there;
    int row;

    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    row = statement_step(s, e);
    (void)statement_fresh(s);
    if (row < 0)
        return -1;
    if (row == 1) {
        m->left++;
        if (blob_remove(m->box->blobs, sha256, e) != 0)
            return -1;
        return run_for(m, GONE, sha256, e);
    }
    /* No longer safe, or needed: it stays, unless the power went behind its removal. */
    if (blob_exists(m->box->blobs, sha256, &there, e) != 0)
        return -1;
    return run_for(m, there ? STAYS : GONE, sha256, e);
}

static int remove_chosen(struct making *m, struct err *e)
{
    sqlite3_stmt *s = m->statements[NEXT_LEAVING];
    struct hash h;
    int row = 1;

    while ((row = statement_step(statement_fresh(s), e)) == 1) {
        if (!column_hash(s, 0, &h))
            row = err_set(e, ERR_CORRUPT, "away_blob names no SHA-256");
        (void)statement_fresh(s);
        if (row < 0 || remove_one(m, &h, e) != 0)
            return -1;
    }
    return row;
}

/* What came back and leaves again is no more than away. */
static const char forget_sql[] =
    "DELETE FROM wanted_blob WHERE back = 1 AND sha256 IN (SELECT sha256 FROM away_blob)";

static int write_alone(struct making *m, int (*what)(struct making *m, struct err *e),
                       struct err *e)
{
    struct store *store = m->box->store;

    if (store_write_begin(store, e) != 0)
        return -1;
    if (what(m, e) == 0 && sql_run(store_db(store), forget_sql, e) == 0)
        return store_write_commit(store, NULL, e);
    store_write_rollback(store);
    return -1;
}

/* First what the last call was kept from, by the power or by trouble. */
static int make_room(struct making *m, bool unfinished, struct err *e)
{
    if (unfinished && write_alone(m, remove_chosen, e) != 0)
        return -1;
    if (unfinished || m->wanted_bytes == 0)
        return 0;
    if (write_alone(m, choose, e) != 0)
        return -1;
    return write_alone(m, remove_chosen, e);
}

static int turn(struct making *m, struct err *e)
{
    sqlite3 *db = store_db(m->box->store);
    int64_t leaving;
    int packed, rc = -1;

    if (look_at_disk(m, e) != 0 ||
        sql_number(db, "SELECT count(*) FROM away_blob WHERE gone = 0", &leaving, e) != 0)
        return -1;
    if (m->wanted_bytes == 0 && leaving == 0)
        return 0;
    packed = packing_drop_next(m->box, e); /* what is here twice goes first */
    if (packed != 0)
        return packed;
    if (statements_prepare(db, m->statements, sql, SQL, e) == 0)
        rc = make_room(m, leaving > 0, e);
    statements_finalize(m->statements, SQL);
    if (rc != 0)
        return -1;
    reserve_keep(m->box->disk, m->box->dir);
    return m->left > 0 || !m->over ? 1 : 0;
}

int room_turn(struct box *b, struct room *r, struct err *e)
{
    struct making m = {.box = b, .room = r};
    int did = turn(&m, e);

    /* A disk that is full to the last byte takes no row either: then the reserve goes. */
    if (did < 0 && e->code == ERR_NO_SPACE && reserve_give_up(b->disk, b->dir))
        did = turn(&m, e);
    return did < 0 ? err_wrap(e, "room") : did;
}
