#include "ocr/refusal.h"

static const char *const names[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_EMPTY] = "empty",
    [REFUSAL_WRONG_TYPE] = "wrong_type",
    [REFUSAL_CUT_OFF] = "cut_off",
    [REFUSAL_DAMAGED] = "damaged",
    [REFUSAL_TOO_LARGE] = "too_large",
    [REFUSAL_BOMB] = "bomb",
    [REFUSAL_BAD_PATH] = "bad_path",
    [REFUSAL_LINK] = "link",
    [REFUSAL_ENCRYPTED] = "encrypted",
    [REFUSAL_NO_PAGES] = "no_pages",
    [REFUSAL_CRASHED] = "crashed",
    [REFUSAL_FORBIDDEN] = "forbidden",
    [REFUSAL_TIMED_OUT] = "timed_out",
    [REFUSAL_OUT_OF_MEMORY] = "out_of_memory",
    [REFUSAL_NESTED] = "nested",
    [REFUSAL_NO_FONT] = "no_font",
};

const char *refusal_name(enum refusal r)
{
    return (unsigned)r < REFUSAL_COUNT ? names[r] : "damaged";
}
