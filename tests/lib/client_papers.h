/* Client papers: documents to ask the reader about, each a descriptor of its own that the
 * caller closes, and clients to ask with. */
#ifndef TRAM_TESTS_CLIENT_PAPERS_H
#define TRAM_TESTS_CLIENT_PAPERS_H

#include <stddef.h>
#include <stdint.h>

#include "ocr/client.h"

#define A4_WIDTH  2480 /* 300 dpi */
#define A4_HEIGHT 3508

/* A page with `text` on each of its lines, in letters that a reader can read. */
int a_page(uint32_t width, uint32_t height, const char *text, int lines);
/* One line of it on A4: "CONG HOA XA HOI 1945". */
int a_scan(void);

/* Two pages of text ("Mot trang giay", "Hai trang giay", in red) and no picture, so that
 * they must be drawn; `sides` in points. */
int a_pdf_of(const char *sides);
int a_drawn_pdf(void); /* of A4 */

/* Of the real tram-ocr and with two jobs where `o` says nothing; fails the test if it
 * cannot be had. */
struct ocr_client *a_client(struct ocr_options o);

/* What identifying these bytes refuses them for. */
enum refusal refusal_of(struct ocr_client *c, const void *bytes, size_t count);
void expect_text(const struct reading *r, const char *text);

#endif
