/* Inside intake: what its files share.
 *
 *   intake.c          the verbs, and the road of one file
 *   intake_row.c      rows of the table intake, and the moves between states
 *   intake_examine.c  taken: identified and looked at by the reader
 *   intake_capture.c  cleared: into the synced tables
 *   intake_held.c     held: listed, and cleared by a person
 *   intake_archive.c  archives: entries into blobs, then each its own road
 *   intake_walk.c     files and directories of another disk */
#ifndef TRAM_APPLIANCE_INTAKE_PARTS_H
#define TRAM_APPLIANCE_INTAKE_PARTS_H

#include "appliance/intake.h"
#include "appliance/made.h"

#define INTAKE_NAME_BYTES 1300 /* an archive's base name (255), '/', an entry's (1024) */

enum intake_row_state {
    ROW_TAKEN,
    ROW_CLEARED,
    ROW_CAPTURED,
    ROW_HELD,
    ROW_REFUSED,
};
#define ROW_STATE_COUNT (ROW_REFUSED + 1)

/* A row of the table intake. Empty strings are NULL there. */
struct intake_row {
    struct hash sha256;
    enum intake_row_state state;
    char name[INTAKE_NAME_BYTES]; /* UTF-8 without control characters */
    uint64_t bytes;
    char media[32];
    uint32_t pages, looked;
    char reason[32];
    struct moment held; /* since when: only the wall, 0 unless held */
    char dossier[INTAKE_WORD_BYTES], type[INTAKE_WORD_BYTES];
    uint64_t document; /* set by the first transaction of its capture */
};

enum intake_sql {
    INTAKE_FIND,
    INTAKE_PUT,
    INTAKE_DELETE,
    INTAKE_UNFINISHED,
    INTAKE_BLOB_NAMED,
    INTAKE_BLOB_WANTED,
    INTAKE_PAGES,
    INTAKE_SQL_COUNT,
};

struct intake {
    struct box *box;
    struct intake_options options;
    sqlite3_stmt *sql[INTAKE_SQL_COUNT];
    /* The file that is being added, if one is. */
    struct blob_writer *writer;
    char *file; /* owned */
    uint64_t bytes;
    bool stopped;     /* the asker wanted to, in the middle of looking at a file */
    struct made made; /* while it resumes */
};

/* A file whose bytes are a blob. `name` is the end of `file` that goes into rows. */
struct intake_file {
    const char *file, *name;
    const char *dossier, *type; /* may be NULL */
    struct hash sha256;
    uint64_t bytes;
    bool entry; /* came out of an archive: may not be one itself */
};

/* ------------------------------------------------------------ intake_row.c */

int intake_row_read(struct intake *i, const struct hash *sha256, struct intake_row *out,
                    bool *found, struct err *e);
int intake_row_write(struct intake *i, const struct intake_row *row, struct err *e);

/* [taken], or whatever the row is already: also [refused], if somebody else's equal
 * bytes were refused at this moment, and ours went with them. ERR_BUSY: they were
 * forgotten. */
int intake_row_take(struct intake *i, const struct intake_file *f, struct intake_row *out,
                    struct err *e);

/* Makes *row into *to, in one transaction. If the row is not in the state that
 * *row says any more, somebody else was quicker: *row becomes what it is. A
 * refused row's blob goes in the same moment. */
int intake_row_move(struct intake *i, struct intake_row *row, const struct intake_row *to,
                    struct err *e);
int intake_row_refuse(struct intake *i, struct intake_row *row, enum refusal why,
                      struct err *e);

/* Removes the row, if it is neither captured nor on the way there, and its blob. */
int intake_row_forget(struct intake *i, const struct hash *sha256, struct err *e);

/* Inside a write: removes the blob unless the records, or what was made of them, name
 * it. */
int intake_blob_remove(struct intake *i, const struct hash *sha256, struct err *e);

/* Rows that a power cut left: archives first (so that what is in them is known to
 * be), then by name. The caller frees *out. */
int intake_row_list(struct intake *i, enum intake_sql which, struct hash **out,
                    size_t *count, struct err *e);

/* ---------------------------------------------------------------- the road */

/* From [taken] on: to cleared, held or refused, or (*gone) through the archive,
 * which leaves no row. */
int intake_examine(struct intake *i, const struct intake_file *f, struct intake_row *row,
                   bool *gone, struct err *e);

/* From [cleared] on. *mine: it was us who captured it. */
int intake_capture(struct intake *i, struct intake_row *row, bool *mine, struct err *e);

/* From [held] on, because a person says so: held or captured at every instant. A row
 * that is not held any more goes on, if it is [cleared], or stays what it is. `detail`
 * goes into the event. */
int intake_capture_held(struct intake *i, struct intake_row *row, const char *detail,
                        bool *mine, struct err *e);

/* From [taken], known to be an archive: every entry goes its road. Then the
 * archive is forgotten (*gone), or refused. */
int intake_unpack(struct intake *i, const struct intake_file *f, struct intake_row *row,
                  bool *gone, struct err *e);

/* The whole road of a file whose blob is kept, and the word to `each`. */
int intake_file_go(struct intake *i, const struct intake_file *f, struct err *e);
int intake_file_go_on(struct intake *i, const struct intake_file *f,
                      struct intake_row *row, struct err *e);

/* -1 if the asker wants to stop. */
int intake_go_on(const struct intake *i, struct err *e);

int intake_tell_refused(struct intake *i, const char *file, const char *reason,
                        struct err *e);

#endif
