#include "tests/lib/enrolled.h"
#include "tests/lib/store_template.h"

#include <stdio.h>
#include <string.h>

static void open_outbox(struct enrolled *n)
{
    must(world_open(&n->w, &n->w.err), &n->w.err);
    must(outbox_create(&n->outbox, n->w.box, &n->random.random, &n->w.err), &n->w.err);
}

static void enrol(struct enrolled *n)
{
    struct enrolment file = {.site = ENROLLED_SITE,
                             .name = "Xã Thử",
                             .province = "Tỉnh Thử",
                             .url = "https://127.0.0.1:8443"};

    file.centre_key = n->centre.public_key;
    file.tls_key = n->centre.public_key;
    memset(file.secret, 5, sizeof file.secret);
    must(key_pair_save(&n->box, n->w.disk, WORLD_DIR, "box", &n->w.err), &n->w.err);
    must(world_open(&n->w, &n->w.err), &n->w.err);
    must(outbox_enrol(n->w.box, &file, &n->w.err), &n->w.err);
    world_close(&n->w);
}

void enrolled_start(struct enrolled *n)
{
    struct store_identity who = {.site = ENROLLED_SITE, .epoch = 1, .name = "Xã Thử"};

    *n = (struct enrolled){0};
    world_create(&n->w, 11);
    random_seeded_init(&n->random, 12);
    key_pair_make(&n->centre, &n->random.random);
    key_pair_make(&n->box, &n->random.random);
    must(store_template_lay(n->w.disk, WORLD_DIR, &n->w.err), &n->w.err);
    must(box_init(n->w.disk, &n->w.clock.clock, WORLD_DIR, &who, &n->w.err), &n->w.err);
    enrol(n);
    open_outbox(n);
}

void enrolled_finish(struct enrolled *n)
{
    outbox_destroy(n->outbox);
    world_destroy(&n->w);
}

void enrolled_power_cut(struct enrolled *n)
{
    outbox_destroy(n->outbox);
    n->outbox = NULL;
    world_power_cut(&n->w);
    open_outbox(n);
}

void enrolled_take(struct enrolled *n, const char *file, const char *text)
{
    struct queue_progress progress;
    char paper[4096];

    (void)snprintf(paper, sizeof paper, "fake jpeg\npage: %s\nend\n", text);
    must(world_take(&n->w, file, paper, &n->w.err), &n->w.err);
    must(world_read(&n->w, &progress, &n->w.err), &n->w.err);
}

void enrolled_read_all(struct enrolled *n, const struct sync_object *object,
                       struct buffer *out)
{
    buffer_init(out, 64u << 20);
    while (out->count < object->total_bytes)
        must(outbox_read(n->outbox, &object->id, out->count, BLOCK_BYTES_MAX, out,
                         &n->w.err),
             &n->w.err);
}

int enrolled_receipt(struct enrolled *n, struct receipt *r, struct err *e)
{
    struct buffer bytes;
    int rc;

    r->site = ENROLLED_SITE;
    r->box_epoch = 1;
    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    receipt_encode(r, &n->centre, &bytes);
    rc = outbox_store_receipt(n->outbox, bytes.bytes, bytes.count, e);
    buffer_release(&bytes);
    return rc;
}
