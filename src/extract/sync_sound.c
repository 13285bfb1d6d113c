/* sync_sound.c -- lip-sync embeddings of the sound. */
#include "extract/stage.h"
#include "nets/sync.h"

typedef struct SyncSound {
    AvaStageSetup in;
    AvaSyncSound *net; /* NULL: no sound yet */
} SyncSound;

static int sync_sound_keep(void *cookie, const AvaSyncVec *v, size_t n)
{
    AvaEvidence *ev = cookie;
    return ava_append(&ev->sync, v, n);
}

static void sync_sound_close(void *state) { ava_sync_sound_close(&((SyncSound *)state)->net); }

static int sync_sound_frame(void *state, const float *window, const float *bands, AvalignErrorInfo *e)
{
    SyncSound *s = state;
    (void)window;
    int rc = s->net ? 0 : ava_sync_sound_open(&s->net, s->in.models, sync_sound_keep, s->in.ev, e);
    return rc ? rc : ava_sync_sound_push(s->net, bands, e);
}

static int sync_sound_finish(void *state, AvalignErrorInfo *e)
{
    SyncSound *s = state;
    return s->net ? ava_sync_sound_flush(s->net, e) : 0;
}

const AvaStage ava_stage_sync_sound = {
    .name = "sync sound",
    .roles = (const char *const[]){ "sync-sound", NULL },
    .size = sizeof(SyncSound),
    .on_frame = sync_sound_frame,
    .finish = sync_sound_finish,
    .close = sync_sound_close,
};
