/* The names that frames get when a line is left, between a real box and a real centre: a
 * box that is made of an older copy gives the same ones again; and what may be under way by
 * stick keeps the names that it has there. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "tests/lib/dossiers.h"
#include "tests/lib/pair_link.h"

static struct pair p;
static struct pair_link l;
static struct pair_kept kept, other;

static int start(void **state)
{
    (void)state;
    pair_start(&p, 9);
    pair_link_open(&l, &p);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    pair_link_close(&l);
    pair_finish(&p);
    pair_forget(&kept);
    pair_forget(&other);
    return 0;
}

/* As a clerk's work: an id from the box's own counter. */
static void box_makes(const char *code)
{
    uint64_t id;

    must(store_write_begin(p.box->store, &p.err), &p.err);
    must(record_dossier(p.box->records, code, &id, &p.err), &p.err);
    assert_true(pair_box_commit(&p) != 0);
}

static void sync_now(void)
{
    for (unsigned i = 0; i < 3; i++)
        if (!pair_link_contact(&l, 20))
            fail_msg("not all was received:\n%s", l.told);
}

static void keep(struct pair_kept *card)
{
    pair_link_close(&l);
    pair_box_keep(&p, card);
    pair_link_open(&l, &p);
}

static void put_in(struct pair_kept *card)
{
    pair_link_close(&l);
    pair_box_put_back(&p, card);
    pair_link_open(&l, &p);
}

/* As restore does it, before the first write. */
static void raise_epoch(uint8_t epoch)
{
    pair_link_close(&l);
    must(fork_epoch(p.box->store, epoch, &p.err), &p.err);
    pair_link_open(&l, &p);
}

/* Each is there once, at both ends, and the ends are equal. */
static void each_is_there_once(unsigned dossiers)
{
    dossiers_expect_equal(&p, dossiers);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM dossier"), dossiers);
    assert_int_equal(pair_box_number(&p, "SELECT count(DISTINCT code) FROM dossier"),
                     dossiers);
    assert_int_equal(pair_problems(&p), 0);
}

static int64_t epoch_of_id(const char *code)
{
    char sql[96];

    (void)snprintf(sql, sizeof sql,
                   "SELECT id >> 28 & 255 FROM dossier WHERE code = '%s'", code);
    return pair_box_number(&p, sql);
}

/* Two dossiers at both ends; the card is copied; one more at the centre; the copy is put in,
 * and nothing tells the box, which makes two more. */
static void an_old_card_is_put_in(void)
{
    box_makes("D-1");
    box_makes("D-2");
    sync_now();
    keep(&kept);
    box_makes("L-3");
    sync_now();
    put_in(&kept);
    box_makes("N-1");
    box_makes("N-2");
}

static void
a_box_made_of_a_copy_from_before_the_renaming_gives_the_same_names(void **state)
{
    (void)state;
    an_old_card_is_put_in();
    keep(&kept); /* the second copy */
    sync_now();
    assert_int_equal(epoch_of_id("N-1"), 2);
    dossiers_title(&p, "N-1", "tỉnh sửa", false);
    sync_now();
    each_is_there_once(5);
    put_in(&kept);
    raise_epoch(2);   /* all that it knows of is 1 */
    box_makes("M-1"); /* … under a name that N-1 has at the centre */
    dossiers_title(&p, "N-2", "hộp mới sửa", true);
    sync_now();
    each_is_there_once(6);
    assert_int_equal(epoch_of_id("N-1"), 2);
    assert_int_equal(epoch_of_id("M-1"), 3);
    assert_int_equal(dossiers_count(&p, "title IN ('tỉnh sửa', 'hộp mới sửa')", true), 2);
}

static void so_does_one_that_nobody_told(void **state)
{
    (void)state;
    an_old_card_is_put_in();
    keep(&kept);
    sync_now();
    put_in(&kept);
    box_makes("M-1");
    sync_now();
    each_is_there_once(6);
    assert_int_equal(epoch_of_id("N-2"), 2);
}

static void so_does_one_with_only_the_first_of_those_frames(void **state)
{
    (void)state;
    an_old_card_is_put_in();
    keep(&kept);
    box_makes("N-3");
    dossiers_title(&p, "N-1", "sửa thêm", true);
    sync_now();
    box_makes("N-4");
    sync_now();
    put_in(&kept);
    raise_epoch(2);
    box_makes("M-1");
    sync_now();
    each_is_there_once(8);
    assert_int_equal(dossiers_count(&p, "title = 'sửa thêm'", true), 1);
}

/* After the first fork the link is gone for good: the box is put back once more, and forks
 * once more, from further on. */
static void so_does_one_of_frames_that_were_named_by_two_lines(void **state)
{
    (void)state;
    an_old_card_is_put_in();
    box_makes("N-3");
    keep(&kept); /* N-1 to N-3, as they were first made */
    keep(&other);
    sync_now(); /* epoch 2 */
    box_makes("P-1");
    sync_now();
    put_in(&other);
    box_makes("Q-1");
    sync_now(); /* the same names for N, and Q-1 under epoch 3 */
    each_is_there_once(8);
    put_in(&kept);
    box_makes("M-1");
    sync_now(); /* and again, and M-1 under epoch 4 */
    each_is_there_once(9);
    assert_int_equal(epoch_of_id("N-3"), 2);
    assert_int_equal(epoch_of_id("M-1"), 4);
}

/* Of seed 1152: the first frame of the new line had no id that could be renamed, and stayed
 * as it was. A copy with that one and no more knew it by its old name and the centre by the
 * new one, and L-3, given to the line of the new name, was passed over for good. */
static void a_frame_without_new_ids_has_another_name_too(void **state)
{
    (void)state;
    box_makes("D-1");
    box_makes("D-2");
    sync_now();
    keep(&kept);
    box_makes("L-3");
    sync_now();
    put_in(&kept);
    dossiers_title(&p, "D-1", "hộp sửa", true);
    keep(&kept);
    box_makes("N-1");
    sync_now();
    each_is_there_once(4);
    put_in(&kept);
    raise_epoch(3); /* the copy has given 2 to one before */
    box_makes("M-1");
    sync_now();
    each_is_there_once(5);
    assert_int_equal(
        pair_box_number(&p, "SELECT epoch FROM changelog WHERE sequence = 3"), 2);
}

static void a_link_that_breaks_while_it_asks_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 24; n++) {
        (void)finish(NULL);
        (void)start(NULL);
        an_old_card_is_put_in();
        keep(&kept);
        sync_now();
        put_in(&kept);
        raise_epoch(2);
        box_makes("M-1");
        l.break_after = n;
        (void)pair_link_contact(&l, 0);
        l.break_after = 0;
        sync_now();
        each_is_there_once(6);
    }
}

/* ---------------------------------------------------------------- what is under way */

/* A card is copied; the first box makes two frames, and puts them on a stick; the second
 * one is made again knowingly, and the centre goes on with its line. */
static void a_stick_is_under_way(void)
{
    box_makes("D-1");
    sync_now();
    keep(&kept);
    box_makes("A-1");
    box_makes("A-2");
    keep(&other);
    put_in(&kept);
    raise_epoch(2);
    box_makes("B-1");
    sync_now();
    put_in(&other);
}

static enum journal_verdict the_stick_arrives(struct pair_kept *stick)
{
    struct pair_kept in_hand;
    enum journal_verdict verdict;

    keep(&in_hand);
    put_in(stick);
    verdict = pair_try_up(&p, 2, 3);
    put_in(&in_hand);
    return verdict;
}

static void what_a_stick_brings_after_the_box_has_left_its_line_is_known(void **state)
{
    (void)state;
    a_stick_is_under_way();
    keep(&kept); /* as the frames are on the stick */
    sync_now();
    assert_int_equal(store_identity(p.box->store)->epoch, 3);
    assert_int_equal(epoch_of_id("A-1"), 1);
    each_is_there_once(4);
    assert_int_equal(the_stick_arrives(&kept), JOURNAL_KNOWN);
    sync_now();
    each_is_there_once(4);
}

static void what_a_stick_brings_between_the_two_is_that_box_s_all_the_same(void **state)
{
    (void)state;
    a_stick_is_under_way();
    keep(&kept);
    must(fork_line(p.box->records, pair_box_last(&p), 3, "cán bộ", &p.err), &p.err);
    assert_int_equal(pair_try_up(&p, 4, 4), JOURNAL_HELD); /* its beginning first */
    assert_int_equal(the_stick_arrives(&kept), JOURNAL_LATE);
    sync_now();
    each_is_there_once(4);
    assert_int_equal(epoch_of_id("A-2"), 1);
}

static void what_a_stick_brings_first_is_common(void **state)
{
    (void)state;
    a_stick_is_under_way();
    keep(&kept);
    assert_int_equal(the_stick_arrives(&kept), JOURNAL_LATE);
    sync_now();
    each_is_there_once(4);
}

/* Both copies have it, and bring it under one name. */
static void what_had_not_left_when_the_card_was_copied_is_one(void **state)
{
    (void)state;
    a_stick_is_under_way();
    keep(&kept); /* another copy of this card: it has too */
    sync_now();
    each_is_there_once(4);
    put_in(&kept);
    box_makes("C-1");
    sync_now();
    each_is_there_once(5);
    assert_int_equal(epoch_of_id("A-1"), 1);
}

/* Of seeds 5440, 5607 and 8308: an old card's box left the line where it was copied; the
 * centre gave it back what followed, and goes on with one frame of epoch 2. A box made of a
 * later copy calls itself so too: all that it had is at the centre under its own names. */
static void what_a_later_copy_has_of_a_line_that_was_left_is_one(void **state)
{
    (void)state;
    box_makes("D-1");
    sync_now();
    keep(&kept);
    box_makes("A-1");
    box_makes("A-2");
    keep(&other);
    box_makes("A-3");
    sync_now();
    put_in(&kept);
    sync_now();
    put_in(&other);
    raise_epoch(2);
    box_makes("M-1");
    sync_now();
    each_is_there_once(5);
    assert_int_equal(epoch_of_id("A-2"), 1);
}

/* The centre has the other box's under that name: the stick is refused, whenever it comes. */
static void what_is_contradicted_is_renamed_and_its_stick_is_refused(void **state)
{
    (void)state;
    an_old_card_is_put_in();
    keep(&kept);
    sync_now();
    each_is_there_once(5);
    assert_int_equal(epoch_of_id("N-1"), 2);
    put_in(&kept);
    assert_int_equal(pair_try_up(&p, 3, 4), JOURNAL_REFUSED);
}

/* It has left behind all it has, and only then the centre gets another box's under one of
 * those names. */
static void what_is_contradicted_later_is_renamed_then(void **state)
{
    struct pair_kept third;

    (void)state;
    box_makes("D-1");
    sync_now();
    keep(&third); /* one more card, of which nobody knows */
    keep(&kept);
    box_makes("A-1");
    keep(&other);
    put_in(&kept);
    raise_epoch(2);
    box_makes("B-1");
    sync_now();
    put_in(&third);
    box_makes("C-1");
    assert_int_equal(pair_try_up(&p, 2, 2), JOURNAL_LATE); /* by stick */
    put_in(&other);
    must(fork_line(p.box->records, pair_box_last(&p), 3, "cán bộ", &p.err), &p.err);
    pair_link_close(&l);
    pair_link_open(&l, &p);
    sync_now();
    each_is_there_once(4);
    assert_int_equal(epoch_of_id("A-1"), 4);
}

/* ----------------------------------------------------------------- before it can begin */

static void rests_in_one_contact(void)
{
    (void)pair_link_contact(&l, 0);
    if (sync_state_now(l.core) != SYNC_IDLE || !sync_held(l.core))
        fail_msg("it does not rest:\n%s", l.told);
}

/* The box is made of its copy twice. The centre cannot apply yet what the first one made:
 * the line of the second waits, and so does what the copy had, and thinks has not arrived. */
static void what_the_centre_has_is_not_sent_for_ever_while_a_line_waits(void **state)
{
    (void)state;
    box_makes("D-1");
    sync_now();
    box_makes("D-2");
    keep(&kept);
    keep(&other);
    sync_now();
    put_in(&kept);
    raise_epoch(2);
    box_makes("A-1");
    l.centre_rests = true;
    assert_true(pair_link_contact(&l, 0));
    put_in(&other);
    raise_epoch(3);
    box_makes("B-1");
    l.centre_rests = true;
    rests_in_one_contact();
    rests_in_one_contact();
    l.centre_rests = false;
    sync_now();
    each_is_there_once(4);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_box_made_of_a_copy_from_before_the_renaming_gives_the_same_names),
        story(so_does_one_that_nobody_told),
        story(so_does_one_with_only_the_first_of_those_frames),
        story(so_does_one_of_frames_that_were_named_by_two_lines),
        story(a_frame_without_new_ids_has_another_name_too),
        story(a_link_that_breaks_while_it_asks_changes_nothing),
        story(what_a_stick_brings_after_the_box_has_left_its_line_is_known),
        story(what_a_stick_brings_between_the_two_is_that_box_s_all_the_same),
        story(what_a_stick_brings_first_is_common),
        story(what_had_not_left_when_the_card_was_copied_is_one),
        story(what_a_later_copy_has_of_a_line_that_was_left_is_one),
        story(what_is_contradicted_is_renamed_and_its_stick_is_refused),
        story(what_is_contradicted_later_is_renamed_then),
        story(what_the_centre_has_is_not_sent_for_ever_while_a_line_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
