#include "ocr/image/print.h"

#include <leptonica/allheaders.h>

#define PAPER_RANK  0.7f  /* most of a page is paper */
#define PRINT_RANK  0.01f /* and more of it than this is print */
#define PRINT_SHARE 0.5f  /* of the way from print to paper */

struct Pix *print_keep(struct Pix *grey)
{
    l_float32 paper = 255, print = 0;

    if (pixGetRankValueMasked(grey, NULL, 0, 0, 4, PAPER_RANK, &paper, NULL) != 0 ||
        pixGetRankValueMasked(grey, NULL, 0, 0, 4, PRINT_RANK, &print, NULL) != 0)
        return NULL;
    return pixGammaTRC(NULL, grey, 1.0f, (l_int32)print,
                       (l_int32)(print + PRINT_SHARE * (paper - print)) + 1);
}
