#include "ocr/recognise.h"

#include <dlfcn.h>
#include <leptonica/allheaders.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#include "base/clock.h"
#include "ocr/archive.h"
#include "ocr/attempt.h"
#include "ocr/emit.h"
#include "ocr/image/steps.h"
#include "ocr/ladder.h"
#include "ocr/language/language.h"
#include "ocr/marks.h"
#include "ocr/order.h"
#include "ocr/table/leaders.h"
#include "ocr/table/table.h"

#define LANGUAGE    "vie"
#define SNIPPET_DPI 200

struct recogniser {
    TessBaseAPI *tess;
    unsigned without; /* enum reading_part */
};

bool reading_parts_from_words(const char *words, unsigned *out)
{
    static const struct {
        const char *name;
        enum reading_part part;
    } parts[] = {
        {"ladder", PART_LADDER}, {"cells", PART_CELLS},   {"language", PART_LANGUAGE},
        {"marks", PART_MARKS},   {"border", PART_BORDER}, {"holes", PART_HOLES},
        {"bleed", PART_BLEED},   {"faint", PART_FAINT},   {"uncovered", PART_UNCOVERED}};
    const size_t count = sizeof parts / sizeof *parts;

    *out = 0;
    while (*words != '\0') {
        size_t bytes = strcspn(words, ","), i = 0;

        while (i < count && (strlen(parts[i].name) != bytes ||
                             strncmp(parts[i].name, words, bytes) != 0))
            i++;
        if (i == count)
            return false;
        *out |= parts[i].part;
        words += bytes + (words[bytes] == ',');
    }
    return true;
}

static bool uses(const struct recogniser *r, enum reading_part part)
{
    return (r->without & part) == 0;
}

/* Each parallel region of the engine on one thread: on pages it gains nothing from
 * more, takes five times as long when the machine is busy, and a forked child must
 * not find a pool of threads that its parent had. The variable is read when the
 * library is loaded, so it only helps programs that we start; the call helps us. */
static void forbid_threads(void)
{
    void (*levels)(int) =
        (void (*)(int))(intptr_t)dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");

    (void)setenv("OMP_THREAD_LIMIT", "1", 1); /* no memory: only slower */
    if (levels != NULL)
        levels(0);
}

/* Reads a picture of letters once, so that nothing is left to be opened later. */
static int warm_up(struct recogniser *r, struct err *e)
{
    struct Pix *page = pixCreate(600, 120, 8);
    L_BMF *font = bmfCreate(NULL, 8);
    struct opened_page opened = {.pix = page, .width = 600, .height = 120, .dpi = 150};
    struct reading reading = {0};
    l_int32 end, over;
    int rc = -1;

    if (page == NULL || font == NULL) {
        err_set(e, ERR_MEMORY, "recogniser: out of memory");
        goto out;
    }
    (void)pixSetAll(page);
    (void)pixSetTextline(page, font, "CONG HOA XA HOI 1945", 0, 40, 60, &end, &over);
    rc = recognise_page(r, &opened, 0, WAY_USUAL, &reading, e);
out:
    reading_release(&reading);
    bmfDestroy(&font);
    pixDestroy(&page);
    return rc;
}

int recogniser_create(struct recogniser **out, unsigned without, struct err *e)
{
    struct recogniser *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "recogniser: out of memory");
    r->without = without;
    forbid_threads();
    setMsgSeverity(L_SEVERITY_NONE);
    r->tess = TessBaseAPICreate();
    if (r->tess == NULL ||
        TessBaseAPIInit2(r->tess, NULL, LANGUAGE, OEM_LSTM_ONLY) != 0) {
        recogniser_destroy(r);
        return err_set(e, ERR_FAILED, "recogniser: no model '%s' for Tesseract %s",
                       LANGUAGE, TessVersion());
    }
    if (archive_warm(e) != 0 || warm_up(r, e) != 0) {
        recogniser_destroy(r);
        return -1;
    }
    *out = r;
    return 0;
}

void recogniser_destroy(struct recogniser *r)
{
    if (r == NULL)
        return;
    if (r->tess != NULL)
        TessBaseAPIDelete(r->tess);
    free(r);
}

/* --- pages --------------------------------------------------------------------- */

/* One page being read. */
struct page_reading {
    struct recogniser *r;
    bool table; /* ruled tables were found and read by cells */
};

static bool has_table(void *context)
{
    return ((struct page_reading *)context)->table;
}

/* ladder.shows_table */
static int shows_table(void *context, struct Pix *pix, int dpi, bool *out, struct err *e)
{
    const struct page_reading *p = context;
    struct grid grid = {0};
    int rc = uses(p->r, PART_CELLS) ? grid_find(&grid, pix, dpi, e) : 0;

    *out = grid.tables_count > 0;
    grid_release(&grid);
    return rc;
}

/* page_reader.read: dotted leaders off, tables by cells, else the page's columns by
 * themselves. */
static int read_picture(void *context, struct Pix *pix, const struct attempt *asked,
                        struct found *out, struct err *e)
{
    struct page_reading *p = context;
    struct attempt how = *asked;
    struct grid grid = {0};
    struct Pix *clean = NULL;
    size_t dots;
    int rc = -1;

    how.alternatives = how.alternatives && uses(p->r, PART_LANGUAGE);
    if (!uses(p->r, PART_CELLS))
        clean = pixClone(pix);
    else if (grid_find(&grid, pix, how.dpi, e) != 0 ||
             leaders_erase(&clean, pix, how.dpi, &dots, e) != 0)
        goto out;
    p->table = grid.tables_count > 0;
    if (p->table)
        rc = grid_read(p->r->tess, clean, &grid, &how, out, e);
    if (p->table && rc != 0 && e->code != ERR_MEMORY) {
        found_release(out); /* better without its cells than not at all */
        p->table = false;
    }
    if (!p->table && uses(p->r, PART_MARKS))
        rc = order_read(p->r->tess, clean, NULL, &how, out, e);
    else if (!p->table)
        rc = attempt_read(p->r->tess, clean, NULL, &how, out, e);
out:
    pixDestroy(&clean);
    grid_release(&grid);
    return rc;
}

/* page_reader.read of a cut-out: nothing in it is looked for but letters. */
static int read_line(void *context, struct Pix *pix, const struct attempt *asked,
                     struct found *out, struct err *e)
{
    const struct page_reading *p = context;
    struct attempt how = *asked;

    how.alternatives = how.alternatives && uses(p->r, PART_LANGUAGE);
    return attempt_read(p->r->tess, pix, NULL, &how, out, e);
}

static struct mapping mapping_of(const struct opened_page *page,
                                 const struct ladder_report *report,
                                 unsigned quarter_turns)
{
    return (struct mapping){.read_width = report->width,
                            .read_height = report->height,
                            .width = page->width,
                            .height = page->height,
                            .quarter_turns = (quarter_turns + report->turns) % 4,
                            .tilt = report->recipe.tilt};
}

static void describe(struct reading *out, const struct opened_page *page,
                     const struct shared_steps *shared,
                     const struct ladder_report *report, unsigned quarter_turns)
{
    static const char *const turned[] = {"", "; turned 90", "; turned 180",
                                         "; turned 270"};
    char steps[96]; /* the attempts that follow must fit too */

    steps_tell(steps, sizeof steps, shared, &report->recipe);
    out->layout.width = page->width;
    out->layout.height = page->height;
    out->layout.dpi = page->dpi;
    out->layout.rotation = (uint8_t)((quarter_turns + report->turns) % 4);
    out->layout.skew_centidegrees = (int32_t)lround(report->recipe.tilt * 100);
    (void)snprintf(out->engine, sizeof out->engine, "tesseract %.12s %s%s%s%s; %s",
                   TessVersion(), LANGUAGE, turned[report->turns],
                   steps[0] == '\0' ? "" : "; ", steps, report->tells);
}

/* Without the ladder a page is read as it is. */
static struct step_set steps_wanted(const struct recogniser *r)
{
    bool cleans = uses(r, PART_LADDER);

    return (struct step_set){.border = cleans && uses(r, PART_BORDER),
                             .holes = cleans && uses(r, PART_HOLES),
                             .bleed = cleans && uses(r, PART_BLEED),
                             .faint = cleans && uses(r, PART_FAINT)};
}

/* The dots per inch of the page as it is read, which may be scaled down. */
static int read_dpi(const struct opened_page *page)
{
    return (int)((double)page->dpi * pixGetWidth(page->pix) / page->width + 0.5);
}

int recognise_page(struct recogniser *r, const struct opened_page *page,
                   unsigned quarter_turns, enum reading_way way, struct reading *out,
                   struct err *e)
{
    int64_t started_ms = clock_mono_now_ms();
    struct page_reading reading = {.r = r};
    struct shared_steps shared = {0};
    struct ladder_report report = {0};
    struct ladder ladder = {.shared = &shared,
                            .dpi = read_dpi(page),
                            .way = way,
                            .climb = uses(r, PART_LADDER),
                            .recovers = uses(r, PART_LADDER) && uses(r, PART_UNCOVERED),
                            .reader = {read_picture, &reading},
                            .line_reader = {read_line, &reading},
                            .has_table = has_table,
                            .shows_table = shows_table};
    struct step_set wanted = steps_wanted(r);
    struct language_report chosen;
    struct found found = {0};
    struct mapping mapping;
    int rc = -1;

    *out = (struct reading){0};
    buffer_init(&out->text, READING_TEXT_MAX);
    if (steps_share(&shared, page->pix, quarter_turns, ladder.dpi, &wanted) != 0) {
        err_set(e, ERR_MEMORY, "recogniser: out of memory");
        goto out;
    }
    if (ladder_climb(&ladder, pixGetDepth(page->pix), &found, &report, e) != 0)
        goto out;
    if (uses(r, PART_MARKS))
        marks_clean(&found);
    if (uses(r, PART_LANGUAGE))
        language_choose(&found, &chosen);
    mapping = mapping_of(page, &report, quarter_turns);
    describe(out, page, &shared, &report, quarter_turns);
    if (emit_reading(&found, &mapping, out, e) != 0)
        goto out;
    out->took_ms = (uint32_t)(clock_mono_now_ms() - started_ms);
    rc = 0;
out:
    found_release(&found);
    pixDestroy(&shared.grey);
    if (rc != 0)
        reading_release(out);
    return rc;
}

int recognise_snippet(struct recogniser *r, struct Pix *cut, char *out, size_t out_bytes,
                      struct err *e)
{
    struct attempt how = {.segmentation = SEGMENT_BLOCK, .dpi = SNIPPET_DPI};
    struct found found = {0};
    int rc = attempt_read(r->tess, cut, NULL, &how, &found, e);
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; rc == 0 && i < found.words_count && at < out_bytes; i++)
        /* A cut text is fine. */
        at += (size_t)snprintf(out + at, out_bytes - at, "%s%s",
                               i == 0                                 ? ""
                               : found.words[i].start == WORD_IN_LINE ? " "
                                                                      : "\n",
                               found.words[i].text);
    found_release(&found);
    return rc;
}
