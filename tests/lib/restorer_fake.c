#include "tests/lib/restorer_fake.h"

#include "tests/lib/packed_fake.h"

static int fake_restore(struct restorer *restorer, struct disk_file *packed,
                        const struct hash *sha256, struct disk_file *original,
                        enum refusal *refusal, struct err *e)
{
    struct restorer_fake *r = (struct restorer_fake *)restorer;

    r->asked++;
    *refusal = r->refusal;
    if (r->gone)
        return err_set(e, ERR_FAILED, "the fake restorer is gone");
    if (r->lies)
        return disk_file_write(original, "khác", 5, 0, e);
    if (r->refusal != REFUSAL_NONE)
        return 0;
    return packed_fake_restore(packed, sha256, original, refusal, e);
}

static void fake_idle(struct restorer *r)
{
    (void)r;
}

void restorer_fake_init(struct restorer_fake *r)
{
    *r = (struct restorer_fake){.restorer = {.restore = fake_restore,
                                             .idle = fake_idle,
                                             .interrupt = fake_idle,
                                             .destroy = fake_idle}};
}
