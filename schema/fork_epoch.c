#include "schema/fork_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "schema/store_internal.h"

/* The greatest id between these two, in any table that has ids; 0: none. */
static int greatest_id(sqlite3 *db, uint64_t from, uint64_t to, uint64_t *out,
                       struct err *e)
{
    *out = 0;
    for (size_t i = 0; i < fork_columns_count; i++) {
        const struct fork_column *column = &fork_columns[i];
        int64_t found;
        char text[160];

        if (strcmp(column->column, "id") != 0)
            continue;
        (void)snprintf(text, sizeof text,
                       "SELECT coalesce(max(id), 0) FROM %s"
                       " WHERE id BETWEEN %" PRIu64 " AND %" PRIu64,
                       column->table, from, to);
        if (sql_number(db, text, &found, e) != 0)
            return -1;
        if ((uint64_t)found > *out)
            *out = (uint64_t)found;
    }
    return 0;
}

int fork_counter_in_use(struct store *s, uint8_t epoch, uint32_t *out, struct err *e)
{
    uint16_t site = s->identity.site;
    uint64_t id;

    if (greatest_id(s->db, id_make(site, epoch, 0),
                    id_make(site, epoch, FORK_COUNTER_MAX), &id, e) != 0)
        return -1;
    *out = (uint32_t)(id & FORK_COUNTER_MAX);
    return 0;
}

int fork_epoch_known(struct store *s, uint8_t *epoch, struct err *e)
{
    uint16_t site = s->identity.site;
    uint64_t id;

    if (store_epoch(s, epoch, e) != 0 ||
        greatest_id(s->db, id_make(site, 0, 0), id_make(site, 254, FORK_COUNTER_MAX), &id,
                    e) != 0)
        return -1;
    id = id >> ID_COUNTER_BITS & (((uint64_t)1 << ID_EPOCH_BITS) - 1);
    if (id > *epoch)
        *epoch = (uint8_t)id;
    return 0;
}

int fork_set_epoch(struct store *s, uint8_t epoch, uint32_t counter, struct err *e)
{
    char text[96];

    (void)snprintf(text, sizeof text,
                   "UPDATE identity SET epoch = %u, counter = %" PRIu32, epoch, counter);
    return sql_run(s->db, text, e);
}

int fork_check_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    uint8_t now;

    if (store_epoch(s, &now, e) != 0)
        return -1;
    if (epoch <= now || epoch == UINT8_MAX)
        return err_set(e, ERR_REFUSED, "epoch %u is not after %u", epoch, now);
    return 0;
}

int fork_raise(struct store *s, uint8_t epoch, struct err *e)
{
    uint32_t counter;

    if (fork_check_epoch(s, epoch, e) != 0 ||
        fork_counter_in_use(s, epoch, &counter, e) != 0 ||
        fork_set_epoch(s, epoch, counter, e) != 0)
        return err_wrap(e, "epoch");
    return 0;
}

int fork_tell(struct records *r, const char *kind, const char *actor, const char *detail,
              struct err *e)
{
    struct store *s = records_store(r);
    int64_t epoch;

    if (sql_number(s->db, "SELECT epoch FROM identity", &epoch, e) != 0 ||
        store_apply_watch(s, true, e) != 0)
        return -1;
    return record_event(r, id_make(s->identity.site, (uint8_t)epoch, 0), kind, actor,
                        detail, e);
}

int fork_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    if (store_apply_begin(s, e) != 0)
        return err_wrap(e, "epoch");
    if (fork_raise(s, epoch, e) != 0) {
        store_apply_rollback(s);
        return -1;
    }
    return store_apply_commit(s, e) == 0 ? store_epoch(s, &epoch, e) : -1;
}
