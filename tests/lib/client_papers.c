#include "tests/lib/client_papers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "tests/lib/build.h"
#include "tests/lib/documents.h"

int a_page(uint32_t width, uint32_t height, const char *text, int lines)
{
    PIX *page = pixCreate((l_int32)width, (l_int32)height, 8);
    L_BMF *font = bmfCreate(NULL, 14);
    l_uint8 *bytes;
    size_t count;
    l_int32 end, over;
    int fd;

    (void)pixSetAll(page);
    for (int i = 0; i < lines; i++)
        (void)pixSetTextline(page, font, text, 0, 200, 300 + 60 * i, &end, &over);
    (void)pixSetResolution(page, 300, 300);
    assert_int_equal(pixWriteMemPng(&bytes, &count, page, 0), 0);
    fd = document_fd(bytes, count);
    lept_free(bytes);
    pixDestroy(&page);
    bmfDestroy(&font);
    return fd;
}

int a_scan(void)
{
    return a_page(A4_WIDTH, A4_HEIGHT, "CONG HOA XA HOI 1945", 1);
}

/* Content that draws `text` as shapes, in red. With a font's name instead, what is drawn is
 * the machine's: while somebody installed fonts, a page came out without letters. */
static void draw(struct buffer *shapes, const char *text)
{
    PIX *line = pixCreate(1200, 80, 1);
    L_BMF *font = bmfCreate(NULL, 14);
    l_int32 end, over, width = pixGetWidth(line);
    l_uint32 ink = 0;

    buffer_init(shapes, 1 << 17);
    buffer_append_text(shapes, "1 0 0 rg .24 0 0 .24 72 720 cm\n"); /* 300 dpi */
    (void)pixSetTextline(line, font, text, 1, 0, 60, &end, &over);
    for (l_int32 y = 0; y < pixGetHeight(line); y++)
        for (l_int32 x = 0, from = 0; x <= width; x++) {
            l_uint32 was = ink;

            ink = 0; /* beside the line */
            (void)pixGetPixel(line, x, y, &ink);
            if (ink != 0 && was == 0)
                from = x;
            if (ink == 0 && was != 0)
                buffer_append_format(shapes, "%d %d %d 1 re\n", from, -y, x - from);
        }
    buffer_append_text(shapes, "f");
    bmfDestroy(&font);
    pixDestroy(&line);
}

int a_pdf_of(const char *sides)
{
    static const char *const texts[] = {"Mot trang giay", "Hai trang giay"};
    struct buffer drawings[2], pdf;
    struct pdf_sheet sheets[2];
    char box[64];
    int fd;

    (void)snprintf(box, sizeof box, "0 0 %s", sides);
    for (size_t i = 0; i < 2; i++) {
        draw(&drawings[i], texts[i]);
        sheets[i] =
            (struct pdf_sheet){.box = box, .content = (const char *)drawings[i].bytes};
    }
    document_pdf(&pdf, sheets, 2);
    fd = document_fd(pdf.bytes, pdf.count);
    buffer_release(&pdf);
    for (size_t i = 0; i < 2; i++)
        buffer_release(&drawings[i]);
    return fd;
}

int a_drawn_pdf(void)
{
    return a_pdf_of("595 842");
}

struct ocr_client *a_client(struct ocr_options o)
{
    struct ocr_client *c;
    struct err e;

    if (o.program == NULL)
        o.program = build_program("tram-ocr");
    if (o.jobs == 0)
        o.jobs = 2;
    if (ocr_client_create(&c, &o, &e) != 0)
        fail_msg("%s", e.text);
    return c;
}

enum refusal refusal_of(struct ocr_client *c, const void *bytes, size_t count)
{
    struct identity i;
    struct err e;
    int fd = document_fd(bytes, count);

    if (ocr_identify(c, fd, &i, &e) != 0)
        fail_msg("%s", e.text);
    (void)close(fd);
    return i.refusal;
}

void expect_text(const struct reading *r, const char *text)
{
    assert_int_equal(r->refusal, REFUSAL_NONE);
    if (r->text.count == 0 || strstr((const char *)r->text.bytes, text) == NULL)
        fail_msg("read: %s", r->text.count == 0 ? "" : (const char *)r->text.bytes);
}
