/* tram-bigrams: makes ocr/language/bigrams.bin from counts (ocr/language/README.md). */
#include <stdio.h>

#include "tests/language/bigrams.h"

#define TABLE_BYTES_MAX 600000

int main(int argc, char **argv)
{
    struct counts counts = {0};
    struct buffer table;
    struct err e = {0};
    FILE *out;
    int rc = 1;

    buffer_init(&table, TABLE_BYTES_MAX);
    if (argc != 3) {
        (void)fprintf(stderr, "tram-bigrams DIR OUT: a table from DIR's counts\n");
        return 2;
    }
    if (counts_read(&counts, argv[1], &e) != 0 || bigrams_make(&counts, &table, &e) != 0)
        goto out;
    out = fopen(argv[2], "wb");
    if (out == NULL || fwrite(table.bytes, 1, table.count, out) != table.count ||
        fclose(out) != 0) {
        err_set(&e, ERR_FAILED, "%s: cannot be written", argv[2]);
        goto out;
    }
    rc = 0;
out:
    if (rc != 0)
        (void)fprintf(stderr, "tram-bigrams: %s\n", e.text);
    buffer_release(&table);
    counts_release(&counts);
    return rc;
}
