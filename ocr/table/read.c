#include "ocr/table/table.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/order.h"
#include "ocr/table/cells.h"

/* --- the page ------------------------------------------------------------------------ */

/* The page with nothing where its tables are. */
static struct Pix *page_without(struct Pix *pix, const struct grid *g)
{
    struct Pix *page = pixCopy(NULL, pix);
    int beyond = g->dpi / 30;

    for (size_t i = 0; page != NULL && i < g->tables_count; i++) {
        const struct box *t = &g->tables[i];
        BOX *box =
            boxCreate(t->left - beyond, t->top - beyond, t->right - t->left + 2 * beyond,
                      t->bottom - t->top + 2 * beyond);
        float paper = 255;

        /* Most of a page is paper. */
        (void)pixGetRankValueMasked(pix, NULL, 0, 0, 4, 0.7f, &paper, NULL);
        (void)pixSetInRectArbitrary(page, box, (l_uint32)paper);
        boxDestroy(&box);
    }
    return page;
}

/* Where among the words a table belongs: the place with the fewest words on the
 * wrong side of it. */
static size_t place_of(const struct found *around, size_t from, const struct box *table)
{
    int32_t middle = (table->top + table->bottom) / 2;
    long wrong = 0, least;
    size_t best = from;

    for (size_t i = from; i < around->words_count; i++)
        wrong += (around->words[i].box.top + around->words[i].box.bottom) / 2 < middle;
    least = wrong;
    for (size_t i = from; i < around->words_count; i++) {
        bool above =
            (around->words[i].box.top + around->words[i].box.bottom) / 2 < middle;

        wrong += above ? -1 : 1;
        if (wrong < least) {
            least = wrong;
            best = i + 1;
        }
    }
    return best;
}

/* Appends words `from` to `to`: all of `around`, without the others' words. */
static int append_words(struct found *out, const struct found *around, size_t from,
                        size_t to, struct err *e)
{
    struct found part = *around;

    if (from == to)
        return 0;
    part.words += from;
    part.words_count = to - from;
    if (part.words[0].start < WORD_NEW_BLOCK)
        part.words[0].start = WORD_NEW_BLOCK;
    return found_append(out, &part, 0, 0, e);
}

static int take_cells(struct found *out, const struct grid *g, struct err *e)
{
    for (size_t i = 0; i < g->cells_count; i++) {
        struct found_cell *c = found_add_cell(out, e);

        if (c == NULL)
            return -1;
        *c = g->cells[i];
    }
    return 0;
}

int grid_read(struct TessBaseAPI *tess, struct Pix *pix, const struct grid *g,
              const struct attempt *how, struct found *out, struct err *e)
{
    struct Pix *erased = NULL, *page = NULL;
    struct found around = {0};
    size_t from = 0;
    int rc = -1;

    if (grid_erase(&erased, pix, g, e) != 0)
        goto out;
    page = page_without(erased, g);
    if (page == NULL) {
        err_set(e, ERR_MEMORY, "table: out of memory");
        goto out;
    }
    rc = order_read(tess, page, NULL, how, &around, e);
    if (rc == 0)
        rc = take_cells(out, g, e);
    for (size_t i = 0; i < g->tables_count && rc == 0; i++) {
        size_t to = place_of(&around, from, &g->tables[i]);

        rc = append_words(out, &around, from, to, e);
        if (rc == 0)
            rc = cells_read(tess, erased, g, i, how, out, e);
        from = to;
    }
    if (rc == 0)
        rc = append_words(out, &around, from, around.words_count, e);
out:
    found_release(&around);
    pixDestroy(&page);
    pixDestroy(&erased);
    return rc;
}
