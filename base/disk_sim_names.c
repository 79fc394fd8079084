/* Names on the simulated disk. Each directory has the entries that readers see
 * and those that the medium has for certain; the journal between them is one
 * list, in the order of the calls. A step becomes durable when its directory is
 * synced (a move between two: when the one it went to is), and then every
 * earlier step on the same names does too, as in a journalling file system. */
#include "base/disk_sim_internal.h"

#include <stdlib.h>
#include <string.h>

/* Index of `name`, or where it would be. */
static size_t entry_index(const struct sim_dir *dir, const char *name, bool *found)
{
    size_t low = 0, high = dir->count;

    *found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(dir->entries[middle].name, name);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct sim_inode *entry_get(const struct sim_dir *dir, const char *name)
{
    bool found;
    size_t i = entry_index(dir, name, &found);

    return found ? dir->entries[i].inode : NULL;
}

/* NULL removes. The old inode's reference is the caller's: returned, may be NULL. */
static struct sim_inode *entry_set(struct sim_dir *dir, const char *name,
                                   struct sim_inode *n)
{
    bool found;
    size_t i = entry_index(dir, name, &found);
    struct sim_inode *old = found ? dir->entries[i].inode : NULL;

    if (found && n != NULL) {
        dir->entries[i].inode = n;
    } else if (found) {
        free(dir->entries[i].name);
        dir->count--;
        memmove(&dir->entries[i], &dir->entries[i + 1],
                (dir->count - i) * sizeof dir->entries[0]);
    } else if (n != NULL) {
        dir->entries =
            sim_grow(dir->entries, dir->count, &dir->capacity, sizeof dir->entries[0]);
        memmove(&dir->entries[i + 1], &dir->entries[i],
                (dir->count - i) * sizeof dir->entries[0]);
        dir->entries[i] = (struct sim_entry){sim_text(name), n};
        dir->count++;
    }
    return old;
}

static void live_set(struct disk_sim *s, struct sim_inode *dir, const char *name,
                     struct sim_inode *n)
{
    sim_inode_use(s, n);
    sim_inode_unuse(s, entry_set(&dir->live, name, n));
}

static void durable_set(const struct sim_set *set)
{
    sim_inode_hold(set->inode);
    sim_inode_drop(entry_set(&set->dir->durable, set->name, set->inode));
}

int sim_names_find(struct disk_sim *s, struct sim_place *out, const char *path,
                   struct err *e)
{
    char rest[DISK_PATH_BYTES];
    char *state = NULL;

    out->dir = NULL;
    out->name[0] = '\0';
    out->inode = s->root;
    if (disk_path(rest, e, "%s", path) != 0)
        return -1;
    for (char *part = strtok_r(rest, "/", &state); part != NULL;
         part = strtok_r(NULL, "/", &state)) {
        if (strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0)
            return err_set(e, ERR_USAGE, "%s: no \"..\" on the simulated disk", path);
        if (out->inode == NULL || !out->inode->is_dir)
            return err_set(e, ERR_IO, "%s: no such directory", path);
        out->dir = out->inode;
        (void)strcpy(out->name, part); /* a part of `rest`, which is as long */
        out->inode = entry_get(&out->dir->live, part);
    }
    return 0;
}

static void op_note(struct disk_sim *s, const struct sim_op *op)
{
    s->ops = sim_grow(s->ops, s->ops_count, &s->ops_capacity, sizeof *op);
    s->ops[s->ops_count++] = *op;
}

static struct sim_set set_make(const struct sim_place *p, struct sim_inode *n)
{
    sim_inode_hold(p->dir);
    sim_inode_hold(n);
    return (struct sim_set){p->dir, sim_text(p->name), n};
}

static void op_release(struct sim_op *op)
{
    for (size_t i = 0; i < op->sets_count; i++) {
        free(op->sets[i].name);
        sim_inode_drop(op->sets[i].dir);
        sim_inode_drop(op->sets[i].inode);
    }
    op->sets_count = 0;
}

static struct sim_inode *op_home(const struct sim_op *op)
{
    return op->sets[op->sets_count - 1].dir;
}

void sim_names_set(struct disk_sim *s, const struct sim_place *p, struct sim_inode *n)
{
    struct sim_op op = {.sets_count = 1, .sets = {set_make(p, n)}};

    op_note(s, &op);
    live_set(s, p->dir, p->name, n);
}

void sim_names_move(struct disk_sim *s, const struct sim_place *from,
                    const struct sim_place *to)
{
    struct sim_op op = {
        .sets_count = 2,
        .sets = {set_make(from, NULL), set_make(to, from->inode)},
    };

    op_note(s, &op);
    live_set(s, to->dir, to->name, from->inode);
    live_set(s, from->dir, from->name, NULL);
}

static bool ops_share_name(const struct sim_op *a, const struct sim_op *b)
{
    for (size_t i = 0; i < a->sets_count; i++) {
        for (size_t j = 0; j < b->sets_count; j++) {
            if (a->sets[i].dir == b->sets[j].dir &&
                strcmp(a->sets[i].name, b->sets[j].name) == 0)
                return true;
        }
    }
    return false;
}

/* A released step has no sets and is passed over everywhere. */
static void op_make_durable(struct disk_sim *s, size_t index)
{
    struct sim_op *op = &s->ops[index];

    for (size_t i = 0; i < index; i++) {
        if (ops_share_name(&s->ops[i], op))
            op_make_durable(s, i);
    }
    for (size_t i = 0; i < op->sets_count; i++)
        durable_set(&op->sets[i]);
    op_release(op);
}

static void ops_compact(struct disk_sim *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->ops_count; i++) {
        if (s->ops[i].sets_count > 0)
            s->ops[kept++] = s->ops[i];
    }
    s->ops_count = kept;
}

void sim_names_sync(struct disk_sim *s, struct sim_inode *dir)
{
    for (size_t i = 0; i < s->ops_count; i++) {
        if (s->ops[i].sets_count > 0 && op_home(&s->ops[i]) == dir)
            op_make_durable(s, i);
    }
    ops_compact(s);
}

/* A step on a name that an earlier lost step made cannot be kept. */
static bool op_survives(struct disk_sim *s, size_t index, const bool *lost, unsigned keep)
{
    const struct sim_op *op = &s->ops[index];

    if (op_home(op)->lost_one)
        return false;
    for (size_t i = 0; i < index; i++) {
        if (lost[i] && ops_share_name(&s->ops[i], op))
            return false;
    }
    return sim_chance(s, keep);
}

static void ops_cut(struct disk_sim *s, unsigned keep)
{
    bool *lost = sim_alloc(s->ops_count + 1);

    for (size_t i = 0; i < s->ops_count; i++)
        op_home(&s->ops[i])->lost_one = false;
    for (size_t i = 0; i < s->ops_count; i++) {
        const struct sim_op *op = &s->ops[i];

        lost[i] = !op_survives(s, i, lost, keep);
        if (lost[i])
            op_home(op)->lost_one = true;
        for (size_t j = 0; !lost[i] && j < op->sets_count; j++)
            durable_set(&op->sets[j]);
    }
    for (size_t i = 0; i < s->ops_count; i++)
        op_release(&s->ops[i]);
    s->ops_count = 0;
    free(lost);
}

static void live_clear(struct disk_sim *s, struct sim_inode *dir)
{
    for (size_t i = 0; i < dir->live.count; i++) {
        struct sim_entry *entry = &dir->live.entries[i];

        if (entry->inode->is_dir)
            live_clear(s, entry->inode);
        free(entry->name);
        sim_inode_unuse(s, entry->inode);
    }
    dir->live.count = 0;
}

/* Makes what readers see of `dir`, and of all below, from what is durable. */
static void live_restore(struct disk_sim *s, struct sim_inode *dir, unsigned keep)
{
    for (size_t i = 0; i < dir->durable.count; i++) {
        const struct sim_entry *entry = &dir->durable.entries[i];

        live_set(s, dir, entry->name, entry->inode);
        if (entry->inode->is_dir) {
            live_restore(s, entry->inode, keep);
        } else {
            sim_inode_settle(s, entry->inode, keep);
            sim_inode_forget(s, entry->inode);
        }
    }
}

void sim_names_cut(struct disk_sim *s, unsigned keep)
{
    ops_cut(s, keep);
    live_clear(s, s->root);
    live_restore(s, s->root, keep);
}

void sim_names_release(struct disk_sim *s)
{
    for (size_t i = 0; i < s->ops_count; i++)
        op_release(&s->ops[i]);
    free(s->ops);
    sim_inode_drop(s->root);
}
