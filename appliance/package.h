/* Package: a register as its offices hand it on, in one zip: for each case a searchable
 * PDF (facsimile.h) called as its type says (package_name.h), and one spreadsheet with a
 * row a case.
 *
 *   HT_KHAISINH.xlsx         sheet "HT_KHAISINH": the type's columns, a row a case
 *                            sheet "Tệp": in the same order the case's file, its pages,
 *                            and what there is to say of it
 *   KS.1999.….pdf            one a case
 *
 * All cases are of one type. Rows and names are from one snapshot; the pictures follow one
 * by one without it, because they may take hours and nobody's log is to grow so long.
 * Nothing is lost for a fault of one case: a case that lacks what its name needs is called
 * by its number, one whose name is taken gets "(1)"; one without a picture, or with one
 * that cannot be had, has its row and no PDF. Each of them is told.
 *
 * The zip is put in its place when it is whole, or not at all. What is on its way lies
 * beside it, a case at a time: memory and room do not grow with the cases. */
#ifndef TRAM_APPLIANCE_PACKAGE_H
#define TRAM_APPLIANCE_PACKAGE_H

#include "appliance/export.h"

struct package_options {
    enum language language;
    /* How many cases are done; false: give up. */
    bool (*progress)(void *arg, uint64_t done, uint64_t all);
    /* A sentence about a case. */
    void (*told)(void *arg, uint64_t document, const char *sentence);
    void *arg;
};

enum package_outcome {
    PACKAGE_WRITTEN,
    PACKAGE_EMPTY, /* nothing is chosen; here and below no file is made */
    PACKAGE_MIXED, /* of two types, or of none that has a table */
};

struct package {
    enum package_outcome outcome;
    bool two; /* of PACKAGE_MIXED: two types, not one that has no table */
    char types[2][64];
    uint64_t cases, pdfs;
    uint64_t told; /* cases with something to say of them */
};

/* Needs the box's reader. */
int package_write(struct box *b, const struct export_selection *what,
                  const struct package_options *o, const char *path, struct package *out,
                  struct err *e);

#endif
