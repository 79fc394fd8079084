/* What others wrote (names, values, text) cannot command the terminal it is shown on,
 * nor make two lines of one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/verb_io.h"
#include "tests/lib/box_world.h"

#define GONE "\xef\xbf\xbd"
#define C1   "\xc2\x9b" /* U+009B: an 8-bit ESC [ */

static struct box_world w;
static struct verb_io io;
static char *shown;
static size_t shown_bytes;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    free(shown);
    shown = NULL;
    world_destroy(&w);
    return 0;
}

static void look_begin(bool is_terminal)
{
    free(shown);
    io = (struct verb_io){
        .out_is_terminal = is_terminal, .language = LANGUAGE_EN, .cwd = "/"};
    io.out = io.err = open_memstream(&shown, &shown_bytes);
    assert_non_null(io.out);
}

static void look_end(void)
{
    assert_int_equal(fclose(io.out), 0);
}

static void expect_shown(const char *part)
{
    if (strstr(shown, part) == NULL)
        fail_msg("not shown: %s in %s", part, shown);
}

/* One document whose text and fields hold controls; returns its number. */
static uint64_t import_hostile(void)
{
    struct import_counts counts;
    uint64_t document;

    must(world_import(
             &w,
             "{\"key\": 1, \"fields\": {\"ho_ten\": \"Mẫu\\u001b[2J\\nLoại: a\"},"
             " \"pages\": [{\"text\": \"khai\\tsinh\\n\\u001b[31mđỏ\\u009b0m\"}]}\n",
             &counts, &w.err),
         &w.err);
    assert_int_equal(counts.added, 1);
    assert_int_equal(world_search(&w, "khai", &document), 1);
    return document;
}

static void show(bool is_terminal, uint64_t document, char *option)
{
    char id[24];

    (void)snprintf(id, sizeof id, "%" PRIu64, document);
    look_begin(is_terminal);
    assert_int_equal(
        verb_show(w.box, &io, option == NULL ? 2 : 3, (char *[]){"show", id, option}),
        EXIT_DONE);
    look_end();
}

static void a_name_with_controls_is_one_line_of_harmless_letters(void **state)
{
    (void)state;
    look_begin(true);
    say(&io, "intake.caught_up", (const char *const[]){"a\nb\x1b[2J\x7f" C1 "ệ\x9b.jpg"},
        1);
    tell(&io, "show.original", (const char *const[]){"\r\tthư\033[1m"}, 1);
    look_end();
    assert_string_equal(shown, "a" GONE "b" GONE "[2J" GONE GONE "ệ" GONE
                               ".jpg: was interrupted last time, and is finished now\n"
                               "Original: " GONE GONE "thư" GONE "[1m\n");
}

static void hits_are_bold_and_nothing_else_of_a_snippet_is(void **state)
{
    (void)state;
    (void)import_hostile();
    look_begin(true);
    assert_int_equal(verb_search(w.box, &io, 2, (char *[]){"search", "khai"}), EXIT_DONE);
    look_end();
    expect_shown("\033[1mkhai\033[0m");
    assert_null(strstr(shown, "\033[31m"));
    assert_null(strstr(shown, C1));
    assert_ptr_equal(strchr(shown, '\n'), shown + shown_bytes - 1);
}

static void a_terminal_is_shown_text_and_fields_without_controls(void **state)
{
    uint64_t document;

    (void)state;
    document = import_hostile();
    show(true, document, NULL);
    expect_shown("ho_ten: Mẫu" GONE "[2J" GONE "Loại: a\n");
    expect_shown("khai\tsinh\n" GONE "[31mđỏ" GONE "0m\n");
    show(true, document, "--text");
    expect_shown("khai\tsinh\n" GONE "[31mđỏ" GONE "0m");
    assert_null(strchr(shown, '\033'));
}

static void a_pipe_is_given_text_and_fields_as_they_are(void **state)
{
    uint64_t document;

    (void)state;
    document = import_hostile();
    show(false, document, NULL);
    expect_shown("ho_ten: Mẫu\033[2J\nLoại: a\n");
    show(false, document, "--text");
    expect_shown("khai\tsinh\n\033[31mđỏ" C1 "0m");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_name_with_controls_is_one_line_of_harmless_letters),
        STORY(hits_are_bold_and_nothing_else_of_a_snippet_is),
        STORY(a_terminal_is_shown_text_and_fields_without_controls),
        STORY(a_pipe_is_given_text_and_fields_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
