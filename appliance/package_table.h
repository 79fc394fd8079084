/* Package table: a register's spreadsheet (xlsx), by libxlsxwriter. Two sheets: the cases,
 * and which file each has. Every cell is text, so that no value is calculated and "007"
 * stays so. Rows go to a temporary file as they come; it is unlinked from the start.
 *
 * libxlsxwriter writes by a file's name, past the disk seam, and does not look whether
 * the disk took it: so the spreadsheet is read again before it counts. */
#ifndef TRAM_APPLIANCE_PACKAGE_TABLE_H
#define TRAM_APPLIANCE_PACKAGE_TABLE_H

#include "base/disk.h"

#define PACKAGE_TABLE_ROWS_MAX 1048575u /* of a sheet, under its heads */

enum package_sheet { SHEET_CASES, SHEET_FILES, SHEETS };

struct package_table;

/* `into` is a file of the system's disk, empty, and outlives it; temporary files lie in
 * its directory. A name that no sheet may have is changed. */
int package_table_create(struct package_table **out, struct disk_file *into,
                         const char *cases, const char *files, struct err *e);
void package_table_destroy(struct package_table *t); /* NULL is fine */

/* The next cell of the sheet's row; *cut (may be NULL) says that it holds more than a cell
 * of a spreadsheet may, and what is behind it is not there. The first row is the heads. */
int package_table_cell(struct package_table *t, enum package_sheet s, const char *text,
                       bool *cut, struct err *e);
void package_table_end_row(struct package_table *t, enum package_sheet s);

/* Once: the file is whole. */
int package_table_finish(struct package_table *t, struct err *e);

#endif
