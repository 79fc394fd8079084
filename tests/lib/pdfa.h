/* PDF/A: whether a file keeps what ISO 19005-2 asks of level B, as far as our copies can
 * sin against it. (veraPDF, which knows all of it, is not in Debian.) */
#ifndef TRAM_TESTS_PDFA_H
#define TRAM_TESTS_PDFA_H

/* NULL, or the first thing that is wrong; static. */
const char *pdfa_problem(const char *path);

#endif
