/* Package cases: the rows of a register's package and what each case's file will be
 * called; all of it from one snapshot. Internal to appliance/package.c. */
#ifndef TRAM_APPLIANCE_PACKAGE_CASES_H
#define TRAM_APPLIANCE_PACKAGE_CASES_H

#include "appliance/export_table.h"
#include "appliance/package.h"
#include "appliance/package_table.h"

struct package_case {
    uint64_t document;
    char *name; /* owned, as the next */
    char *note; /* what there is to say of it so far; NULL: nothing */
};

struct package_cases {
    const struct record_type *type; /* of all */
    struct package_case *cases;     /* ascending by document */
    size_t count;
};

void package_cases_release(struct package_cases *c); /* a zeroed one is fine */

/* Which: out->outcome says if they make a package. Inside a read of the caller's, as the
 * next. */
int package_cases_choose(struct package_cases *c, struct box *b,
                         const struct export_selection *what, struct package *out,
                         struct err *e);

/* A row each into the sheet of cases, and their names. */
int package_cases_write(struct package_cases *c, struct box *b,
                        const struct package_options *o, struct package_table *book,
                        struct err *e);

/* Adds a sentence to what there is to say; takes none of it. */
int package_case_note(struct package_case *c, const char *sentence, struct err *e);

#endif
