#include "appliance/verbs.h"

#include <string.h>

#include "appliance/verb_io.h"

static const struct verb verbs[] = {
    {.name = "init",
     .usage = "init --demo [--name \"Xã …\"] | --enrol FILE",
     .help = "verb.init",
     .makes_box = true,
     .run_dir = verb_init},
    {.name = "intake",
     .usage = "intake [--dossier CODE] [--type T] FILE|DIR|ARCHIVE…",
     .help = "verb.intake",
     .handed_over = true,
     .run = verb_intake},
    {.name = "held",
     .usage = "held [--clear SHA256|NAME --reason TEXT [--also PAGE,…]]",
     .help = "verb.held",
     .handed_over = true,
     .run = verb_held},
    {.name = "read",
     .usage = "read [--wait] [--jobs N] [--again ID [--way "
              "usual|plain|worn|column|block]]",
     .help = "verb.read",
     .handed_over = true,
     .run = verb_read},
    {.name = "compare",
     .usage = "compare ID [--accept|--decline]",
     .help = "verb.compare",
     .handed_over = true,
     .run = verb_compare},
    {.name = "twins",
     .usage = "twins [PAGE [--dismiss OTHER]]",
     .help = "verb.twins",
     .handed_over = true,
     .run = verb_twins},
    {.name = "correct",
     .usage = "correct PAGE WORD TEXT",
     .help = "verb.correct",
     .handed_over = true,
     .run = verb_correct},
    {.name = "import",
     .usage = "import --source NAME | --exported FILE.jsonl",
     .help = "verb.import",
     .handed_over = true,
     .run = verb_import},
    {.name = "search",
     .usage = "search QUERY [--limit N] [--by-date | --newest] [--kind K] [--issuer I]"
              " [--year Y] [--counts] [--boxes]",
     .help = "verb.search",
     .handed_over = true,
     .asks_only = true,
     .run = verb_search},
    {.name = "show",
     .usage = "show ID [--text|--suspects|--pdf OUT|--original OUT|--image OUT]",
     .help = "verb.show",
     .handed_over = true,
     .asks_only = true,
     .run = verb_show},
    {.name = "types",
     .usage = "types [NAME]",
     .help = "verb.types",
     .handed_over = true,
     .asks_only = true,
     .run = verb_types},
    {.name = "export",
     .usage =
         "export --format csv|jsonl|package --out OUT --all | [--query Q] [--dossier D]"
         " [--type T] [ID…]",
     .help = "verb.export",
     .handed_over = true,
     .asks_only = true,
     .run = verb_export},
    {.name = "status",
     .usage = "status",
     .help = "verb.status",
     .handed_over = true,
     .asks_only = true,
     .run = verb_status},
    {.name = "sync",
     .usage = "sync [--once] [--max-bytes N]",
     .help = "verb.sync",
     .handed_over = true,
     .run = verb_sync},
    {.name = "link",
     .usage = "link [--once] [--history N]",
     .help = "verb.link",
     .handed_over = true,
     .asks_only = true,
     .run = verb_link},
    {.name = "courier",
     .usage = "courier export|import DIR",
     .help = "verb.courier",
     .handed_over = true,
     .run = verb_courier},
    {.name = "serve",
     .usage = "serve --listen ADDR:PORT [--open]",
     .help = "verb.serve",
     .run_dir = verb_serve},
    {.name = "accounts",
     .usage = "accounts [first-code | add NAME ROLE FULL-NAME | role NAME ROLE | password"
              " NAME | second NAME | enable NAME | disable NAME | unlock NAME | tokens |"
              " token NAME read|import | token-back NAME | log [--limit N]]",
     .help = "verb.accounts",
     .handed_over = true,
     .run = verb_accounts},
    {.name = "verify",
     .usage = "verify",
     .help = "verb.verify",
     .handed_over = true,
     .asks_only = true,
     .run = verb_verify},
    {.name = "backup",
     .usage = "backup DIR | --show-key",
     .help = "verb.backup",
     .handed_over = true,
     .run = verb_backup},
    {.name = "restore",
     .usage = "restore DIR [--key-file FILE] [--generation N]",
     .help = "verb.restore",
     .makes_box = true,
     .run_dir = verb_restore},
    {.name = "units",
     .usage = "units \"xã …, huyện …, tỉnh …\"|CODE [--date DATE]",
     .help = "verb.units",
     .makes_box = true,
     .run_dir = verb_units},
};

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

size_t verb_all(const struct verb **out)
{
    *out = verbs;
    return sizeof verbs / sizeof *verbs;
}

bool verb_asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int help(const struct verb *v, struct verb_io *io)
{
    tell(io, "verb.usage", (const char *const[]){v->usage}, 1);
    tell(io, v->help, NULL, 0);
    return EXIT_DONE;
}

int verb_run(const struct verb *v, struct box *b, const char *dir, struct verb_io *io,
             int argc, char **argv)
{
    int status;

    if (verb_asks_for_help(argc, argv))
        status = help(v, io);
    else if (v->run_dir != NULL)
        status = v->run_dir(dir, io, argc, argv);
    else
        status = v->run(b, io, argc, argv);
    progress_line_clear(io);
    /* Results that reached nobody were not delivered, whatever the word did. */
    if (fflush(io->out) != 0 || ferror(io->out))
        status = status == EXIT_DONE ? EXIT_FAILED : status;
    (void)fflush(io->err);
    return status;
}
