#include "appliance/package_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <xlsxwriter.h>

#define CELL_LETTERS_MAX 32767 /* Excel's */
#define SHEET_NAME_BYTES 32    /* 31 letters */
#define COLUMN_LETTERS   18    /* wide enough for a name */

struct sheet {
    lxw_worksheet *sheet;
    lxw_row_t row;
    lxw_col_t column;
    uint64_t bytes; /* of texts: the sheet is larger */
};

struct package_table {
    struct disk_file *into;
    lxw_workbook *book;
    lxw_format *head;
    char dir[DISK_PATH_BYTES];
    struct sheet sheets[SHEETS];
};

static int failed(lxw_error code, struct err *e)
{
    return err_set(e,
                   code == LXW_ERROR_MEMORY_MALLOC_FAILED           ? ERR_MEMORY
                   : code == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE ? ERR_TOO_BIG
                                                                    : ERR_IO,
                   "spreadsheet: %s", lxw_strerror(code));
}

/* --------------------------------------------------------------------- sheets */

static int add_sheet(struct package_table *t, struct sheet *s, const char *name,
                     struct err *e)
{
    char safe[SHEET_NAME_BYTES];

    (void)snprintf(safe, sizeof safe, "%s", name);
    for (char *c = safe; *c != '\0'; c++)
        if (strchr("[]:*?/\\'", *c) != NULL)
            *c = '-';
    s->sheet = workbook_add_worksheet(
        t->book,
        workbook_validate_sheet_name(t->book, safe) == LXW_NO_ERROR ? safe : NULL);
    if (s->sheet == NULL)
        return err_set(e, ERR_MEMORY, "spreadsheet");
    worksheet_freeze_panes(s->sheet, 1, 0);
    return 0;
}

static int begin(struct package_table *t, const char *cases, const char *files,
                 struct err *e)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = t->dir};

    if (disk_parent(t->dir, t->into->path, e) != 0)
        return -1;
    t->book = workbook_new_opt(t->into->path, &options);
    if (t->book == NULL)
        return err_set(e, ERR_IO, "spreadsheet: no temporary file in %s", t->dir);
    t->head = workbook_add_format(t->book);
    if (t->head == NULL)
        return err_set(e, ERR_MEMORY, "spreadsheet");
    format_set_bold(t->head);
    return add_sheet(t, &t->sheets[SHEET_CASES], cases, e) != 0
               ? -1
               : add_sheet(t, &t->sheets[SHEET_FILES], files, e);
}

int package_table_create(struct package_table **out, struct disk_file *into,
                         const char *cases, const char *files, struct err *e)
{
    struct package_table *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return err_set(e, ERR_MEMORY, "spreadsheet");
    t->into = into;
    if (begin(t, cases, files, e) != 0) {
        package_table_destroy(t);
        return -1;
    }
    *out = t;
    return 0;
}

void package_table_destroy(struct package_table *t)
{
    if (t == NULL)
        return;
    lxw_workbook_free(t->book);
    free(t);
}

/* ---------------------------------------------------------------------- cells */

/* As many bytes of it as a cell may hold. */
static size_t cell_bytes(const char *text)
{
    size_t letters = 0, at = 0;

    for (; text[at] != '\0'; at++)
        /* A letter beyond the first plane counts twice, as Excel counts. */
        if (((unsigned char)text[at] & 0xc0) != 0x80) {
            letters += (unsigned char)text[at] >= 0xf0 ? 2 : 1;
            if (letters > CELL_LETTERS_MAX)
                break;
        }
    return at;
}

/* U+FFFE and U+FFFF are no text to XML, and no program would open the table; other
 * characters that it does not take libxlsxwriter writes in its own way. */
static void replace_nontext(char *text)
{
    for (char *at = text; (at = strstr(at, "\xef\xbf")) != NULL; at += 2)
        if (at[2] == '\xbe' || at[2] == '\xbf')
            at[2] = '\xbd'; /* U+FFFD */
}

int package_table_cell(struct package_table *t, enum package_sheet sheet,
                       const char *text, bool *cut, struct err *e)
{
    struct sheet *s = &t->sheets[sheet];
    size_t count = cell_bytes(text);
    char *part = strndup(text, count);
    lxw_error code = LXW_NO_ERROR;

    if (part == NULL)
        return err_set(e, ERR_MEMORY, "spreadsheet");
    replace_nontext(part);
    if (cut != NULL)
        *cut = text[count] != '\0';
    if (s->row == 0)
        worksheet_set_column(s->sheet, s->column, s->column, COLUMN_LETTERS, NULL);
    if (count > 0)
        code = worksheet_write_string(s->sheet, s->row, s->column, part,
                                      s->row == 0 ? t->head : NULL);
    free(part);
    s->column++;
    s->bytes += count;
    return code == LXW_NO_ERROR ? 0 : failed(code, e);
}

void package_table_end_row(struct package_table *t, enum package_sheet s)
{
    t->sheets[s].row++;
    t->sheets[s].column = 0;
}

/* ----------------------------------------------------------------- read again */

/* The sheet's rows come in one stream: that it ends as it should and holds at least
 * the texts tells that nothing of it is missing. */
static int check_sheet(struct archive *a, const struct sheet *s, struct err *e)
{
    static const char end[] = "</worksheet>";
    char chunk[65536], last[sizeof end] = "";
    uint64_t bytes = 0;
    la_ssize_t got;

    while ((got = archive_read_data(a, chunk, sizeof chunk)) > 0) {
        size_t count = (size_t)got, keep = sizeof end - 1, kept = strlen(last);

        if (count >= keep) {
            memcpy(last, chunk + count - keep, keep);
        } else { /* a short chunk behind what there is */
            size_t stay = kept + count > keep ? keep - count : kept;

            memmove(last, last + kept - stay, stay);
            memcpy(last + stay, chunk, count);
            last[stay + count] = '\0';
        }
        bytes += count;
    }
    if (got < 0 || bytes < s->bytes || strcmp(last, end) != 0)
        return err_set(e, ERR_IO, "spreadsheet: the disk did not take all of it");
    return 0;
}

static int check_entries(struct archive *a, const struct package_table *t, struct err *e)
{
    struct archive_entry *entry;
    unsigned seen = 0;
    int rc;

    while ((rc = archive_read_next_header(a, &entry)) == ARCHIVE_OK)
        for (unsigned i = 0; i < SHEETS; i++) {
            const char *name = archive_entry_pathname(entry);
            char want[40];

            (void)snprintf(want, sizeof want, "xl/worksheets/sheet%u.xml", i + 1);
            if (name == NULL || strcmp(name, want) != 0)
                continue;
            if (check_sheet(a, &t->sheets[i], e) != 0)
                return -1;
            seen++;
        }
    if (rc != ARCHIVE_EOF || seen != SHEETS)
        return err_set(e, ERR_IO, "spreadsheet: the disk did not take all of it");
    return 0;
}

/* Our own bytes, so outside the cage. */
static int check(const struct package_table *t, struct err *e)
{
    struct archive *a = archive_read_new();
    int rc = -1;

    if (a == NULL)
        return err_set(e, ERR_MEMORY, "spreadsheet");
    if (archive_read_support_format_zip(a) != ARCHIVE_OK ||
        archive_read_open_filename(a, t->into->path, 65536) != ARCHIVE_OK)
        (void)err_set(e, ERR_IO, "spreadsheet: %s", archive_error_string(a));
    else
        rc = check_entries(a, t, e);
    archive_read_free(a);
    return rc;
}

int package_table_finish(struct package_table *t, struct err *e)
{
    lxw_error code = workbook_close(t->book); /* and freed, whatever it says */

    t->book = NULL;
    return code == LXW_NO_ERROR ? check(t, e) : failed(code, e);
}
