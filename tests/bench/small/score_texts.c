/* Letters wrong of pages' texts: score-texts TRUTH-DIR TEXT-DIR prints "ID letters
 * wrong" for each ID.txt of TRUTH-DIR; a text that is not there is read all wrong. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/disk.h"
#include "tests/bench/score.h"

static int score_one(const char *truth_path, const char *texts, struct err *e)
{
    char stem[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    const char *id = strrchr(truth_path, '/') + 1;
    struct truth truth = {0};
    struct score score = {0};
    struct buffer text;
    int rc = -1;

    buffer_init(&text, 1u << 24);
    if (disk_path(stem, e, "%.*s", (int)strlen(truth_path) - 4, truth_path) != 0 ||
        disk_path(path, e, "%s/%s", texts, id) != 0 || truth_read(&truth, stem, e) != 0)
        goto out;
    if (disk_read_all(disk_system(), path, &text, e) != 0)
        buffer_clear(&text); /* not read: all of it wrong */
    if (score_page(&score, &truth, text.count > 0 ? (const char *)text.bytes : "",
                   text.count, e) != 0)
        goto out;
    printf("%.*s %zu %zu\n", (int)strlen(id) - 4, id, score.letters, score.letters_wrong);
    rc = 0;
out:
    truth_release(&truth);
    buffer_release(&text);
    return rc;
}

int main(int argc, char **argv)
{
    char pattern[DISK_PATH_BYTES];
    struct err e;
    glob_t found;
    int rc = 0;

    if (argc != 3 || disk_path(pattern, &e, "%s/*.txt", argv[1]) != 0) {
        fprintf(stderr, "usage: score-texts TRUTH-DIR TEXT-DIR\n");
        return 2;
    }
    if (glob(pattern, 0, NULL, &found) != 0)
        return 1;
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        rc = score_one(found.gl_pathv[i], argv[2], &e);
    if (rc != 0)
        fprintf(stderr, "score-texts: %s\n", e.text);
    globfree(&found);
    return rc == 0 ? 0 : 1;
}
