/* Frame: what all papers of Decree 30/2020 share around their body: the head in two
 * columns, the title, the foot with who receives it and who signed. */
#ifndef TRAM_PAGES_FRAME_H
#define TRAM_PAGES_FRAME_H

#include "tests/pages/paper.h"

/* Templates; NULL or "" leaves a line out. */
struct issuer {
    const char *parent;
    const char *name; /* up to two lines, divided by '|' */
    const char *code; /* in symbols: UBND */
    const char *place;
    const char *authority; /* before the titles: "TM. ỦY BAN NHÂN DÂN" */
    const char *title, *deputy_authority, *deputy_title;
    const char *seal; /* around the seal: above '|' below */
};

struct frame {
    const struct issuer *issuer;
    const char *number_format; /* "%s" stands for the symbol's kind and code */
    const char *kind;          /* QUYẾT ĐỊNH; "" for công văn */
    const char *symbol;        /* template: "QĐ-UBND" */
    const char *number;        /* template */
    const char *subject;       /* template, under the kind or "V/v …" */
    bool party;
};

/* One of those who write papers in a commune; `chief` only its People's Committee. */
const struct issuer *issuer_pick(struct random *r, bool chief);

/* Begins the first sheet and sets head, secrecy stamp and title. */
void frame_head(struct paper *p, const struct frame *f);

/* Room that frame_foot() needs. */
double frame_foot_height(struct paper *p);

/* Who receives it (one a line) at the left, the signature at the right. */
void frame_foot(struct paper *p, const struct frame *f, const char *receivers);

/* Paragraphs from `template` until the paper is as long as was wished, or `most`
 * paragraphs. `prefix` is set before each: "- ", or "%d. " counted from 1. */
void frame_body(struct paper *p, const char *template, const char *prefix, int most);

/* A paragraph of the body; the first `bold_bytes` bold. */
void frame_paragraph(struct paper *p, const char *utf8, size_t bold_bytes);
void frame_line(struct paper *p, const char *utf8, bool italic, enum align align);
void frame_heading(struct paper *p, const char *utf8, double after_pt);

#endif
