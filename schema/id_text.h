/* Ids in text: a row that an event's detail speaks of. There an id is a JSON string of
 * its own, always as long, so that a fork (schema/fork.h) finds it and can put its new
 * name in its place without moving anything:
 *
 *   {"other":"#0000068719476737"} */
#ifndef TRAM_SCHEMA_ID_TEXT_H
#define TRAM_SCHEMA_ID_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define ID_TEXT_BYTES 18 /* '#', 16 digits (an id has 52 bits), NUL */

void id_text(char out[ID_TEXT_BYTES], uint64_t id);

/* Renames every such id in place. What a person typed is none, unless it is nothing else
 * than one: JSON puts a '\' before a quotation mark in a text. */
void id_text_rename(void *text, size_t count,
                    uint64_t (*rename)(const void *arg, uint64_t id), const void *arg);

#endif
