/* c2pa.c -- libFuzzer target: any bytes as a C2PA manifest store, and as a file in which one is looked for. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "media/c2pa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const AvaC2pa *c)
{
    if (c->n < 0 || c->n > AVA_C2PA_MANIFESTS || (c->incomplete && !c->problem))
        abort();
    for (int i = 0; i < c->n; i++) {
        const AvaC2paManifest *m = &c->manifest[i];
        if (m->n_actions < 0 || m->n_actions > AVA_C2PA_ACTIONS || m->n_sources < 0 || m->n_sources > AVA_C2PA_SOURCES ||
            !memchr(m->label, 0, sizeof m->label) || !memchr(m->generator, 0, sizeof m->generator) || !memchr(m->title, 0, sizeof m->title))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AvaC2pa c;
    c = (AvaC2pa){ 0 };
    ava_c2pa_store(data, size, &c);
    check(&c);
    Bytes b = { data, size, 0 };
    AvalignReader r = { .cookie = &b, .read = rd, .seek = sk };
    AvaSource *s = NULL;
    if (ava_source_open_reader(&s, &r, NULL) || ava_c2pa_find(s, &c))
        abort();
    check(&c);
    ava_source_close(&s);
    return 0;
}
