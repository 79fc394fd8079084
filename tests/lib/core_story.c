#include "tests/lib/core_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/scratch.h" /* must() */

#define BINDING "this connection"

void story_start(struct core_story *t)
{
    *t = (struct core_story){.timer_ms = -1};
    random_seeded_init(&t->random, 7);
    key_pair_make(&t->box, &t->random.random);
    key_pair_make(&t->centre, &t->random.random);
    key_pair_make(&t->stranger, &t->random.random);
    buffer_init(&t->told, 1 << 20);
    t->config = (struct sync_config){.site = STORY_SITE,
                                     .epoch = 1,
                                     .claimed = true,
                                     .box = t->box,
                                     .centre = t->centre.public_key,
                                     .secret = {STORY_SECRET},
                                     .centre_epoch = 1,
                                     .random = &t->random.random};
}

void story_end(struct core_story *t)
{
    sync_destroy(t->sync);
    sync_actions_release(&t->actions);
    buffer_release(&t->told);
}

void expect_story(struct core_story *t, const char *expected)
{
    const char *told = t->told.count > 0 ? (const char *)t->told.bytes : "";

    if (strcmp(told, expected) != 0)
        fail_msg("what happened:\n%s\nexpected:\n%s", told, expected);
    skip_story(t);
}

void skip_story(struct core_story *t)
{
    buffer_clear(&t->told);
    if (t->told.bytes != NULL)
        t->told.bytes[0] = '\0';
}

/* -------------------------------------------------------------------- telling */

static const char *kind_name(uint8_t kind)
{
    return kind == OBJECT_BUNDLE ? "bundle" : "original";
}

static void tell(struct core_story *t, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void tell(struct core_story *t, const char *who, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_append_format(&t->told, "%.1fs  %-6s  %s\n", (double)t->now_ms / 1000, who,
                         text);
}

static void tell_message(struct core_story *t, const struct message *m)
{
    unsigned long long total = m->as.block.total_bytes, from = m->as.block.offset;
    const char *object = kind_name(m->as.block.object.kind);

    switch (m->type) {
    case MESSAGE_HELLO:
        assert_true(
            message_hello_proved(m, BINDING, strlen(BINDING), &t->box.public_key));
        tell(t, "box", "sends hello");
        return;
    case MESSAGE_CLAIM:
        assert_true(claim_proved(m->as.claim.bytes, t->config.secret));
        tell(t, "box", "sends its claim");
        return;
    case MESSAGE_OFFER:
        tell(t, "box", "offers the %s of %llu bytes", object, total);
        return;
    case MESSAGE_BLOCK:
        tell(t, "box", "sends %s %llu to %llu of %llu", object, from,
             from + m->as.block.count, total);
        return;
    case MESSAGE_PING:
        tell(t, "box", "sends a ping");
        return;
    case MESSAGE_PONG:
        tell(t, "box", "sends a pong");
        return;
    case MESSAGE_HAVE:
        tell(t, "box", "has %llu bytes of the %s", from, object);
        return;
    case MESSAGE_REFUSED:
        tell(t, "box", "refuses the object: %s", refused_name(m->as.refused.reason));
        return;
    case MESSAGE_SEEN:
        tell(t, "box", "has seen %llu of epoch %u",
             (unsigned long long)m->as.seen.sequence, m->as.seen.epoch);
        return;
    case MESSAGE_WANT:
        tell(t, "box", "wants %s %u back", object, m->as.block.object.id[0]);
        return;
    case MESSAGE_CHAIN:
        assert_non_null(m->as.chain.hashes);
        tell(t, "box", "asks which of %u hashes from %llu to %llu are known",
             chain_places(&m->as.chain.range),
             (unsigned long long)m->as.chain.range.first,
             (unsigned long long)m->as.chain.range.last);
        return;
    case MESSAGE_RECEIPT:
    case MESSAGE_LATER:
    case MESSAGE_MORE:
        break;
    }
    fail_msg("message %d is not a box's to send", (int)m->type);
}

static void tell_sent(struct core_story *t, const struct buffer *bytes)
{
    size_t at = 0, used;
    struct message m;

    while (at < bytes->count) {
        assert_int_equal(
            message_next(&m, &used, bytes->bytes + at, bytes->count - at, &t->err), 1);
        tell_message(t, &m);
        at += used;
    }
}

/* One request is open at a time, and nothing goes before hello. */
static void check_action(struct core_story *t, const struct sync_action *a)
{
    switch (a->kind) {
    case SYNC_DO_MAKE_BUNDLE:
    case SYNC_DO_NEXT_BLOB:
    case SYNC_DO_READ_BLOCK:
    case SYNC_DO_STORE_RECEIPT:
    case SYNC_DO_TAKE_OFFER:
    case SYNC_DO_TAKE_BLOCK:
    case SYNC_DO_READ_CHAIN:
        assert_false(t->open);
        t->open = true;
        t->asked = a->kind;
        return;
    case SYNC_DO_SEND:
        assert_true(t->greeted || a->bytes.bytes[0] == MESSAGE_HELLO ||
                    a->bytes.bytes[0] == MESSAGE_CLAIM);
        t->greeted = true;
        return;
    case SYNC_DO_CLOSE:
        t->greeted = false;
        t->open = t->open && t->asked == SYNC_DO_STORE_RECEIPT;
        return;
    case SYNC_DO_CONNECT:
    case SYNC_DO_FORK:
    case SYNC_DO_TIMER:
    case SYNC_DO_TRACE:
        return;
    }
}

static const char *tell_names(struct core_story *t, const struct fork_names *n)
{
    t->names[0] = 0;
    if (n->epoch != 0)
        (void)snprintf(t->names, sizeof t->names, ", by the names of epoch %u up to %llu",
                       n->epoch, (unsigned long long)n->last);
    return t->names;
}

static void tell_action(struct core_story *t, const struct sync_action *a)
{
    check_action(t, a);
    switch (a->kind) {
    case SYNC_DO_CONNECT:
        tell(t, "box", "connects");
        return;
    case SYNC_DO_CLOSE:
        tell(t, "box", "closes");
        return;
    case SYNC_DO_SEND:
        tell_sent(t, &a->bytes);
        return;
    case SYNC_DO_MAKE_BUNDLE:
        tell(t, "box", "wants the bundle with %llu", (unsigned long long)a->first);
        return;
    case SYNC_DO_NEXT_BLOB:
        t->asked_class = a->class;
        t->no_image = a->class == SYNC_CLASS_IMAGES && !t->images;
        if (!t->no_image)
            tell(t, "box", "wants the %s after %llu",
                 a->class == SYNC_CLASS_IMAGES ? "image" : "original",
                 (unsigned long long)a->first);
        return;
    case SYNC_DO_READ_BLOCK:
        t->block_bytes_max = a->count;
        if (t->total_bytes[a->class] - a->offset < a->count)
            t->block_bytes_max = (size_t)(t->total_bytes[a->class] - a->offset);
        tell(t, "box", "reads the %s at %llu", kind_name(a->object.kind),
             (unsigned long long)a->offset);
        return;
    case SYNC_DO_STORE_RECEIPT:
        tell(t, "box", "stores a receipt");
        return;
    case SYNC_DO_TAKE_OFFER:
        tell(t, "box", "looks what it has of the %s", kind_name(a->object.kind));
        return;
    case SYNC_DO_TAKE_BLOCK:
        tell(t, "box", "keeps %s %llu to %llu", kind_name(a->object.kind),
             (unsigned long long)a->offset,
             (unsigned long long)(a->offset + a->bytes.count));
        return;
    case SYNC_DO_READ_CHAIN:
        t->range = a->range;
        tell(t, "box", "reads its chain from %llu to %llu%s",
             (unsigned long long)a->range.first, (unsigned long long)a->range.last,
             tell_names(t, &a->names));
        return;
    case SYNC_DO_FORK:
        tell(t, "box", "leaves the line after %llu, under epoch %u%s",
             (unsigned long long)a->names.after, a->epoch, tell_names(t, &a->names));
        return;
    case SYNC_DO_TIMER:
        t->timer_ms = a->at_ms; /* told when it rings */
        return;
    case SYNC_DO_TRACE:
        tell(t, "box", "- %s", a->text);
        return;
    }
}

/* --------------------------------------------------------------------- events */

static void note_event(struct core_story *t, enum sync_event_kind kind)
{
    switch (kind) {
    case SYNC_EVENT_OBJECT:
    case SYNC_EVENT_NO_OBJECT:
    case SYNC_EVENT_BLOCK:
    case SYNC_EVENT_STORED:
    case SYNC_EVENT_TAKEN:
    case SYNC_EVENT_CHAIN:
    case SYNC_EVENT_FAILED:
        t->open = false;
        return;
    case SYNC_EVENT_LINK_DOWN:
        t->greeted = false;
        t->open = t->open && t->asked == SYNC_DO_STORE_RECEIPT;
        return;
    default:
        return;
    }
}

static int step(struct core_story *t, struct sync_event *in)
{
    note_event(t, in->kind);
    if (t->sync == NULL)
        must(sync_create(&t->sync, &t->config, &t->err), &t->err);
    in->now_ms = t->now_ms;
    if (sync_step(t->sync, in, &t->actions, &t->err) != 0) {
        assert_int_equal(t->err.code, ERR_REFUSED);
        tell(t, "box", "refuses: %s", t->err.text);
        return -1;
    }
    t->no_image = false;
    for (size_t i = 0; i < t->actions.count; i++)
        tell_action(t, &t->actions.list[i]);
    if (t->no_image)
        return step(t, &(struct sync_event){.kind = SYNC_EVENT_NO_OBJECT});
    return 0;
}

void story_wait(struct core_story *t, int64_t ms)
{
    t->now_ms += ms;
}

void story_ring(struct core_story *t)
{
    struct sync_event in = {.kind = SYNC_EVENT_TIMER};
    size_t told;

    for (unsigned i = 0; i < 8; i++) {
        assert_true(t->timer_ms >= 0);
        if (t->now_ms < t->timer_ms)
            t->now_ms = t->timer_ms;
        told = t->told.count;
        tell(t, "clock", "rings");
        assert_int_equal(step(t, &in), 0);
        if (t->actions.count > 1 || t->actions.list[0].kind != SYNC_DO_TIMER)
            return;
        t->told.count = told;
        t->told.bytes[told] = '\0';
    }
    fail_msg("the core only asks for timers");
}

void story_event(struct core_story *t, enum sync_event_kind kind)
{
    static const struct {
        const char *who, *what;
    } words[] = {
        [SYNC_EVENT_TIMER] = {"clock", "rings"},
        [SYNC_EVENT_WANTED] = {"clerk", "wants a contact"},
        [SYNC_EVENT_LINK_DOWN] = {"link", "is down"},
        [SYNC_EVENT_WRITABLE] = {"link", "has room"},
        [SYNC_EVENT_NO_OBJECT] = {"disk", "has none"},
        [SYNC_EVENT_STORED] = {"disk", "has stored it"},
        [SYNC_EVENT_FAILED] = {"disk", "says no"},
        [SYNC_EVENT_NETWORK] = {"link", "may be possible now"},
    };
    struct sync_event in = {.kind = kind};

    assert_true((size_t)kind < sizeof words / sizeof words[0] && words[kind].who != NULL);
    tell(t, words[kind].who, "%s", words[kind].what);
    assert_int_equal(step(t, &in), 0);
}

void story_commit(struct core_story *t, uint64_t last)
{
    struct sync_event in = {.kind = SYNC_EVENT_COMMITTED, .as.last = last};

    tell(t, "clerk", "commits %llu", (unsigned long long)last);
    assert_int_equal(step(t, &in), 0);
}

void story_told(struct core_story *t, uint8_t centre_epoch, uint64_t received)
{
    struct sync_event in = {.kind = SYNC_EVENT_TOLD,
                            .as.told = {.centre_epoch = centre_epoch,
                                        .received = received,
                                        .applied = received}};

    tell(t, "stick", "receipts %llu", (unsigned long long)received);
    assert_int_equal(step(t, &in), 0);
}

void story_link_up(struct core_story *t)
{
    struct sync_event up = {
        .kind = SYNC_EVENT_LINK_UP,
        .as.link = {.binding = BINDING, .binding_count = strlen(BINDING)}};
    struct sync_event room = {.kind = SYNC_EVENT_WRITABLE};

    tell(t, "link", "is up");
    assert_int_equal(step(t, &up), 0);
    assert_int_equal(step(t, &room), 0);
}

static struct object_id object_named(enum object_kind kind, uint8_t name)
{
    return (struct object_id){.kind = (uint8_t)kind, .id = {name}};
}

void story_object(struct core_story *t, enum object_kind kind, uint8_t name,
                  uint64_t first, uint64_t last, uint64_t total_bytes, bool sent_before)
{
    struct sync_event in = {.kind = SYNC_EVENT_OBJECT,
                            .as.object = {.id = object_named(kind, name),
                                          .total_bytes = total_bytes,
                                          .first = first,
                                          .last = last,
                                          .sent_before = sent_before}};

    in.as.object.class = kind == OBJECT_BUNDLE ? SYNC_CLASS_RECORDS : t->asked_class;
    t->total_bytes[in.as.object.class] = total_bytes;
    if (kind == OBJECT_BUNDLE)
        tell(t, "disk", "has bundle %llu to %llu, %llu bytes", (unsigned long long)first,
             (unsigned long long)last, (unsigned long long)total_bytes);
    else
        tell(t, "disk", "has %s %llu, %llu bytes",
             t->asked_class == SYNC_CLASS_IMAGES ? "image" : "original",
             (unsigned long long)first, (unsigned long long)total_bytes);
    assert_int_equal(step(t, &in), 0);
}

void story_block(struct core_story *t, size_t count)
{
    static const unsigned char zeroes[BLOCK_BYTES_MAX];
    struct sync_event in = {.kind = SYNC_EVENT_BLOCK,
                            .as.block = {.bytes = zeroes, .count = count}};
    struct sync_event room = {.kind = SYNC_EVENT_WRITABLE};

    assert_int_equal(step(t, &in), 0);
    assert_int_equal(step(t, &room), 0);
}

int story_message(struct core_story *t, const struct buffer *bytes)
{
    struct sync_event in = {.kind = SYNC_EVENT_MESSAGE};
    struct message m;
    size_t used;

    assert_int_equal(message_next(&m, &used, bytes->bytes, bytes->count, &t->err), 1);
    in.as.message = &m;
    return step(t, &in);
}

void story_have(struct core_story *t, enum object_kind kind, uint8_t name,
                uint64_t offset)
{
    struct object_id id = object_named(kind, name);
    struct buffer b;

    buffer_init(&b, 128);
    message_have(&b, &id, offset);
    tell(t, "centre", "has %llu bytes of the %s", (unsigned long long)offset,
         kind_name(id.kind));
    (void)story_message(t, &b); /* a refusal is told */
    buffer_release(&b);
}

void story_refused(struct core_story *t, enum object_kind kind, uint8_t name,
                   enum refused why)
{
    struct object_id id = object_named(kind, name);
    struct buffer b;

    buffer_init(&b, 128);
    message_refused(&b, &id, why);
    tell(t, "centre", "refuses the %s", kind_name(id.kind));
    assert_int_equal(story_message(t, &b), 0);
    buffer_release(&b);
}

/* ---------------------------------------------------------------- coming down */

void story_offer(struct core_story *t, enum object_kind kind, uint8_t name,
                 uint64_t total_bytes)
{
    struct object_id id = object_named(kind, name);
    struct buffer b;

    buffer_init(&b, 128);
    message_offer(&b, &id, total_bytes);
    tell(t, "centre", "offers the %s of %llu bytes", kind_name(id.kind),
         (unsigned long long)total_bytes);
    assert_int_equal(story_message(t, &b), 0);
    buffer_release(&b);
}

void story_incoming(struct core_story *t, enum object_kind kind, uint8_t name,
                    uint64_t total_bytes, uint64_t offset, size_t count)
{
    static const unsigned char zeroes[BLOCK_BYTES_MAX];
    struct object_id id = object_named(kind, name);
    struct buffer b;

    buffer_init(&b, 2 * BLOCK_BYTES_MAX);
    message_block(&b, &id, total_bytes, offset, zeroes, count);
    tell(t, "centre", "sends %s %llu to %llu", kind_name(id.kind),
         (unsigned long long)offset, (unsigned long long)(offset + count));
    assert_int_equal(story_message(t, &b), 0);
    buffer_release(&b);
}

static void taken(struct core_story *t, const struct sync_taken *how)
{
    struct sync_event in = {.kind = SYNC_EVENT_TAKEN, .as.taken = *how};

    assert_int_equal(step(t, &in), 0);
}

void story_more(struct core_story *t, uint64_t bytes)
{
    tell(t, "disk", "has %llu bytes of it", (unsigned long long)bytes);
    taken(t, &(struct sync_taken){.state = SYNC_TAKING_MORE, .bytes = bytes});
}

void story_whole(struct core_story *t, uint64_t seen)
{
    tell(t, "disk", "has it whole");
    taken(t, &(struct sync_taken){.state = SYNC_TAKING_DONE, .seen = seen, .epoch = 1});
}

void story_untaken(struct core_story *t, enum refused why)
{
    tell(t, "disk", "finds it %s", refused_name(why));
    taken(t, &(struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = why});
}

void story_pong(struct core_story *t)
{
    struct buffer b;

    buffer_init(&b, 16);
    message_empty(&b, MESSAGE_PONG);
    tell(t, "centre", "answers the ping");
    assert_int_equal(story_message(t, &b), 0);
    buffer_release(&b);
}

void story_fetch(struct core_story *t, uint8_t name)
{
    struct sync_event in = {.kind = SYNC_EVENT_FETCH,
                            .as.fetch = object_named(OBJECT_BLOB, name)};

    tell(t, "clerk", "misses original %u", name);
    assert_int_equal(step(t, &in), 0);
}

void story_chain(struct core_story *t)
{
    static const unsigned char zeroes[CHAIN_PLACES_MAX * CHAIN_HASH_BYTES];
    struct sync_event in = {.kind = SYNC_EVENT_CHAIN,
                            .as.chain = {.hashes = zeroes,
                                         .last = t->chain_last > t->range.last
                                                     ? t->chain_last
                                                     : t->range.last}};

    tell(t, "disk", "has the hashes");
    assert_int_equal(step(t, &in), 0);
}

int story_known(struct core_story *t, const struct chain_range *r, uint8_t epoch,
                bool forged)
{
    struct buffer b;
    int rc;

    buffer_init(&b, 256);
    message_chain_answer(&b, r, epoch, BINDING, strlen(BINDING),
                         forged ? &t->stranger : &t->centre);
    tell(t, "centre", "knows that of %llu and not that of %llu, of epoch %u at most",
         (unsigned long long)r->first, (unsigned long long)r->last, epoch);
    rc = story_message(t, &b);
    buffer_release(&b);
    return rc;
}

void story_budget(struct core_story *t, const struct sync_budget *budget)
{
    struct sync_event in = {.kind = SYNC_EVENT_BUDGET, .as.budget = *budget};

    tell(t, "clerk", "%s", budget->metered ? "meters the link" : "allows more");
    assert_int_equal(step(t, &in), 0);
}

int story_receipt(struct core_story *t, const struct receipt *r)
{
    struct buffer bytes, b;
    int rc;

    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    buffer_init(&b, RECEIPT_BYTES_MAX + MESSAGE_HEADER_BYTES);
    receipt_encode(r, &t->centre, &bytes);
    message_receipt(&b, bytes.bytes, bytes.count);
    tell(t, "centre", "receipts %llu, applied %llu", (unsigned long long)r->received,
         (unsigned long long)r->applied);
    rc = story_message(t, &b);
    buffer_release(&bytes);
    buffer_release(&b);
    return rc;
}

void story_receipted(struct core_story *t, uint64_t received, uint64_t applied)
{
    struct receipt r = {.site = STORY_SITE,
                        .box_epoch = t->box_epoch,
                        .centre_epoch = t->config.centre_epoch,
                        .received = received,
                        .applied = applied};

    assert_int_equal(story_receipt(t, &r), 0);
    story_event(t, SYNC_EVENT_STORED);
}
