/* structure.c -- libFuzzer target: any bytes as a container whose parts are listed. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "media/structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvaStructure x;
    Bytes b = { data, size, 0 };
    AvalignReader r = { .cookie = &b, .read = rd, .seek = sk };
    AvaSource *s = NULL;
    if (ava_source_open_reader(&s, &r, NULL))
        abort();
    ava_structure_read(s, &x);
    ava_source_close(&s);
    if (x.n < 0 || x.n > AVA_PARTS || x.left_out < 0 || x.bytes != (int64_t)size || (x.n && !x.format))
        abort();
    for (int i = 0; i < x.n; i++) {
        const AvaPart *p = &x.part[i];
        if (p->depth < 0 || p->depth > (i ? x.part[i - 1].depth + 1 : 0) || p->count < 1 || p->at < 0 || p->size < 0 || p->at + p->size > x.bytes ||
            !memchr(p->type, 0, sizeof p->type) || !memchr(p->says, 0, sizeof p->says))
            abort();
    }
    return 0;
}
