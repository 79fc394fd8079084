/* Documents with bytes changed, through the real reader: each harms nothing but
 * itself. Two hundred as a test; `make fuzz-worker` goes on for FUZZ_WORKER_S seconds,
 * with the sample pages too, and keeps what the reader died of in BUILD/findings. */
#include "ocr/client.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "base/clock.h"
#include "ocr/protocol.h"
#include "tests/lib/build.h"
#include "tests/lib/documents.h"
#include "tests/lib/mutation.h"

#define MUTATIONS       200
#define SEED            20260216
#define SEEDS_MAX       64
#define PAGE_WALL_MS    20000
#define SAMPLES         "tests/pages/samples"
#define SAMPLE_EACH     8  /* a sample is a whole page, and takes long: one in so many */
#define GOOD_EACH       20 /* in the long run; the test looks each time */
#define QUESTIONS_COUNT (QUESTION_LAST + 1)

static const char *const question_names[QUESTIONS_COUNT] = {
    [QUESTION_IDENTIFY] = "identify", [QUESTION_LOOK] = "look",
    [QUESTION_READ] = "read",         [QUESTION_UNPACK] = "unpack",
    [QUESTION_SMALL] = "small",       [QUESTION_REPACK] = "repack",
    [QUESTION_RESTORE] = "restore",   [QUESTION_PICTURE] = "picture",
    [QUESTION_COPY] = "copy",         [QUESTION_VIEW] = "view",
};

struct world {
    struct ocr_client *client;
    struct buffer seeds[SEEDS_MAX]; /* ours, then the samples and large ones */
    size_t ours_count, seeds_count;
    struct buffer good;
    struct random_seeded random;
    unsigned told[QUESTIONS_COUNT][REFUSAL_COUNT];
    const struct buffer *document; /* that is asked about */
    unsigned kept;
    unsigned long run_s; /* 0: as a test */
    int packed;
};

/* --- seeds ------------------------------------------------------------------- */

static struct buffer *add_seed(struct world *w)
{
    assert_in_range(w->seeds_count, 0, SEEDS_MAX - 1);
    return &w->seeds[w->seeds_count++];
}

static void add_pdf(struct world *w, const struct buffer *jpeg)
{
    const struct pdf_sheet sheet = {
        .box = "0 0 144 90",
        .content = "q 144 0 0 90 0 0 cm /Im0 Do Q",
        .picture = "/Type /XObject /Subtype /Image /Width 400 /Height 250 /ColorSpace "
                   "/DeviceGray /BitsPerComponent 8 /Filter /DCTDecode",
        .bytes = jpeg->bytes,
        .count = jpeg->count};

    document_pdf(add_seed(w), &sheet, 1);
}

static void add_archives(struct world *w, const struct buffer *entry)
{
    const struct archive_item items[2] = {
        {.name = "1.jpg", .bytes = entry->bytes, .count = entry->count},
        {.name = "2.jpg", .bytes = entry->bytes, .count = entry->count}};

    document_archive(add_seed(w), ARCHIVE_ZIP, items, 2);
    document_archive(add_seed(w), ARCHIVE_TAR_GZ, items, 2);
    document_archive(add_seed(w), ARCHIVE_TAR_ZST, items, 2);
    document_archive(add_seed(w), ARCHIVE_TAR, items, 2);
}

static void take_file(struct buffer *out, int fd)
{
    struct err e;

    assert_true(fd >= 0);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(buffer_read_fd(out, fd, &e), 0);
}

/* What a JPEG is packed to: the one form that only RESTORE reads. */
static void add_packed(struct world *w, const struct buffer *jpeg)
{
    int fd = document_fd(jpeg->bytes, jpeg->count);
    enum refusal refusal;
    struct hash sha256;
    bool gained;
    struct err e;

    hash_of(&sha256, jpeg->bytes, jpeg->count);
    assert_int_equal(ocr_repack(w->client, fd, &sha256, w->packed, &gained, &refusal, &e),
                     0);
    assert_true(gained);
    take_file(add_seed(w), w->packed);
    (void)close(fd);
}

static void add_samples(struct world *w)
{
    DIR *folder = opendir(SAMPLES);
    char path[512];

    assert_non_null(folder);
    for (struct dirent *d; (d = readdir(folder)) != NULL;) {
        int fd;

        if (d->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, SAMPLES "/%.255s", d->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        take_file(add_seed(w), fd);
        (void)close(fd);
    }
    (void)closedir(folder);
}

/* Of those that are read row by row. */
static void add_large(struct world *w)
{
    static const char *const lines[] = {"UY BAN NHAN DAN", NULL};
    struct Pix *page = document_page(6007, 3011, lines), *colour = pixConvertTo32(page);

    document_encode(add_seed(w), colour, IFF_TIFF_LZW);
    document_encode(add_seed(w), colour, IFF_TIFF_JPEG);
    document_encode(add_seed(w), page, IFF_PNG);
    pixDestroy(&colour);
    pixDestroy(&page);
}

static void add_seeds(struct world *w)
{
    static const int formats[] = {IFF_JFIF_JPEG, IFF_PNG,      IFF_TIFF_LZW,
                                  IFF_TIFF_G4,   IFF_TIFF_ZIP, IFF_TIFF_JPEG,
                                  IFF_TIFF,      IFF_TIFF_RLE, IFF_TIFF_PACKBITS};
    static const char *const lines[] = {"UY BAN NHAN DAN", "SO 12 QD UBND", NULL};
    struct Pix *page = document_page(400, 250, lines), *colour = pixConvertTo32(page);

    document_encode(&w->good, page, IFF_JFIF_JPEG);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        document_encode(add_seed(w), page, formats[i]);
    document_encode(add_seed(w), colour, IFF_JFIF_JPEG);
    document_encode(add_seed(w), colour, IFF_PNG);
    document_tiff(add_seed(w), page, 2);
    add_pdf(w, &w->good);
    add_archives(w, &w->good);
    add_packed(w, &w->good);
    w->ours_count = w->seeds_count;
    if (w->run_s != 0) {
        add_samples(w);
        add_large(w);
    }
    pixDestroy(&colour);
    pixDestroy(&page);
}

/* --- the world ------------------------------------------------------------------ */

static int world_set_up(void **state)
{
    const char *seconds = getenv("FUZZ_WORKER_S");
    struct world *w = calloc(1, sizeof *w);
    char program[600];
    const struct ocr_options o = {
        .program = program, .jobs = 1, .page_wall_ms_max = PAGE_WALL_MS};
    struct err e;

    w->run_s = seconds == NULL ? 0 : strtoul(seconds, NULL, 10);
    w->packed = memfd_create("packed", MFD_CLOEXEC);
    (void)snprintf(program, sizeof program, "%s/tram-ocr", build_dir());
    random_seeded_init(&w->random, w->run_s == 0 ? SEED : (uint64_t)clock_mono_now_ms());
    if (ocr_client_create(&w->client, &o, &e) != 0)
        fail_msg("%s", e.text);
    add_seeds(w);
    *state = w;
    return 0;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;

    ocr_client_destroy(w->client);
    for (size_t i = 0; i < w->seeds_count; i++)
        buffer_release(&w->seeds[i]);
    buffer_release(&w->good);
    (void)close(w->packed);
    free(w);
    return 0;
}

/* --- what is told ---------------------------------------------------------------- */

static void keep(struct world *w, enum question_kind kind, enum refusal r)
{
    char path[600];
    int fd;

    (void)snprintf(path, sizeof path, "%s/findings", build_dir());
    (void)mkdir(path, 0777); /* it may be there */
    (void)snprintf(path, sizeof path, "%s/findings/worker-%s-%s-%d-%u", build_dir(),
                   question_names[kind], refusal_name(r), (int)getpid(), w->kept++);
    fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, w->document->bytes, w->document->count),
                     w->document->count);
    (void)close(fd);
    print_message("# %s\n", path);
}

static void told(struct world *w, enum question_kind kind, enum refusal r)
{
    w->told[kind][r]++;
    if (w->run_s != 0 && (r == REFUSAL_CRASHED || r == REFUSAL_FORBIDDEN))
        keep(w, kind, r);
}

static unsigned count_of(const struct world *w, enum refusal r)
{
    unsigned count = 0;

    for (int kind = 0; kind < QUESTIONS_COUNT; kind++)
        count += w->told[kind][r];
    return count;
}

static void print_told(const struct world *w)
{
    char line[256];

    for (int r = 0; r < REFUSAL_COUNT; r++) {
        size_t used =
            (size_t)snprintf(line, sizeof line, "# %-14s", refusal_name((enum refusal)r));

        if (count_of(w, (enum refusal)r) == 0)
            continue;
        for (int kind = QUESTION_IDENTIFY; kind < QUESTIONS_COUNT; kind++)
            used += (size_t)snprintf(line + used, sizeof line - used, " %s %u",
                                     question_names[kind], w->told[kind][r]);
        print_message("%s\n", line);
    }
}

/* --- questions ------------------------------------------------------------------ */

static int entry_begin(void *arg, const char *name, struct err *e)
{
    (void)arg;
    (void)name;
    (void)e;
    return 0;
}

static int entry_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    (void)arg;
    (void)bytes;
    (void)count;
    (void)e;
    return 0;
}

static int entry_end(void *arg, enum refusal r, struct err *e)
{
    (void)e;
    told(arg, QUESTION_UNPACK, r);
    return 0;
}

static void ask_page(struct world *w, int fd, uint32_t page)
{
    struct reading reading;
    struct small small;
    struct buffer view;
    enum refusal refusal;
    struct look look;
    struct err e;

    if (ocr_look(w->client, fd, 0, &look, &e) != 0)
        fail_msg("look: %s", e.text);
    told(w, QUESTION_LOOK, look.refusal);
    if (ocr_read(w->client, fd, page, 0, &reading, &e) != 0)
        fail_msg("read: %s", e.text);
    told(w, QUESTION_READ, reading.refusal);
    reading_release(&reading);
    if (ocr_small(w->client, fd, page, 0, &small, &e) != 0)
        fail_msg("small: %s", e.text);
    told(w, QUESTION_SMALL, small.refusal);
    small_release(&small);
    buffer_init(&view, VIEW_BYTES_MAX);
    if (ocr_view(w->client, fd, page, 0, &view, &refusal, &e) != 0)
        fail_msg("view: %s", e.text);
    told(w, QUESTION_VIEW, refusal);
    buffer_release(&view);
}

/* Packed as any document is, and restored as if it were a packed form; what is
 * packed is proved on the way. */
static void ask_packed(struct world *w, int fd)
{
    int nowhere = memfd_create("restored", MFD_CLOEXEC);
    enum refusal refusal;
    struct hash sha256;
    bool gained;
    struct err e;

    hash_of(&sha256, w->document->bytes, w->document->count);
    if (ocr_repack(w->client, fd, &sha256, w->packed, &gained, &refusal, &e) != 0)
        fail_msg("repack: %s", e.text);
    told(w, QUESTION_REPACK, refusal);
    if (ocr_restore(w->client, fd, &sha256, nowhere, &refusal, &e) != 0)
        fail_msg("restore: %s", e.text);
    told(w, QUESTION_RESTORE, refusal);
    (void)close(nowhere);
}

static void ask(struct world *w, int fd)
{
    const struct entry_sink sink = {entry_begin, entry_bytes, entry_end, w};
    struct identity identity;
    enum refusal refusal;
    struct err e;

    if (ocr_identify(w->client, fd, &identity, &e) != 0)
        fail_msg("identify: %s", e.text);
    told(w, QUESTION_IDENTIFY, identity.refusal);
    if (media_is_archive(identity.media)) {
        if (ocr_unpack(w->client, fd, &sink, &refusal, &e) != 0)
            fail_msg("unpack: %s", e.text);
        told(w, QUESTION_UNPACK, refusal);
    } else if (identity.refusal == REFUSAL_NONE) {
        ask_page(w, fd, identity.pages - 1);
    }
    ask_packed(w, fd);
}

static void expect_good_page_is_read(struct world *w)
{
    struct reading reading;
    struct err e;
    int fd = document_fd(w->good.bytes, w->good.count);

    if (ocr_read(w->client, fd, 0, 0, &reading, &e) != 0)
        fail_msg("the good page: %s", e.text);
    assert_string_equal(refusal_name(reading.refusal), "none");
    assert_non_null(strstr((const char *)reading.text.bytes, "BAN"));
    reading_release(&reading);
    close(fd);
}

/* --- stories --------------------------------------------------------------------- */

static const struct buffer *next_seed(struct world *w, unsigned i)
{
    size_t samples = w->seeds_count - w->ours_count;

    if (samples > 0 && i % SAMPLE_EACH == 0)
        return &w->seeds[w->ours_count + i / SAMPLE_EACH % samples];
    return &w->seeds[i % w->ours_count];
}

static void ask_about_one(struct world *w, unsigned i)
{
    struct buffer b;
    int fd;

    mutation_make(&b, next_seed(w, i), &w->random.random);
    w->document = &b;
    fd = document_fd(b.bytes, b.count);
    ask(w, fd);
    close(fd);
    buffer_release(&b);
    if (w->run_s == 0 || i % GOOD_EACH == 0)
        expect_good_page_is_read(w);
}

/* Our only child. */
static int worker_pid(void)
{
    char path[64];
    int pid = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &pid), 1);
    (void)fclose(f);
    return pid;
}

static void changed_documents_harm_nothing_but_themselves(void **state)
{
    struct world *w = *state;
    int64_t until_ms = clock_mono_now_ms() + (int64_t)w->run_s * 1000;
    unsigned i = 0;
    int worker;

    expect_good_page_is_read(w);
    worker = worker_pid();
    while (w->run_s == 0 ? i < MUTATIONS : clock_mono_now_ms() < until_ms)
        ask_about_one(w, i++);
    expect_good_page_is_read(w);
    print_message("# %u documents\n", i);
    print_told(w);
    assert_int_equal(worker_pid(), worker); /* which noticed nothing */
    assert_true(count_of(w, REFUSAL_NONE) > 0);
    assert_true(count_of(w, REFUSAL_DAMAGED) + count_of(w, REFUSAL_CUT_OFF) > 0);
    assert_int_equal(count_of(w, REFUSAL_FORBIDDEN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changed_documents_harm_nothing_but_themselves,
                                        world_set_up, world_tear_down),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
