#include "schema/types/embedded.h"

#include <assert.h>

#include "base/embed.h"

EMBED(type_administrative, "schema/types/administrative.json");
EMBED(type_archive_document, "schema/types/archive_document.json");
EMBED(type_archive_dossier, "schema/types/archive_dossier.json");
EMBED(type_birth, "schema/types/birth.json");
EMBED(type_death, "schema/types/death.json");
EMBED(type_marital_status, "schema/types/marital_status.json");
EMBED(type_marriage, "schema/types/marriage.json");
EMBED(type_one_stop, "schema/types/one_stop.json");
EMBED(type_parent_child, "schema/types/parent_child.json");
EMBED(type_party, "schema/types/party.json");

/* How long a file is, the linker knows and the compiler does not. */
static const struct {
    const char *name, *bytes;
    const size_t *count;
} embedded[] = {
    {"administrative.json", type_administrative, &type_administrative_bytes},
    {"archive_document.json", type_archive_document, &type_archive_document_bytes},
    {"archive_dossier.json", type_archive_dossier, &type_archive_dossier_bytes},
    {"birth.json", type_birth, &type_birth_bytes},
    {"death.json", type_death, &type_death_bytes},
    {"marital_status.json", type_marital_status, &type_marital_status_bytes},
    {"marriage.json", type_marriage, &type_marriage_bytes},
    {"one_stop.json", type_one_stop, &type_one_stop_bytes},
    {"parent_child.json", type_parent_child, &type_parent_child_bytes},
    {"party.json", type_party, &type_party_bytes},
};

size_t types_embedded(struct type_file files[TYPE_FILES_MAX])
{
    size_t count = sizeof embedded / sizeof *embedded;

    static_assert(sizeof embedded / sizeof *embedded <= TYPE_FILES_MAX, "types");
    for (size_t i = 0; i < count; i++)
        files[i] =
            (struct type_file){embedded[i].name, embedded[i].bytes, *embedded[i].count};
    return count;
}
