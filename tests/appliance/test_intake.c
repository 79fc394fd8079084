/* Intake, as the clerk meets it: what is kept, what is not, and why. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/box_world.h"

#include "ocr/opener.h"

#define LETTER "fake jpeg\npage: quyết định số 12 về việc cấp đất\nend\n"
#define REPORT                                                                              \
    "fake pdf\npage: báo cáo quý một\npage: báo cáo quý hai\npage: báo cáo quý " \
    "ba\nend\n"
#define SECRET "fake png\npage mat: kế hoạch phòng thủ\nend\n"

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

static void expect_told(const char *file, enum intake_state state, const char *reason)
{
    const struct world_told *t = world_told(&w, file);

    if (t == NULL) {
        fail_msg("%s: nothing was told", file);
        return;
    }
    assert_string_equal(intake_state_name(t->state), intake_state_name(state));
    assert_string_equal(t->reason, reason);
}

static bool blob_there(const struct hash *h)
{
    bool there;

    must(blob_exists(w.box->blobs, h, &there, &w.err), &w.err);
    return there;
}

static void expect_sound_box(void)
{
    const char *problem = world_problem(&w);

    if (problem != NULL)
        fail_msg("%s", problem);
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

/* --------------------------------------------------------------------- kept */

static void a_kept_file_is_a_document_with_its_bytes_and_pages(void **state)
{
    const struct world_told *t;
    bool sound;

    (void)state;
    must(world_take_as(&w, "/scan/bao-cao.pdf", REPORT, "HS-07", "bao_cao", &w.err),
         &w.err);
    t = world_told(&w, "/scan/bao-cao.pdf");
    expect_told("/scan/bao-cao.pdf", INTAKE_KEPT, "");
    assert_int_equal(t->pages, 3);
    must(blob_check(w.box->blobs, &t->sha256, &sound, &w.err), &w.err);
    assert_true(sound);
    assert_int_equal(world_number(&w, "SELECT document FROM intake"
                                      " WHERE state = 'captured' AND looked = 3"),
                     t->document);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page, document, dossier WHERE"
                                      " page.document = document.id AND"
                                      " document.dossier = dossier.id AND"
                                      " dossier.code = 'HS-07' AND type = 'bao_cao'"),
                     3);
    /* The name only: where it lay on the clerk's computer is nobody's business. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM original WHERE pages = 3 AND"
                                      " name = 'bao-cao.pdf' AND"
                                      " media = 'application/pdf'"),
                     1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM job"
                                      " WHERE state = 'waiting'"),
                     3);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event"
                                      " WHERE kind IN ('taken', 'cleared')"),
                     2);
    expect_sound_box();
}

static void the_same_bytes_twice_are_one_document(void **state)
{
    uint64_t document;

    (void)state;
    take("a.jpg", LETTER);
    document = world_told(&w, "a.jpg")->document;
    take("b.jpg", LETTER);
    expect_told("b.jpg", INTAKE_DUPLICATE, "");
    assert_int_equal(world_told(&w, "b.jpg")->document, document);
    assert_int_equal(world_told(&w, "b.jpg")->pages, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    assert_int_equal(w.reader.identified, 1); /* known by its hash alone */
}

static void a_long_document_is_captured_in_several_frames_and_is_one(void **state)
{
    struct buffer paper;

    (void)state;
    buffer_init(&paper, 1 << 20);
    buffer_append_text(&paper, "fake pdf\n");
    for (int n = 1; n <= 1250; n++)
        buffer_append_format(&paper, "page: trang %d\n", n);
    buffer_append_text(&paper, "end\n");
    take("so-ho-tich.pdf", (const char *)paper.bytes);
    buffer_release(&paper);
    expect_told("so-ho-tich.pdf", INTAKE_KEPT, "");
    assert_true(world_number(&w, "SELECT count(*) FROM changelog") >= 3);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    assert_int_equal(world_number(&w, "SELECT count(DISTINCT ordinal) FROM page"), 1250);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page WHERE"
                                      " original_page = ordinal - 1"),
                     1250);
    expect_sound_box();
}

static void a_name_that_is_not_utf8_is_kept_readable(void **state)
{
    (void)state;
    take("/x/b\xe1n \x01tr\xc3\xad"
         "ch.jpg",
         LETTER);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM original"
                                      " WHERE name = 'b_n _trích.jpg'"),
                     1);
}

/* ------------------------------------------------------------------ refused */

static void a_refused_file_leaves_its_reason_and_nothing_else(void **state)
{
    (void)state;
    take("ghi-chu.txt", "just a note\n");
    expect_told("ghi-chu.txt", INTAKE_REFUSED, "wrong_type");
    take("rong.jpg", "");
    expect_told("rong.jpg", INTAKE_REFUSED, "empty");
    take("cut.pdf", "fake pdf\npage: nửa chừng\n");
    expect_told("cut.pdf", INTAKE_REFUSED, "cut_off");
    take("khoa.pdf", "fake pdf\nis encrypted\nend\n");
    expect_told("khoa.pdf", INTAKE_REFUSED, "encrypted");
    take("none.tiff", "fake tiff\nend\n");
    expect_told("none.tiff", INTAKE_REFUSED, "no_pages");
    take("chet.png", "fake png\npage: một\npage look=crashed: hai\nend\n");
    expect_told("chet.png", INTAKE_REFUSED, "crashed");
    for (size_t n = 0; n < w.told_count; n++)
        assert_false(blob_there(&w.told[n].sha256));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), 0);
    take("thu.jpg", LETTER); /* and the batch goes on */
    expect_told("thu.jpg", INTAKE_KEPT, "");
}

static void what_was_refused_may_be_offered_again(void **state)
{
    (void)state;
    take("a.png", "fake png\nis timed_out\nend\n");
    take("a.png", "fake png\nis timed_out\nend\n");
    expect_told("a.png", INTAKE_REFUSED, "timed_out");
    assert_int_equal(w.reader.identified, 2);
    assert_false(blob_there(&w.told[0].sha256));
}

/* --------------------------------------------------------------------- held */

static void a_stamped_paper_is_never_captured_indexed_or_queued(void **state)
{
    (void)state;
    take("mat.png", SECRET);
    expect_told("mat.png", INTAKE_HELD, "mat");
    assert_true(blob_there(&w.told[0].sha256)); /* it stays here */
    take("hai.pdf",
         "fake pdf\npage: trang thường\npage toi_mat: phương án tác chiến\nend\n");
    expect_told("hai.pdf", INTAKE_HELD, "toi_mat");
    take("mat-lan-nua.png", SECRET);
    expect_told("mat-lan-nua.png", INTAKE_HELD, "mat");
    take("thu.jpg", LETTER); /* so that there is a frame to look into */
    must(world_read(&w, &(struct queue_progress){0}, &w.err), &w.err);

    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM job"), 1);
    assert_int_equal(world_search(&w, "kế hoạch", NULL), 0);
    assert_int_equal(world_search(&w, "trang thường", NULL), 0);
    assert_true(in_a_frame("thu.jpg"));
    assert_true(in_a_frame("quyết định"));
    assert_false(in_a_frame("mat.png"));
    assert_false(in_a_frame("hai.pdf"));
    assert_false(in_a_frame("phòng thủ"));
    assert_false(in_a_frame("tác chiến"));
    assert_false(in_a_frame("trang thường"));
}

/* ----------------------------------------------------------------- archives */

#define BUNDLE                                                                           \
    "fake zip\n"                                                                         \
    "entry thang-1/a.jpg\n|fake jpeg\n|page: giấy khai sinh\n|end\n"                   \
    "refuse bad_path ../../etc/passwd\n"                                                 \
    "entry trong.zip\n|fake zip\n|end\n"                                                 \
    "entry mat.png\n|fake png\n|page mat: trang kín\n|end\n"                            \
    "entry rong.jpg\n"                                                                   \
    "refuse link link.jpg\n"                                                             \
    "entry b.jpg\n|fake jpeg\n|page: giấy chứng tử\n|end\n"                        \
    "entry again.jpg\n|fake jpeg\n|page: giấy khai sinh\n|end\n"                       \
    "end\n"

static void an_archive_is_its_files_and_each_goes_its_own_road(void **state)
{
    (void)state;
    must(world_take_as(&w, "/usb/ho-so.zip", BUNDLE, "HS-1", NULL, &w.err), &w.err);
    assert_int_equal(w.told_count, 8);
    expect_told("/usb/ho-so.zip/thang-1/a.jpg", INTAKE_KEPT, "");
    expect_told("/usb/ho-so.zip/../../etc/passwd", INTAKE_REFUSED, "bad_path");
    expect_told("/usb/ho-so.zip/trong.zip", INTAKE_REFUSED, "nested");
    expect_told("/usb/ho-so.zip/mat.png", INTAKE_HELD, "mat");
    expect_told("/usb/ho-so.zip/rong.jpg", INTAKE_REFUSED, "empty");
    expect_told("/usb/ho-so.zip/link.jpg", INTAKE_REFUSED, "link");
    expect_told("/usb/ho-so.zip/b.jpg", INTAKE_KEPT, "");
    expect_told("/usb/ho-so.zip/again.jpg", INTAKE_DUPLICATE, "");
    assert_int_equal(w.reader.told_while_unpacking, 0);
    /* The archive itself is gone, its files are not. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                      " WHERE media = 'application/zip'"),
                     0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM original"
                                      " WHERE name = 'ho-so.zip/thang-1/a.jpg'"),
                     1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document, dossier"
                                      " WHERE document.dossier = dossier.id"
                                      " AND code = 'HS-1'"),
                     2);
    expect_sound_box();
}

static void a_bomb_is_refused_and_what_came_whole_before_it_is_kept(void **state)
{
    struct hash archive;
    const char *bomb = "fake tar\nentry a.jpg\n|fake jpeg\n|page: một\n|end\n"
                       "close bomb\nend\n";

    (void)state;
    take("bom.tar", bomb);
    expect_told("bom.tar/a.jpg", INTAKE_KEPT, "");
    expect_told("bom.tar", INTAKE_REFUSED, "bomb");
    hash_of(&archive, bomb, strlen(bomb));
    assert_false(blob_there(&archive));
    take("rong.zip", "fake zip\nend\n");
    expect_told("rong.zip", INTAKE_REFUSED, "no_pages");
}

static int count_results(void *arg, const struct intake_result *r, struct err *e)
{
    uint64_t *refused = arg;

    (void)e;
    *refused += r->state == INTAKE_REFUSED && strcmp(r->reason, "link") == 0;
    return world_tell(&w, r, e) == 0 || *refused > 0 ? 0 : -1;
}

static void an_archive_of_too_many_entries_stops_at_the_cap(void **state)
{
    uint64_t refused = 0;
    struct intake_options o = {.each = count_results, .arg = &refused};
    struct intake *i = NULL;
    struct buffer paper;

    (void)state;
    buffer_init(&paper, 4u << 20);
    buffer_append_text(&paper, "fake zip\n");
    for (unsigned n = 0; n < ARCHIVE_ENTRIES_MAX; n++)
        buffer_append_format(&paper, "refuse link l%u\n", n);
    buffer_append_text(&paper, "entry a.jpg\n|fake jpeg\n|page: một\n|end\nend\n");
    must(intake_create(&i, w.box, &o, &w.err), &w.err);
    must(intake_begin(i, "day.zip", &w.err), &w.err);
    must(intake_add(i, paper.bytes, paper.count, &w.err), &w.err);
    must(intake_end(i, &w.err), &w.err);
    intake_destroy(i);
    assert_int_equal(refused, ARCHIVE_ENTRIES_MAX);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake WHERE name ="
                                      " 'day.zip' AND reason = 'too_large'"),
                     1);
    buffer_release(&paper);
}

static void refused_twins_in_an_archive_stop_nothing(void **state)
{
    (void)state;
    take("hs.zip", "fake zip\n"
                   "entry a/Thumbs.db\n|not ours\n"
                   "entry b/Thumbs.db\n|not ours\n"
                   "entry c.jpg\n|fake jpeg\n|page: một\n|end\nend\n");
    assert_int_equal(w.told_count, 3);
    expect_told("hs.zip/a/Thumbs.db", INTAKE_REFUSED, "wrong_type");
    expect_told("hs.zip/b/Thumbs.db", INTAKE_REFUSED, "wrong_type");
    expect_told("hs.zip/c.jpg", INTAKE_KEPT, "");
    expect_sound_box();
}

/* --------------------------------------------------------------- the walk */

static void put(struct disk *d, const char *path, const char *paper)
{
    struct disk_file *f = NULL;

    must(disk_open(d, &f, path, DISK_CREATE, &w.err), &w.err);
    must(disk_file_write(f, paper, strlen(paper), 0, &w.err), &w.err);
    disk_close(f);
}

static void take_path(struct disk *from, const char *path)
{
    struct intake_options o = {.each = world_tell, .arg = &w};
    struct intake *i = NULL;

    must(intake_create(&i, w.box, &o, &w.err), &w.err);
    must(intake_path(i, from, path, &w.err), &w.err);
    intake_destroy(i);
}

static void a_directory_is_walked_by_name_without_dot_files(void **state)
{
    struct disk *usb = NULL;

    (void)state;
    must(disk_sim_create(&usb, 5, &w.err), &w.err);
    must(disk_make_dirs(usb, "/usb/b/sau", &w.err), &w.err);
    must(disk_make_dirs(usb, "/usb/.Trash", &w.err), &w.err);
    put(usb, "/usb/c.jpg", "fake jpeg\npage: ba\nend\n");
    put(usb, "/usb/a.jpg", "fake jpeg\npage: một\nend\n");
    put(usb, "/usb/b/hai.jpg", "fake jpeg\npage: hai\nend\n");
    put(usb, "/usb/b/sau/hai.jpg", "not one of ours\n");
    put(usb, "/usb/.Trash/x.jpg", LETTER);
    put(usb, "/usb/.hidden.jpg", LETTER);
    take_path(usb, "/usb/");
    take_path(usb, "/usb/c.jpg");
    take_path(usb, "/usb/khong-co.jpg");
    assert_int_equal(w.told_count, 6);
    assert_string_equal(w.told[0].file, "/usb/a.jpg");
    assert_string_equal(w.told[1].file, "/usb/b/hai.jpg");
    assert_string_equal(w.told[2].file, "/usb/b/sau/hai.jpg");
    assert_string_equal(w.told[3].file, "/usb/c.jpg");
    expect_told("/usb/b/sau/hai.jpg", INTAKE_REFUSED, "wrong_type");
    expect_told("/usb/c.jpg", INTAKE_DUPLICATE, "");
    expect_told("/usb/khong-co.jpg", INTAKE_REFUSED, INTAKE_NOT_FOUND);
    disk_sim_destroy(usb);
}

/* On a real disk: the simulated one has no links. */
static void links_and_pipes_met_on_a_walk_are_told_and_the_rest_goes_on(void **state)
{
    char dir[] = "/tmp/tram-walk-XXXXXX", link[64], pipe[64], letter[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(link, sizeof link, "%s/a-link.jpg", dir);
    (void)snprintf(pipe, sizeof pipe, "%s/b-pipe.jpg", dir);
    (void)snprintf(letter, sizeof letter, "%s/c.jpg", dir);
    assert_int_equal(symlink(letter, link), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    put(disk_system(), letter, LETTER);
    take_path(disk_system(), dir);
    assert_int_equal(w.told_count, 3);
    expect_told(link, INTAKE_REFUSED, "link");
    expect_told(pipe, INTAKE_REFUSED, "link");
    expect_told(letter, INTAKE_KEPT, "");
    assert_int_equal(unlink(link) + unlink(pipe) + unlink(letter) + rmdir(dir), 0);
}

/* ------------------------------------------------------------- interruptions */

static bool stops_at_page_ten(void *arg)
{
    (void)arg;
    return w.reader.looked >= 10;
}

static void long_document_can_be_stopped_and_goes_on_at_its_page(void **state)
{
    struct intake_options o = {
        .each = world_tell, .cancelled = stops_at_page_ten, .arg = &w};
    struct intake *i = NULL;
    struct buffer paper;

    (void)state;
    buffer_init(&paper, 1 << 16);
    buffer_append_text(&paper, "fake pdf\n");
    for (int n = 1; n <= 40; n++)
        buffer_append_format(&paper, "page: tờ %d\n", n);
    buffer_append_text(&paper, "end\n");
    must(intake_create(&i, w.box, &o, &w.err), &w.err);
    must(intake_begin(i, "so.pdf", &w.err), &w.err);
    must(intake_add(i, paper.bytes, paper.count, &w.err), &w.err);
    assert_int_equal(intake_end(i, &w.err), -1);
    intake_destroy(i);
    assert_non_null(strstr(w.err.text, "stopped"));
    assert_int_equal(w.reader.looked, 10);
    assert_int_equal(w.told_count, 0);
    must(world_resume(&w, &w.err), &w.err);
    assert_int_equal(w.reader.looked, 40);
    expect_told("so.pdf", INTAKE_KEPT, "");
    expect_sound_box();
    buffer_release(&paper);
}

static bool stops_at_once(void *arg)
{
    (void)arg;
    return true;
}

static void stopped_archive_leaves_nothing_half_unpacked(void **state)
{
    struct intake_options o = {.each = world_tell, .cancelled = stops_at_once, .arg = &w};
    struct intake *i = NULL;
    uint64_t before = disk_sim_bytes(w.disk);

    (void)state;
    must(intake_create(&i, w.box, &o, &w.err), &w.err);
    must(intake_begin(i, "ho-so.zip", &w.err), &w.err);
    must(intake_add(i, BUNDLE, strlen(BUNDLE), &w.err), &w.err);
    assert_int_equal(intake_end(i, &w.err), -1);
    intake_destroy(i);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"), 0);
    assert_true(disk_sim_bytes(w.disk) < before + 65536);
    expect_sound_box();
}

static void a_full_disk_refuses_and_leaves_nothing_half_kept(void **state)
{
    struct disk_sim_faults full = {0}, none = {0};
    struct buffer paper;
    struct hash sha256;

    (void)state;
    take("thu.jpg", LETTER);
    buffer_init(&paper, 1 << 20);
    buffer_append_text(&paper, "fake jpeg\npage: dài\n");
    for (int n = 0; n < 20000; n++)
        buffer_append_text(&paper, "# đệm\n");
    buffer_append_text(&paper, "end\n");
    hash_of(&sha256, paper.bytes, paper.count);
    full.bytes_max = disk_sim_bytes(w.disk) + 50000;
    disk_sim_set_faults(w.disk, &full);
    assert_int_equal(world_take(&w, "dai.jpg", (const char *)paper.bytes, &w.err), -1);
    assert_int_equal(w.err.code, ERR_NO_SPACE);
    assert_non_null(strstr(w.err.text, "dai.jpg"));
    assert_int_equal(w.told_count, 1);
    assert_false(blob_there(&sha256));
    assert_true(disk_sim_bytes(w.disk) < full.bytes_max - 40000); /* nor its piece */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"), 1);

    disk_sim_set_faults(w.disk, &none);
    must(world_take(&w, "dai.jpg", (const char *)paper.bytes, &w.err), &w.err);
    expect_told("dai.jpg", INTAKE_KEPT, "");
    expect_sound_box();
    buffer_release(&paper);
}

static void a_reader_that_cannot_be_had_stops_the_batch_and_keeps_nothing(void **state)
{
    struct hash sha256;

    (void)state;
    w.reader.gone = true;
    hash_of(&sha256, LETTER, strlen(LETTER));
    assert_int_equal(world_take(&w, "thu.jpg", LETTER, &w.err), -1);
    assert_int_equal(w.told_count, 0);
    assert_false(blob_there(&sha256));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"), 0);
    w.reader.gone = false;
    take("thu.jpg", LETTER);
    expect_told("thu.jpg", INTAKE_KEPT, "");
}

static void a_sender_who_goes_away_leaves_nothing(void **state)
{
    struct intake_options o = {.each = world_tell, .arg = &w};
    struct intake *i = NULL;
    uint64_t before = disk_sim_bytes(w.disk);

    (void)state;
    must(intake_create(&i, w.box, &o, &w.err), &w.err);
    must(intake_begin(i, "thu.jpg", &w.err), &w.err);
    must(intake_add(i, LETTER, 20, &w.err), &w.err);
    intake_abort(i);
    intake_destroy(i);
    assert_int_equal(disk_sim_bytes(w.disk), before);
    assert_int_equal(w.told_count, 0);
}

static void keep_blob(const char *bytes)
{
    struct blob_writer *writer = NULL;
    struct hash sha256;
    uint64_t count;
    bool was_there;

    must(blob_writer_create(&writer, w.box->blobs, &w.err), &w.err);
    must(blob_writer_add(writer, bytes, strlen(bytes), &w.err), &w.err);
    must(blob_writer_keep(writer, &sha256, &count, &was_there, &w.err), &w.err);
    blob_writer_destroy(writer);
}

static bool bytes_there(const char *bytes)
{
    struct hash sha256;

    hash_of(&sha256, bytes, strlen(bytes));
    return blob_there(&sha256);
}

/* The power goes between a blob's last sync and its row. */
static void blob_that_no_row_names_is_taken_in_at_the_next_start(void **state)
{
    static const char bad[] = "fake text\nx\n";
    static const char unnamed[] = "fake jpeg\npage: không ai biết\nend\n";

    (void)state;
    take("thu.jpg", LETTER);
    take("mat.png", SECRET);
    take("xau.jpg", bad);
    assert_int_equal(world_told(&w, "mat.png")->state, INTAKE_HELD);
    assert_int_equal(world_told(&w, "xau.jpg")->state, INTAKE_REFUSED);
    keep_blob(bad); /* offered again */
    keep_blob(unnamed);
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    assert_true(bytes_there(unnamed) && bytes_there(bad));
    must(world_resume(&w, &w.err), &w.err);
    assert_false(bytes_there(bad)); /* refused once more */
    assert_true(bytes_there(LETTER) && bytes_there(SECRET) && bytes_there(unnamed));
    take("lai.jpg", unnamed);
    expect_told("lai.jpg", INTAKE_DUPLICATE, "");
    take("thu.jpg", LETTER);
    expect_told("thu.jpg", INTAKE_DUPLICATE, "");
    expect_sound_box();
}

/* Cuts the power in the middle of the file's road and goes on. */
static void a_long_look_goes_on_where_the_power_went(void **state)
{
    struct disk_sim_faults f = {0};
    struct buffer paper;
    unsigned looked;

    (void)state;
    buffer_init(&paper, 1 << 16);
    buffer_append_text(&paper, "fake pdf\n");
    for (int n = 1; n <= 40; n++)
        buffer_append_format(&paper, "page: tờ %d\n", n);
    buffer_append_text(&paper, "end\n");
    f.die_at_call = disk_sim_calls(w.disk) + 120;
    disk_sim_set_faults(w.disk, &f);
    assert_int_equal(
        world_take_as(&w, "so.pdf", (const char *)paper.bytes, "HS-3", NULL, &w.err), -1);
    looked = w.reader.looked;
    assert_in_range(looked, 5, 38);
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    w.reader.looked = 0;
    must(world_resume(&w, &w.err), &w.err);
    expect_told("so.pdf", INTAKE_KEPT, "");
    assert_in_range(w.reader.looked, 40 - looked, 40 - looked + 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document WHERE dossier"), 1);
    expect_sound_box();
    buffer_release(&paper);
}

static int count_blob(void *arg, const char *name, struct err *e)
{
    (void)name;
    (void)e;
    ++*(unsigned *)arg;
    return 0;
}

static int count_fan_out(void *arg, const char *name, struct err *e)
{
    char path[64];

    (void)snprintf(path, sizeof path, WORLD_DIR "/blobs/%.8s", name);
    return disk_list(w.disk, path, count_blob, arg, e);
}

/* All blobs, and what lies about half-written. */
static unsigned blobs_on_disk(void)
{
    unsigned count = 0;

    must(disk_list(w.disk, WORLD_DIR "/blobs", count_fan_out, &count, &w.err), &w.err);
    return count;
}

/* Every call of the disk fails once: each run ends in success or a clean error, and
 * afterwards the file is taken in once, whatever happened. */
static void any_one_failing_disk_call_leaves_a_box_that_goes_on(void **state)
{
    uint64_t call, first, failed = 0;

    (void)state;
    for (call = 1;; call++) {
        struct disk_sim_faults f = {0}, none = {0};
        bool done;
        int rc;

        world_destroy(&w);
        world_start(&w);
        first = disk_sim_calls(w.disk);
        f.fail_call = first + call;
        disk_sim_set_faults(w.disk, &f);
        rc = world_take(&w, "ho-so.zip", BUNDLE, &w.err);
        done = disk_sim_calls(w.disk) < f.fail_call;
        disk_sim_set_faults(w.disk, &none);
        if (rc != 0) {
            failed++;
            assert_int_not_equal(w.err.code, ERR_NONE);
            assert_int_not_equal(w.err.text[0], '\0');
        }
        world_kill(&w);
        must(world_open(&w, &w.err), &w.err);
        must(world_resume(&w, &w.err), &w.err);
        take("ho-so.zip", BUNDLE);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 2);
        assert_int_equal(world_number(&w, "SELECT count(*) FROM intake"
                                          " WHERE state IN ('taken', 'cleared')"),
                         0);
        assert_int_equal(blobs_on_disk(), 3); /* two documents, one held */
        expect_sound_box();
        if (done)
            break;
    }
    print_message("# %llu disk calls failed in turn, %llu of them stopped the file\n",
                  (unsigned long long)(call - 1), (unsigned long long)failed);
    assert_true(failed > 20);
}

/* ------------------------------------------------------------ two at a time */

static int tell_refused(void *arg, const struct intake_result *r, struct err *e)
{
    unsigned *refused = arg;

    (void)e;
    *refused += r->state == INTAKE_REFUSED && strcmp(r->reason, "wrong_type") == 0;
    return 0;
}

#define SENDERS 6
#define ROUNDS  40

struct sender {
    pthread_t thread;
    char dir[64];
    unsigned refused;
    bool failed;
    struct err err;
};

/* One of the desk's threads: a box of its own, the same bad file again and again. */
static void *sends_the_same(void *arg)
{
    struct sender *s = arg;
    struct intake_options o = {.each = tell_refused, .arg = &s->refused};
    struct reader_fake reader;
    struct box *b = NULL;
    struct intake *i = NULL;

    reader_fake_init(&reader, 1);
    s->failed = box_open(&b, disk_system(), clock_system(), s->dir, &reader.reader,
                         &s->err) != 0 ||
                intake_create(&i, b, &o, &s->err) != 0;
    for (int n = 0; n < ROUNDS && !s->failed; n++)
        s->failed = intake_begin(i, "a.txt", &s->err) != 0 ||
                    intake_add(i, "not ours\n", 9, &s->err) != 0 ||
                    intake_end(i, &s->err) != 0;
    intake_destroy(i);
    box_close(b);
    reader_fake_release(&reader);
    return NULL;
}

static void six_equal_bad_files_at_once_are_each_refused(void **state)
{
    const struct store_identity who = {.site = SITE_DEMO, .epoch = 1, .name = "Xã Thử"};
    struct sender senders[SENDERS] = {0};
    struct scratch s;

    (void)state;
    scratch_dir(&s);
    must(box_init(disk_system(), clock_system(), s.dir, &who, &w.err), &w.err);
    for (int n = 0; n < SENDERS; n++) {
        (void)snprintf(senders[n].dir, sizeof senders[n].dir, "%s", s.dir);
        assert_int_equal(
            pthread_create(&senders[n].thread, NULL, sends_the_same, &senders[n]), 0);
    }
    for (int n = 0; n < SENDERS; n++)
        assert_int_equal(pthread_join(senders[n].thread, NULL), 0);
    for (int n = 0; n < SENDERS; n++) {
        if (senders[n].failed)
            fail_msg("%s", senders[n].err.text);
        assert_int_equal(senders[n].refused, ROUNDS);
    }
    scratch_remove(&s);
}

/* While the first box's reader looks at the file, a second box takes the same
 * bytes in, from the beginning to the end. */
static void second_takes_it_meanwhile(void *arg)
{
    struct intake *b = arg;

    must(intake_begin(b, "b.jpg", &w.err), &w.err);
    must(intake_add(b, LETTER, strlen(LETTER), &w.err), &w.err);
    must(intake_end(b, &w.err), &w.err);
}

static void two_boxes_on_one_store_make_one_document_of_the_same_bytes(void **state)
{
    struct intake_options o = {.each = world_tell, .arg = &w};
    struct box *second = NULL;
    struct intake *b = NULL;

    (void)state;
    must(box_open(&second, w.disk, &w.clock.clock, WORLD_DIR, &w.reader.reader, &w.err),
         &w.err);
    must(intake_create(&b, second, &o, &w.err), &w.err);
    w.reader.on_look = second_takes_it_meanwhile;
    w.reader.on_look_arg = b;
    take("a.jpg", LETTER);
    expect_told("b.jpg", INTAKE_KEPT, "");
    expect_told("a.jpg", INTAKE_DUPLICATE, "");
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page"), 1);
    intake_destroy(b);
    box_close(second);
    expect_sound_box();
}

static void words_that_are_too_long_or_not_utf8_are_the_askers_mistake(void **state)
{
    char word[INTAKE_WORD_BYTES + 1];
    struct intake *i = NULL;
    struct intake_options o = {.dossier = word};

    (void)state;
    memset(word, 'x', sizeof word);
    word[INTAKE_WORD_BYTES] = '\0';
    assert_int_equal(intake_create(&i, w.box, &o, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    o = (struct intake_options){.type = "b\xe1o"};
    assert_int_equal(intake_create(&i, w.box, &o, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    assert_null(i);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_kept_file_is_a_document_with_its_bytes_and_pages),
        STORY(the_same_bytes_twice_are_one_document),
        STORY(a_long_document_is_captured_in_several_frames_and_is_one),
        STORY(a_name_that_is_not_utf8_is_kept_readable),
        STORY(a_refused_file_leaves_its_reason_and_nothing_else),
        STORY(what_was_refused_may_be_offered_again),
        STORY(a_stamped_paper_is_never_captured_indexed_or_queued),
        STORY(an_archive_is_its_files_and_each_goes_its_own_road),
        STORY(a_bomb_is_refused_and_what_came_whole_before_it_is_kept),
        STORY(an_archive_of_too_many_entries_stops_at_the_cap),
        STORY(refused_twins_in_an_archive_stop_nothing),
        STORY(a_directory_is_walked_by_name_without_dot_files),
        STORY(links_and_pipes_met_on_a_walk_are_told_and_the_rest_goes_on),
        STORY(long_document_can_be_stopped_and_goes_on_at_its_page),
        STORY(stopped_archive_leaves_nothing_half_unpacked),
        STORY(a_full_disk_refuses_and_leaves_nothing_half_kept),
        STORY(a_reader_that_cannot_be_had_stops_the_batch_and_keeps_nothing),
        STORY(a_sender_who_goes_away_leaves_nothing),
        STORY(blob_that_no_row_names_is_taken_in_at_the_next_start),
        STORY(a_long_look_goes_on_where_the_power_went),
        STORY(any_one_failing_disk_call_leaves_a_box_that_goes_on),
        STORY(two_boxes_on_one_store_make_one_document_of_the_same_bytes),
        STORY(six_equal_bad_files_at_once_are_each_refused),
        STORY(words_that_are_too_long_or_not_utf8_are_the_askers_mistake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
