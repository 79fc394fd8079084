#include "tests/bench/truth.h"

#include <jansson.h>
#include <string.h>

#include "base/disk.h"

#define TEXT_BYTES_MAX (4u << 20)
#define GREEDY_ORDERS  3

void truth_release(struct truth *t)
{
    for (size_t i = 0; i < t->orders_count; i++)
        points_release(&t->orders[i]);
    *t = (struct truth){0};
}

static int add_order(struct truth *t, const char *text, size_t bytes, struct err *e)
{
    if (points_of(&t->orders[t->orders_count], text, bytes, e) != 0)
        return -1;
    t->orders_count++;
    return 0;
}

static int from_text(struct truth *out, const char *path, struct err *e)
{
    struct buffer text;
    int rc = -1;

    buffer_init(&text, TEXT_BYTES_MAX);
    if (disk_read_all(disk_system(), path, &text, e) == 0)
        rc = add_order(out, (const char *)text.bytes, text.count, e);
    buffer_release(&text);
    return rc;
}

/* How many combinations; more than the most is TRUTH_ORDERS_MAX + 1. */
static size_t combinations(const json_t *zones)
{
    size_t count = 1, index;
    json_t *zone;

    json_array_foreach(zones, index, zone)
    {
        count *= json_array_size(zone);
        if (count > TRUTH_ORDERS_MAX)
            return TRUTH_ORDERS_MAX + 1;
    }
    return count;
}

/* The nth combination, the last zone's order changing fastest; `greedy`: each zone's
 * nth order, or its last one. */
static int add_combination(struct truth *t, const json_t *zones, size_t n, bool greedy,
                           struct err *e)
{
    struct buffer text;
    size_t divisor = greedy ? 1 : combinations(zones), index;
    json_t *zone;
    int rc = -1;

    buffer_init(&text, TEXT_BYTES_MAX);
    json_array_foreach(zones, index, zone)
    {
        size_t count = json_array_size(zone), order;
        const char *words;

        if (count == 0)
            continue;
        if (!greedy)
            divisor /= count;
        order = !greedy ? n / divisor % count : n < count ? n : count - 1;
        words = json_string_value(json_array_get(zone, order));
        buffer_append_text(&text, index > 0 ? "\n" : "");
        buffer_append_text(&text, words == NULL ? "" : words);
    }
    if (buffer_check(&text, e) == 0)
        rc = add_order(t, (const char *)text.bytes, text.count, e);
    buffer_release(&text);
    return rc;
}

static int from_zones(struct truth *out, const char *path, struct err *e)
{
    json_error_t why;
    json_t *json = json_load_file(path, 0, &why), *zones;
    size_t count;
    bool greedy;
    int rc = -1;

    if (json == NULL)
        return err_set(e, ERR_CORRUPT, "%s: %s", path, why.text);
    zones = json_is_object(json) ? json_object_get(json, "zones") : json;
    count = combinations(zones);
    greedy = count > TRUTH_ORDERS_MAX;
    for (size_t i = 0; i < (greedy ? GREEDY_ORDERS : count); i++)
        if (add_combination(out, zones, i, greedy, e) != 0)
            goto out;
    rc = 0;
out:
    json_decref(json);
    return rc;
}

int truth_read(struct truth *out, const char *stem, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat s;
    int rc = -1;

    *out = (struct truth){0};
    if (disk_path(path, e, "%s.json", stem) != 0 ||
        disk_stat(disk_system(), path, &s, e) != 0)
        return -1;
    if (s.kind == DISK_FILE)
        rc = from_zones(out, path, e);
    else if (disk_path(path, e, "%s.txt", stem) == 0)
        rc = from_text(out, path, e);
    if (rc != 0)
        truth_release(out);
    return rc;
}
