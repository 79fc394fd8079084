/* A box made again of its second copy: all that it had, of the key that opens it and no
 * other, and a box or none at whatever instant the power goes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/backup_manifest.h"
#include "appliance/people/audit.h"
#include "appliance/people/first.h"
#include "appliance/room.h"
#include "schema/statements.h"
#include "tests/lib/copied.h"
#include "tests/lib/worn_disk.h"

/* The sanitizers make a story ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define CUTS_APART 7
#else
#define CUTS_APART 1
#endif

static struct enrolled n;
static struct err *e = &n.w.err;
static const struct backup_options quiet;

static int start(void **state)
{
    (void)state;
    copied_start(&n);
    return 0;
}

static int end(void **state)
{
    (void)state;
    enrolled_finish(&n);
    return 0;
}

/* ------------------------------------------------------------------------- stories */

static void a_box_is_made_again_with_all_that_it_had(void **state)
{
    struct hash before = copied_digest(&n, n.w.box), after;
    struct second_copy_counts made, back;
    struct key_pair key;
    uint8_t epoch;

    (void)state;
    made = copied_make(&n);
    assert_int_equal(made.generation, 1);
    assert_int_equal(made.lacking, 0);
    assert_int_equal(made.held, 1);
    assert_true(made.key_is_new);
    back = copied_restore(&n, COPY_NEW);
    assert_int_equal(back.generation, 1);
    after = copied_sound_box(&n, COPY_NEW, &epoch);
    assert_true(hash_equal(&before, &after));
    assert_int_equal(epoch, 2);
    must(key_pair_load(&key, n.w.disk, COPY_NEW, "box", e), e);
    assert_memory_equal(key.secret, n.box.secret, sizeof key.secret);
    assert_false(copied_is_there(&n, COPY_NEW "/restoring/tram.db"));
}

static void count_name(struct hash *ids, size_t *count, uint64_t id)
{
    memset(&ids[*count], 0, sizeof *ids);
    memcpy(ids[*count].bytes, &id, sizeof id);
    for (size_t i = 0; i < *count; i++)
        assert_false(hash_equal(&ids[i], &ids[*count]));
    ++*count;
}

/* A new paper in the box in `dir`. */
static uint64_t take_in(const char *dir)
{
    struct box *ours = n.w.box;
    uint64_t document;

    n.w.box = NULL;
    must(box_open(&n.w.box, n.w.disk, &n.w.clock.clock, dir, &n.w.reader.reader, e), e);
    must(world_take(&n.w, "new.jpg", "fake jpeg\npage: Mới\nend\n", e), e);
    document = world_told(&n.w, "new.jpg")->document;
    box_close(n.w.box);
    n.w.box = ours;
    return document;
}

static void no_two_boxes_made_of_one_copy_give_the_same_ids(void **state)
{
    struct hash ids[4];
    size_t count = 0;

    (void)state;
    (void)copied_make(&n);
    (void)copied_restore(&n, "/one");
    (void)copied_restore(&n, "/two");
    count_name(ids, &count, take_in("/one"));
    count_name(ids, &count, take_in("/two"));
    must(world_take(&n.w, "new.jpg", "fake jpeg\npage: Mới\nend\n", e), e);
    count_name(ids, &count, world_told(&n.w, "new.jpg")->document);
    (void)copied_sound_box(&n, "/one", NULL);
    (void)copied_sound_box(&n, "/two", NULL);
}

/* The simulator's seed 16: the centre heard nothing of it, and gave nothing back until
 * somebody wrote. */
static void a_box_made_again_begins_its_line_with_saying_so(void **state)
{
    struct second_copy_counts back;
    struct box *b = NULL;
    int64_t events = 0, frame = 0;

    (void)state;
    (void)copied_make(&n);
    back = copied_restore(&n, COPY_NEW);
    must(box_open(&b, n.w.disk, &n.w.clock.clock, COPY_NEW, &n.w.reader.reader, e), e);
    must(sql_number(store_db(b->store),
                    "SELECT count(*) FROM event WHERE kind = 'restored'", &events, e),
         e);
    must(sql_number(store_db(b->store), "SELECT sequence FROM changelog WHERE epoch = 2",
                    &frame, e),
         e);
    assert_int_equal(events, 1);
    assert_int_equal(frame, back.sequence + 1);
    box_close(b);
}

static int keep_kind(void *arg, const struct audit_row *r, struct err *why)
{
    (void)why;
    (void)snprintf(arg, 32, "%s", r->kind);
    return 0;
}

/* Who comes to the new box signs in as ever; a code that nobody used lies in the copy, and
 * is worth nothing. */
static void a_box_made_again_has_its_people_and_their_trail(void **state)
{
    char code[PASSWORD_DRAWN_BYTES], again[PASSWORD_DRAWN_BYTES], kind[32] = "";
    const struct account_new mau = {.name = "mau",
                                    .full_name = "Lò Thị Mẫu",
                                    .role = ROLE_ADMINISTRATOR,
                                    .password = "mot con vit xoe ra"};
    struct account known;
    const char *fault;
    struct box *b = NULL;
    bool found, needed;

    (void)state;
    passwords_are_cheap();
    must(first_code(n.w.box->store, code, &needed, e), e);
    (void)copied_make(&n);
    must(accounts_add(n.w.box->store, "test", &mau, &fault, e), e);
    (void)copied_restore(&n, "/before");
    must(box_open(&b, n.w.disk, &n.w.clock.clock, "/before", &n.w.reader.reader, e), e);
    must(first_code(b->store, again, &needed, e), e);
    assert_true(needed);
    assert_string_not_equal(code, again);
    box_close(b);

    (void)copied_make(&n);
    (void)copied_restore(&n, COPY_NEW);
    must(box_open(&b, n.w.disk, &n.w.clock.clock, COPY_NEW, &n.w.reader.reader, e), e);
    must(accounts_find(b->store, "mau", &known, &found, e), e);
    assert_true(found && known.role == ROLE_ADMINISTRATOR);
    must(audit_each(b->store, 0, 1, keep_kind, kind, e), e);
    assert_string_equal(kind, "restored");
    box_close(b);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

static void a_box_that_is_there_is_not_overwritten(void **state)
{
    struct recovery_key key;
    struct second_copy_counts counts;
    struct hash before = copied_digest(&n, n.w.box), after;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    before = copied_digest(&n, n.w.box);
    assert_int_equal(copied_restore_with(&n, WORLD_DIR, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_BUSY);
    after = copied_digest(&n, n.w.box);
    assert_true(hash_equal(&before, &after));
}

static void the_wrong_key_opens_nothing(void **state)
{
    struct recovery_key key;
    struct second_copy_counts counts;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    key.bytes[3] ^= 1;
    assert_int_equal(copied_restore_with(&n, COPY_NEW, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    assert_false(copied_is_there(&n, COPY_NEW "/tram.db"));
}

static void where_there_is_no_copy_it_is_said(void **state)
{
    struct recovery_key key = {{0}};
    struct second_copy_counts counts;

    (void)state;
    assert_int_equal(copied_restore_with(&n, COPY_NEW, &key, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

struct lost {
    unsigned count;
    struct hash sha256;
    char name[64];
};

static void note_lost(void *arg, const struct hash *sha256, const char *name)
{
    struct lost *l = arg;

    l->count++;
    l->sha256 = *sha256;
    (void)snprintf(l->name, sizeof l->name, "%s", name);
}

/* A box that lacks just this one: `verify` says so, and it is asked for. */
static void expect_lacking(const char *dir, const struct lost *l)
{
    struct box *ours = n.w.box, *b = NULL;
    struct hash wanted = {{0}};
    char hex[HASH_HEX_BYTES];
    bool found;

    must(box_open(&b, n.w.disk, &n.w.clock.clock, dir, &n.w.reader.reader, e), e);
    n.w.box = b;
    hash_to_hex(hex, &l->sha256);
    assert_non_null(world_problem(&n.w));
    assert_non_null(strstr(world_problem(&n.w), hex));
    must(room_next_wanted(b, true, &wanted, &found, e), e);
    assert_true(found && hash_equal(&wanted, &l->sha256));
    n.w.box = ours;
    box_close(b);
}

/* Its records, or the list of its originals, must all be there; an original or image that
 * has rotted is the only one that the new box lacks. */
static void what_is_damaged_in_a_copy_is_told_by_name(void **state)
{
    struct lost lost = {0};
    const struct backup_options o = {.lost = note_lost, .arg = &lost};
    struct recovery_key key;
    struct second_copy_counts counts;
    struct spoiling s;
    unsigned which, refused = 0;
    char dir[32];

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    for (which = 0; copied_spoil(&n, which, &s); which++) {
        (void)snprintf(dir, sizeof dir, "/new-%u", which);
        if (copied_restore_with(&n, dir, &key, &o, &counts) == 0) {
            assert_int_equal(counts.lost, 1);
            expect_lacking(dir, &lost);
        } else {
            refused++;
            assert_int_equal(e->code, ERR_CORRUPT);
            assert_non_null(strstr(e->text, s.path));
            (void)snprintf(dir, sizeof dir, "/new-%u/tram.db", which);
            assert_false(copied_is_there(&n, dir));
        }
        (void)copied_spoil(&n, which, &s); /* as it was */
    }
    assert_true(which >= 7 && refused >= 2 && lost.count + refused == which);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

/* The paper is the third copy. */
static void what_a_copy_has_lost_the_paper_brings(void **state)
{
    struct lost lost = {0};
    const struct backup_options o = {.lost = note_lost, .arg = &lost};
    struct box *ours = n.w.box, *b = NULL;
    struct second_copy_counts counts;
    struct recovery_key key;
    struct hash name, a = world_told(&n.w, "a.jpg")->sha256;
    struct copy_store store;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    must(copy_store_init(&store, n.w.disk, COPY_STICK, &key, e), e);
    copy_name(&store, &a, &name);
    must(copy_remove(&store, &name, e), e);
    must(copied_restore_with(&n, COPY_NEW, &key, &o, &counts), e);
    assert_true(lost.count == 1 && hash_equal(&lost.sha256, &a));
    assert_string_equal(lost.name, "a.jpg");
    must(box_open(&b, n.w.disk, &n.w.clock.clock, COPY_NEW, &n.w.reader.reader, e), e);
    n.w.box = b;
    assert_non_null(world_problem(&n.w));
    must(world_take(&n.w, "a.jpg", "fake jpeg\npage: Quyết định số 1\nend\n", e), e);
    assert_null(world_problem(&n.w));
    n.w.box = ours;
    box_close(b);
}

/* A stick that goes when so many objects are left to bring. */
struct stick {
    struct lost lost; /* first: note_lost() takes it */
    struct worn_disk worn;
    uint64_t left;
    const char *absent, *unread; /* from then on */
    bool once;
};

static int pull_out(void *arg, const struct backup_progress *p)
{
    struct stick *s = arg;

    if (p->total == 0 || p->total - p->done != s->left)
        return 0;
    s->worn.absent = s->absent;
    s->worn.unread = s->unread;
    s->worn.unread_once = s->once;
    return 0;
}

static int restore_of(struct stick *s, const char *dir)
{
    const struct backup_options o = {.progress = pull_out, .lost = note_lost, .arg = s};
    struct recovery_key key = copied_key(&n);
    struct second_copy_counts counts;

    worn_disk_init(&s->worn, n.w.disk);
    return second_copy_restore(n.w.disk, &n.w.clock.clock, dir, &s->worn.disk, COPY_STICK,
                               &key, &o, &counts, e);
}

static void expect_all_when_it_is_back(const struct hash *before, const char *dir)
{
    struct stick sound = {.left = UINT64_MAX};
    struct hash after;

    must(restore_of(&sound, dir), e);
    assert_int_equal(sound.lost.count, 0);
    after = copied_sound_box(&n, dir, NULL);
    assert_true(hash_equal(before, &after));
}

/* Gone, or there and not to be read: what it does not give then is not lost. */
static void
a_stick_pulled_out_in_the_middle_leaves_no_box_and_all_comes_when_it_is_back(void **state)
{
    struct hash before = copied_digest(&n, n.w.box);

    (void)state;
    (void)copied_make(&n);
    for (uint64_t left = 1; left <= 4; left++) {
        for (int unread = 0; unread < 2; unread++) {
            struct stick s = {.left = left};
            char dir[48], path[64];

            *(unread ? &s.unread : &s.absent) = COPY_STICK;
            (void)snprintf(dir, sizeof dir, "/new-%u-%d", (unsigned)left, unread);
            (void)snprintf(path, sizeof path, "%s/tram.db", dir);
            assert_int_equal(restore_of(&s, dir), -1);
            assert_int_equal(e->code, ERR_IO);
            assert_int_equal(s.lost.count, 0);
            assert_false(copied_is_there(&n, path));
            expect_all_when_it_is_back(&before, dir);
        }
    }
}

static void a_moment_without_the_stick_loses_nothing(void **state)
{
    struct stick s = {.left = 2, .unread = COPY_STICK "/objects", .once = true};
    struct hash before = copied_digest(&n, n.w.box), after;

    (void)state;
    (void)copied_make(&n);
    must(restore_of(&s, COPY_NEW), e);
    assert_true(s.worn.unread == NULL && s.lost.count == 0);
    after = copied_sound_box(&n, COPY_NEW, NULL);
    assert_true(hash_equal(&before, &after));
}

static void of_two_generations_the_newest_that_opens_is_taken(void **state)
{
    struct recovery_key key;
    struct backup_options second = {.generation = 2};
    struct second_copy_counts counts;
    struct hash before = copied_digest(&n, n.w.box), after;

    (void)state;
    (void)copied_make(&n);
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    (void)copied_make(&n);
    key = copied_key(&n);
    copied_spoil_file(&n, COPY_STICK "/generation-0000000002", 100);
    counts = copied_restore(&n, COPY_NEW);
    assert_int_equal(counts.generation, 1);
    assert_int_equal(counts.skipped, 1);
    after = copied_sound_box(&n, COPY_NEW, NULL);
    assert_true(hash_equal(&before, &after));
    assert_int_equal(copied_restore_with(&n, "/other", &key, &second, &counts), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_non_null(strstr(e->text, "generation-0000000002"));
    assert_int_equal(copied_make(&n).generation, 3); /* and the next one is whole again */
    counts = copied_restore(&n, "/third");
    assert_int_equal(counts.generation, 3);
}

static void a_damaged_mark_of_the_key_is_not_taken_for_a_wrong_key(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)copied_make(&n);
    (void)copied_make(&n);
    copied_spoil_file(&n, COPY_STICK "/generation-0000000002", 21); /* in the mark */
    counts = copied_restore(&n, COPY_NEW);
    assert_int_equal(counts.generation, 1);
    assert_int_equal(copied_make(&n).generation, 3);
}

/* ------------------------------------------------------------------------- the key */

static void a_digit_that_is_read_wrongly_shows_in_its_group(void **state)
{
    struct random_seeded r;
    struct recovery_key key, back;
    char text[RECOVERY_TEXT_BYTES];

    (void)state;
    random_seeded_init(&r, 5);
    for (int round = 0; round < 50; round++) {
        recovery_make(&key, &r.random);
        recovery_to_text(text, &key);
        assert_int_equal(recovery_from_text(&back, text), 0);
        assert_memory_equal(back.bytes, key.bytes, sizeof key.bytes);
        for (size_t i = 0; text[i] != '\0'; i++) {
            char was = text[i];

            if (was == '-')
                continue;
            text[i] = was == '9' ? '0' : (char)(was + 1);
            assert_int_equal(recovery_from_text(&back, text), i / 7 + 1);
            text[i] = was;
        }
    }
    text[RECOVERY_TEXT_BYTES - 2] = '\0';
    assert_int_equal(recovery_from_text(&back, text), RECOVERY_GROUPS + 1);
    assert_int_equal(recovery_from_text(&back, ""), RECOVERY_GROUPS + 1);
    assert_int_equal(recovery_from_text(&back, "000011 000011 000011 000011 000011 000011"
                                               " 000011 000011 1"),
                     RECOVERY_GROUPS + 1);
}

/* What province.key is, opened with these keys. */
static int open_province_key(const struct key_pair *with, struct recovery_key *out)
{
    uint8_t sealed[RECOVERY_SEALED_BYTES];
    struct buffer hex;

    buffer_init(&hex, 1024);
    must(disk_read_all(n.w.disk, COPY_STICK "/province.key", &hex, e), e);
    assert_int_equal(hex.count, 2 * RECOVERY_SEALED_BYTES);
    for (size_t i = 0; i < sizeof sealed; i++) {
        unsigned byte;

        assert_int_equal(sscanf((char *)hex.bytes + 2 * i, "%2x", &byte), 1);
        sealed[i] = (uint8_t)byte;
    }
    buffer_release(&hex);
    return recovery_open(out, with, sealed, e);
}

static void the_province_can_open_what_lies_beside_the_copy(void **state)
{
    struct recovery_key key, opened;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    must(open_province_key(&n.centre, &opened), e);
    assert_memory_equal(opened.bytes, key.bytes, sizeof key.bytes);
    assert_int_equal(open_province_key(&n.box, &opened), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

/* It was written once and never again, whatever became of it or of the province. */
static void what_lies_beside_the_copy_is_for_the_province_of_today(void **state)
{
    struct recovery_key key, opened;
    struct key_pair other;
    char sql[200], hex[HASH_HEX_BYTES];

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    key_pair_make(&other, &n.random.random);
    public_key_to_hex(hex, &other.public_key);
    (void)snprintf(sql, sizeof sql, "UPDATE centre_link SET centre_key = x'%s'", hex);
    copied_write(&n, sql);
    (void)copied_make(&n);
    must(open_province_key(&other, &opened), e);
    assert_memory_equal(opened.bytes, key.bytes, sizeof key.bytes);
    must(disk_replace(n.w.disk, COPY_STICK "/province.key", "rotten", 6, e), e);
    (void)copied_make(&n);
    must(open_province_key(&other, &opened), e);
}

static void a_power_cut_at_any_call_of_a_restore_leaves_no_box_or_all_of_it(void **state)
{
    struct hash before = copied_digest(&n, n.w.box);
    struct recovery_key key;
    unsigned none = 0, all = 0;
    bool died = true;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    for (uint64_t call = 1; died; call += CUTS_APART) {
        struct second_copy_counts counts;
        char dir[32], path[48];
        struct hash got;
        uint8_t epoch;

        (void)snprintf(dir, sizeof dir, "/new-%" PRIu64, call);
        (void)snprintf(path, sizeof path, "%s/tram.db", dir);
        copied_die_in(&n, call);
        died = copied_restore_with(&n, dir, &key, &quiet, &counts) != 0;
        copied_power_cut(&n);
        if (copied_is_there(&n, path)) {
            all++;
        } else {
            none++;
            (void)copied_restore(&n, dir);
        }
        got = copied_sound_box(&n, dir, &epoch);
        assert_true(hash_equal(&before, &got));
        assert_true(epoch >= 2);
        copied_forget_restores(&n);
    }
    print_message("# restore cut: no box %u times, all of it %u times\n", none, all);
    assert_true(none > 20 / CUTS_APART && all > 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_box_is_made_again_with_all_that_it_had),
        STORY(no_two_boxes_made_of_one_copy_give_the_same_ids),
        STORY(a_box_made_again_begins_its_line_with_saying_so),
        STORY(a_box_made_again_has_its_people_and_their_trail),
        STORY(a_box_that_is_there_is_not_overwritten),
        STORY(the_wrong_key_opens_nothing),
        STORY(where_there_is_no_copy_it_is_said),
        STORY(what_is_damaged_in_a_copy_is_told_by_name),
        STORY(what_a_copy_has_lost_the_paper_brings),
        STORY(
            a_stick_pulled_out_in_the_middle_leaves_no_box_and_all_comes_when_it_is_back),
        STORY(a_moment_without_the_stick_loses_nothing),
        STORY(of_two_generations_the_newest_that_opens_is_taken),
        STORY(a_damaged_mark_of_the_key_is_not_taken_for_a_wrong_key),
        STORY(a_digit_that_is_read_wrongly_shows_in_its_group),
        STORY(the_province_can_open_what_lies_beside_the_copy),
        STORY(what_lies_beside_the_copy_is_for_the_province_of_today),
        STORY(a_power_cut_at_any_call_of_a_restore_leaves_no_box_or_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
