/* The desk's questions that go to the cage: a page's picture, a document as PDF. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/api_parts.h"
#include "appliance/facsimile.h"
#include "appliance/people/audit.h"
#include "appliance/reader_own.h"

enum { NOT_FOUND = 404, BUSY = 503 };

static int ask_picture(struct api *a, struct box *b, struct http_request *q,
                       struct http_reply *r, struct err *e)
{
    static const char *const names[] = {[VIEW_NONE] = "no_picture",
                                        [VIEW_AWAY] = "picture_away",
                                        [VIEW_REFUSED] = "picture_refused"};
    enum view_lack lack;
    struct shown what;

    if (api_find_shown(b, q, r, &what, e) != 0)
        return -1;
    if (what.document == 0)
        return 0;
    if (what.page == 0) /* a document has no picture: its pages have */
        lack = VIEW_NONE;
    else if (views_get(a->views, b, what.page, &r->body, &lack, e) != 0)
        return -1;
    if (lack == VIEW_HERE)
        r->type = "image/jpeg";
    else
        api_refuse(r, NOT_FOUND, names[lack], "");
    return 0;
}

/* ------------------------------------------------------------------------ pdf */

/* A copy of a long document takes a while, and a worker of its own. */
static int make_copy(struct api *a, struct box *b, const struct shown *what,
                     struct disk_file *sheaf, struct disk_file *into,
                     struct facsimile *made, struct err *e)
{
    struct reader *own;
    int rc;

    if (reader_own_begin(b, a->uncaged, &own, e) != 0)
        return -1;
    rc = facsimile_make(b, what, sheaf, into, made, e);
    reader_own_end(b, own);
    return rc;
}

/* A descriptor of its own, which the file's name may leave alone. */
static int give_file(struct http_reply *r, const char *path, struct err *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)err_set_errno(e, ERR_IO, "%s", path);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    r->type = "application/pdf";
    r->file = fd;
    r->file_bytes = (uint64_t)st.st_size;
    return 0;
}

static void refuse_copy(struct http_reply *r, const struct facsimile *made)
{
    api_refuse(r, NOT_FOUND,
               made->away > 0                  ? "picture_away"
               : made->refusal != REFUSAL_NONE ? "picture_refused"
                                               : "no_picture",
               "");
}

/* Both files lie where blobs are on their way, and are never kept. */
static int answer_copy(struct api *a, struct box *b, const struct shown *what,
                       const char *actor, const char *name, struct http_reply *r,
                       struct err *e)
{
    struct blob_writer *sheaf = NULL, *into = NULL;
    struct facsimile made = {0};
    int rc = -1;

    if (blob_writer_create(&sheaf, b->blobs, e) == 0 &&
        blob_writer_create(&into, b->blobs, e) == 0)
        rc = make_copy(a, b, what, blob_writer_file(sheaf), blob_writer_file(into), &made,
                       e);
    if (rc == 0 && made.pages == 0)
        refuse_copy(r, &made);
    else if (rc == 0 && /* before a byte leaves, as an export is told of */
             (rc = audit_write(b->store, "exported", actor, name, "pdf", e)) == 0)
        rc = give_file(r, blob_writer_file(into)->path, e);
    blob_writer_destroy(sheaf);
    blob_writer_destroy(into);
    return rc;
}

static int ask_pdf(struct api *a, struct box *b, struct http_request *q,
                   struct http_reply *r, struct err *e)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    struct shown what;
    int rc;

    if (api_find_shown(b, q, r, &what, e) != 0)
        return -1;
    if (what.document == 0)
        return 0;
    if (pthread_mutex_trylock(&one_at_a_time) != 0) {
        api_refuse(r, BUSY, "busy", "");
        return 0;
    }
    rc = answer_copy(a, b, &what, api_actor(q), q->parts[0], r, e);
    pthread_mutex_unlock(&one_at_a_time);
    return rc;
}

void api_answer_picture(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_look(arg, q, r, ask_picture);
}

void api_answer_pdf(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_look(arg, q, r, ask_pdf);
}
