#include "tests/lib/dossiers.h"

#include <stdio.h>

#include "schema/fork.h"

static uint64_t id_of(struct pair *p, unsigned number)
{
    return id_make(p->site, store_identity(p->box->store)->epoch, 1000 + number);
}

void dossiers_make(struct pair *p, unsigned number, const char *title)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code, title) VALUES (%llu, 'D-%u', '%s')",
                   (unsigned long long)id_of(p, number), number, title);
    assert_true(pair_box_writes(p, sql) != 0);
}

void dossiers_title(struct pair *p, const char *code, const char *title, bool box)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "UPDATE dossier SET title = '%s' WHERE code = '%s'",
                   title, code);
    assert_true((box ? pair_box_writes(p, sql) : pair_centre_writes(p, sql)) != 0);
}

int64_t dossiers_count(struct pair *p, const char *where, bool box)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM dossier WHERE %s", where);
    return box ? pair_box_number(p, sql) : pair_centre_number(p, sql);
}

void dossiers_put_back(struct pair *p, struct pair_kept *kept, uint8_t epoch)
{
    pair_box_put_back(p, kept);
    must(fork_epoch(p->box->store, epoch, &p->err), &p->err);
}

void dossiers_expect_equal(struct pair *p, uint64_t rows)
{
    static const char parked[] = "SELECT count(*) FROM parked WHERE closed_by IS NULL"
                                 " AND reason <> 'rows are never deleted'"
                                 " AND reason <> 'the changeset is malformed'";
    char why[256] = "";
    uint64_t compared = 0;

    if (!pair_equal(p, why, &compared))
        fail_msg("%s", why);
    assert_true(compared >= rows);
    assert_int_equal(pair_box_number(p, parked), 0);
    assert_int_equal(pair_centre_number(p, parked), 0);
    assert_int_equal(pair_problems(p), 0);
}
