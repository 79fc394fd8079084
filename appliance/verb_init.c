#include "appliance/verbs.h"

#include <stdio.h>
#include <string.h>

#include "appliance/verb_io.h"

#define DEMO_NAME "Xã Minh Họa"

static int make_demo(const char *dir, struct verb_io *io, const char *name)
{
    struct store_identity who = {.site = SITE_DEMO};
    struct err e;

    if (strlen(name) >= sizeof who.name) {
        say(io, "error.option_long", (const char *const[]){"--name"}, 1);
        return EXIT_WORDS;
    }
    (void)snprintf(who.name, sizeof who.name, "%s", name);
    if (box_init(disk_system(), clock_system(), dir, &who, &e) != 0) {
        if (e.code != ERR_BUSY)
            return verb_failed(io, &e);
        say(io, "init.there_already", (const char *const[]){dir}, 1);
        return EXIT_FAILED;
    }
    if (io->json)
        return verb_json(io,
                         json_pack("{s:o, s:i, s:o}", "data", json_any_text(dir), "site",
                                   (int)who.site, "name", json_any_text(who.name))) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    tell(io, "init.done", (const char *const[]){who.name, dir}, 2);
    return EXIT_DONE;
}

int verb_init(const char *dir, struct verb_io *io, int argc, char **argv)
{
    const char *name = NULL, *enrol = NULL;
    bool demo = false;
    const struct option_word options[] = {
        {"--demo", NULL, &demo}, {"--name", &name, NULL}, {"--enrol", &enrol, NULL}};

    if (options_take(io, options, 3, &argc, argv) != 0)
        return EXIT_WORDS;
    if (enrol != NULL) {
        say(io, "init.no_enrol", NULL, 0);
        return EXIT_WORDS;
    }
    if (!demo || argc != 1)
        return verb_usage(io, "init");
    return make_demo(dir, io, name == NULL ? DEMO_NAME : name);
}
