/* A full disk: the box takes nothing in, says so, and still says what it holds. The
 * disk is a real one, of memory, that is filled to the last byte. */
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/program.h"

static struct bench b;

static bool mount_small_disk(void)
{
    return mkdir(b.data, 0700) == 0 &&
           mount("tram-test", b.data, "tmpfs", 0, "size=8m") == 0;
}

static void fill_disk(void)
{
    static const char bytes[4096];
    int fd = open(bench_path(&b, "data/filler"), O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    while (write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        ;
    assert_int_equal(close(fd), 0);
}

static void expect(int status, const char *words, const char *verb, const char *rest)
{
    struct ran r;

    run(&b, &r, "tram-box", verb, rest, NULL);
    if (r.status != status)
        fail_msg("%s: exit %d: %s", verb, r.status, (const char *)r.err.bytes);
    if (strstr((const char *)r.out.bytes, words) == NULL &&
        strstr((const char *)r.err.bytes, words) == NULL)
        fail_msg("%s says: %s%s", verb, (const char *)r.out.bytes,
                 (const char *)r.err.bytes);
    ran_release(&r);
}

static void import_two_records(void)
{
    static const char lines[] =
        "{\"key\": 1, \"pages\": [{\"text\": \"công văn số 101\"}]}\n"
        "{\"key\": 2, \"pages\": [{\"text\": \"báo cáo quý một\"}]}\n";
    struct ran r;

    bench_write(&b, "lines", lines, strlen(lines));
    run(&b, &r, "tram-box", "import", "--source", "thu", "lines", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
}

static void a_full_disk_is_still_searched_and_asked(void **state)
{
    struct stat reserve;

    (void)state;
    import_two_records();
    fill_disk();
    bench_write(&b, "to.bin", "%PDF-1.4 no room for it", 23);
    for (int i = 0; i < 3; i++) { /* each makes its shared memory anew */
        expect(0, "101", "search", "cong van");
        expect(0, "2", "status", NULL);
        expect(1, "full", "intake", "to.bin");
    }
    assert_int_equal(unlink(bench_path(&b, "data/filler")), 0);
    expect(0, "101", "search", "cong van");
    assert_int_equal(stat(bench_path(&b, "data/reserve"), &reserve), 0);
    assert_int_equal(reserve.st_size, 262144);
    expect(3, "to.bin", "intake", "to.bin"); /* no PDF, but there is room for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_still_searched_and_asked),
    };
    int failed;

    bench_create(&b);
    if (!mount_small_disk()) {
        print_message("# skip: a small disk cannot be mounted here\n");
        bench_destroy(&b);
        return 0;
    }
    bench_make_box(&b);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)umount2(b.data, MNT_DETACH);
    bench_destroy(&b);
    return failed;
}
