/* The desk while a picture takes its time: the cage is stopped, and whoever does not ask for
 * pictures must not notice. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/program.h"

#define LOOKERS 8 /* more than there are boxes for any one thing */

static struct bench b;
static struct running serve;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    serve_begin(&b, &serve);
    serve_let_in(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    bench_destroy(&b);
    return 0;
}

/* ------------------------------------------------------------------- sentences */

static int status_of(const char *path)
{
    struct buffer answer;
    const char *body;
    int status;

    buffer_init(&answer, 16u << 20);
    status = http_get(serve.port, path, &answer, &body);
    buffer_release(&answer);
    return status;
}

/* The picture's path of the one page of this sample; valid until the next call but one. */
static const char *picture_of(const char *sample)
{
    static char paths[2][64];
    static unsigned at;
    int64_t document = bench_take(&b, bench_sample(sample));
    char path[64];
    struct buffer answer;
    const char *body;
    json_t *j;

    (void)snprintf(path, sizeof path, "/api/v1/documents/%lld", (long long)document);
    buffer_init(&answer, 16u << 20);
    assert_int_equal(http_get(serve.port, path, &answer, &body), 200);
    j = json_loads(body, 0, NULL);
    at = !at;
    (void)snprintf(paths[at], sizeof paths[at], "/api/v1/pages/%lld/picture",
                   (long long)json_number_of(
                       json_array_get(json_object_get(j, "pages"), 0), "page"));
    json_decref(j);
    buffer_release(&answer);
    return paths[at];
}

/* Whose parent serve is. */
static void signal_workers(int signal)
{
    char path[300], line[256];
    DIR *all = opendir("/proc");
    struct dirent *one;

    assert_non_null(all);
    while ((one = readdir(all)) != NULL) {
        pid_t pid = atoi(one->d_name), parent = 0;
        FILE *f;

        (void)snprintf(path, sizeof path, "/proc/%s/stat", one->d_name);
        f = pid > 0 ? fopen(path, "re") : NULL;
        if (f == NULL)
            continue;
        if (fgets(line, sizeof line, f) != NULL)
            (void)sscanf(line, "%*d (%*[^)]) %*c %d", &parent);
        (void)fclose(f);
        if (parent == serve.pid)
            assert_int_equal(kill(pid, signal), 0);
    }
    (void)closedir(all);
}

struct looker {
    pthread_t thread;
    const char *path;
    int status;
};

static void *look(void *arg)
{
    struct looker *l = arg;

    l->status = status_of(l->path);
    return NULL;
}

/* ---------------------------------------------------------------------- stories */

static void a_picture_that_takes_its_time_keeps_nobody_from_asking(void **state)
{
    static struct looker lookers[LOOKERS]; /* static: they outlive a failing test */
    unsigned busy = 0, shown = 0;
    const char *other;

    (void)state;
    /* From the first on there is a worker, and it is stopped before the other. */
    assert_int_equal(status_of(picture_of("giay-khai-sinh.png")), 200);
    other = picture_of("quyet-dinh-01.png");
    signal_workers(SIGSTOP);
    for (size_t i = 0; i < LOOKERS; i++) {
        lookers[i].path = other;
        assert_int_equal(pthread_create(&lookers[i].thread, NULL, look, &lookers[i]), 0);
    }
    /* Who finds no box for it is told so, which means that the others have them all. */
    while (busy == 0) {
        assert_int_equal(status_of("/api/v1/status"), 200);
        for (size_t i = 0; i < LOOKERS; i++)
            busy += __atomic_load_n(&lookers[i].status, __ATOMIC_RELAXED) == 503;
    }
    assert_int_equal(status_of("/api/v1/search?q=a"), 200);
    signal_workers(SIGCONT);
    for (size_t i = 0; i < LOOKERS; i++) {
        (void)pthread_join(lookers[i].thread, NULL);
        shown += lookers[i].status == 200;
    }
    assert_int_equal(shown, 3); /* LOOK_BOXES of serve.c */
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_picture_that_takes_its_time_keeps_nobody_from_asking),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
