/* Paper: one invented document being set: its sheets, its fields, the place where
 * the next paragraph goes.
 *
 * The first failure sticks, as in struct buffer: what is set after it does nothing,
 * and paper_check() tells it once. */
#ifndef TRAM_PAGES_PAPER_H
#define TRAM_PAGES_PAPER_H

#include "tests/pages/phrases.h"
#include "tests/pages/text.h"

#define PAPER_PAGES_MAX  40
#define PAPER_FIELDS_MAX 4096 /* a register has one a cell */

enum paper_kind {
    PAPER_LETTER,      /* công văn and the kinds with a name: TB, BC, TTr, KH, GM, BB */
    PAPER_DECISION,    /* quyết định */
    PAPER_PARTY,       /* papers of a Party committee */
    PAPER_REGISTER,    /* births, deaths, marriages */
    PAPER_LIST,        /* lists of names, tables of numbers */
    PAPER_CERTIFICATE, /* forms with dotted leaders */
    PAPER_KINDS
};

enum secrecy { SECRECY_NONE, SECRECY_MAT, SECRECY_TOI_MAT, SECRECY_TUYET_MAT };

struct paper_wish {
    enum paper_kind kind;
    const char *variant; /* of the kind, NULL: any (see each kind's table) */
    enum secrecy secrecy;
    bool seal;   /* signed and sealed, in colour */
    bool little; /* few lines, for small files */
    int pages;   /* this many, if the kind can fill them */
};

struct field {
    char *name, *value;
};

struct paper {
    struct paper_wish wish;
    struct random *random;
    struct phrases *phrases;
    struct fonts *fonts;
    struct sheet *sheets[PAPER_PAGES_MAX];
    int sheet_count;
    struct field fields[PAPER_FIELDS_MAX];
    int field_count;
    double left, right, top, bottom, y; /* of the text, on the newest sheet */
    double size_pt;                     /* of the body, 13 to 14 */
    double gap;                         /* between lines of the body */
    bool numbered;                      /* page numbers from page 2 on */
    struct buffer said;
    struct err err;
    bool failed;
};

/* Sets a whole paper of the wished kind. The other arguments must outlive it. */
int paper_create(struct paper **out, const struct paper_wish *wish, struct random *r,
                 struct phrases *phrases, struct fonts *fonts, struct err *e);
void paper_destroy(struct paper *p); /* NULL is fine */

const char *paper_kind_name(enum paper_kind kind);

/* What the kinds are made with. */

void paper_fail(struct paper *p, const struct err *e);
int paper_check(const struct paper *p, struct err *e);

/* The template filled in; "" after a failure. Good until the next call. */
const char *paper_say(struct paper *p, const char *template);
const char *paper_said(const struct paper *p); /* the last one again */
void paper_set(struct paper *p, const char *name, const char *template);
const char *paper_get(const struct paper *p, const char *name);

/* What is printed, under the name that a reader would give it; "" adds nothing. */
void paper_field(struct paper *p, const char *name, const char *value);

/* So too of a record type (schema/types/): "birth.so", and of a register's row, from 0,
 * "birth.so#2". */
#define NO_ROW (-1)
void paper_typed(struct paper *p, const char *type, const char *field, int row,
                 const char *value);

/* A new sheet: A4, or A4 lying on its side. */
void paper_turn(struct paper *p, bool lying);
struct sheet *paper_sheet(struct paper *p); /* the newest */
double paper_room(const struct paper *p);   /* down to the lower margin */
double paper_width(const struct paper *p);

/* Below the last one; goes on to the next page where it must. */
void paper_paragraph(struct paper *p, const struct style *style, const char *utf8);

/* At a place of its own. Returns the height. */
double paper_text(struct paper *p, const struct style *style, const char *utf8, double x,
                  double y, double width);
double paper_height(struct paper *p, const struct style *style, const char *utf8,
                    double width);
double paper_text_width(struct paper *p, const struct style *style, const char *utf8);

/* The largest size up to `style->size_pt` at which it stays on one line. */
double paper_fit(struct paper *p, struct style style, const char *utf8, double width);

/* The kinds. */
void letter_set(struct paper *p);
void decision_set(struct paper *p);
void party_set(struct paper *p);
void register_set(struct paper *p);
void list_set(struct paper *p);
void certificate_set(struct paper *p);

#endif
