/* Archives, one entry after the other, through libarchive's readers for zip and tar
 * with gzip and zstd. Nothing is written but the entry stream. */
#include "ocr/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "ocr/opener.h"
#include "ocr/output.h"

#define PIECE_BYTES 65536
/* Below this much output a high ratio is a small file of one colour, no bomb. */
#define RATIO_FREE_BYTES (1u << 20)
#define NAME_BYTES_MAX   1024
/* What is unpacked of a tar to count its entries: a second's work. */
#define COUNTED_BYTES_MAX (256 << 20)

/* libarchive turns names into the locale's letters. In "C" it would load a
 * converter, which the cage forbids, and then give no name at all. */
static locale_t utf8_locale;

int archive_warm(struct err *e)
{
    tzset();
    if (utf8_locale == (locale_t)0)
        utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8_locale == (locale_t)0)
        return err_set_errno(e, ERR_FAILED, "archive: no C.UTF-8 locale");
    return 0;
}

/* --- the descriptor, as libarchive reads it -------------------------------- */

struct input {
    int fd;
    int64_t at; /* our own: the descriptor's offset is shared with others */
    int64_t bytes;
    unsigned char piece[PIECE_BYTES];
};

static la_ssize_t input_read(struct archive *a, void *arg, const void **out)
{
    struct input *in = arg;
    ssize_t got;

    (void)a; /* libarchive's form of a callback */
    do
        got = pread(in->fd, in->piece, sizeof in->piece, in->at);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        in->at += got;
    *out = in->piece;
    return got;
}

static la_int64_t input_seek(struct archive *a, void *arg, la_int64_t offset, int whence)
{
    struct input *in = arg;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? in->at : in->bytes;

    (void)a;
    if (offset < -base || offset > in->bytes - base)
        return ARCHIVE_FATAL;
    in->at = base + offset;
    return in->at;
}

static la_int64_t input_skip(struct archive *a, void *arg, la_int64_t count)
{
    struct input *in = arg;
    int64_t left = in->bytes - in->at;

    (void)a;
    if (count < 0 || left <= 0)
        return 0;
    count = count < left ? count : left;
    in->at += count;
    return count;
}

/* NULL if memory is out. *opened: whether libarchive finds one of its own there; if
 * not, its error string says why. The caller frees it either way. */
static struct archive *reader_open(struct input *in, bool zip, bool *opened)
{
    struct archive *a = archive_read_new();
    int rc;

    *opened = false;
    if (a == NULL)
        return NULL;
    if (zip) {
        /* By the directory at the end only: what is not in it is not in the zip. */
        rc = archive_read_support_format_zip_seekable(a);
        (void)archive_read_set_seek_callback(a, input_seek); /* fails on no reader only */
    } else {
        rc = archive_read_support_format_tar(a);
        if (rc == ARCHIVE_OK)
            rc = archive_read_support_filter_gzip(a);
        if (rc == ARCHIVE_OK)
            rc = archive_read_support_filter_zstd(a);
    }
    if (rc == ARCHIVE_OK)
        rc = archive_read_open2(a, in, NULL, input_read, input_skip, NULL);
    *opened = rc == ARCHIVE_OK;
    return a;
}

static struct input *input_create(int fd)
{
    struct input *in = malloc(sizeof *in);

    if (in == NULL)
        return NULL;
    in->fd = fd;
    in->at = 0;
    in->bytes = lseek(fd, 0, SEEK_END);
    return in;
}

static bool input_is_zip(const struct input *in)
{
    char magic[2];

    return pread(in->fd, magic, 2, 0) == 2 && memcmp(magic, "PK", 2) == 0;
}

/* Counts ahead, so that an archive of too many is refused before ten thousand files
 * are written for nothing. Not to the end of a large packed tar, which would be
 * unpacked twice: such a one is told at the cap. */
static enum refusal entries_check(struct archive *a)
{
    struct archive_entry *entry;
    uint64_t entries = 1; /* one was seen */

    while (archive_filter_bytes(a, 0) < COUNTED_BYTES_MAX &&
           archive_read_next_header(a, &entry) == ARCHIVE_OK)
        if (archive_entry_filetype(entry) != AE_IFDIR && ++entries > ARCHIVE_ENTRIES_MAX)
            return REFUSAL_TOO_LARGE;
    return REFUSAL_NONE; /* what is wrong later shows when it is unpacked */
}

enum refusal archive_check(int fd, enum media media)
{
    struct input *in = input_create(fd);
    struct archive *a = NULL;
    struct archive_entry *entry;
    locale_t before;
    enum refusal r = REFUSAL_NONE;
    bool opened;
    int rc;

    if (in == NULL)
        return REFUSAL_OUT_OF_MEMORY;
    before = uselocale(utf8_locale);
    a = reader_open(in, media == MEDIA_ZIP, &opened);
    rc = opened ? archive_read_next_header(a, &entry) : ARCHIVE_FATAL;
    /* A tar without an entry is as much any file of zeros. */
    if (rc <= ARCHIVE_FAILED || (rc == ARCHIVE_EOF && media == MEDIA_TAR))
        /* A zip without its end has no directory; other bytes behind the magic of
         * gzip or zstd are simply something else. */
        r = media == MEDIA_ZIP ? REFUSAL_CUT_OFF : REFUSAL_WRONG_TYPE;
    else
        r = entries_check(a);
    archive_read_free(a);
    (void)uselocale(before);
    free(in);
    return r;
}

/* --- unpacking -------------------------------------------------------------- */

struct unpacking {
    struct archive *a;
    int out_fd;
    struct buffer frame; /* what goes into the pipe next */
    int64_t input_bytes;
    uint64_t entries, bytes;
    bool broken; /* nobody listens any more */
};

static void flush_frame(struct unpacking *u)
{
    struct err e;

    if (!u->broken && output_write(u->out_fd, u->frame.bytes, u->frame.count, &e) != 0)
        u->broken = true;
    if (u->frame.failed != ERR_NONE)
        u->broken = true; /* a stream with a gap must not go on */
    buffer_clear(&u->frame);
}

static void send_begin(struct unpacking *u, const char *name)
{
    entry_encode_begin(&u->frame, name);
    flush_frame(u);
    u->entries++;
}

static void send_end(struct unpacking *u, enum refusal r)
{
    entry_encode_end(&u->frame, r);
    flush_frame(u);
}

static bool has_control(const char *name)
{
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at++)
        if (*at < ' ' || *at == 0x7f)
            return true;
    return false;
}

static bool climbs(const char *name)
{
    for (const char *at = name; *at != '\0'; at += strspn(at, "/")) {
        size_t n = strcspn(at, "/");

        if (n == 2 && at[0] == '.' && at[1] == '.')
            return true;
        at += n;
    }
    return false;
}

/* Also of a drive of Windows: "C:". */
static bool path_is_bad(const char *name)
{
    return name[0] == '\0' || name[0] == '/' || name[1] == ':' ||
           strlen(name) > NAME_BYTES_MAX || strchr(name, '\\') != NULL ||
           has_control(name) || climbs(name);
}

static enum refusal entry_refusal(struct archive_entry *entry, const char *name)
{
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL ||
        archive_entry_filetype(entry) != AE_IFREG)
        return REFUSAL_LINK;
    if (path_is_bad(name))
        return REFUSAL_BAD_PATH;
    if (archive_entry_is_encrypted(entry))
        return REFUSAL_ENCRYPTED;
    return REFUSAL_NONE;
}

/* What comes out, counted against the caps; `more` is about to. */
static enum refusal caps_check(const struct unpacking *u, uint64_t more)
{
    uint64_t bytes = u->bytes + more;
    uint64_t unpacked = (uint64_t)archive_filter_bytes(u->a, 0);

    if (bytes > ARCHIVE_BYTES_MAX)
        return REFUSAL_TOO_LARGE;
    /* Also what is passed over had to be unpacked. */
    bytes = unpacked > bytes ? unpacked : bytes;
    if (bytes > RATIO_FREE_BYTES && bytes / ARCHIVE_RATIO_MAX > (uint64_t)u->input_bytes)
        return REFUSAL_BOMB;
    return u->entries >= ARCHIVE_ENTRIES_MAX && more == 0 ? REFUSAL_TOO_LARGE
                                                          : REFUSAL_NONE;
}

/* An error of libarchive: at the end of the input it is a missing end. */
static enum refusal error_refusal(const struct unpacking *u)
{
    const char *text = archive_error_string(u->a);

    /* "Unrecognized": the magic bytes were there, the directory at the end is not. */
    if (text != NULL && (strcasestr(text, "truncated") != NULL ||
                         strcasestr(text, "unexpected end") != NULL ||
                         strcasestr(text, "premature end") != NULL ||
                         strcasestr(text, "unrecognized") != NULL))
        return REFUSAL_CUT_OFF;
    return REFUSAL_DAMAGED;
}

/* Sends the entry's bytes; REFUSAL_NONE when they are whole. */
static enum refusal send_bytes(struct unpacking *u)
{
    static unsigned char piece[PIECE_BYTES];
    enum refusal r;

    for (;;) {
        la_ssize_t n = archive_read_data(u->a, piece, sizeof piece);

        if (n == 0)
            return REFUSAL_NONE;
        if (n == ARCHIVE_RETRY)
            continue;
        if (n < 0) /* also a mere warning: a wrong checksum is one */
            return error_refusal(u);
        if ((r = caps_check(u, (uint64_t)n)) != REFUSAL_NONE)
            return r;
        u->bytes += (uint64_t)n;
        entry_encode_bytes(&u->frame, piece, (size_t)n);
        flush_frame(u);
        if (u->broken)
            return REFUSAL_CUT_OFF;
    }
}

/* One that is not the entry's own fault alone ends the archive. */
static bool ends_archive(enum refusal r)
{
    return r == REFUSAL_BOMB || r == REFUSAL_TOO_LARGE || r == REFUSAL_CUT_OFF;
}

static enum refusal unpack_entry(struct unpacking *u, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    enum refusal r;
    char unnamed[32];

    if (archive_entry_filetype(entry) == AE_IFDIR)
        return REFUSAL_NONE;
    if (name == NULL) { /* its letters are not what the archive says they are */
        (void)snprintf(unnamed, sizeof unnamed, "%" PRIu64, u->entries + 1);
        name = unnamed;
    }
    send_begin(u, name);
    r = entry_refusal(entry, name);
    if (r == REFUSAL_NONE)
        r = send_bytes(u);
    send_end(u, r);
    return ends_archive(r) ? r : REFUSAL_NONE;
}

static enum refusal unpack_entries(struct unpacking *u)
{
    struct archive_entry *entry;
    enum refusal r = REFUSAL_NONE;

    while (r == REFUSAL_NONE && !u->broken) {
        int rc = archive_read_next_header(u->a, &entry);

        if (rc == ARCHIVE_EOF)
            return u->entries == 0 ? REFUSAL_NO_PAGES : REFUSAL_NONE;
        if (rc == ARCHIVE_RETRY)
            continue;
        if (rc <= ARCHIVE_FAILED)
            return error_refusal(u);
        r = caps_check(u, 0);
        if (r == REFUSAL_NONE)
            r = unpack_entry(u, entry);
    }
    return r;
}

void archive_unpack(int fd, int out_fd)
{
    struct input *in = input_create(fd);
    struct unpacking u = {.out_fd = out_fd};
    locale_t before = uselocale(utf8_locale);
    enum refusal r = REFUSAL_OUT_OF_MEMORY;
    bool opened = false;

    buffer_init(&u.frame, 2 * PIECE_BYTES);
    if (in != NULL) {
        u.input_bytes = in->bytes;
        u.a = reader_open(in, input_is_zip(in), &opened);
        if (u.a != NULL)
            r = opened ? unpack_entries(&u) : error_refusal(&u);
    }
    if (r == REFUSAL_NONE)
        entry_encode_finish(&u.frame, u.entries);
    else
        entry_encode_refusal(&u.frame, r);
    flush_frame(&u);
    archive_read_free(u.a);
    (void)uselocale(before);
    buffer_release(&u.frame);
    free(in);
}
