/* pitch.c -- pitch of the voice, every 10 ms. */
#include "dsp/pitch.h"
#include "extract/stage.h"
#include "util/err.h"
#include "util/window.h"

typedef struct Pitch {
    AvaStageSetup in;
    AvaPitch *meter;
    float wide[AVA_PITCH_WIN];
    size_t n;
} Pitch;

static int pitch_open(void *state, AvalignErrorInfo *e)
{
    Pitch *s = state;
    return (s->meter = ava_pitch_new()) ? 0 : ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
}

static void pitch_close(void *state) { ava_pitch_free(((Pitch *)state)->meter); }

static int pitch_sound(void *state, int64_t t_us, const float *pcm, size_t n, AvalignErrorInfo *e)
{
    Pitch *s = state;
    (void)t_us;
    while (ava_window_fill(s->wide, &s->n, AVA_PITCH_WIN, &pcm, &n)) {
        if (ava_push(&s->in.ev->pitch, ava_pitch_frame(s->meter, s->wide)))
            return ava_fail(e, AVALIGN_ERR_NOMEM, "audio", AVA_NO_TIME, 0, "out of memory");
        ava_window_step(s->wide, &s->n, AVA_PITCH_HOP);
    }
    return 0;
}

/* What tells a voice's sex and what hears its mood look at the pitch; all who judge a voice or its lips ask whether it is whispered or sung. */
const AvaStage ava_stage_pitch = {
    .name = "pitch",
    .roles = (const char *const[]){ "voice-joint", "voice-emotion", "voice-spoof", "sync-sound", NULL },
    .size = sizeof(Pitch),
    .open = pitch_open,
    .on_sound = pitch_sound,
    .close = pitch_close,
};
