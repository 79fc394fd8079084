#include "sync/centre/courier_parts.h"

#include <string.h>

#include "sync/centre/down.h"
#include "sync/centre/journal.h"
#include "sync/centre/originals.h"
#include "sync/centre/site_keys.h"

static void note_refused(struct taking *t, enum refused why)
{
    t->told.why = why;
}

static int find_site(struct taking *t, struct err *e)
{
    return site_find(t->courier->centre, t->told.name->line.site, &t->site, &t->found, e);
}

/* ------------------------------------------------------------------------- words */

static int take_claim(struct taking *t, struct err *e)
{
    enum refused why;
    int rc = site_claim(t->courier->centre, t->bytes.bytes, t->bytes.count, &why, e);

    if (rc < 0)
        return -1;
    if (rc > 0)
        note_refused(t, why);
    return find_site(t, e);
}

/* What the box has heard need not be said to it again. The receipts are our own. */
static int take_heard(struct taking *t, struct err *e)
{
    struct centre *c = t->courier->centre;
    struct cursor at;
    int rc = 0;

    cursor_init(&at, t->heard.bytes, t->heard.count);
    while (rc == 0 && cursor_left(&at) > 0) {
        uint32_t count = cursor_u32(&at);
        const unsigned char *bytes = cursor_take(&at, count);
        struct receipt r;
        struct err ignored; /* of another centre, or from before a restore: not ours */

        if (bytes == NULL)
            break;
        if (receipt_decode(&r, bytes, count, &c->key.public_key, t->site.site,
                           &ignored) != 0)
            continue;
        if (r.centre_epoch == c->epoch && r.blobs_count > 0)
            rc = originals_told(c, t->site.site, r.blobs, r.blobs_count, e);
        receipt_release(&r);
    }
    return rc;
}

/* A stick may be older than what the link has said since. */
static bool is_newer(const struct taking *t, const struct message *hello)
{
    const struct status_vector *now = &hello->as.hello.status, *was = &t->site.status;

    if (t->site.last_contact.boot == 0 || hello->as.hello.epoch != t->site.epoch)
        return hello->as.hello.epoch >= t->site.epoch;
    if (now->last != was->last)
        return now->last > was->last;
    if (now->received != was->received)
        return now->received > was->received;
    return now->seen > was->seen || now->schema > was->schema;
}

/* What it has applied of ours, and which schema it has, decide what goes down. */
static int take_status(struct taking *t, const struct message *hello, struct err *e)
{
    const struct status_vector *v = &hello->as.hello.status;
    struct centre *c = t->courier->centre;

    if (site_contact(c, hello, e) != 0)
        return -1;
    if (v->schema == 0)
        return 0; /* of the first version: it takes nothing but receipts */
    if (down_seen(c, t->site.site, v->seen_epoch, v->seen, e) != 0)
        return -1;
    return down_schema(c, t->site.site, v->schema, e);
}

/* The answer will say which frames of the site's are known here. */
static int doubt(struct taking *t, struct err *e)
{
    struct courier_site *s = courier_site_of(t->courier, t->site.site, e);

    if (s == NULL)
        return -1;
    s->in_doubt = true;
    return 0;
}

/* Its bundles are taken all the same, as far as their epoch's key proves them. */
static int refuse_other(struct taking *t, const struct message *hello,
                        const uint8_t binding[COURIER_BINDING_BYTES], struct err *e)
{
    struct centre *c = t->courier->centre;
    bool former;

    if (site_hello_former(c, &t->site, hello, binding, COURIER_BINDING_BYTES, &former,
                          e) != 0)
        return -1;
    note_refused(t, former ? REFUSED_CLAIM_USED : REFUSED_FORGED);
    if (former)
        return site_alarm_former(c, t->site.site, e);
    return site_alarm(c, t->site.site, refused_name(REFUSED_FORGED),
                      "a stick with a status that this box did not sign", e);
}

/* SHA-256 of `heard`, then the message. */
static int take_hello(struct taking *t, struct err *e)
{
    uint8_t binding[COURIER_BINDING_BYTES];
    struct hash said = {0}, heard = {0};
    struct message m;
    size_t used;

    if (t->bytes.count < HASH_BYTES || !t->site.claimed ||
        message_next(&m, &used, t->bytes.bytes + HASH_BYTES, t->bytes.count - HASH_BYTES,
                     e) != 1 ||
        m.type != MESSAGE_HELLO || m.as.hello.site != t->site.site) {
        t->told.damaged += t->site.claimed;
        return 0;
    }
    memcpy(said.bytes, t->bytes.bytes, HASH_BYTES);
    courier_binding(binding, &said);
    if (!message_hello_proved(&m, binding, sizeof binding, &t->site.key))
        return refuse_other(t, &m, binding, e);
    hash_of(&heard, t->heard.bytes, t->heard.count);
    if (hash_equal(&said, &heard) && take_heard(t, e) != 0)
        return -1;
    /* It was put back, or does not know that its line was left; or the stick is old. */
    if ((m.as.hello.epoch < t->site.epoch ||
         (m.as.hello.epoch == t->site.epoch &&
          m.as.hello.status.last < t->site.received)) &&
        doubt(t, e) != 0)
        return -1;
    return is_newer(t, &m) ? take_status(t, &m, e) : 0;
}

/* ----------------------------------------------------------------------- bundles */

static int take_bundle(struct taking *t, const struct courier_entry *n, struct err *e)
{
    struct centre *c = t->courier->centre;
    enum journal_verdict verdict;
    enum refused why = 0;
    bool has;

    if (journal_has(c, t->site.site, &n->object, &has, e) != 0)
        return -1;
    if (has) {
        t->told.known++;
        return 0;
    }
    if (t->contradicted) /* it can never go on: as in session_arrival.c */
        return partial_remove(&t->place, &n->object, t->bytes.count, e);
    if (journal_take(c, t->site.site, &n->object, t->bytes.bytes, t->bytes.count,
                     &verdict, &why, e) != 0 ||
        partial_remove(&t->place, &n->object, t->bytes.count, e) != 0)
        return -1;
    switch (verdict) {
    case JOURNAL_TAKEN:
    case JOURNAL_HELD:
    case JOURNAL_LATE:
        t->told.bundles++;
        return verdict == JOURNAL_LATE ? doubt(t, e) : 0;
    case JOURNAL_KNOWN:
        t->told.known++;
        break;
    case JOURNAL_REFUSED:
        note_refused(t, why);
        t->contradicted = why == REFUSED_FORK;
        return t->contradicted ? doubt(t, e) : 0;
    }
    return 0;
}

/* ----------------------------------------------------------------------- entries */

static int take_sound(struct taking *t, const struct courier_entry *n, struct err *e)
{
    switch (n->what) {
    case COURIER_CLAIM:
        return take_claim(t, e);
    case COURIER_HEARD:
        buffer_clear(&t->heard);
        buffer_append(&t->heard, t->bytes.bytes, t->bytes.count);
        return buffer_check(&t->heard, e);
    case COURIER_HELLO:
        return take_hello(t, e);
    case COURIER_BUNDLE:
        return t->site.claimed ? take_bundle(t, n, e) : 0;
    case COURIER_BLOB:
        return t->site.claimed ? courier_take_blob(t, n, e) : 0;
    case COURIER_RECEIPT:
    case COURIER_LINES:
    case COURIER_HAVE:
    case COURIER_TOOK:
    case COURIER_WHATS:
        break;
    }
    return 0; /* not a box's to send */
}

static int take_entry(struct taking *t, const struct courier_entry *n, struct err *e)
{
    bool sound;

    if (!courier_line_equal(&n->line, &t->told.name->line))
        return 0; /* somebody renamed the tar */
    if (courier_reader_bytes(t->reader, &t->bytes, &sound, e) != 0)
        return -1;
    if (!sound) {
        t->told.damaged++;
        return 0;
    }
    return take_sound(t, n, e);
}

static bool go_on(struct courier *c, uint64_t at)
{
    if (c->go_on != NULL && !c->go_on(c->arg, c->bytes_done + at, c->bytes_in_all))
        c->stopped = true;
    return !c->stopped;
}

/* -1 only for our own trouble; *unread: the stick would not give it. */
static int take_entries(struct taking *t, bool *unread, struct err *e)
{
    struct courier_entry n;
    struct err stick;
    int found = 1, rc = 0;

    while (rc == 0 && (found = courier_reader_next(t->reader, &n, &stick)) == 1) {
        rc = take_entry(t, &n, e);
        if (!go_on(t->courier, courier_reader_at(t->reader)))
            break;
    }
    *unread = found < 0;
    t->told.damaged += courier_reader_stretches(t->reader);
    t->told.cut_off = found == 0 && courier_reader_cut_off(t->reader);
    return rc;
}

static enum tar_state judge(const struct taking *t, bool unread)
{
    const struct tar_told *told = &t->told;

    if (told->bundles + told->blobs + told->parts > 0)
        return TAR_TAKEN;
    if (told->why != 0)
        return TAR_REFUSED;
    if (!t->found || !t->site.claimed)
        return TAR_UNKNOWN;
    if (unread)
        return TAR_UNREAD;
    return told->known + told->waiting + told->crowded + told->damaged > 0 ||
                   told->cut_off
               ? TAR_KNOWN
               : TAR_STATUS;
}

/* It has done its work, whatever was in it: what could not be read of it comes again, in
 * another place of the stick. Numbers that are used up say nothing: the box begins anew. */
static int note_took(struct taking *t, struct err *e)
{
    struct courier_site *s;

    if (!t->found || !t->site.claimed || t->told.name->number >= COURIER_NUMBER_USED_UP)
        return 0;
    s = courier_site_of(t->courier, t->site.site, e);
    if (s == NULL)
        return -1;
    if (t->told.name->number > s->took)
        s->took = t->told.name->number;
    return 0;
}

static int take_tar(struct courier *c, const struct courier_name *name, struct taking *t,
                    struct err *e)
{
    char path[DISK_PATH_BYTES];
    bool unread = true;
    struct err stick;
    int rc = 0;

    t->courier = c;
    t->told.name = name;
    t->place = (struct partial_place){
        .disk = c->centre->disk, .dir = c->centre->dir, .site = name->line.site};
    buffer_init(&t->bytes, COURIER_ENTRY_BYTES_MAX);
    buffer_init(&t->heard, COURIER_ENTRY_BYTES_MAX);
    if (find_site(t, e) != 0 || courier_path(path, c->dir, name, e) != 0)
        rc = -1;
    else if (courier_reader_open(&t->reader, c->stick, path, &stick) == 0)
        rc = take_entries(t, &unread, e);
    t->told.state = judge(t, unread);
    if (rc == 0 && !c->stopped)
        rc = note_took(t, e);
    courier_reader_close(t->reader);
    buffer_release(&t->bytes);
    buffer_release(&t->heard);
    return rc;
}

int courier_take(struct courier *c, void (*told)(void *arg, const struct tar_told *t),
                 void *arg, struct err *e)
{
    for (size_t i = 0; i < c->list.count && !c->stopped; i++) {
        const struct courier_name *name = &c->list.names[i];
        struct taking t = {.told = {.name = name, .state = TAR_FOREIGN}};
        int rc = 0;

        if (name->direction != DIRECTION_UP || name->part)
            continue;
        if (strcmp(name->line.tag, c->tag) == 0)
            rc = take_tar(c, name, &t, e);
        c->bytes_done += c->list.bytes[i];
        told(arg, &t.told);
        if (rc != 0)
            return err_wrap(e, "courier");
    }
    return 0;
}
