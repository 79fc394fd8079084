/* tram-pages: invented Vietnamese office papers, aged, with the truth beside them.
 * See README.md of this folder. */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/pages/output.h"
#include "tests/pages/truth.h"

#define PATH_BYTES    1024
#define MIX           PAPER_KINDS
#define DPI_SMALL     150
#define QUALITY_SMALL 35
#define ANY           (-1)

/* One paper of the seed is three independent streams. */
enum stream { STREAM_PAPER, STREAM_AGE, STREAM_BACK, STREAMS };

struct options {
    uint64_t seed;
    int count, pages, dpi;
    const char *out, *name, *font, *variant;
    int kind, age, secrecy, tone, seal; /* ANY: as the seed has it */
    double skew;                        /* NAN: as the seed has it */
    enum format format;
    bool small, json;
};

static const char usage[] =
    "tram-pages --seed N --count N --out DIR [options]\n"
    "  --kind letter|decision|party|register|list|certificate|mix   (mix)\n"
    "  --variant NAME   of the kind: CV TB BC TTr KH CTr GM BB; QĐ TB CT BC HD;\n"
    "                   birth death marriage single; names money statistics\n"
    "  --age clean|light|heavy|worn|office|bleed|faint   (clean)\n"
    "  --secrecy none|mat|toi_mat|tuyet_mat\n"
    "  --dpi 100..600   (200)           --format png|jpg|tif|pdf|pdf-text   (png)\n"
    "  --pages N        pages of a paper (1); tif and pdf hold them in one file\n"
    "  --tone colour|grey|bilevel       --seal yes|no     --skew DEGREES\n"
    "  --font FAMILY    --name ID       --small: 150 dpi, 16 greys, few lines\n"
    "  --json           print a line a file\n";

static const char *const age_names[] = {"clean",  "light", "heavy", "worn",
                                        "office", "bleed", "faint"};
static const char *const tone_names[] = {"colour", "grey", "bilevel"};
static const char *const secrecy_names[] = {"none", "mat", "toi_mat", "tuyet_mat"};
static const char *const format_names[] = {"png", "jpg", "tif", "pdf", "pdf-text"};
static const char *const answer_names[] = {"no", "yes"};
static const char *const kind_names[] = {"letter", "decision",    "party", "register",
                                         "list",   "certificate", "mix"};

#define NAME_FIND(names, value, out, e)                                                  \
    name_find(names, (int)(sizeof(names) / sizeof(names)[0]), value, out, e)

static int name_find(const char *const *names, int count, const char *value, int *out,
                     struct err *e)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], value) == 0) {
            *out = i;
            return 0;
        }
    return err_set(e, ERR_USAGE, "'%s' is none of the values of its option", value);
}

static int number_read(const char *value, int low, int high, int *out, struct err *e)
{
    char *end;
    long n = strtol(value, &end, 10);

    if (*end != '\0' || end == value || n < low || n > high)
        return err_set(e, ERR_USAGE, "'%s' is not a number from %d to %d", value, low,
                       high);
    *out = (int)n;
    return 0;
}

static int option_take(struct options *o, int option, const char *value, struct err *e)
{
    int format = 0, rc = 0;

    switch (option) {
    case 's':
        o->seed = strtoull(value, NULL, 10);
        return 0;
    case 'c':
        return number_read(value, 1, 100000, &o->count, e);
    case 'p':
        return number_read(value, 1, PAPER_PAGES_MAX - 2, &o->pages, e);
    case 'd':
        return number_read(value, 100, 600, &o->dpi, e);
    case 'o':
        o->out = value;
        return 0;
    case 'n':
        o->name = value;
        return 0;
    case 'F':
        o->font = value;
        return 0;
    case 'v':
        o->variant = value;
        return 0;
    case 'k':
        return NAME_FIND(kind_names, value, &o->kind, e);
    case 'a':
        return NAME_FIND(age_names, value, &o->age, e);
    case 'y':
        return NAME_FIND(secrecy_names, value, &o->secrecy, e);
    case 't':
        return NAME_FIND(tone_names, value, &o->tone, e);
    case 'l':
        return NAME_FIND(answer_names, value, &o->seal, e);
    case 'f':
        rc = NAME_FIND(format_names, value, &format, e);
        if (rc == 0)
            o->format = (enum format)format;
        return rc;
    case 'w':
        o->skew = strtod(value, NULL);
        return 0;
    case 'S':
        o->small = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    default:
        return err_set(e, ERR_USAGE, "no such option");
    }
}

static int options_read(struct options *o, int argc, char **argv, struct err *e)
{
    static const struct option known[] = {
        {"seed", 1, NULL, 's'},  {"count", 1, NULL, 'c'},  {"out", 1, NULL, 'o'},
        {"kind", 1, NULL, 'k'},  {"age", 1, NULL, 'a'},    {"secrecy", 1, NULL, 'y'},
        {"dpi", 1, NULL, 'd'},   {"format", 1, NULL, 'f'}, {"pages", 1, NULL, 'p'},
        {"tone", 1, NULL, 't'},  {"seal", 1, NULL, 'l'},   {"skew", 1, NULL, 'w'},
        {"font", 1, NULL, 'F'},  {"name", 1, NULL, 'n'},   {"variant", 1, NULL, 'v'},
        {"small", 0, NULL, 'S'}, {"json", 0, NULL, 'j'},   {NULL, 0, NULL, 0}};
    int option;

    *o = (struct options){.seed = 1,
                          .count = 1,
                          .pages = 1,
                          .kind = MIX,
                          .tone = ANY,
                          .seal = ANY,
                          .skew = (double)NAN};
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (option_take(o, option, optarg, e) != 0)
            return -1;
    if (optind != argc || o->out == NULL)
        return err_set(e, ERR_USAGE, "--out DIR is needed, and nothing but options");
    if (o->name != NULL && o->count > 1)
        return err_set(e, ERR_USAGE, "--name is for one paper");
    if (o->secrecy > SECRECY_NONE && (o->kind == PAPER_LIST || o->kind == PAPER_REGISTER))
        return err_set(e, ERR_USAGE, "--secrecy: a list or register bears no stamp");
    if (o->dpi == 0)
        o->dpi = o->small ? DPI_SMALL : 200;
    return 0;
}

/* ---- one paper ---- */

struct job {
    const struct options *options;
    struct phrases *phrases;
    struct fonts fonts;
    struct random random[STREAMS];
    struct age_plan plan;
    struct paper *paper, *back;
    struct picture pictures[PAPER_PAGES_MAX];
    char id[128];
};

static void wish_draw(const struct options *o, struct random *r, struct paper_wish *out)
{
    /* More letters than anything else, as in the cupboards. */
    static const enum paper_kind mix[] = {
        PAPER_LETTER, PAPER_LETTER,   PAPER_LETTER, PAPER_DECISION,   PAPER_DECISION,
        PAPER_PARTY,  PAPER_REGISTER, PAPER_LIST,   PAPER_CERTIFICATE};
    uint32_t drawn = random_below(r, sizeof mix / sizeof mix[0]);
    bool sealed = random_chance(r, 65);

    *out = (struct paper_wish){.variant = o->variant,
                               .secrecy = (enum secrecy)o->secrecy,
                               .little = o->small,
                               .pages = o->pages};
    out->kind = o->kind == MIX ? mix[drawn] : (enum paper_kind)o->kind;
    if (out->secrecy > SECRECY_NONE &&
        (out->kind == PAPER_LIST || out->kind == PAPER_REGISTER))
        out->kind = PAPER_LETTER; /* of a mix: those bear no stamp */
    out->seal = o->seal == ANY ? sealed && o->age != AGE_CLEAN : o->seal == 1;
}

static int front_set(struct job *j, struct err *e)
{
    const struct options *o = j->options;
    struct random *r = &j->random[STREAM_PAPER];
    struct paper_wish wish;
    const char *family = fonts_pick(r);
    bool coloured;

    wish_draw(o, r, &wish);
    if (fonts_open(&j->fonts, o->font ? o->font : family, e) != 0)
        return -1;
    if (paper_create(&j->paper, &wish, r, j->phrases, &j->fonts, e) != 0)
        return -1;
    coloured = wish.seal || wish.secrecy != SECRECY_NONE;
    age_plan_draw(&j->plan, (enum age)o->age, coloured, &j->random[STREAM_AGE]);
    if (o->tone != ANY)
        j->plan.tone = (enum tone)o->tone;
    if (o->tone == TONE_COLOUR)
        j->plan.photocopied = false;
    if (o->small && j->plan.quality > QUALITY_SMALL)
        j->plan.quality = QUALITY_SMALL;
    if (!isnan(o->skew))
        j->plan.skew_deg = o->skew;
    return 0;
}

/* Something else is printed on the back of the sheet. */
static int back_draw(struct job *j, struct picture *out, struct err *e)
{
    struct paper_wish wish = {.kind = PAPER_LETTER, .pages = 1};

    if (j->plan.bleed <= 0 ||
        j->paper->sheets[0]->width_pt > j->paper->sheets[0]->height_pt)
        return 0;
    if (paper_create(&j->back, &wish, &j->random[STREAM_BACK], j->phrases, &j->fonts,
                     e) != 0)
        return -1;
    return picture_draw(out, j->back->sheets[0], j->options->dpi, e);
}

static int pictures_make(struct job *j, struct err *e)
{
    struct picture back = {0};
    int rc = -1;

    if (back_draw(j, &back, e) != 0)
        goto out;
    for (int i = 0; i < j->paper->sheet_count; i++) {
        if (picture_draw(&j->pictures[i], j->paper->sheets[i], j->options->dpi, e) != 0 ||
            age_apply(&j->pictures[i], &j->plan, back.pix, e) != 0)
            goto out;
        random_init(&j->plan.random, random_next(&j->plan.random), (uint64_t)i);
    }
    rc = 0;
out:
    picture_release(&back);
    return rc;
}

static void line_print(const struct job *j, const char *file)
{
    json_t *o = json_pack("{s:s,s:s,s:s,s:i}", "id", j->id, "file", file, "kind",
                          paper_kind_name(j->paper->wish.kind), "pages",
                          format_many(j->options->format) ? j->paper->sheet_count : 1);

    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

/* Sheets [first, first + count) as one file and its truth. */
static int file_make(struct job *j, int first, int count, struct err *e)
{
    const struct options *o = j->options;
    char base[PATH_BYTES], path[PATH_BYTES];
    struct truth t = {.id = j->id,
                      .age = age_names[o->age],
                      .tone = tone_names[j->plan.tone],
                      .paper = j->paper,
                      .pictures = j->pictures,
                      .first = first,
                      .count = count};
    int rc;

    if (count == j->paper->sheet_count)
        g_snprintf(base, sizeof base, "%s/%s", o->out, j->id);
    else
        g_snprintf(base, sizeof base, "%s/%s-%d", o->out, j->id, first + 1);
    g_snprintf(path, sizeof path, "%s.%s", base, format_suffix(o->format));
    if (o->format == FORMAT_PDF_TEXT)
        rc = output_pdf_text(path, j->paper, e);
    else
        rc = output_pictures(path, o->format, j->pictures + first, count, j->plan.quality,
                             o->small, e);
    if (rc == 0)
        rc = truth_write(&t, base, e);
    if (rc == 0 && o->json)
        line_print(j, path);
    return rc;
}

static int files_make(struct job *j, struct err *e)
{
    int count = j->paper->sheet_count;

    if (format_many(j->options->format))
        return file_make(j, 0, count, e);
    for (int i = 0; i < count; i++)
        if (file_make(j, i, 1, e) != 0)
            return -1;
    return 0;
}

static int job_run(const struct options *o, struct phrases *phrases, int index,
                   struct err *e)
{
    struct job *j = g_new0(struct job, 1);
    int rc = -1;

    j->options = o;
    j->phrases = phrases;
    for (int i = 0; i < STREAMS; i++)
        random_init(&j->random[i], o->seed, (uint64_t)index * STREAMS + (uint64_t)i);
    if (front_set(j, e) != 0)
        goto out;
    if (o->name != NULL)
        g_snprintf(j->id, sizeof j->id, "%s", o->name);
    else
        g_snprintf(j->id, sizeof j->id, "%s-%" PRIu64 "-%03d",
                   paper_kind_name(j->paper->wish.kind), o->seed, index);
    if (pictures_make(j, e) != 0 || files_make(j, e) != 0)
        goto out;
    rc = 0;
out:
    for (int i = 0; i < PAPER_PAGES_MAX; i++)
        picture_release(&j->pictures[i]);
    paper_destroy(j->paper);
    paper_destroy(j->back);
    fonts_close(&j->fonts);
    g_free(j);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o;
    struct phrases *phrases = NULL;
    struct fonts stamps = {0};
    struct err e;
    int rc = -1;

    setMsgSeverity(L_SEVERITY_ERROR); /* Leptonica's small talk is no help here */
    if (options_read(&o, argc, argv, &e) != 0) {
        fprintf(stderr, "tram-pages: %s\n%s", e.text, usage);
        return 2;
    }
    if (g_mkdir_with_parents(o.out, 0777) != 0) {
        err_set_errno(&e, ERR_IO, "%s", o.out);
        goto out;
    }
    if (phrases_create(&phrases, &e) != 0)
        goto out;
    /* Seals and stamps are cut in these, whatever the paper is set in. */
    if (fonts_open(&stamps, "Liberation Serif", &e) != 0)
        goto out;
    fonts_close(&stamps);
    if (fonts_open(&stamps, "Liberation Sans", &e) != 0)
        goto out;
    for (int i = 0; i < o.count; i++)
        if (job_run(&o, phrases, i, &e) != 0)
            goto out;
    rc = 0;
out:
    if (rc != 0)
        fprintf(stderr, "tram-pages: %s\n", e.text);
    fonts_close(&stamps);
    phrases_destroy(phrases);
    return rc == 0 ? 0 : 1;
}

#ifdef __SANITIZE_ADDRESS__
/* Fontconfig keeps its caches to the end; to tear them down while Pango's threads
 * still match fonts aborts now and then. What leaks here is still told. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libpango\nleak:libcairo\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif
