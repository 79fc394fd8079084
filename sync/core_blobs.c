#include "sync/core_internal.h"

#include <assert.h>
#include <string.h>

/* ------------------------------------------------------------------------ lines */

static struct object_id blob_object(const struct hash *sha256)
{
    struct object_id id = {.kind = OBJECT_BLOB};

    memcpy(id.id, sha256->bytes, OBJECT_ID_BYTES);
    return id;
}

struct blob_line *blob_line_of(struct contact *c, enum sync_class class)
{
    if (class < BLOB_CLASS_FIRST || class >= BLOB_CLASS_FIRST + BLOB_CLASSES)
        return NULL;
    return &c->blobs[class - BLOB_CLASS_FIRST];
}

struct blob_line *blob_line_with(struct contact *c, const struct object_id *id)
{
    for (size_t i = 0; i < BLOB_CLASSES; i++)
        if (c->blobs[i].out.active && object_id_equal(&c->blobs[i].out.object.id, id))
            return &c->blobs[i];
    return NULL;
}

void blob_drop(struct sync *s, struct blob_line *line)
{
    line->after = line->anew ? 0 : line->out.object.last;
    line->anew = false;
    outgoing_drop(s, &line->out);
}

void blobs_anew(struct sync *s)
{
    for (size_t i = 0; i < BLOB_CLASSES; i++) {
        struct blob_line *line = &s->contact.blobs[i];

        line->over = false;
        line->after = 0;
        line->anew = line->out.active;
    }
}

bool blobs_over(const struct sync *s)
{
    for (size_t i = 0; i < BLOB_CLASSES; i++)
        if (!s->contact.blobs[i].over)
            return false;
    return true;
}

/* -------------------------------------------------------------- awaited blobs */

void blob_await(struct contact *c, const struct object_id *id)
{
    assert(c->awaited_count < BLOBS_AWAITED_MAX);
    c->awaited[c->awaited_count++] = *id;
}

static void await_no_more(struct contact *c, const struct object_id *id)
{
    for (size_t i = 0; i < c->awaited_count; i++)
        if (object_id_equal(&c->awaited[i], id)) {
            c->awaited[i] = c->awaited[--c->awaited_count];
            return;
        }
}

void blob_received(struct sync *s, const struct hash *sha256)
{
    struct contact *c = &s->contact;
    struct object_id id = blob_object(sha256);
    struct blob_line *line = blob_line_with(c, &id);

    await_no_more(c, &id);
    if (line != NULL)
        blob_drop(s, line); /* another road was faster */
}

bool blob_is_awaited(const struct contact *c, const struct object_id *id)
{
    for (size_t i = 0; i < c->awaited_count; i++)
        if (object_id_equal(&c->awaited[i], id))
            return true;
    return false;
}

bool blob_was_refused(const struct sync *s, const struct object_id *id)
{
    for (size_t i = 0; i < s->blobs_refused_count; i++)
        if (object_id_equal(&s->blobs_refused[i], id))
            return true;
    return false;
}

bool blob_pass_over(struct sync *s, const struct object_id *id)
{
    struct contact *c = &s->contact;
    struct blob_line *line = blob_line_with(c, id);

    await_no_more(c, id);
    if (line != NULL)
        blob_drop(s, line);
    if (blob_was_refused(s, id))
        return true;
    if (s->blobs_refused_count == BLOBS_REFUSED_MAX)
        return false;
    s->blobs_refused[s->blobs_refused_count++] = *id;
    return true;
}
