/* Held papers, and the way out for a false alarm: a person clears it, which is an event
 * with a reason; until then nothing of the paper is anywhere but at the desk. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/copied.h"

#include "appliance/intake_held.h"
#include "appliance/verbs.h"
#include "schema/statements.h"

#define LETTER "fake jpeg\npage: quyết định số 12 về việc cấp đất\nend\n"
#define SECRET "fake png\npage mat: kế hoạch phòng thủ\nend\n"
#define THREE                                                                            \
    "fake pdf\npage: trang đầu\npage toi_mat: phương án hai\npage: trang cuối\nend\n"
#define WHY "Dấu “Đã thu phí” bị nhìn nhầm"

static struct box_world w;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

static void take(const char *file, const char *paper)
{
    must(world_take(&w, file, paper, &w.err), &w.err);
}

static const char *told_state(const char *file)
{
    const struct world_told *t = world_told(&w, file);

    return t == NULL ? "nothing" : intake_state_name(t->state);
}

static void expect_sound_box(void)
{
    const char *problem = world_problem(&w);

    if (problem != NULL)
        fail_msg("%s", problem);
}

static void read_all(void)
{
    must(world_read(&w, &(struct queue_progress){0}, &w.err), &w.err);
}

/* The first held file that `word` names; fails without one. The caller releases. */
static struct held_file held_find(struct held_files *h, const char *word)
{
    must(held_files_list(h, w.box, &w.err), &w.err);
    for (size_t i = 0; i < h->count; i++)
        if (held_file_is(&h->all[i], word))
            return h->all[i];
    fail_msg("%s is not held", word);
    return (struct held_file){0};
}

static int try_clear(const char *word, const struct held_clearing *c,
                     struct held_answer *a)
{
    struct held_files h;
    struct held_file f = held_find(&h, word);
    int rc = held_file_clear(w.box, &f, c, a, &w.err);

    a->result.file = word; /* the list's name goes with it */
    held_files_release(&h);
    return rc;
}

static int clear(const char *word, const char *why, struct intake_result *r)
{
    const struct held_clearing c = {.why = why};
    struct held_answer a;
    int rc = try_clear(word, &c, &a);

    *r = a.result;
    assert_true(rc != 0 || a.end == HELD_CLEARED);
    return rc;
}

/* Whether these bytes are anywhere in a frame. */
static bool in_a_frame(const char *text)
{
    char sql[256];

    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM changelog WHERE instr(changeset, CAST('%s' AS"
                   " BLOB)) > 0",
                   text);
    return world_number(&w, sql) > 0;
}

static void restart(void)
{
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    must(world_resume(&w, &w.err), &w.err);
}

/* ------------------------------------------------------------------- stays held */

static void neither_a_frame_nor_the_index_holds_a_held_papers_text(void **state)
{
    (void)state;
    take("thu.jpg", LETTER); /* so that there is a frame to look into */
    take("mat.png", SECRET);
    take("ba.pdf", THREE);
    read_all();
    must(world_afterwards(&w, &(struct afterwards_counts){0}, &w.err), &w.err);
    assert_true(in_a_frame("quyết định"));
    assert_int_equal(world_search(&w, "cấp đất", NULL), 1);
    for (int again = 0; again < 2; again++) {
        assert_false(in_a_frame("phòng thủ") || in_a_frame("phương án"));
        assert_false(in_a_frame("trang đầu") || in_a_frame("trang cuối"));
        assert_false(in_a_frame("mat.png") || in_a_frame("ba.pdf"));
        assert_int_equal(world_search(&w, "phòng thủ", NULL), 0);
        assert_int_equal(world_search(&w, "trang", NULL), 0);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM original"), 1);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM job"), 1);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                          " WHERE state = 'held'"),
                         2);
        expect_sound_box();
        restart(); /* verified, put out and started again, it is as before */
    }
}

static void the_list_says_stamp_page_and_since_when(void **state)
{
    struct held_files h;
    struct held_file f;

    (void)state;
    take("ba.pdf", THREE);
    take("thu.jpg", LETTER);
    w.clock.wall_ms_now += 3600000;
    restart();
    f = held_find(&h, "ba.pdf");
    assert_int_equal(h.count, 1);
    assert_string_equal(f.stamp, "toi_mat");
    assert_int_equal(f.page, 2);
    assert_int_equal(f.pages, 3);
    assert_int_equal(f.confidence, WALL_SYSTEM);
    assert_true(f.wall_ms <= w.clock.wall_ms_now - 3600000);
    assert_true(f.wall_ms > w.clock.wall_ms_now - 7200000);
    held_files_release(&h);
}

static void a_file_is_named_by_hash_name_or_name_in_its_archive(void **state)
{
    struct held_file f = {.name = "ho-so.zip/thang-1/mat.png"};

    (void)state;
    memset(f.sha256.bytes, 0xab, HASH_BYTES);
    assert_true(held_file_is(&f, "ho-so.zip/thang-1/mat.png"));
    assert_true(held_file_is(&f, "mat.png"));
    assert_true(held_file_is(&f, "abababab"));
    assert_true(held_file_is(&f, "ABABABABAB"));
    assert_false(held_file_is(&f, "abababa")); /* too few to be sure */
    assert_false(held_file_is(&f, "ababababc"));
    assert_false(held_file_is(&f, "at.png"));
    assert_false(held_file_is(&f, ""));
}

/* ---------------------------------------------------------------------- cleared */

static void a_cleared_file_is_a_document_like_any_other(void **state)
{
    struct intake_result r;

    (void)state;
    must(world_take_as(&w, "ba.pdf", THREE, "HS-7", "bao_cao", &w.err), &w.err);
    must(clear("ba.pdf", WHY, &r), &w.err);
    assert_int_equal(r.pages, 3);
    read_all();
    assert_int_equal(world_search(&w, "phương án", NULL), 1);
    assert_int_equal(world_search(&w, "trang", NULL), 2);
    assert_true(in_a_frame("phương án hai"));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document d, dossier s WHERE"
                                      " d.dossier = s.id AND s.code = 'HS-7'"
                                      " AND d.type = 'bao_cao'"),
                     1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                      " WHERE state = 'captured' AND reason IS NULL"
                                      " AND held_wall_ms IS NULL"),
                     1);
    expect_sound_box();
}

static void clearing_is_an_event_with_actor_reason_and_stamp(void **state)
{
    struct intake_result r;

    (void)state;
    take("ba.pdf", THREE);
    (void)snprintf(w.box->actor, sizeof w.box->actor, "can-bo-hai");
    must(clear("ba.pdf", WHY, &r), &w.err);
    assert_int_equal(
        world_number(&w, "SELECT count(*) FROM event e, document d WHERE e.subject = d.id"
                         " AND e.kind = 'cleared' AND e.actor = 'can-bo-hai'"
                         " AND e.detail ->> 'reason' = '" WHY "'"
                         " AND e.detail ->> 'stamp' = 'toi_mat'"
                         " AND e.detail ->> 'page' = 2 AND e.detail ->> 'pages' = 3"),
        1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event"
                                      " WHERE kind = 'cleared'"),
                     1);
    /* One frame: paper and event stand or fall together. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), 1);
    assert_true(in_a_frame("can-bo-hai"));
}

static void without_a_reason_nothing_is_cleared(void **state)
{
    char long_one[HELD_REASON_BYTES + 1];
    struct intake_result r;

    (void)state;
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    take("mat.png", SECRET);
    assert_int_equal(clear("mat.png", "", &r), -1);
    assert_int_equal(clear("mat.png", " \t\n", &r), -1);
    assert_int_equal(clear("mat.png", long_one, &r), -1);
    assert_int_equal(clear("mat.png", "D\xe9j\xe0", &r), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                      " WHERE state = 'held'"),
                     1);
}

/* ------------------------------------------------------- behind the first stamp */

#define SHEAF                                                                               \
    "fake pdf\npage: bìa\npage mat: tờ hai\npage: tờ ba\npage tuyet_mat: tờ bốn\n" \
    "page: tờ năm\npage toi_mat: tờ sáu\nend\n"

static void pages_behind_the_first_stamp_are_looked_at_before_it_is_cleared(void **state)
{
    struct intake_result r;
    unsigned looked;

    (void)state;
    take("ba.pdf", THREE);
    assert_int_equal(w.reader.looked, 2);
    looked = w.reader.looked;
    must(clear("ba.pdf", WHY, &r), &w.err);
    assert_int_equal(w.reader.looked, looked + 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind = 'cleared'"
                                      " AND detail ->> 'also' IS NULL"),
                     1);
}

static void another_stamp_behind_it_keeps_all_of_it_held(void **state)
{
    struct held_clearing c = {.why = WHY, .also = {4, 1}, .also_count = 0};
    struct held_answer a;

    (void)state;
    take("tap.pdf", SHEAF);
    for (; c.also_count <= 2; c.also_count++) { /* none, one of two, and a wrong one */
        must(try_clear("tap.pdf", &c, &a), &w.err);
        assert_int_equal(a.end, HELD_STAYS);
        assert_int_equal(a.stamps_count, 2);
        assert_int_equal(a.stamps[0].page, 4);
        assert_int_equal(a.stamps[0].secrecy, SECRECY_TUYET_MAT);
        assert_int_equal(a.stamps[1].page, 6);
        assert_int_equal(a.stamps[1].secrecy, SECRECY_TOI_MAT);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), 0);
        restart();
        assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                          " WHERE state = 'held' AND looked = 2"),
                         1);
    }
}

static void all_stamps_that_a_person_judged_are_in_the_event(void **state)
{
    const struct held_clearing c = {.why = WHY, .also = {6, 4}, .also_count = 2};
    struct held_answer a;

    (void)state;
    take("tap.pdf", SHEAF);
    must(try_clear("tap.pdf", &c, &a), &w.err);
    assert_int_equal(a.end, HELD_CLEARED);
    assert_int_equal(a.result.pages, 6);
    assert_int_equal(
        world_number(&w, "SELECT count(*) FROM event WHERE kind = 'cleared'"
                         " AND detail ->> 'stamp' = 'mat' AND detail ->> 'page' = 2"
                         " AND detail -> 'also' = '[{\"page\":4,\"stamp\":\"tuyet_mat\"},"
                         "{\"page\":6,\"stamp\":\"toi_mat\"}]'"),
        1);
    expect_sound_box();
}

static void a_page_that_cannot_be_looked_at_keeps_it_held_until_it_is_judged(void **state)
{
    struct held_clearing c = {.why = WHY, .also = {2}};
    struct held_answer a;

    (void)state;
    take("hai.pdf", "fake pdf\npage mat: tờ một\npage look=crashed: tờ hai\nend\n");
    must(try_clear("hai.pdf", &c, &a), &w.err);
    assert_int_equal(a.end, HELD_STAYS);
    assert_int_equal(a.stamps_count, 1);
    assert_int_equal(a.stamps[0].refusal, REFUSAL_CRASHED);
    c.also_count = 1;
    must(try_clear("hai.pdf", &c, &a), &w.err);
    assert_int_equal(a.end, HELD_CLEARED);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind = 'cleared'"
                                      " AND detail ->> '$.also[0].unlooked' = 'crashed'"),
                     1);
}

static void what_nobody_can_look_at_now_stays_held(void **state)
{
    const struct held_clearing c = {.why = WHY};
    struct held_answer a;

    (void)state;
    take("ba.pdf", THREE);
    w.reader.gone = true;
    assert_int_equal(try_clear("ba.pdf", &c, &a), -1);
    w.reader.gone = false;
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), 0);
    must(try_clear("ba.pdf", &c, &a), &w.err);
    assert_int_equal(a.end, HELD_CLEARED);
}

/* Every page of it bears one: whatever the person says. */
static void a_paper_full_of_stamps_is_not_cleared(void **state)
{
    struct held_clearing c = {.why = WHY, .also_count = HELD_STAMPS_MAX};
    struct held_answer a;
    struct buffer paper;

    (void)state;
    buffer_init(&paper, 1 << 16);
    buffer_append_text(&paper, "fake pdf\n");
    for (uint32_t n = 0; n < HELD_STAMPS_MAX + 1; n++)
        buffer_append_text(&paper, "page mat: tờ\n");
    buffer_append_text(&paper, "end\n");
    for (uint32_t n = 0; n < HELD_STAMPS_MAX; n++)
        c.also[n] = n + 2;
    take("day.pdf", (const char *)paper.bytes);
    buffer_release(&paper);
    must(try_clear("day.pdf", &c, &a), &w.err);
    assert_int_equal(a.end, HELD_STAYS);
    assert_int_equal(a.stamps_count, HELD_STAMPS_MAX);
}

static void what_was_cleared_is_never_held_again(void **state)
{
    struct intake_result r;
    unsigned looked;

    (void)state;
    take("mat.png", SECRET);
    must(clear("mat.png", WHY, &r), &w.err);
    looked = w.reader.looked;
    take("mat-lan-nua.png", SECRET);
    assert_string_equal(told_state("mat-lan-nua.png"), "duplicate");
    restart();
    take("lan-ba.png", SECRET);
    assert_string_equal(told_state("lan-ba.png"), "duplicate");
    assert_int_equal(w.reader.looked, looked);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    expect_sound_box();
}

static void who_comes_second_finds_it_cleared_and_does_nothing(void **state)
{
    struct held_files h;
    struct held_file f;
    const struct held_clearing c = {.why = WHY};
    struct held_answer a;

    (void)state;
    take("mat.png", SECRET);
    f = held_find(&h, "mat.png");
    must(held_file_clear(w.box, &f, &c, &a, &w.err), &w.err);
    assert_int_equal(a.end, HELD_CLEARED);
    must(held_file_clear(w.box, &f, &c, &a, &w.err), &w.err);
    assert_int_equal(a.end, HELD_UNKNOWN);
    held_files_release(&h);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event"
                                      " WHERE kind = 'cleared'"),
                     1);
}

/* -------------------------------------------------------------- the second copy */

static void clear_only_held(struct box *b, struct err *e)
{
    const struct held_clearing c = {.why = WHY};
    struct held_files h;
    struct held_answer a;

    must(held_files_list(&h, b, e), e);
    assert_int_equal(h.count, 1);
    must(held_file_clear(b, &h.all[0], &c, &a, e), e);
    assert_int_equal(a.end, HELD_CLEARED);
    held_files_release(&h);
}

static void a_held_paper_is_in_no_copy_and_a_cleared_one_is(void **state)
{
    static struct enrolled n;
    struct second_copy_counts first, second;
    struct hash before, after;
    uint8_t epoch;

    (void)state;
    copied_start(&n); /* holds one */
    first = copied_make(&n);
    assert_int_equal(first.held, 1);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM intake"
                                        " WHERE state = 'held'"),
                     1); /* and goes on holding it */
    clear_only_held(n.w.box, &n.w.err);
    second = copied_make(&n);
    assert_int_equal(second.held, 0);
    before = copied_digest(&n, n.w.box);
    (void)copied_restore(&n, COPY_NEW);
    after = copied_sound_box(&n, COPY_NEW, &epoch); /* its bytes too */
    assert_true(hash_equal(&before, &after));
    enrolled_finish(&n);
}

/* -------------------------------------------------------------------- the power */

/* More pages than one transaction takes, so that the power also goes between two. */
static void long_paper(struct buffer *out)
{
    buffer_init(out, 1 << 16);
    buffer_append_text(out, "fake pdf\n");
    for (int n = 1; n < 410; n++)
        buffer_append_format(out, "page: tờ %d\n", n);
    buffer_append_text(out, "page mat: tờ cuối\nend\n");
    must(buffer_check(out, &w.err), &w.err);
}

/* Held with nothing of it in the records, or one of them with its event. */
static bool held_or_captured(void)
{
    int64_t held = world_number(&w, "SELECT count(*) FROM intake WHERE state = 'held'");
    int64_t cleared = world_number(
        &w, "SELECT count(*) FROM event WHERE detail ->> 'reason' = '" WHY "'");

    assert_int_equal(held + cleared, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), cleared);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog") > 0, cleared);
    expect_sound_box();
    return held == 1;
}

/* The power goes at call `call` of clearing; false: it was over before. */
static bool cut_at(uint64_t call, const char *paper, unsigned *still_held)
{
    struct disk_sim_faults f = {0}, none = {0};
    struct intake_result r;
    bool reached;

    world_destroy(&w);
    world_start(&w);
    take("mat.pdf", paper);
    f.die_at_call = disk_sim_calls(w.disk) + call;
    disk_sim_set_faults(w.disk, &f);
    (void)clear("mat.pdf", WHY, &r);
    reached = disk_sim_calls(w.disk) >= f.die_at_call;
    world_power_cut(&w);
    disk_sim_set_faults(w.disk, &none);
    must(world_open(&w, &w.err), &w.err);
    if (held_or_captured()) {
        ++*still_held;
        must(world_resume(&w, &w.err), &w.err);
        assert_true(held_or_captured()); /* no restart clears it */
        must(clear("mat.pdf", WHY, &r), &w.err);
    }
    must(world_resume(&w, &w.err), &w.err);
    assert_false(held_or_captured());
    return reached;
}

static void power_at_any_instant_leaves_it_held_or_captured(void **state)
{
    struct buffer paper;
    unsigned held = 0, cuts = 0;

    (void)state;
    long_paper(&paper);
    while (cut_at(cuts + 1, (const char *)paper.bytes, &held))
        cuts++;
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page"), 410);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM job"), 410);
    buffer_release(&paper);
    print_message("# %u power cuts while clearing, %u left it held\n", cuts, held);
    assert_true(held > 0 && held < cuts);
    /* And where pages behind the stamp are looked at first. */
    held = cuts = 0;
    while (cut_at(cuts + 1, THREE, &held))
        cuts++;
    print_message("# %u with pages to be looked at, %u left it held\n", cuts, held);
    assert_true(held == cuts && cuts > 10); /* one transaction, at the very end */
}

/* --------------------------------------------------------------------- the verb */

/* What the word says on stdout and stderr together; the caller frees. */
static char *said(int *status, int argc, char **argv)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct verb_io io = {.out = out, .err = out, .language = LANGUAGE_EN, .cwd = "/"};

    assert_non_null(out);
    *status = verb_run(verb_find("held"), w.box, WORLD_DIR, &io, argc, argv);
    assert_int_equal(fclose(out), 0);
    return text;
}

#define SAY(status, ...)                                                                 \
    said(status, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)),                \
         (char *[]){__VA_ARGS__})

static void expect_said(char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("“%s” does not say “%s”", text, part);
    free(text);
}

static void a_clerk_is_shown_what_is_held_and_what_to_do(void **state)
{
    int status;

    (void)state;
    expect_said(SAY(&status, "held"), "No file is held");
    take("ba.pdf", THREE);
    expect_said(SAY(&status, "held"),
                "ba.pdf: stamped “Tối mật” (top secret), page 2 of 3, since "
                "2026-01-01 07:00\n");
    assert_int_equal(status, EXIT_DONE);
    expect_said(SAY(&status, "held"), "--clear HASH-OR-NAME --reason");
    expect_said(SAY(&status, "held", "--clear", "ba.pdf"), "The reason is missing");
    assert_int_equal(status, EXIT_WORDS);
    expect_said(SAY(&status, "held", "--clear", "khac.pdf", "--reason", WHY),
                "not a held file");
    assert_int_equal(status, EXIT_FAILED);
    expect_said(SAY(&status, "held", "--clear", "ba.pdf", "--reason", WHY),
                "3 pages  ba.pdf");
    assert_int_equal(status, EXIT_DONE);
    expect_said(SAY(&status, "held"), "No file is held");
}

static void a_clerk_is_told_which_further_pages_bear_stamps(void **state)
{
    int status;

    (void)state;
    take("tap.pdf", SHEAF);
    expect_said(SAY(&status, "held", "--clear", "tap.pdf", "--reason", WHY),
                "tap.pdf: page 4 is stamped “Tuyệt mật” (absolute secret) too.\n"
                "tap.pdf: page 6 is stamped “Tối mật” (top secret) too.\n"
                "Nothing became a record");
    assert_int_equal(status, EXIT_FAILED);
    expect_said(SAY(&status, "held", "--clear", "tap.pdf", "--reason", WHY),
                "--also 4,6");
    expect_said(
        SAY(&status, "held", "--clear", "tap.pdf", "--reason", WHY, "--also", "4,x"),
        "--also");
    assert_int_equal(status, EXIT_WORDS);
    expect_said(SAY(&status, "held", "--also", "4"), "--also PAGE");
    assert_int_equal(status, EXIT_WORDS);
    expect_said(
        SAY(&status, "held", "--clear", "tap.pdf", "--reason", WHY, "--also", "4,6"),
        "6 pages  tap.pdf");
    assert_int_equal(status, EXIT_DONE);
}

static void two_held_files_of_one_name_are_told_apart_by_hash(void **state)
{
    char hex[HASH_HEX_BYTES];
    int status;

    (void)state;
    take("mat.png", SECRET);
    hash_to_hex(hex, &world_told(&w, "mat.png")->sha256);
    take("mat.png", "fake png\npage mat: tờ khác\nend\n");
    expect_said(SAY(&status, "held", "--clear", "mat.png", "--reason", WHY),
                "Several held files");
    assert_int_equal(status, EXIT_FAILED);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 0);
    expect_said(SAY(&status, "held", "--clear", hex, "--reason", WHY), "mat.png");
    assert_int_equal(status, EXIT_DONE);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                      " WHERE state = 'held'"),
                     1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(neither_a_frame_nor_the_index_holds_a_held_papers_text),
        STORY(the_list_says_stamp_page_and_since_when),
        STORY(a_file_is_named_by_hash_name_or_name_in_its_archive),
        STORY(a_cleared_file_is_a_document_like_any_other),
        STORY(clearing_is_an_event_with_actor_reason_and_stamp),
        STORY(without_a_reason_nothing_is_cleared),
        STORY(pages_behind_the_first_stamp_are_looked_at_before_it_is_cleared),
        STORY(another_stamp_behind_it_keeps_all_of_it_held),
        STORY(all_stamps_that_a_person_judged_are_in_the_event),
        STORY(a_page_that_cannot_be_looked_at_keeps_it_held_until_it_is_judged),
        STORY(what_nobody_can_look_at_now_stays_held),
        STORY(a_paper_full_of_stamps_is_not_cleared),
        STORY(what_was_cleared_is_never_held_again),
        STORY(who_comes_second_finds_it_cleared_and_does_nothing),
        cmocka_unit_test(a_held_paper_is_in_no_copy_and_a_cleared_one_is),
        STORY(power_at_any_instant_leaves_it_held_or_captured),
        STORY(a_clerk_is_shown_what_is_held_and_what_to_do),
        STORY(a_clerk_is_told_which_further_pages_bear_stamps),
        STORY(two_held_files_of_one_name_are_told_apart_by_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
