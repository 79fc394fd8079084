#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/link/parts.h"

const char link_plan_usage[] =
    "bench-sync-link [options], as root (it makes network namespaces)\n"
    "  --parts A,B…     weak first idle (all)\n"
    "  --rates A,B…     bit/s (64000,256000)    --losses A,B…  per cent (0,2,10)\n"
    "  --roads A,B…     ours resume chunks put rsync pouchdb (all)\n"
    "  --cycles N       outages of a run (16)   --up S, --down S  each (30, 60)\n"
    "  --steady S       the run without outages (600)\n"
    "  --delay MS       one way (300)           --at-once N  runs (36)\n"
    "  --new-address    the box's device has another one at each return, and is told\n"
    "  --images N       of 25 MB, waiting behind a first record (20)\n"
    "  --times N        each measurement of first and idle (3)\n"
    "  --short          64000 bit/s, 2 %, no chunks, no put, 2 cycles; 1 image, once\n"
    "  --seed N         of the losses           --keep  what was written stays\n";

static const char *const parts_all[] = {"weak", "first", "idle"};

static int take_names(bool *const *set, const char *const *names, size_t count,
                      char *list, struct err *e)
{
    char *rest;

    for (size_t i = 0; i < count; i++)
        *set[i] = false;
    for (char *word = strtok_r(list, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        size_t i = 0;

        while (i < count && strcmp(names[i], word) != 0)
            i++;
        if (i == count)
            return err_set(e, ERR_USAGE, "there is no '%s'", word);
        *set[i] = true;
    }
    return 0;
}

static int take_parts(struct link_plan *p, struct err *e)
{
    bool *const set[] = {&p->weak, &p->first, &p->idle};

    return take_names(set, parts_all, 3, optarg, e);
}

static int take_roads(struct link_plan *p, struct err *e)
{
    const char *names[ROADS];
    bool *set[ROADS];

    for (int i = 0; i < ROADS; i++) {
        names[i] = road_name((enum road_kind)i);
        set[i] = &p->roads[i];
    }
    return take_names(set, names, ROADS, optarg, e);
}

static int take_rates(struct link_plan *p, struct err *e)
{
    char *rest;

    p->rates_count = 0;
    for (char *word = strtok_r(optarg, ",", &rest);
         word != NULL && p->rates_count < LINK_VALUES_MAX;
         word = strtok_r(NULL, ",", &rest)) {
        p->rates[p->rates_count] = (unsigned)strtoul(word, NULL, 10);
        if (p->rates[p->rates_count++] < 1000)
            return err_set(e, ERR_USAGE, "'%s' is no rate", word);
    }
    return 0;
}

static void take_losses(struct link_plan *p)
{
    char *rest;

    p->losses_count = 0;
    for (char *word = strtok_r(optarg, ",", &rest);
         word != NULL && p->losses_count < LINK_VALUES_MAX;
         word = strtok_r(NULL, ",", &rest))
        p->losses[p->losses_count++] = strtod(word, NULL);
}

static void be_short(struct link_plan *p)
{
    p->roads[ROAD_CHUNKS] = p->roads[ROAD_PUT] = false;
    p->rates_count = p->losses_count = 1;
    p->losses[0] = 2;
    p->cycles = 2;
    p->steady_s = 60;
    p->images = p->times = 1;
}

static int take_option(struct link_plan *p, int letter, struct err *e)
{
    const struct {
        int letter;
        unsigned *number;
    } numbers[] = {{'c', &p->cycles},   {'u', &p->up_s},     {'d', &p->down_s},
                   {'s', &p->steady_s}, {'y', &p->delay_ms}, {'o', &p->at_once},
                   {'i', &p->images},   {'t', &p->times}};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].letter == letter) {
            *numbers[i].number = (unsigned)strtoul(optarg, NULL, 10);
            return *numbers[i].number > 0
                       ? 0
                       : err_set(e, ERR_USAGE, "'%s' is too few", optarg);
        }
    switch (letter) {
    case 'p':
        return take_parts(p, e);
    case 'R':
        return take_roads(p, e);
    case 'r':
        return take_rates(p, e);
    case 'l':
        take_losses(p);
        return 0;
    case 'S':
        be_short(p);
        return 0;
    case 'n':
        p->new_address = true;
        return 0;
    case 'e':
        p->seed = strtoull(optarg, NULL, 10);
        return 0;
    case 'k':
        p->keep = true;
        return 0;
    case 'h':
        p->help = true;
        return 0;
    default:
        return err_set(e, ERR_USAGE, "an option makes no sense");
    }
}

static int find_build(struct link_plan *p, struct err *e)
{
    char self[DISK_PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n <= 0)
        return err_set_errno(e, ERR_FAILED, "our own program");
    self[n] = '\0';
    return disk_parent(p->build, self, e);
}

int link_plan_read(struct link_plan *out, int argc, char **argv, struct err *e)
{
    static const struct option words[] = {
        {"parts", 1, NULL, 'p'},       {"rates", 1, NULL, 'r'},
        {"losses", 1, NULL, 'l'},      {"roads", 1, NULL, 'R'},
        {"cycles", 1, NULL, 'c'},      {"up", 1, NULL, 'u'},
        {"down", 1, NULL, 'd'},        {"steady", 1, NULL, 's'},
        {"delay", 1, NULL, 'y'},       {"images", 1, NULL, 'i'},
        {"times", 1, NULL, 't'},       {"at-once", 1, NULL, 'o'},
        {"short", 0, NULL, 'S'},       {"seed", 1, NULL, 'e'},
        {"keep", 0, NULL, 'k'},        {"help", 0, NULL, 'h'},
        {"new-address", 0, NULL, 'n'}, {0}};
    int letter;

    *out = (struct link_plan){
        .rates = {64000, 256000},
        .rates_count = 2,
        .losses = {0, 2, 10},
        .losses_count = 3,
        .roads = {true, true, true, true, true, true},
        .weak = true,
        .first = true,
        .idle = true,
        /* At 10 % loss a share spreads by 3 % over 8 outages: 16, and as long without,
         * tell 0.95 from 0.92. All 36 runs at once. */
        .cycles = 16,
        .up_s = 30,
        .down_s = 60,
        .steady_s = 600,
        .delay_ms = 300,
        .at_once = 36,
        .images = 20,
        .times = 3,
        .seed = 1};
    while ((letter = getopt_long(argc, argv, "", words, NULL)) != -1)
        if (take_option(out, letter, e) != 0)
            return -1;
    if (optind != argc)
        return err_set(e, ERR_USAGE, "'%s' is no option", argv[optind]);
    return find_build(out, e);
}
