/* The table of sentences, and how a sentence is made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/disk.h"
#include "base/messages.h"

#define COLUMNS 3

static char *columns_of(char *line, char *columns[COLUMNS], size_t *count)
{
    char *rest = line + strcspn(line, "\n");

    if (*rest != '\0')
        *rest++ = '\0';
    *count = 0;
    for (char *c = line; c != NULL; c = strchr(c, '\t')) {
        if (*count > 0)
            *c++ = '\0';
        if (*count < COLUMNS)
            columns[*count] = c;
        ++*count;
    }
    return rest;
}

/* Calls `each` for every sentence of the table. */
static void each_sentence(void (*each)(char *columns[COLUMNS], void *arg), void *arg)
{
    char *table = strdup(messages_tsv);
    char *columns[COLUMNS];
    size_t count;

    for (char *line = table; *line != '\0';) {
        bool said = *line != '#' && *line != '\n';

        line = columns_of(line, columns, &count);
        if (!said)
            continue;
        if (count != COLUMNS)
            fail_msg("%s has %zu columns, needs %d", columns[0], count, COLUMNS);
        each(columns, arg);
    }
    free(table);
}

static void the_whole_table_is_in_the_program(void **state)
{
    (void)state;
    assert_int_equal(strlen(messages_tsv), messages_tsv_bytes);
    assert_true(messages_tsv_bytes > 0);
    assert_int_equal(messages_tsv[messages_tsv_bytes - 1], '\n');
    assert_null(strchr(messages_tsv, '\r'));
}

static bool is_composed(const char *text)
{
    utf8proc_uint8_t *nfc = utf8proc_NFC((const utf8proc_uint8_t *)text);
    bool same = nfc != NULL && strcmp((const char *)nfc, text) == 0;

    free(nfc);
    return same;
}

static void check_words(char *columns[COLUMNS], void *arg)
{
    (void)arg;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i][0] == '\0')
            fail_msg("%s has an empty column", columns[0]);
        if (!is_composed(columns[i]))
            fail_msg("%s is not UTF-8 in composed form (NFC)", columns[0]);
    }
    if (strspn(columns[0], "abcdefghijklmnopqrstuvwxyz0123456789._-") !=
        strlen(columns[0]))
        fail_msg("%s is not a key", columns[0]);
}

static void every_sentence_is_there_in_both_languages(void **state)
{
    (void)state;
    each_sentence(check_words, NULL);
}

static unsigned places_of(const char *text)
{
    unsigned places = 0;

    for (; *text != '\0'; text++) {
        if (text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}')
            places |= 1u << (text[1] - '0');
    }
    return places;
}

static void check_places(char *columns[COLUMNS], void *arg)
{
    unsigned places = places_of(columns[1]);

    (void)arg;
    if (places != places_of(columns[2]))
        fail_msg("%s has other arguments in English", columns[0]);
    if ((places & (places + 1)) != 0)
        fail_msg("%s leaves an argument out", columns[0]);
}

static void both_languages_name_the_same_arguments(void **state)
{
    (void)state;
    each_sentence(check_places, NULL);
}

static void check_only_one(char *columns[COLUMNS], void *arg)
{
    char line[128];
    const char *first;

    (void)arg;
    (void)snprintf(line, sizeof line, "\n%s\t", columns[0]);
    first = strstr(messages_tsv, line);
    if (first != NULL && strstr(first + 1, line) != NULL)
        fail_msg("%s is there twice", columns[0]);
}

static void no_key_is_there_twice(void **state)
{
    (void)state;
    each_sentence(check_only_one, NULL);
}

static void check_found(char *columns[COLUMNS], void *arg)
{
    struct buffer b;

    (void)arg;
    buffer_init(&b, 10000);
    message_append(&b, columns[0], LANGUAGE_VI, NULL, 0);
    assert_string_equal((char *)b.bytes, columns[1]);
    buffer_clear(&b);
    message_append(&b, columns[0], LANGUAGE_EN, NULL, 0);
    assert_string_equal((char *)b.bytes, columns[2]);
    buffer_release(&b);
}

static void every_key_finds_its_sentence(void **state)
{
    (void)state;
    each_sentence(check_found, NULL);
}

static void an_unknown_key_is_said_itself(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 100);
    message_append(&b, "no.such-key", LANGUAGE_EN, NULL, 0);
    assert_string_equal((char *)b.bytes, "no.such-key");
    buffer_clear(&b);
    message_append(&b, "#", LANGUAGE_EN, NULL, 0); /* nor is a comment a sentence */
    assert_string_equal((char *)b.bytes, "#");
    buffer_release(&b);
}

static void find_one_place(char *columns[COLUMNS], void *arg)
{
    if (places_of(columns[1]) == 1)
        (void)snprintf(arg, 128, "%s", columns[0]);
}

/* The centre's page makes the key of the alarm's kind. */
static void every_alarm_of_the_centre_has_its_words(void **state)
{
    static const char *const kinds[] = {"backup",  "claim_used",  "cloned",    "damaged",
                                        "fork",    "forged",      "not_yours", "restored",
                                        "too_big", "unknown_site"};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct buffer b;
        char key[64];

        buffer_init(&b, 1000);
        (void)snprintf(key, sizeof key, "centre.alarm.%s", kinds[i]);
        message_append(&b, key, LANGUAGE_EN, NULL, 0);
        assert_string_not_equal((char *)b.bytes, key);
        buffer_release(&b);
    }
}

static void arguments_are_put_in_and_not_looked_into(void **state)
{
    static const char *const args[] = {"<{0}{1}>"};
    char key[128] = "";
    struct buffer b;

    (void)state;
    each_sentence(find_one_place, key);
    if (key[0] == '\0')
        skip(); /* no sentence takes one argument */
    buffer_init(&b, 10000);
    message_append(&b, key, LANGUAGE_VI, args, 1);
    assert_non_null(strstr((char *)b.bytes, args[0]));
    buffer_clear(&b);
    message_append(&b, key, LANGUAGE_VI, NULL, 0);
    assert_non_null(strstr((char *)b.bytes, "{0}"));
    buffer_release(&b);
}

static void the_environment_chooses_and_vietnamese_is_the_rule(void **state)
{
    static const char *const names[] = {"TRAM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(unsetenv(names[i]), 0);
    assert_int_equal(message_language(), LANGUAGE_VI);
    for (size_t i = 4; i-- > 0;) { /* each is asked before those set so far */
        assert_int_equal(setenv(names[i], "en_GB.UTF-8", 1), 0);
        assert_int_equal(message_language(), LANGUAGE_EN);
        assert_int_equal(setenv(names[i], "C.UTF-8", 1), 0);
        assert_int_equal(message_language(), LANGUAGE_VI);
    }
    assert_int_equal(setenv("TRAM_LANG", "", 1), 0);
    assert_int_equal(setenv("LC_ALL", "en", 1), 0);
    assert_int_equal(message_language(), LANGUAGE_EN);
}

/* Keys that the sources name in plain words: call(…, "key"…. A key that is put
 * together at run time is not seen here. */
struct scan {
    struct disk *disk;
    const char *dir;
    unsigned seen;
    struct buffer unknown;
};

static bool is_known(const char *key, size_t count)
{
    struct buffer b;
    char text[128];
    bool known;

    if (count >= sizeof text)
        return false;
    memcpy(text, key, count);
    text[count] = '\0';
    buffer_init(&b, 10000);
    message_append(&b, text, LANGUAGE_EN, NULL, 0);
    known = strcmp((char *)b.bytes, text) != 0;
    buffer_release(&b);
    return known;
}

/* The first text in the call's brackets, if it looks like a key. */
static void scan_call(struct scan *s, const char *at)
{
    size_t before = strcspn(at, "\";{");
    size_t count;

    if (at[before] != '"')
        return;
    at += before + 1;
    count = strcspn(at, "\"");
    if (memchr(at, '%', count) != NULL || memchr(at, '.', count) == NULL)
        return;
    s->seen++;
    if (!is_known(at, count))
        buffer_append_format(&s->unknown, " %.*s", (int)count, at);
}

static int scan_file(void *arg, const char *name, struct err *e)
{
    static const char *const calls[] = {" say(", " tell(", " progress_line(",
                                        "message_append(", "message_json("};
    struct scan *s = arg;
    char path[DISK_PATH_BYTES];
    struct buffer source;
    size_t count = strlen(name);
    int rc;

    if (count < 3 || strcmp(name + count - 2, ".c") != 0)
        return 0;
    buffer_init(&source, 1 << 20);
    rc = disk_path(path, e, "%s/%s", s->dir, name);
    if (rc == 0)
        rc = disk_read_all(s->disk, path, &source, e);
    for (size_t i = 0; rc == 0 && i < sizeof calls / sizeof calls[0]; i++) {
        const char *at = source.bytes == NULL ? "" : (const char *)source.bytes;

        while ((at = strstr(at, calls[i])) != NULL) {
            at += strlen(calls[i]);
            scan_call(s, at);
        }
    }
    buffer_release(&source);
    return rc;
}

static void every_key_that_the_sources_name_is_in_the_table(void **state)
{
    struct scan s = {.disk = disk_system(), .dir = "appliance"};
    struct disk_stat there;
    char unknown[4000];
    struct err e;

    (void)state;
    assert_int_equal(disk_stat(s.disk, s.dir, &there, &e), 0);
    if (there.kind != DISK_DIR)
        skip(); /* not run from the root of the tree */
    buffer_init(&s.unknown, 100000);
    assert_int_equal(disk_list(s.disk, s.dir, scan_file, &s, &e), 0);
    (void)snprintf(unknown, sizeof unknown, "%s",
                   s.unknown.bytes == NULL ? "" : (char *)s.unknown.bytes);
    buffer_release(&s.unknown);
    if (unknown[0] != '\0')
        fail_msg("not in base/messages.tsv:%s", unknown);
    assert_true(s.seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_table_is_in_the_program),
        cmocka_unit_test(every_sentence_is_there_in_both_languages),
        cmocka_unit_test(both_languages_name_the_same_arguments),
        cmocka_unit_test(no_key_is_there_twice),
        cmocka_unit_test(every_key_finds_its_sentence),
        cmocka_unit_test(an_unknown_key_is_said_itself),
        cmocka_unit_test(every_alarm_of_the_centre_has_its_words),
        cmocka_unit_test(arguments_are_put_in_and_not_looked_into),
        cmocka_unit_test(the_environment_chooses_and_vietnamese_is_the_rule),
        cmocka_unit_test(every_key_that_the_sources_name_is_in_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
