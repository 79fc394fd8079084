/* Puts a file of the source tree into the program as `name` and `name_bytes`,
 * with a NUL behind it: SQL, messages and web pages need no generator.
 * The path is relative to the root of the tree; name the file in module.mk as a
 * prerequisite too, because the compiler's dependency list does not see it. */
#ifndef TRAM_BASE_EMBED_H
#define TRAM_BASE_EMBED_H

#include <stddef.h>

#define EMBED(name, path)                                                                \
    __asm__(".section .rodata\n"                                                         \
            ".global " #name "\n"                                                        \
            ".balign 8\n" #name ":\n"                                                    \
            ".incbin \"" path "\"\n" #name "_end:\n"                                     \
            ".byte 0\n"                                                                  \
            ".balign 8\n"                                                                \
            ".global " #name "_bytes\n" #name "_bytes:\n"                                \
            ".quad " #name "_end - " #name "\n"                                          \
            ".text\n");                                                                  \
    extern const char name[];                                                            \
    extern const size_t name##_bytes

#endif
