/* Names: parts of names of the highlands' peoples that are no Vietnamese syllable, as
 * their papers spell them: known ones, and whatever has no tone and begins as only they
 * do (Hnai, Kđăm, Mlô). They are right as they are. */
#ifndef TRAM_OCR_SUSPECTS_NAMES_H
#define TRAM_OCR_SUSPECTS_NAMES_H

#include <stdbool.h>

/* `word`: letters alone, in any capitals. */
bool names_have(const char *word);

#endif
