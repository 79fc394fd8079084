/* Fleet: some boxes and one centre in one process, on simulated disks, with clocks
 * that move when told and a network made of events. What runs is the real thing:
 * store, outbox, core, sealing, session, journal, apply. Nothing is real-time, no
 * thread, no socket, no file; the same seed gives the same run, to the byte.
 *
 *   fleet.c         time: a queue of events, what is told, what failed
 *   fleet_machine.c a machine: disk, clock, luck, power
 *   fleet_random.c  what libsodium draws by itself, from the seed too
 *   fleet_memo.c    what libsodium has answered before
 *   fleet_box.c     a box: boots, loses power
 *   fleet_carrier.c … carries out what its core decides
 *   fleet_centre.c  the centre: sessions, applying, loses power
 *   fleet_net.c     links: delay, rate, breaks; messages lost, doubled, put off
 *   fleet_courier.c sticks that somebody carries, late, twice or never
 *   fleet_work.c    what a clerk does at a box
 *   fleet_province.c what the province changes in the boxes' records, at the centre
 *   fleet_copy.c    second copies, boxes made of them; cards copied and put back
 *   fleet_lines.c   what a box has made before and after that
 *   fleet_program.c programs of unlike versions, and machines that get a newer one
 *   fleet_backup.c  the centre backed up, and put back to that
 *   fleet_watch.c   what must hold after each step: classes, the backlog falls
 *   fleet_check.c   what must hold, whatever happened
 *   fleet_province_check.c … of what the province wrote: locks stand, no value is lost
 *   fleet_rest.c    … when all is at rest: both ends are equal
 *   fleet_strike.c  faults, drawn from the seed: one table
 *   fleet_days.c    days: office hours, nights, signal that comes and goes; then calm
 *   fleet_roads.c   a backlog by link and by stick at once; its own header
 *   fleet_load.c    days of a whole province: boxes that are off between contacts
 *
 *   fleet_out.c     the same work as courier sticks, on the machine's own disk
 *
 * A machine whose power is cut at a disk call runs on until it notices (every call
 * fails), then forgets what was not synced and boots later. Boxes count from 0.
 * What a fleet is made of is in fleet_world.h. */
#ifndef TRAM_TESTS_SIM_FLEET_H
#define TRAM_TESTS_SIM_FLEET_H

#include "tests/sim/fleet_world.h"

/* ------------------------------------------------------------------ fleet.c */

struct fleet_options {
    uint64_t seed;
    unsigned boxes;
    bool trace;
    bool twice; /* the same backup may be put back more than once */
    bool load;  /* boxes are off until fleet_load() */
    enum fleet_sabotage sabotage;
};

/* A centre with its boxes, enrolled and switched on; the clock stands at 0. */
int fleet_create(struct fleet **out, const struct fleet_options *o, struct err *e);
void fleet_destroy(struct fleet *f); /* NULL is fine */

/* Until so much time has passed, or something failed. */
void fleet_run(struct fleet *f, int64_t ms);
/* Until all is drained and applied; fails if that takes longer. */
void fleet_settle(struct fleet *f, int64_t ms_max);
bool fleet_settled(struct fleet *f);
/* Of `unpacking u`: it can go on. What no record names waits for one, which may be on a
 * copied card that is not in. */
#define FLEET_UNPACKING_WAITS                                                            \
    "(state = 'waiting' AND EXISTS (SELECT 1 FROM original o"                            \
    " WHERE o.sha256 = u.original AND o.id >> 36 = u.site))"

void fleet_fail(struct fleet *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* who: a box's number from 0, or one of these. */
#define WHO_CENTRE  (-1)
#define WHO_NETWORK (-2)
void fleet_tell(struct fleet *f, int who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fleet_fault(struct fleet *f, enum fleet_fault fault);

struct fleet_event *fleet_later(struct fleet *f, int64_t ms,
                                void (*run)(struct fleet *f, struct fleet_event *ev),
                                unsigned who, uint64_t stamp);

/* Grows an owned array by one item; aborts without memory, as a test may. */
void *fleet_grow(void *items, size_t count, size_t *capacity, size_t item_bytes);

/* ---------------------------------------------------------- fleet_machine.c */

int machine_create(struct fleet *f, struct fleet_machine *m, uint64_t seed,
                   struct err *e);
void machine_clock_init(struct fleet_machine *m, const int64_t *now_ms);
void machine_destroy(struct fleet_machine *m);
/* Its power goes at the nth disk call from now; 0: at once. */
void machine_die_after(struct fleet_machine *m, uint64_t calls);
void machine_fail_after(struct fleet_machine *m, uint64_t calls);
bool machine_dead(const struct fleet_machine *m);
/* Whether ending the process is not enough. */
bool machine_needs_power(const struct fleet_machine *m, bool power);
/* Everything on it is closed: cuts its power, or only ends the process. */
void machine_down(struct fleet *f, struct fleet_machine *m, bool power);

/* ----------------------------------------------------------- fleet_random.c */

/* From now on libsodium's own randomness comes from this seed. */
void fleet_random_tie(uint64_t seed);

/* -------------------------------------------------------------- fleet_box.c */

int fleet_box_create(struct fleet *f, unsigned box, struct err *e);
void fleet_box_destroy(struct fleet *f, unsigned box);
void fleet_box_boot(struct fleet *f, unsigned box);
/* Goes down now, and boots after so long; FLEET_NEVER_MS: not by itself. */
void fleet_box_down(struct fleet *f, unsigned box, bool power, int64_t off_ms);
void fleet_box_boot_later(struct fleet *f, unsigned box, int64_t off_ms);
/* Shut down as it should be, until it is booted. */
void fleet_box_off(struct fleet *f, unsigned box);
/* After anything that touched its disk: if the power went meanwhile, it is down. */
void fleet_box_notice(struct fleet *f, unsigned box);
/* An error of its own: no surprise if it is dead or unwell. */
void fleet_box_error(struct fleet *f, unsigned box, const char *what,
                     const struct err *e);

/* Its process goes, and another one begins. */
int fleet_box_reopen(struct fleet *f, unsigned box, struct err *e);

/* ---------------------------------------------------------- fleet_carrier.c */

/* What came down may have made it write: what a centre that was put back has lost. */
void fleet_box_look_for_commits(struct fleet *f, unsigned box);
/* A stick may have told it of a fork: then it has left its line. */
void fleet_box_look_at_epoch(struct fleet *f, unsigned box);
/* Its store says another epoch than the world knows: where it left the old line. */
bool fleet_box_has_forked(struct fleet *f, unsigned box, uint64_t *after, uint8_t *epoch);
void fleet_box_give(struct fleet *f, unsigned box, const struct sync_event *event);
void fleet_box_give_kind(struct fleet *f, unsigned box, enum sync_event_kind kind);
/* Tells the core what was committed. */
void fleet_box_committed(struct fleet *f, unsigned box);

/* ----------------------------------------------------------- fleet_centre.c */

int fleet_centre_create(struct fleet *f, struct err *e);
void fleet_centre_destroy(struct fleet *f);
void fleet_centre_boot(struct fleet *f);
void fleet_centre_down(struct fleet *f, bool power, int64_t off_ms);
void fleet_centre_accept(struct fleet *f, struct fleet_link *l);
void fleet_centre_take(struct fleet *f, struct fleet_link *l, const struct message *m);
void fleet_centre_closed(struct fleet *f, struct fleet_link *l);
/* As fleet_box_error, and fleet_box_notice; true if it is down now. */
void fleet_centre_error(struct fleet *f, const char *what, const struct err *e);
bool fleet_centre_notice(struct fleet *f);

/* From now on the box may have all that the centre has changed. */
void fleet_centre_sends_down(struct fleet *f, unsigned box);

/* There may be something to apply. */
void fleet_centre_wake(struct fleet *f);

/* ---------------------------------------------------------- fleet_courier.c */

int fleet_courier_create(struct fleet *f, struct err *e);
void fleet_courier_destroy(struct fleet *f);
/* Somebody takes a stick along, if one is there; it may come back. */
void fleet_courier_leave(struct fleet *f, unsigned box);

/* ------------------------------------------------------------- fleet_copy.c */

void fleet_copy_take(struct fleet *f, unsigned box);
/* The box is lost, and another one made of its copy. */
void fleet_copy_restore(struct fleet *f, unsigned box, int64_t off_ms);
void fleet_card_keep(struct fleet *f, unsigned box);
/* The copy is put in, and nothing tells the box. */
void fleet_card_put_back(struct fleet *f, unsigned box, int64_t off_ms);
/* … and the one that was in is kept with its own line, so that both go on by turns. Only
 * where all had been received when the card was copied: what had not left would be made
 * anew by both (ARCHITECTURE.md). */
void fleet_card_turn(struct fleet *f, unsigned box, int64_t off_ms);
void fleet_copy_release(struct fleet_box *b);

/* ------------------------------------------------------------ fleet_lines.c */

/* What the box has now, for a copy of it. */
struct fleet_line fleet_line_copy(const struct fleet_memory *m);
void fleet_line_release(struct fleet_line *l);
/* Whether one is the other one's beginning. */
bool fleet_line_begins_with(const struct fleet_line *l,
                            const struct fleet_line *beginning);
/* The box goes on from that frame of that line; of no later epoch: it does not know. */
void fleet_line_leave(struct fleet *f, unsigned box, const struct fleet_line *from,
                      uint64_t last_common, uint8_t epoch);
/* Whether the box has made this frame in a line of this epoch (0: any). */
bool fleet_line_has(const struct fleet_memory *m, uint8_t epoch, uint64_t sequence,
                    const struct hash *chain);
/* A document with this key is in its last frame. */
void fleet_made(struct fleet *f, unsigned box, unsigned key);
/* Each is there once; of what was lost with a box at most once. */
void fleet_check_made(struct fleet *f, unsigned box);
/* The centre is backed up; and is put back to that: a box that was lost meanwhile gets
 * back from it what the backup has. */
void fleet_lines_back_up(struct fleet *f);
void fleet_lines_put_back(struct fleet *f);
void fleet_lines_release(struct fleet_memory *m);
/* It was delivered by this box. */
bool fleet_centre_holds(struct fleet *f, unsigned box, const struct hash *sha256);
/* What a box that was put back has asked for, and the centre has, is there again. */
bool fleet_lines_settled(struct fleet *f, unsigned box);

/* ---------------------------------------------------------- fleet_program.c */

/* From now on this process is the program of this machine. Before whatever opens a
 * store or looks at versions. */
void machine_runs(const struct fleet_machine *m);
void fleet_program_end(void);
/* It restarts with the next program. */
void fleet_upgrade(struct fleet *f, int who);
/* Those that are behind restart with the newest that any machine has. */
void fleet_upgrade_all(struct fleet *f);

/* --------------------------------------------------------- fleet_province.c */

/* The province corrects, locks and unlocks some values of this box's, and closes a
 * conflict, as one frame down. */
void fleet_province_edit(struct fleet *f, unsigned box);
/* What it was writing when the power went may be there or not; what it wrote after a
 * backup is not, once that is put back. */
void fleet_province_boot(struct fleet *f);
bool fleet_edit_same_place(const struct fleet_edit *a, const struct fleet_edit *b);

/* --------------------------------------------------- fleet_province_check.c */

/* Locked values stand at the centre; only the newest of each box is looked at, or all. */
void fleet_province_check(struct fleet *f, bool all);
/* Each conflict is about something that the province wrote; and what it wrote last in a
 * place stands there, is told by a conflict, or was changed by a box that knew it. */
void fleet_province_check_rest(struct fleet *f, unsigned box);
/* Whether the row says so, at the centre. */
bool fleet_edit_stands(struct fleet *f, const struct fleet_edit *edit);
bool fleet_edit_is_last(const struct fleet_box *b, const struct fleet_edit *edit);
bool fleet_edit_locks(const struct fleet_box *b, const struct fleet_edit *edit);

/* ----------------------------------------------------------- fleet_backup.c */

/* Takes the place of the one before. The centre must be on. */
void fleet_backup_take(struct fleet *f);
/* Whether no box may have a frame of the centre's that the backup has not. */
bool fleet_backup_has_all(const struct fleet *f);
/* The centre's machine is replaced by one that holds the newest backup. */
void fleet_backup_restore(struct fleet *f, int64_t off_ms);

/* -------------------------------------------------------------- fleet_net.c */

void fleet_net_connect(struct fleet *f, unsigned box);
void fleet_net_send(struct fleet *f, struct fleet_link *l, int direction,
                    const void *bytes, size_t count);
struct fleet_link *fleet_net_find(struct fleet *f, unsigned id);
/* One end closes; the other hears of it after what was sent before. */
void fleet_net_close_box(struct fleet *f, struct fleet_link *l);
void fleet_net_close_centre(struct fleet *f, struct fleet_link *l);
/* Nothing passes any more; each end learns after so long. */
void fleet_net_break(struct fleet *f, struct fleet_link *l, int64_t box_learns_ms,
                     int64_t centre_learns_ms);
void fleet_net_signal(struct fleet *f, unsigned box, bool there);
void fleet_net_destroy(struct fleet *f);

/* ------------------------------------------------------------- fleet_work.c */

/* One document with an original of so many bytes, pages, and their text, as intake
 * and reading write them; what was committed is remembered. */
void fleet_work_document(struct fleet *f, unsigned box, unsigned pages, size_t bytes);
/* What a box does when all is read: small images, packed originals. */
void fleet_work_afterwards(struct fleet *f, unsigned box);
/* A record of five rows with at most 2 kB of text, without an original. */
void fleet_work_record(struct fleet *f, unsigned box);
/* Something else that a clerk or the box does, by chance. */
void fleet_work_any(struct fleet *f, unsigned box);

/* ------------------------------------------------------------ fleet_check.c */

/* Remembers the frames that are in the changelog and were not before. */
void fleet_check_remember(struct fleet *f, unsigned box);
/* The box's line has left after that frame. */
void fleet_check_forked(struct fleet *f, unsigned box, uint64_t last_common,
                        uint8_t epoch);
/* Nothing shown as kept is missing. */
void fleet_check_box(struct fleet *f, unsigned box);
/* Nothing promised is missing. */
void fleet_check_centre(struct fleet *f);
void fleet_check_promise(struct fleet *f, unsigned box, const struct receipt *r);
/* What the centre says of a box: its frames, with the chain they had. */
void fleet_check_site(struct fleet *f, unsigned box, const struct site_row *row);
/* They are there, to the last byte. */
void fleet_check_originals(struct fleet *f, const char *who, struct blobs *blobs,
                           const struct hash *list, size_t count);
/* NULL: the world has failed. */
sqlite3_stmt *fleet_prepare(struct fleet *f, sqlite3 *db, const char *sql);

/* ------------------------------------------------------------- fleet_safe.c */

/* One that came packed and was restored is there as its original. */
void fleet_unpacked(struct fleet *f, struct hash *h);
/* What a receipt calls safe is in a backup. */
void fleet_check_safe(struct fleet *f, unsigned box, const struct receipt *r);
/* Whether this box has let it go to make room; then the centre must have it. */
bool fleet_was_let_go(struct fleet *f, unsigned box, const struct hash *sha256);
/* All that it has let go is at the centre, also at one that was put back. */
void fleet_check_let_go(struct fleet *f, unsigned box);

/* ------------------------------------------------------------- fleet_rest.c */

/* Both ends are equal, nothing was applied twice. */
void fleet_check_rest(struct fleet *f);

/* ------------------------------------------------------------ fleet_watch.c */

void fleet_watch_told(struct fleet *f, unsigned box, uint64_t last);
void fleet_watch_contact(struct fleet *f, unsigned box);
void fleet_watch_bundle(struct fleet *f, unsigned box, const struct sync_object *object);
/* Messages leave: records before originals. */
void fleet_watch_send(struct fleet *f, unsigned box, const struct buffer *messages);
/* Every half hour: a link that is up, and nothing that disturbs: the backlog falls. */
void fleet_watch_backlog(struct fleet *f, unsigned box);

/* ----------------------------------------------------------- fleet_strike.c */

/* One fault of any kind; `box` is who suffers, if it is not the centre. */
void fleet_strike(struct fleet *f, unsigned box);
/* One of those that a quiet province knows. */
void fleet_strike_lightly(struct fleet *f, unsigned box);
/* The box's link alone, if it has one. */
void fleet_strike_link(struct fleet *f, unsigned box);
/* Everything works again, from now on. */
void fleet_calm(struct fleet *f);

/* ------------------------------------------------------------- fleet_days.c */

/* A small world: days of work under every fault, then calm, then checks. False if
 * something failed. */
bool fleet_days(struct fleet *f, unsigned days, unsigned docs_per_day);

/* ------------------------------------------------------------- fleet_load.c */

/* A province: each box is on for its work and its contact, day after day. */
bool fleet_load(struct fleet *f, unsigned days, unsigned docs_per_day);

/* -------------------------------------------------------------- fleet_out.c */

/* Copies all files of a directory, and those below. */
struct fleet_tree {
    struct disk *from, *to;
    const char *from_dir, *to_dir;
};
int fleet_tree_copy(const struct fleet_tree *t, struct err *e);

/* For others to use as load: boxes work and no link is ever there. DIR/centre becomes
 * the centre's directory as it enrolled them, DIR/stick what their couriers bring it. */
bool fleet_out(struct fleet *f, unsigned days, unsigned docs_per_day, const char *dir);

#endif
