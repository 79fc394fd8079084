#include "ocr/tiff_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALLOC_BYTES_MAX (128 << 20) /* of libtiff's, at once */

struct memory {
    const uint8_t *bytes;
    size_t count, at;
};

static tmsize_t memory_read(thandle_t handle, void *out, tmsize_t count)
{
    struct tiff_memory *m = handle;
    size_t left = m->at < m->count ? m->count - m->at : 0;
    size_t n = (size_t)count < left ? (size_t)count : left;

    memcpy(out, m->bytes + m->at, n);
    m->at += n;
    return (tmsize_t)n;
}

static tmsize_t memory_write(thandle_t handle, void *bytes, tmsize_t count)
{
    (void)handle;
    (void)bytes;
    (void)count;
    return -1;
}

static toff_t memory_seek(thandle_t handle, toff_t to, int whence)
{
    struct tiff_memory *m = handle;

    m->at = (size_t)(whence == SEEK_SET   ? to
                     : whence == SEEK_CUR ? m->at + to
                                          : m->count + to);
    return m->at;
}

static int memory_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t memory_size(thandle_t handle)
{
    return ((struct tiff_memory *)handle)->count;
}

/* So that strips are not copied before they are decoded. */
static int memory_map(thandle_t handle, void **base, toff_t *size)
{
    struct tiff_memory *m = handle;

    *base = (void *)m->bytes; /* opened for reading: nobody writes there */
    *size = m->count;
    return 1;
}

static void memory_unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

static int silent(TIFF *tiff, void *context, const char *module, const char *format,
                  va_list arguments)
{
    (void)tiff;
    (void)context;
    (void)module;
    (void)format;
    (void)arguments;
    return 1;
}

TIFF *tiff_memory_open(struct tiff_memory *m)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFF *tiff;

    if (options == NULL)
        return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, silent, NULL);
    TIFFOpenOptionsSetWarningHandlerExtR(options, silent, NULL);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, ALLOC_BYTES_MAX);
    tiff =
        TIFFClientOpenExt("", "r", m, memory_read, memory_write, memory_seek,
                          memory_close, memory_size, memory_map, memory_unmap, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}
