/* Puts a file of the source tree into the program as `name` and `name_bytes`,
 * with a NUL behind it: SQL, messages and web pages need no generator.
 * The path is relative to the root of the tree; name the file in module.mk as a
 * prerequisite too, because the compiler's dependency list does not see it.
 *
 * The section is pushed and popped, because the compiler does not know that an
 * asm at file level left the one that it was in. */
#ifndef TRAM_BASE_EMBED_H
#define TRAM_BASE_EMBED_H

#include <stddef.h>

#define EMBED(name, path)                                                                \
    __asm__(".pushsection .rodata\n"                                                     \
            ".global " #name "\n"                                                        \
            ".type " #name ", %object\n"                                                 \
            ".balign 8\n" #name ":\n"                                                    \
            ".incbin \"" path "\"\n" #name "_end:\n"                                     \
            ".byte 0\n"                                                                  \
            ".size " #name ", . - " #name "\n"                                           \
            ".balign 8\n"                                                                \
            ".global " #name "_bytes\n"                                                  \
            ".type " #name "_bytes, %object\n" #name "_bytes:\n"                         \
            ".quad " #name "_end - " #name "\n"                                          \
            ".size " #name "_bytes, 8\n"                                                 \
            ".popsection\n");                                                            \
    extern const char name[];                                                            \
    extern const size_t name##_bytes

#endif
