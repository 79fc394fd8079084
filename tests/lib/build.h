/* Build: where the real programs are that a test runs: in TRAM_BUILD, else where the
 * test itself was built. */
#ifndef TRAM_TESTS_BUILD_H
#define TRAM_TESTS_BUILD_H

/* "build/release", absolute; the same at each call. */
const char *build_dir(void);

/* The path of "tram-ocr" there; the same at each call, so one program a test. */
const char *build_program(const char *name);

#endif
