/* Package name: what a case's PDF is called in a register's package, as its type says
 * ("KS.{namMoSo}.{maNoiDangKy}.{quyenSo}.{loaiGiay}.{so}.pdf"), in letters that zip and
 * Windows take. Pure.
 *
 * Of a value that ends in "/" and a year, as numbers of a book of several years do, the
 * year goes before the number, in two digits: "12/2003" is "03.12". Of any other value
 * nothing from its first "/" on is taken. (VIETNAM.md §4: names seen in one province's
 * project, marked V2.) */
#ifndef TRAM_APPLIANCE_PACKAGE_NAME_H
#define TRAM_APPLIANCE_PACKAGE_NAME_H

#include "base/buffer.h"
#include "schema/types/types.h"

#define PACKAGE_NAME_BYTES_MAX 200 /* longer ones are cut by some programs */

/* Appends the name. Fields that it needs and the record lacks: their labels, divided by
 * ", ", are appended to `missing`, and the name is of no use. `value` answers NULL for a
 * field without a value. ERR_TOO_BIG: longer than PACKAGE_NAME_BYTES_MAX. */
int package_name(struct buffer *out, struct buffer *missing, const struct record_type *t,
                 enum language language,
                 const char *(*value)(void *arg, const char *field), void *arg,
                 struct err *e);

/* What zip and Windows do not take in a name becomes "-". */
void package_name_append(struct buffer *out, const char *text, size_t count);

/* Names that are taken: no two of a package are one to Windows, which takes small letters
 * and capitals for the same. */
struct package_names {
    void *root; /* search.h's */
};
void package_names_release(struct package_names *n); /* a zeroed one is fine */

/* Takes `name`, or the first of "STEM(1).pdf", "STEM(2).pdf"… that is free; *twice says
 * which. `name` is changed to it. */
int package_names_take(struct package_names *n, struct buffer *name, bool *twice,
                       struct err *e);

#endif
