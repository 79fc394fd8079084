#include "appliance/forecast.h"

#include <stdio.h>

void forecast_note(struct forecast_past *p, const struct link_contact *c)
{
    if (c->bytes_out < FORECAST_BYTES_MIN || c->took_ms <= 0)
        return;
    p->bytes += c->bytes_out;
    p->took_ms += c->took_ms;
}

void forecast_make(struct forecast *out, const uint64_t waiting_bytes[CLASS_COUNT],
                   const struct sync_budget *b, uint64_t bytes_s_now,
                   const struct forecast_past *p)
{
    uint64_t bytes = 0;

    *out = (struct forecast){.bytes_s = bytes_s_now, .now = bytes_s_now > 0};
    if (!out->now && p->took_ms > 0)
        out->bytes_s = p->bytes * 1000 / (uint64_t)p->took_ms;
    for (int class = 0; class < CLASS_COUNT; class ++) {
        bool goes = budget_keeps_back(b, (enum sync_class) class) == KEPT_BACK_NOT;

        if (goes)
            bytes += waiting_bytes[class];
        out->left_s[class] = goes && out->bytes_s > 0
                                 ? (int64_t)((bytes + out->bytes_s - 1) / out->bytes_s)
                                 : -1;
    }
}

json_t *forecast_json(const struct forecast *f)
{
    json_t *left = json_object();
    char key[8];

    for (int class = 0; class < CLASS_COUNT; class ++) {
        (void)snprintf(key, sizeof key, "%d", class);
        (void)json_object_set_new(left, key,
                                  f->left_s[class] < 0 ? json_null()
                                                       : json_integer(f->left_s[class]));
    }
    return json_pack("{s:I, s:b, s:o}", "bytes_s", (json_int_t)f->bytes_s, "now",
                     (int)f->now, "left_s", left);
}
