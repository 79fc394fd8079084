#include "tests/bench/link/road.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/link/upload.h"

#define END_MS     3000
#define LINE_BYTES 1024

#define POUCHDB      "tests/bench/pouchdb/"
#define POUCHDB_PORT "5984"

const char *road_name(enum road_kind kind)
{
    static const char *const names[ROADS] = {"ours", "resume", "chunks",
                                             "put",  "rsync",  "pouchdb"};

    return names[kind];
}

bool road_is_there(enum road_kind kind)
{
    static const char *const node[] = {"node", "--version", NULL};
    struct err ignored;

    if (kind == ROAD_RSYNC)
        return access("/usr/bin/rsync", X_OK) == 0;
    if (kind == ROAD_POUCHDB)
        return access("node_modules/pouchdb", R_OK) == 0 &&
               place_run(NULL, NET_BOX, "/dev/null", node, &ignored) == 0;
    return true;
}

/* ------------------------------------------------------------------------ begin */

static int begin_ours(struct road *r, struct err *e)
{
    if (seed_copy(&r->pair, r->seed, r->net, r->dir, e) != 0 ||
        seed_start_centre(&r->pair, e) != 0)
        return -1;
    return seed_start_box(&r->pair, "sync", e);
}

static int begin_upload(struct road *r, struct err *e)
{
    static struct upload u; /* the children have their own */

    u = (struct upload){.way = r->kind == ROAD_CHUNKS ? UPLOAD_CHUNKS
                               : r->kind == ROAD_PUT  ? UPLOAD_WHOLE
                                                      : UPLOAD_RESUME,
                        .host = NET_CENTRE_HOST};
    if (disk_path(u.from, e, "%s", r->paper) != 0 ||
        disk_path(u.to, e, "%s/arrived/file", r->dir) != 0 || upload_keys(&u, e) != 0)
        return -1;
    r->receiver = place_fork(r->net, NET_CENTRE, upload_serve, &u);
    r->sender = place_fork(r->net, NET_BOX, upload_send, &u);
    return r->receiver > 0 && r->sender > 0 ? 0 : err_set_errno(e, ERR_FAILED, "fork");
}

static int begin_rsync(struct road *r, struct err *e)
{
    char conf[DISK_PATH_BYTES], out[DISK_PATH_BYTES], in[DISK_PATH_BYTES];
    struct buffer text;
    const char *const daemon[] = {"rsync",    "--daemon", "--no-detach",
                                  "--config", conf,       NULL};
    const char *const again[] = {
        "sh", "-c",
        "while ! rsync --partial --timeout=25 \"$0\" rsync://" NET_CENTRE_HOST
        "/arrived/file; do sleep 1; done",
        r->paper, NULL};
    int rc = -1;

    buffer_init(&text, 4096);
    buffer_append_format(&text,
                         "use chroot = no\nuid = root\ngid = root\n[arrived]\n"
                         "path = %s/arrived\nread only = no\n",
                         r->dir);
    if (disk_path(conf, e, "%s/rsyncd.conf", r->dir) == 0 &&
        disk_path(out, e, "%s/sender", r->dir) == 0 &&
        disk_path(in, e, "%s/receiver", r->dir) == 0 && buffer_check(&text, e) == 0)
        rc = disk_replace(disk_system(), conf, text.bytes, text.count, e);
    buffer_release(&text);
    if (rc != 0)
        return -1;
    r->receiver = place_start(r->net, NET_CENTRE, in, daemon);
    r->sender = place_start(r->net, NET_BOX, out, again);
    return r->receiver > 0 && r->sender > 0 ? 0 : err_set_errno(e, ERR_FAILED, "rsync");
}

/* Its server's tally grows as if it were the file. */
static int begin_pouchdb(struct road *r, struct err *e)
{
    char out[DISK_PATH_BYTES], in[DISK_PATH_BYTES], tally[DISK_PATH_BYTES];
    char here[DISK_PATH_BYTES], there[DISK_PATH_BYTES];
    const char *const server[] = {
        "node", POUCHDB "server.mjs", NET_CENTRE_HOST, POUCHDB_PORT, there, tally, NULL};
    const char *const office[] = {
        "node",   POUCHDB "link.mjs",
        here,     "http://" NET_CENTRE_HOST ":" POUCHDB_PORT "/arrived",
        r->paper, NULL};

    if (disk_path(tally, e, "%s/arrived/file", r->dir) != 0 ||
        disk_path(there, e, "%s/there", r->dir) != 0 ||
        disk_path(here, e, "%s/here", r->dir) != 0 ||
        disk_path(out, e, "%s/sender", r->dir) != 0 ||
        disk_path(in, e, "%s/receiver", r->dir) != 0)
        return -1;
    r->receiver = place_start(r->net, NET_CENTRE, in, server);
    r->sender = place_start(r->net, NET_BOX, out, office);
    return r->receiver > 0 && r->sender > 0 ? 0 : err_set_errno(e, ERR_FAILED, "node");
}

int road_begin(struct road *out, enum road_kind kind, const struct seed *s,
               const struct net *n, const char *dir, struct err *e)
{
    char arrived[DISK_PATH_BYTES];

    *out = (struct road){.kind = kind, .seed = s, .net = n};
    if (disk_path(out->dir, e, "%s", dir) != 0 ||
        disk_path(arrived, e, "%s/arrived", dir) != 0 ||
        disk_make_dirs(disk_system(), arrived, e) != 0 ||
        seed_paper(s, out->paper, e) != 0)
        return -1;
    switch (kind) {
    case ROAD_OURS:
        return begin_ours(out, e);
    case ROAD_RESUME:
    case ROAD_CHUNKS:
    case ROAD_PUT:
        return begin_upload(out, e);
    case ROAD_RSYNC:
        return begin_rsync(out, e);
    case ROAD_POUCHDB:
        return begin_pouchdb(out, e);
    case ROADS:
        break;
    }
    return err_set(e, ERR_FAILED, "no such road");
}

/* -------------------------------------------------------------------- delivered */

/* rsync keeps a temporary file while it writes; the rest keep one. What was whole is
 * moved elsewhere by ours: then all of it is there. */
uint64_t road_delivered(struct road *r)
{
    char path[DISK_PATH_BYTES];
    struct err ignored;
    uint64_t now;

    (void)disk_path(path, &ignored,
                    r->kind == ROAD_OURS ? "%s/centre/partial" : "%s/arrived", r->dir);
    now = place_largest(path);
    if (r->kind == ROAD_OURS && now == 0 && r->most > 0)
        now = r->seed->paper_bytes;
    if (r->kind == ROAD_CHUNKS)
        now -= now % UPLOAD_CHUNK_BYTES;
    r->most = now > r->most ? now : r->most;
    return r->most;
}

uint64_t road_kept(struct road *r)
{
    uint64_t now = road_delivered(r);

    return r->kind == ROAD_PUT && now < place_bytes(r->paper) ? 0 : now;
}

void road_end(struct road *r)
{
    if (r->kind == ROAD_OURS) {
        seed_stop(&r->pair);
    } else {
        place_end(r->sender, END_MS);
        place_end(r->receiver, END_MS);
    }
    r->sender = r->receiver = 0;
    (void)road_delivered(r);
}

/* ----------------------------------------------------------------------- breaks */

static void take_line(struct road_breaks *out, const char *line)
{
    const char *lost = strstr(line, "bytes_lost=");
    uint64_t bytes;

    if (strstr(line, "event=contact ") == NULL)
        return;
    out->contacts++;
    bytes = lost == NULL ? 0 : strtoull(lost + strlen("bytes_lost="), NULL, 10);
    if (strstr(line, "the box has closed it") != NULL)
        return;
    out->breaks++;
    out->lost_bytes += bytes;
    if (bytes > out->lost_bytes_most)
        out->lost_bytes_most = bytes;
}

void road_breaks(const struct road *r, struct road_breaks *out)
{
    char path[DISK_PATH_BYTES], line[LINE_BYTES];
    struct err ignored;
    FILE *f;

    *out = (struct road_breaks){0};
    if (disk_path(path, &ignored, "%s/centre.out.err", r->dir) != 0 ||
        (f = fopen(path, "r")) == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL)
        take_line(out, line);
    (void)fclose(f);
}
