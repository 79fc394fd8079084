/* Intake: files become documents.
 *
 *   bytes ─► blob, synced ─► [taken] ─► identified and looked at, caged
 *         ─► [cleared] ─► document, original, pages captured ─► [captured] "kept"
 *                 ├─► [held]: a secrecy stamp; stays local, captured only if a person
 *                 │           clears it (intake_held.h)
 *                 └─► [refused]: the reason; the blob goes, nothing else happens
 *
 * The states are rows of the local table intake, each move one transaction, so
 * that after a power cut intake_resume() goes on where it stopped. Nothing is
 * reported kept before its commit is on disk. The same bytes twice are one
 * document. An archive is not a document: each file in it is; the archive's own
 * bytes are dropped once it is unpacked. What was refused may be offered again: a
 * crash or a time-out need not be the file's fault.
 *
 * Several boxes on one store may take files in at the same time: every move reads
 * the row again inside its transaction, and who comes second goes on from there. */
#ifndef TRAM_APPLIANCE_INTAKE_H
#define TRAM_APPLIANCE_INTAKE_H

#include "appliance/box.h"

enum intake_state { INTAKE_KEPT, INTAKE_DUPLICATE, INTAKE_HELD, INTAKE_REFUSED };

/* "kept", "duplicate", "held", "refused". */
const char *intake_state_name(enum intake_state s);

struct intake_result {
    const char *file; /* as given; entries of an archive: "archive.zip/dir/file.jpg" */
    enum intake_state state;
    uint64_t document; /* 0 if held or refused */
    uint32_t pages;
    struct hash sha256; /* zeroes where not a byte was kept */
    /* refused: refusal_name() or one of the two below; held: secrecy_name(); else
     * NULL. */
    const char *reason;
};

#define INTAKE_NOT_FOUND  "not_found"  /* intake_path: there is no such file */
#define INTAKE_UNREADABLE "unreadable" /* intake_path: its disk does not give it */

#define INTAKE_WORD_BYTES 256 /* dossier and type, with the NUL */

struct intake_options {
    const char *dossier, *type; /* may be NULL */
    /* Called for every file, and every file in an archive. Non-zero stops. */
    int (*each)(void *arg, const struct intake_result *r, struct err *e);
    /* May be NULL: bytes taken so far of the file at work, for a progress line. */
    void (*progress)(void *arg, const char *file, uint64_t bytes);
    /* May be NULL: never. Whether the asker wants to stop; asked between pieces,
     * entries and pages. What was told stays; the file at work is forgotten, unless
     * pages of it were being looked at: intake_resume() goes on there. */
    bool (*cancelled)(void *arg);
    void *arg;
};

struct intake;

/* `b` and the options' strings must outlive it. ERR_USAGE: a dossier or type that
 * is too long, or is not UTF-8. */
int intake_create(struct intake **out, struct box *b, const struct intake_options *o,
                  struct err *e);
void intake_destroy(struct intake *i);

/* One file, in pieces: begin, add…, end. A refusal goes to `each`; -1 is trouble
 * that stops the batch (the disk is full, the store is gone): this file is then
 * forgotten, what was reported before it stays. */
int intake_begin(struct intake *i, const char *file, struct err *e);
int intake_add(struct intake *i, const void *bytes, size_t count, struct err *e);
int intake_end(struct intake *i, struct err *e);
void intake_abort(struct intake *i); /* the sender went away: forget this file */

/* A file or a directory (walked, in order of names; dot files are left out) of the
 * disk `from`. What is not there, cannot be read, or is a link, a pipe or a device is
 * told to `each` as refused. */
int intake_path(struct intake *i, struct disk *from, const char *path, struct err *e);

/* Goes on with what a power cut interrupted; `each` is told of every file. Removes
 * half-written blobs, and takes in those that no row names ("found-…"). Only for the owner of the directory,
 * before the first intake_begin() of this start: later it would meet files at work. */
int intake_resume(struct intake *i, struct err *e);

#endif
