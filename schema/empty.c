#include "schema/empty.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

#define SCHEMAS_MAX 64
#define BLANK_FLAGS (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX)

/* What the migrations to a version left: written once under the lock, and kept until the
 * process ends. */
struct image {
    unsigned char *bytes;
    sqlite3_int64 count;
};

static struct image images[SCHEMAS_MAX + 1];
static pthread_mutex_t images_lock = PTHREAD_MUTEX_INITIALIZER;

static int open_blank(sqlite3 **out, struct err *e)
{
    if (sqlite3_open_v2(":memory:", out, BLANK_FLAGS, NULL) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "out of memory");
    return tokenizer_register(*out, e);
}

static int make_image(struct image *i, size_t schema, struct err *e)
{
    const char *const *migrations = migrations_all(&(size_t){0});
    sqlite3 *db = NULL;
    int rc = -1;

    if (open_blank(&db, e) == 0 && migrations_run(db, migrations, schema, e) == 0) {
        i->bytes = sqlite3_serialize(db, "main", &i->count, 0);
        rc = i->bytes != NULL ? 0 : err_set(e, ERR_MEMORY, "out of memory");
    }
    (void)sqlite3_close(db); /* nothing is prepared on it */
    return rc;
}

static int image_of(const struct image **out, uint32_t schema, struct err *e)
{
    size_t newest;
    struct image *i;
    int rc = 0;

    (void)migrations_all(&newest);
    assert(schema > 0 && newest <= SCHEMAS_MAX);
    i = &images[schema < newest ? schema : newest];
    (void)pthread_mutex_lock(&images_lock); /* never destroyed, never held long */
    if (i->bytes == NULL)
        rc = make_image(i, (size_t)(i - images), e);
    (void)pthread_mutex_unlock(&images_lock);
    *out = i;
    return rc;
}

/* A copy in SQLite's own memory, which unlike what is deserialized has no limit. */
static int copy_pages(sqlite3 *to, sqlite3 *from, struct err *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

    if (b != NULL)
        (void)sqlite3_backup_step(b, -1); /* its failure is finish's too */
    if (b == NULL || sqlite3_backup_finish(b) != SQLITE_OK)
        return sqlite_err(to, e, "pages");
    return 0;
}

static int take_image(sqlite3 *db, const struct image *i, struct err *e)
{
    sqlite3 *from = NULL;
    int rc = -1;

    if (sqlite3_open_v2(":memory:", &from, BLANK_FLAGS, NULL) != SQLITE_OK ||
        sqlite3_deserialize(from, "main", i->bytes, i->count, i->count,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        (void)err_set(e, ERR_MEMORY, "out of memory");
    else
        rc = copy_pages(db, from, e);
    (void)sqlite3_close(from); /* nothing is prepared on it */
    return rc;
}

int empty_open(sqlite3 **out, uint32_t schema, struct err *e)
{
    const struct image *i;
    sqlite3 *db = NULL;

    *out = NULL;
    if (image_of(&i, schema, e) != 0 || open_blank(&db, e) != 0 ||
        take_image(db, i, e) != 0) {
        (void)sqlite3_close(db); /* nothing is prepared on it */
        return err_wrap(e, "empty database");
    }
    *out = db;
    return 0;
}
