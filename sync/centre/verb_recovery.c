#include "sync/centre/verbs.h"

#include <string.h>

#include <sodium/utils.h>

#include "sync/recovery.h"

/* Digits as they lie beside the copy; what a letter or a mail put around them is
 * passed over. */
static int read_sealed(const char *path, uint8_t sealed[RECOVERY_SEALED_BYTES],
                       struct err *e)
{
    struct buffer text;
    size_t count = 0;
    int rc = -1;

    buffer_init(&text, 4096);
    if (disk_read_all(disk_system(), path, &text, e) != 0)
        goto out;
    if (text.count == 0 ||
        sodium_hex2bin(sealed, RECOVERY_SEALED_BYTES, (const char *)text.bytes,
                       text.count, " \t\r\n", &count, NULL) != 0 ||
        count != RECOVERY_SEALED_BYTES)
        (void)err_set(e, ERR_REFUSED, "%s is no sealed recovery key", path);
    else
        rc = 0;
out:
    buffer_release(&text);
    return rc;
}

int centre_verb_recovery(struct console *c, int argc, char **argv)
{
    uint8_t sealed[RECOVERY_SEALED_BYTES];
    char text[RECOVERY_TEXT_BYTES];
    struct recovery_key key = {{0}};
    struct key_pair sign = {0};
    struct err e;
    int status = CONSOLE_DONE;

    if (console_options(c, NULL, 0, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 2)
        return centre_verb_usage(c, "recovery");
    if (read_sealed(argv[1], sealed, &e) != 0 ||
        key_pair_load(&sign, disk_system(), c->dir, CENTRE_KEY_SIGN, &e) != 0 ||
        recovery_open(&key, &sign, sealed, &e) != 0) {
        status = console_failed(c, &e);
    } else {
        recovery_to_text(text, &key);
        if (!c->json)
            console_tell(c, "centre.recovery.key", (const char *const[]){text}, 1);
        else if (console_json(c, json_pack("{s:s}", "recovery_key", text)) != 0)
            status = CONSOLE_FAILED;
    }
    recovery_wipe(&key);
    key_pair_wipe(&sign);
    return status;
}
