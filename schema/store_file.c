#include "schema/statements.h"
#include "schema/store.h"

int store_settle(struct store *s, struct err *e)
{
    int64_t busy;

    if (sql_number(store_db(s), "PRAGMA wal_checkpoint(TRUNCATE)", &busy, e) != 0)
        return -1;
    return busy == 0 ? 0 : err_set(e, ERR_BUSY, "somebody else has the copy open");
}

int store_remove_log(struct disk *d, const char *database, struct err *e)
{
    static const char *const behind[] = {"-wal", "-shm", "-journal"};
    char path[DISK_PATH_BYTES];

    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
        if (disk_path(path, e, "%s%s", database, behind[i]) != 0 ||
            disk_remove(d, path, e) != 0)
            return -1;
    return 0;
}
