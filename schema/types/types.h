/* Record types: what kinds of papers a commune holds, as data. A type says which
 * fields its records have, where on the page each is usually found and what it looks
 * like, what is checked, and what it is called when it leaves.
 *
 * A type is one JSON file, NAME.json, whose form type.schema.json tells. The
 * program carries a set of its own; a directory, or the fleet's configuration, gives
 * another in its place: whole or not at all. Whoever loads is strict: a key that is
 * not known, a pattern that does not compile, a code list that is not there is
 * refused with file, line, place and reason, and the set in force stays.
 *
 * A type is no law: values that do not fit it are kept, and only warned of
 * (schema/checks/). Each fact carries how sure it is, and who says so.
 *
 * Knows no database. A set is never changed after it was loaded: many threads may
 * read it. Everything below belongs to the set and lives as long as it does. */
#ifndef TRAM_SCHEMA_TYPES_H
#define TRAM_SCHEMA_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/disk.h"
#include "base/err.h"
#include "base/messages.h"
#include "schema/types/pattern.h"

/* How sure a fact is. */
enum fact_mark {
    FACT_READ,   /* "V": read in the official text, on a legal portal or in the press */
    FACT_RETOLD, /* "V2": read where somebody retells the official text */
    FACT_UNREAD, /* "U": from memory, nobody has looked it up */
};

struct fact {
    enum fact_mark mark;
    const char *source; /* "TT 05/2025/TT-BNV"; a field without one has its type's */
};

struct label {
    const char *vi, *en;
};

const char *label_in(const struct label *l, enum language language);

/* A list that values of FIELD_CODE are of. */
struct code_value {
    const char *code; /* what the record holds: "QĐ", "01" */
    struct label label;
    /* How a document's number names this kind, letter for letter ("QyĐ", "TTr");
     * NULL: such papers have none, as a công văn. Only of lists with has_symbols. */
    const char *symbol;
    struct fact fact;
};

struct code_list {
    const char *name;
    struct code_value *values;
    size_t values_count;
    bool has_symbols;
    bool is_open; /* others than these are known to exist: no warning */
    struct fact fact;
};

enum field_kind {
    FIELD_TEXT,
    FIELD_NAME,       /* a person's: never changed, never suspect by its letters */
    FIELD_PLACE,      /* a place's, as the paper has it */
    FIELD_NUMBER,     /* whole, not negative */
    FIELD_DATE,       /* text: 12/03/1975; 03/1975 and 1975 are as good */
    FIELD_DATE_WORDS, /* "Ngày mười hai tháng ba năm …" */
    FIELD_IDENTITY,   /* 12 or 9 digits, or a passport's number */
    FIELD_CODE,       /* of a code list */
    FIELD_FLAG,       /* "0" or "1" */
    FIELD_SYMBOL,     /* a document's number and symbol: "05/QĐ-UBND" */
};

enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED, FIELD_CONDITIONAL };

/* Required when another field of the record has one of these values. */
struct field_when {
    const struct field_def *field;
    const char **values;
    size_t values_count;
};

/* Fractions of the page: 0 is left or top, 1 right or bottom. */
struct zone {
    double left, top, right, bottom;
};

enum zone_page { PAGE_FIRST, PAGE_LAST, PAGE_ANY };

/* Where a value stands from its anchor. */
enum anchor_side { BESIDE_ANCHOR, BELOW_ANCHOR, BESIDE_OR_BELOW_ANCHOR };

/* Where a field is usually found, and what it looks like. All may be empty: such a
 * field is only typed in. */
struct field_search {
    /* The name under which the program's own rules for heads and signatures draw it
     * (ocr/fields/fields.h); NULL: they do not. What they find comes first. */
    const char *from;
    const char **anchors; /* label words as printed: "Họ và tên", "Số:" */
    size_t anchors_count;
    /* Whose part of the page that is, where labels repeat: "người mẹ". A part begins
     * with one of its words and ends where another field's part begins. */
    const char **sections;
    size_t sections_count;
    enum anchor_side side;
    enum zone_page page;
    struct zone *zones;
    size_t zones_count;
    struct pattern **patterns; /* the likelier first */
    size_t patterns_count;
};

struct field_def {
    const char *name; /* the key of its rows */
    struct label label;
    enum field_kind kind;
    size_t length_max;             /* in letters; 0: none is known */
    const struct code_list *codes; /* of FIELD_CODE; NULL otherwise */
    enum field_need need;
    struct field_when when; /* of FIELD_CONDITIONAL */
    bool repeats;           /* several values: ordinals 0, 1… */
    struct field_search search;
    const char *column; /* its name in what is exported; NULL: it is not */
    struct fact fact;
};

/* A rule over several fields; what each rule asks for is told in schema/checks/.
 * Rules over one field follow from its kind, length, codes and need. */
enum check_rule {
    CHECK_DATE_WORDS,     /* date, date in words: the same day */
    CHECK_DATE_ORDER,     /* date, date: the first is not the later one */
    CHECK_IDENTITY_BIRTH, /* identity number, date of birth: the same year */
    CHECK_IDENTITY_SEX,   /* identity number, sex */
    CHECK_SYMBOL_KIND,    /* number and symbol, kind: the symbol is that kind's */
    CHECK_FORM,           /* any value: as its pattern has it */
    CHECK_NOT_MORE,       /* number, number: the first is at most the second */
    CHECK_PAGE_COUNT,     /* number: as many pages as the document has */
    CHECK_PAGE_SUM,       /* number: as many pages as the dossier's documents have */
    CHECK_DOCUMENT_COUNT, /* number: as many documents as the dossier has */
};

enum { CHECK_FIELDS_MAX = 2 };

struct check_def {
    enum check_rule rule;
    const struct field_def *fields[CHECK_FIELDS_MAX];
    size_t fields_count;
    struct pattern *pattern; /* of CHECK_FORM; NULL otherwise */
    struct fact fact;
};

struct record_type {
    const char *name; /* "administrative": what a document's row holds */
    struct label label, about;
    struct fact fact;
    const char **heads; /* words in the head of a first page that tell such a paper */
    size_t heads_count;
    struct code_list *codes;
    size_t codes_count;
    struct field_def *fields;
    size_t fields_count;
    struct check_def *checks;
    size_t checks_count;
    const char *table; /* its name in what is exported: "HT_KHAISINH" */
    /* Of an exported paper, "KS.{namMoSo}.{so}.pdf": a field's value in braces, as
     * appliance/package_name.h writes it. NULL: none is known. */
    const char *file_name;
};

struct record_types;

/* A file's bytes, for whoever has them in memory: a pack of the configuration, a
 * fuzzer. `name` is told in failures: "birth.json". */
struct type_file {
    const char *name;
    const char *bytes;
    size_t count;
};

enum {
    TYPE_FILE_BYTES_MAX = 1 << 20,
    TYPE_FILES_MAX = 64,
    TYPE_FIELDS_MAX = 200,
    TYPE_CODES_MAX = 2000, /* values of one list */
};

/* The set that the program carries. */
int types_load(struct record_types **out, struct err *e);

/* Each DIR/NAME.json but type.schema.json; ERR_REFUSED when there is none, or one is
 * wrong. As for all: on failure *out is NULL, and nothing else was touched. */
int types_load_dir(struct record_types **out, struct disk *d, const char *dir,
                   struct err *e);
int types_parse(struct record_types **out, const struct type_file *files, size_t count,
                struct err *e);
void types_destroy(struct record_types *t); /* NULL is fine */

/* In the order of their names. */
size_t types_count(const struct record_types *t);
const struct record_type *types_at(const struct record_types *t, size_t index);

/* NULL when there is no such type, field or code. */
const struct record_type *types_find(const struct record_types *t, const char *name);
const struct field_def *type_field(const struct record_type *t, const char *name);
const struct code_list *type_codes(const struct record_type *t, const char *name);
const struct code_value *code_find(const struct code_list *l, const char *code);

/* As the files write them. */
const char *field_kind_name(enum field_kind kind);
const char *check_rule_name(enum check_rule rule);
const char *fact_mark_name(enum fact_mark mark);

#endif
