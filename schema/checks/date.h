/* Dates as papers have them: whole ones and parts are as good ("1975", "03/1975",
 * "12/03/1975", "ngày 12 tháng 3 năm 1975"), or spelled out in words. */
#ifndef TRAM_SCHEMA_CHECKS_DATE_H
#define TRAM_SCHEMA_CHECKS_DATE_H

#include <stdbool.h>

/* What is not said is 0, what is said to be 0 is -1. A day is never said without its
 * month, nor a month without its year. */
struct paper_date {
    int day, month, year;
};

/* False: not to be understood. The day may be one that does not exist. */
bool date_read(struct paper_date *out, const char *text);

/* "Ngày mười hai tháng ba năm một nghìn chín trăm bảy mươi lăm"; accents and capitals
 * do not count, so that a misread one does not. */
bool date_read_words(struct paper_date *out, const char *text);

/* A month of 1 to 12, a day that it has in that year. */
bool date_exists(const struct paper_date *d);

/* Compared as far as both say: <0, 0, >0. */
int date_compare(const struct paper_date *a, const struct paper_date *b);

#endif
