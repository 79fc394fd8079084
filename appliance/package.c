#include "appliance/package.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/facsimile_words.h"
#include "appliance/package_cases.h"
#include "appliance/package_name.h"
#include "appliance/package_zip.h"
#include "base/replacing.h"

struct packing {
    struct box *box;
    const struct package_options *o;
    struct package *out;
    struct package_cases cases;
    /* All but the first are on their way only, and never put in place. */
    struct replacing to, table, sheaf, pdf;
    struct package_zip *zip;
    struct package_table *book;
    struct buffer sentence; /* or a name: what is being made */
};

/* ----------------------------------------------------------------- files beside */

static int begin_beside(struct packing *p, struct replacing *r, const char *path,
                        const char *what, struct err *e)
{
    char beside[DISK_PATH_BYTES];

    return disk_path(beside, e, "%s.%s", path, what) == 0
               ? replacing_begin(r, p->box->disk, beside, e)
               : -1;
}

/* In the words of who asks. */
static const char *words(struct packing *p, const char *key)
{
    buffer_clear(&p->sentence);
    message_append(&p->sentence, key, p->o->language, NULL, 0);
    return p->sentence.count == 0 ? "" : (const char *)p->sentence.bytes;
}

static const char *table_name(const struct packing *p)
{
    const struct record_type *t = p->cases.type;

    return t->table != NULL ? t->table : t->name;
}

static int begin(struct packing *p, const char *path, struct err *e)
{
    if (replacing_begin(&p->to, p->box->disk, path, e) != 0 ||
        begin_beside(p, &p->table, path, "table", e) != 0 ||
        begin_beside(p, &p->sheaf, path, "sheaf", e) != 0 ||
        begin_beside(p, &p->pdf, path, "pdf", e) != 0 ||
        package_zip_create(&p->zip, p->to.file, e) != 0)
        return -1;
    return package_table_create(&p->book, p->table.file, table_name(p),
                                words(p, "package.files"), e);
}

static void release(struct packing *p)
{
    package_zip_destroy(p->zip);
    package_table_destroy(p->book);
    package_cases_release(&p->cases);
    replacing_release(&p->pdf);
    replacing_release(&p->sheaf);
    replacing_release(&p->table);
    replacing_release(&p->to);
    buffer_release(&p->sentence);
}

/* --------------------------------------------------------------------- pictures */

/* True: the case's own fault, and others may be better. */
static bool is_the_case_s(enum err_code code)
{
    return code == ERR_CORRUPT || code == ERR_TOO_BIG || code == ERR_REFUSED;
}

/* c->note says why if there is none: f->pages is 0 then. */
static int make_pdf(struct packing *p, struct package_case *c, struct facsimile *f,
                    struct err *e)
{
    const struct shown what = {.document = c->document};

    if (disk_file_truncate(p->sheaf.file, 0, e) != 0 ||
        disk_file_truncate(p->pdf.file, 0, e) != 0)
        return -1;
    buffer_clear(&p->sentence);
    if (facsimile_make(p->box, &what, p->sheaf.file, p->pdf.file, f, e) != 0) {
        if (!is_the_case_s(e->code))
            return -1;
        f->pages = 0;
        buffer_append_text(&p->sentence, e->text);
    } else if (f->pages == 0) {
        facsimile_why_not(&p->sentence, f, p->o->language);
    } else {
        return package_zip_add(p->zip, c->name, p->pdf.file, e);
    }
    return buffer_check(&p->sentence, e) != 0
               ? -1
               : package_case_note(c, (const char *)p->sentence.bytes, e);
}

static int file_cell(struct packing *p, const char *text, struct err *e)
{
    return package_table_cell(p->book, SHEET_FILES, text, NULL, e);
}

static int write_file_heads(struct packing *p, struct err *e)
{
    static const char *const keys[] = {"package.document", "package.file",
                                       "package.pages", "package.note"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (file_cell(p, words(p, keys[i]), e) != 0)
            return -1;
    package_table_end_row(p->book, SHEET_FILES);
    return 0;
}

static int write_file_row(struct packing *p, const struct package_case *c,
                          const struct facsimile *f, struct err *e)
{
    char document[24], pages[16];

    (void)snprintf(document, sizeof document, "%" PRIu64, c->document);
    (void)snprintf(pages, sizeof pages, "%u", f->pages);
    if (file_cell(p, document, e) != 0 ||
        file_cell(p, f->pages == 0 ? "" : c->name, e) != 0 ||
        file_cell(p, pages, e) != 0 ||
        file_cell(p, c->note == NULL ? "" : c->note, e) != 0)
        return -1;
    package_table_end_row(p->book, SHEET_FILES);
    return 0;
}

static int pack_case(struct packing *p, struct package_case *c, struct err *e)
{
    struct facsimile f;

    if (make_pdf(p, c, &f, e) != 0 || write_file_row(p, c, &f, e) != 0)
        return err_wrap(e, "document %" PRIu64, c->document);
    p->out->cases++;
    p->out->pdfs += f.pages > 0;
    if (c->note == NULL)
        return 0;
    p->out->told++;
    p->o->told(p->o->arg, c->document, c->note);
    return 0;
}

static int pack_cases(struct packing *p, struct err *e)
{
    if (write_file_heads(p, e) != 0)
        return -1;
    for (size_t i = 0; i < p->cases.count; i++) {
        if (!p->o->progress(p->o->arg, i, p->cases.count))
            return err_set(e, ERR_FAILED, "package: given up");
        if (pack_case(p, &p->cases.cases[i], e) != 0)
            return -1;
    }
    return 0;
}

/* -------------------------------------------------------------------------- all */

/* From one snapshot: which cases, their rows and their names. */
static int write_rows(struct packing *p, const struct export_selection *what,
                      const char *path, struct err *e)
{
    int rc;

    if (store_read_begin(p->box->store, e) != 0)
        return -1;
    rc = package_cases_choose(&p->cases, p->box, what, p->out, e);
    if (rc == 0 && p->out->outcome == PACKAGE_WRITTEN)
        rc = begin(p, path, e) == 0
                 ? package_cases_write(&p->cases, p->box, p->o, p->book, e)
                 : -1;
    store_read_end(p->box->store);
    return rc;
}

static int finish(struct packing *p, struct err *e)
{
    const char *name = table_name(p);

    buffer_clear(&p->sentence);
    package_name_append(&p->sentence, name, strlen(name));
    buffer_append_text(&p->sentence, ".xlsx");
    if (buffer_check(&p->sentence, e) != 0 || package_table_finish(p->book, e) != 0 ||
        package_zip_add(p->zip, (const char *)p->sentence.bytes, p->table.file, e) != 0 ||
        package_zip_finish(p->zip, e) != 0)
        return -1;
    return replacing_commit(&p->to, e);
}

int package_write(struct box *b, const struct export_selection *what,
                  const struct package_options *o, const char *path, struct package *out,
                  struct err *e)
{
    struct packing p = {.box = b, .o = o, .out = out};
    int rc = -1;

    *out = (struct package){0};
    buffer_init(&p.sentence, 1 << 20);
    if (write_rows(&p, what, path, e) == 0)
        rc = out->outcome != PACKAGE_WRITTEN                ? 0
             : pack_cases(&p, e) == 0 && finish(&p, e) == 0 ? 0
                                                            : -1;
    release(&p);
    return rc;
}
