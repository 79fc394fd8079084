#include "tests/lib/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <leptonica/allheaders.h>
#include <qpdf/qpdf-c.h>

#define DPI         200
#define FONT_SIZE   8 /* points at 300 dpi: 12 at 200 */
#define LINE_HEIGHT 50
#define SHEETS_MAX  16

struct Pix *document_page(int width, int height, const char *const *lines)
{
    struct Pix *page = pixCreate(width, height, 8);
    L_BMF *font = bmfCreate(NULL, FONT_SIZE);
    l_int32 end, over;

    assert_non_null(page);
    assert_non_null(font);
    (void)pixSetAll(page);
    for (int i = 0; lines != NULL && lines[i] != NULL; i++)
        (void)pixSetTextline(page, font, lines[i], 0, LINE_HEIGHT / 2,
                             (i + 1) * LINE_HEIGHT, &end, &over);
    (void)pixSetResolution(page, DPI, DPI);
    bmfDestroy(&font);
    return page;
}

void document_encode(struct buffer *out, struct Pix *pix, int format)
{
    struct Pix *bits = format == IFF_TIFF_G4 ? pixConvertTo1(pix, 128) : pixClone(pix);
    l_uint8 *bytes = NULL;
    size_t count = 0;

    (void)pixSetResolution(bits, pixGetXRes(pix), pixGetYRes(pix));
    assert_int_equal(pixWriteMem(&bytes, &count, bits, format), 0);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, bytes, count);
    lept_free(bytes);
    pixDestroy(&bits);
}

void document_tiff(struct buffer *out, struct Pix *pix, unsigned pages)
{
    PIXA *all = pixaCreate((l_int32)pages);
    l_uint8 *bytes = NULL;
    size_t count = 0;

    for (unsigned i = 0; i < pages; i++)
        (void)pixaAddPix(all, pixConvertTo1(pix, 128), L_INSERT);
    assert_int_equal(pixaWriteMemMultipageTiff(&bytes, &count, all), 0);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, bytes, count);
    lept_free(bytes);
    pixaDestroy(&all);
}

/* --- PDF ------------------------------------------------------------------- */

/* Objects: 1 catalogue, 2 page tree, and three a sheet: page, content, picture. */
static size_t object_begin(struct buffer *out, size_t *places, size_t number)
{
    places[number] = out->count;
    buffer_append_format(out, "%zu 0 obj\n", number);
    return number;
}

static void append_stream(struct buffer *out, const char *entries, const void *bytes,
                          size_t count)
{
    buffer_append_format(out, "<< %s /Length %zu >>\nstream\n", entries, count);
    buffer_append(out, bytes, count);
    buffer_append_text(out, "\nendstream\nendobj\n");
}

static void append_sheet(struct buffer *out, size_t *places, size_t first,
                         const struct pdf_sheet *s)
{
    object_begin(out, places, first);
    buffer_append_format(out,
                         "<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents %zu 0 R "
                         "/Resources << /XObject << /Im0 %zu 0 R >> /Font << %s >> >> "
                         "%s >>\nendobj\n",
                         s->box, first + 1, first + 2, s->fonts == NULL ? "" : s->fonts,
                         s->entries == NULL ? "" : s->entries);
    object_begin(out, places, first + 1);
    append_stream(out, "", s->content, strlen(s->content));
    object_begin(out, places, first + 2);
    append_stream(out, s->picture == NULL ? "" : s->picture, s->bytes, s->count);
}

void document_pdf(struct buffer *out, const struct pdf_sheet *sheets, size_t count)
{
    size_t places[3 + 3 * SHEETS_MAX], objects = 3 + 3 * count, start;

    assert_true(count <= SHEETS_MAX);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append_text(out, "%PDF-1.4\n");
    object_begin(out, places, 1);
    buffer_append_text(out, "<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    object_begin(out, places, 2);
    buffer_append_format(out, "<< /Type /Pages /Count %zu /Kids [", count);
    for (size_t i = 0; i < count; i++)
        buffer_append_format(out, "%zu 0 R ", 3 + 3 * i);
    buffer_append_text(out, "] >>\nendobj\n");
    for (size_t i = 0; i < count; i++)
        append_sheet(out, places, 3 + 3 * i, &sheets[i]);
    start = out->count;
    buffer_append_format(out, "xref\n0 %zu\n0000000000 65535 f \n", objects);
    for (size_t i = 1; i < objects; i++)
        buffer_append_format(out, "%010zu 00000 n \n", places[i]);
    buffer_append_format(
        out, "trailer\n<< /Size %zu /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", objects,
        start);
    assert_int_equal(out->failed, ERR_NONE);
}

void document_lock(struct buffer *out, const struct buffer *pdf, const char *user)
{
    qpdf_data q = qpdf_init();

    assert_int_equal(
        qpdf_read_memory(q, "test", (const char *)pdf->bytes, pdf->count, NULL),
        QPDF_SUCCESS);
    assert_int_equal(qpdf_init_write_memory(q), QPDF_SUCCESS);
    qpdf_set_r6_encryption_parameters2(q, user, "owner", QPDF_TRUE, QPDF_TRUE, QPDF_FALSE,
                                       QPDF_FALSE, QPDF_FALSE, QPDF_FALSE, qpdf_r3p_none,
                                       QPDF_TRUE);
    assert_int_equal(qpdf_write(q), QPDF_SUCCESS);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, qpdf_get_buffer(q), qpdf_get_buffer_length(q));
    qpdf_cleanup(&q);
}

/* --- archives ---------------------------------------------------------------- */

static la_ssize_t append_written(struct archive *a, void *arg, const void *bytes,
                                 size_t count)
{
    (void)a;
    buffer_append(arg, bytes, count);
    return (la_ssize_t)count;
}

static void set_form(struct archive *a, enum archive_form form)
{
    if (form == ARCHIVE_ZIP || form == ARCHIVE_ZIP_LOCKED)
        assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
    else
        assert_int_equal(archive_write_set_format_gnutar(a), ARCHIVE_OK);
    if (form == ARCHIVE_TAR_GZ)
        assert_int_equal(archive_write_add_filter_gzip(a), ARCHIVE_OK);
    if (form == ARCHIVE_TAR_ZST)
        assert_int_equal(archive_write_add_filter_zstd(a), ARCHIVE_OK);
    if (form == ARCHIVE_ZIP_LOCKED) {
        assert_int_equal(archive_write_set_options(a, "zip:encryption=traditional"),
                         ARCHIVE_OK);
        assert_int_equal(archive_write_set_passphrase(a, "secret"), ARCHIVE_OK);
    }
}

static void append_item(struct archive *a, const struct archive_item *item)
{
    struct archive_entry *entry = archive_entry_new();
    size_t length = strlen(item->name);
    bool folder = length > 0 && item->name[length - 1] == '/';

    archive_entry_set_pathname(entry, item->name);
    archive_entry_set_filetype(entry, item->link != NULL ? AE_IFLNK
                                      : folder           ? AE_IFDIR
                                                         : AE_IFREG);
    if (item->link != NULL)
        archive_entry_set_symlink(entry, item->link);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)item->count);
    /* A name that the locale cannot spell is only a warning. */
    assert_true(archive_write_header(a, entry) >= ARCHIVE_WARN);
    if (item->count > 0)
        assert_int_equal(archive_write_data(a, item->bytes, item->count), item->count);
    archive_entry_free(entry);
}

void document_archive(struct buffer *out, enum archive_form form,
                      const struct archive_item *items, size_t count)
{
    struct archive *a = archive_write_new();

    buffer_init(out, DOCUMENT_BYTES_MAX);
    set_form(a, form);
    (void)archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open(a, out, NULL, append_written, NULL), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        append_item(a, &items[i]);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    assert_int_equal(out->failed, ERR_NONE);
}

int document_fd(const void *bytes, size_t count)
{
    int fd = memfd_create("document", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), count);
    return fd;
}
