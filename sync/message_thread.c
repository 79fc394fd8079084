#include "sync/message.h"

static void go_on(struct message_thread *t, const struct message *m)
{
    t->active = true;
    t->object = m->as.block.object;
    t->total_bytes = m->as.block.total_bytes;
    t->next = m->as.block.offset + m->as.block.count;
}

static bool goes_on(const struct message_thread *t, const struct message *m)
{
    return t->active && object_id_equal(&t->object, &m->as.block.object) &&
           t->total_bytes == m->as.block.total_bytes && t->next == m->as.block.offset;
}

static void append_more(struct buffer *out, const struct message *m)
{
    buffer_append_byte(out, MESSAGE_MORE);
    buffer_append_u16(out, (uint16_t)m->as.block.count);
    buffer_append(out, m->as.block.bytes, m->as.block.count);
}

/* What is no message of ours (a test's, the simulator's) goes as it is. */
void message_shorten(struct message_thread *t, struct buffer *out, const void *bytes,
                     size_t count)
{
    const unsigned char *at = bytes;
    struct err ignored;
    struct message m;
    size_t used;

    while (count > 0) {
        bool whole = message_next(&m, &used, at, count, &ignored) == 1;

        if (!whole)
            used = count;
        if (whole && m.type == MESSAGE_BLOCK && goes_on(t, &m))
            append_more(out, &m);
        else
            buffer_append(out, at, used);
        if (whole && m.type == MESSAGE_BLOCK)
            go_on(t, &m);
        at += used;
        count -= used;
    }
}

int message_lengthen(struct message_thread *t, struct message *m, struct err *e)
{
    if (m->type == MESSAGE_MORE) {
        if (!t->active || m->as.block.count > t->total_bytes - t->next)
            return err_set(e, ERR_CORRUPT, "message: more of nothing");
        m->type = MESSAGE_BLOCK;
        m->as.block.object = t->object;
        m->as.block.total_bytes = t->total_bytes;
        m->as.block.offset = t->next;
    }
    if (m->type == MESSAGE_BLOCK)
        go_on(t, m);
    return 0;
}
