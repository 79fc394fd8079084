#include "appliance/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/intake_words.h"

#define BOX_WAIT_MS    15000 /* other files may be on their way in */
#define NAME_BYTES_MAX 512

enum { BAD_REQUEST = 400, BUSY = 503 };

/* A file on its way in from the desk. */
struct arrival {
    struct box *box;
    struct intake *intake;
    struct intake_options options;
    json_t *results;
    bool failed; /* the rest of it is dropped; why is in `e` */
    struct err e;
};

static int keep_result(void *arg, const struct intake_result *r, struct err *e)
{
    struct arrival *x = arg;

    if (json_array_append_new(x->results, intake_json(r)) != 0)
        return err_set(e, ERR_MEMORY, "results");
    return 0;
}

/* The last part of a name that a browser gave; NULL if there is none to use. */
static const char *sensible_name(const char *name)
{
    const char *slash;

    if (name == NULL || strlen(name) > NAME_BYTES_MAX)
        return NULL;
    slash = strrchr(name, '/');
    name = slash == NULL ? name : slash + 1;
    return name[0] == '\0' ? NULL : name;
}

static int begin_file(struct arrival *x, const char *name, const char *actor)
{
    x->options = (struct intake_options){.each = keep_result, .arg = x};
    x->results = json_array();
    (void)snprintf(x->box->actor, sizeof x->box->actor, "%s", actor);
    if (intake_create(&x->intake, x->box, &x->options, &x->e) != 0)
        return -1;
    return intake_begin(x->intake, name, &x->e);
}

bool api_intake_begin(void *arg, struct http_request *q, struct http_reply *r)
{
    struct api *a = arg;
    const char *name = sensible_name(http_query(q, "name"));
    struct arrival *x;

    if (name == NULL) {
        api_refuse(r, BAD_REQUEST, "usage", "name");
        return true;
    }
    x = calloc(1, sizeof *x);
    q->task = x;
    if (x != NULL)
        x->box = boxes_borrow(a->work, BOX_WAIT_MS);
    if (x == NULL || x->box == NULL) {
        api_refuse(r, BUSY, "busy", "");
        return true;
    }
    if (begin_file(x, name, api_actor(q)) != 0) {
        api_failed(r, &x->e);
        return true;
    }
    return false;
}

bool api_intake_add(void *arg, struct http_request *q, const void *bytes, size_t count)
{
    struct arrival *x = q->task;

    (void)arg;
    x->failed = intake_add(x->intake, bytes, count, &x->e) != 0;
    return !x->failed;
}

void api_intake_answer(void *arg, struct http_request *q, struct http_reply *r)
{
    struct api *a = arg;
    struct arrival *x = q->task;

    if (x->failed || intake_end(x->intake, &x->e) != 0) {
        api_failed(r, &x->e);
        return;
    }
    reading_loop_wake(a->loop);
    api_reply(r, json_incref(x->results));
}

/* A sender that went away leaves nothing: what was not ended is forgotten. */
void api_intake_done(void *arg, struct http_request *q)
{
    struct api *a = arg;
    struct arrival *x = q->task;

    if (x == NULL)
        return;
    intake_destroy(x->intake);
    json_decref(x->results);
    if (x->box != NULL)
        (void)snprintf(x->box->actor, sizeof x->box->actor, "tram-box");
    boxes_return(a->work, x->box);
    free(x);
    q->task = NULL;
}
