/* What goes down in a contact, message by message, without a socket: each test is a
 * story of what the centre says. */
#include "tests/lib/province.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/core.h"

#define LARGE 250000 /* bytes that do not compress: more than goes without asking */

struct story {
    struct province p;
    struct hand_box b;
    struct visit c;
    struct object_id offered;
    uint64_t offered_bytes;
    struct buffer told;
};

static void begin(struct story *s)
{
    *s = (struct story){0};
    province_start(&s->p, 3);
    hand_box_start(&s->b, &s->p, "Xã An Bình", 11);
    buffer_init(&s->told, 1 << 20);
    /* Its first contact and its first paper. */
    visit_begin(&s->c, &s->p, &s->b);
    visit_end(&s->c);
}

static void end(struct story *s)
{
    session_destroy(s->c.session);
    buffer_release(&s->told);
    hand_box_finish(&s->b);
    province_finish(&s->p);
}

static void expect_story(struct story *s, const char *expected)
{
    const char *told = s->told.count > 0 ? (const char *)s->told.bytes : "";

    if (strcmp(told, expected) != 0)
        fail_msg("what happened:\n%s\nexpected:\n%s", told, expected);
    buffer_clear(&s->told);
}

static void skip_story(struct story *s)
{
    buffer_clear(&s->told);
    if (s->told.bytes != NULL)
        s->told.bytes[0] = '\0';
}

/* What one bundle comes to moves by a byte with every schema. */
static void tell_block(struct story *s, uint64_t from, uint64_t to)
{
    buffer_append_format(&s->told, "sends %llu to ", (unsigned long long)from);
    if (to == s->offered_bytes)
        buffer_append_text(&s->told, "the end\n");
    else
        buffer_append_format(&s->told, "%llu\n", (unsigned long long)to);
}

static void tell(struct story *s, const struct message *m)
{
    switch (m->type) {
    case MESSAGE_OFFER:
        s->offered = m->as.block.object;
        s->offered_bytes = m->as.block.total_bytes;
        buffer_append_text(&s->told, "offers\n");
        return;
    case MESSAGE_BLOCK:
        tell_block(s, m->as.block.offset, m->as.block.offset + m->as.block.count);
        return;
    case MESSAGE_RECEIPT:
        buffer_append_text(&s->told, "receipts\n");
        return;
    case MESSAGE_REFUSED:
        buffer_append_format(&s->told, "refuses: %s\n",
                             refused_name(m->as.refused.reason));
        return;
    case MESSAGE_PONG:
        buffer_append_text(&s->told, "pong\n");
        return;
    default:
        fail_msg("the centre says %d", (int)m->type);
    }
}

static void hear(struct story *s, const struct buffer *out)
{
    struct message m;
    size_t at = 0, used;

    while (at < out->count) {
        assert_int_equal(
            message_next(&m, &used, out->bytes + at, out->count - at, &s->c.err), 1);
        tell(s, &m);
        at += used;
    }
}

static void say(struct story *s, const struct buffer *bytes)
{
    struct buffer out;
    struct message m;
    size_t at = 0, used;

    buffer_init(&out, 1 << 20);
    while (at < bytes->count) {
        assert_int_equal(
            message_next(&m, &used, bytes->bytes + at, bytes->count - at, &s->c.err), 1);
        at += used;
        if (session_message(s->c.session, &m, &out, &s->c.err) != 1)
            buffer_append_text(&s->told, "hangs up\n");
    }
    hear(s, &out);
    buffer_release(&out);
}

static void say_hello(struct story *s, uint64_t seen, uint32_t schema)
{
    struct status_vector v = {
        .seen = seen, .seen_epoch = s->p.centre->epoch, .schema = schema};
    struct buffer b;

    session_destroy(s->c.session);
    visit_connect(&s->c, &s->p, "again");
    buffer_init(&b, 4096);
    message_hello(&b, s->b.enrolment.site, 1, &v, s->c.binding, strlen(s->c.binding),
                  &s->b.key);
    say(s, &b);
    buffer_release(&b);
}

static void say_have(struct story *s, uint64_t offset)
{
    struct buffer b;

    buffer_init(&b, 256);
    message_have(&b, &s->offered, offset);
    say(s, &b);
    buffer_release(&b);
}

/* As a box says it: taken, applied, and is there more? */
static void say_taken(struct story *s, uint64_t seen)
{
    struct buffer b;

    buffer_init(&b, 256);
    message_have(&b, &s->offered, s->offered_bytes);
    message_seen(&b, seen, s->p.centre->epoch);
    message_empty(&b, MESSAGE_PING);
    say(s, &b);
    buffer_release(&b);
}

/* The carrier has room for so many blocks. */
static void room(struct story *s, unsigned blocks)
{
    struct buffer out;

    buffer_init(&out, 1 << 20);
    for (unsigned i = 0; i < blocks; i++)
        if (session_room(s->c.session, &out, &s->c.err) < 0)
            fail_msg("%s", s->c.err.text);
    hear(s, &out);
    buffer_release(&out);
}

/* A conflict row of the centre's own: the least it can change in a box's records. */
static void centre_notes(struct story *s, size_t bytes)
{
    struct centre *c = s->p.centre;
    char *text = sqlite3_malloc64(bytes + 1);
    struct random_seeded r;
    uint64_t id;
    char *sql;

    random_seeded_init(&r, 3);
    for (size_t i = 0; i < bytes; i++)
        text[i] = (char)('a' + random_below(&r.random, 26));
    text[bytes] = '\0';
    must(down_begin(c, s->b.enrolment.site, &s->c.err), &s->c.err);
    must(down_new_id(c, &id, &s->c.err), &s->c.err);
    sql = sqlite3_mprintf("INSERT INTO conflict (id, subject, name, row, field,"
                          " box_value, centre_value, taken, epoch, sequence) VALUES"
                          " (%lld, %lld, 'document', '{}', 'type', %Q, '', 'box', 1, 1)",
                          id, id, text);
    must(sql_run(store_db(c->store), sql, &s->c.err), &s->c.err);
    must(down_commit(c, NULL, &s->c.err), &s->c.err);
    sqlite3_free(sql);
    sqlite3_free(text);
}

static void what_waits_is_offered_before_the_first_receipt(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    centre_notes(&s, 5000);
    say_hello(&s, 0, 5);
    room(&s, 4); /* nothing before the box has said how far it is */
    say_have(&s, 0);
    room(&s, 4);
    say_taken(&s, 1);
    expect_story(&s, "offers\n"
                     "receipts\n"
                     "sends 0 to the end\n"
                     "pong\n");
    say_hello(&s, 1, 5);
    expect_story(&s, "receipts\n");
    assert_int_equal(province_number(&s.p, "SELECT down_seen FROM site"), 1);
    end(&s);
}

static void a_box_of_the_first_version_is_sent_nothing(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    centre_notes(&s, 100);
    say_hello(&s, 0, 0);
    room(&s, 4);
    expect_story(&s, "receipts\n");
    end(&s);
}

static void what_is_large_is_offered_again_so_that_a_slow_box_is_not_overrun(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    centre_notes(&s, LARGE);
    say_hello(&s, 0, 5);
    say_have(&s, 4096); /* of an earlier contact */
    room(&s, 31);
    skip_story(&s);
    room(&s, 4);
    say_have(&s, 100000); /* it lost some of that */
    room(&s, 1);
    expect_story(&s, "sends 131072 to 135168\n"
                     "offers\n"
                     "sends 100000 to 104096\n");
    end(&s);
}

static void
a_bundle_that_the_box_will_not_have_is_an_alarm_and_the_contact_goes_on(void **state)
{
    struct story s;
    struct buffer b;

    (void)state;
    begin(&s);
    centre_notes(&s, 100);
    say_hello(&s, 0, 5);
    skip_story(&s);
    buffer_init(&b, 256);
    message_refused(&b, &s.offered, REFUSED_FORK);
    message_empty(&b, MESSAGE_PING);
    say(&s, &b);
    buffer_release(&b);
    room(&s, 4);
    expect_story(&s, "pong\n");
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "fork"), 1);
    end(&s);
}

static void what_the_box_lacks_before_what_it_took_is_sent_once_more(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    centre_notes(&s, 100);
    centre_notes(&s, 100);
    say_hello(&s, 1, 5); /* a power cut later it will have seen nothing */
    say_have(&s, 0);
    room(&s, 1);
    skip_story(&s);
    say_taken(&s, 0);
    say_taken(&s, 0);
    expect_story(&s, "offers\n"
                     "pong\n"
                     "pong\n");
    end(&s);
}

static void an_original_that_is_not_here_is_said_so(void **state)
{
    struct story s;
    struct buffer b;

    (void)state;
    begin(&s);
    say_hello(&s, 0, 5);
    skip_story(&s);
    buffer_init(&b, 256);
    message_want(&b, &(struct object_id){.kind = OBJECT_BLOB, .id = {7}});
    message_empty(&b, MESSAGE_PING);
    say(&s, &b);
    buffer_release(&b);
    expect_story(&s, "refuses: not_here\npong\n");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_offered_before_the_first_receipt),
        cmocka_unit_test(a_box_of_the_first_version_is_sent_nothing),
        cmocka_unit_test(
            what_is_large_is_offered_again_so_that_a_slow_box_is_not_overrun),
        cmocka_unit_test(
            a_bundle_that_the_box_will_not_have_is_an_alarm_and_the_contact_goes_on),
        cmocka_unit_test(what_the_box_lacks_before_what_it_took_is_sent_once_more),
        cmocka_unit_test(an_original_that_is_not_here_is_said_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
