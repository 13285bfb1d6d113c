/* calibration.c -- reads the calibrations of the manifest. */
#include "nets/calibration.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(part, key) offsetof(AvaCalibration, part.key) /* NOLINT(bugprone-macro-parentheses): a member has none */
#define HOW_MANY(part, key) (sizeof ((AvaCalibration *)0)->part.key / sizeof(double)) /* NOLINT(bugprone-macro-parentheses) */
/* A number, or a list of n; over: they must be greater than that. */
#define ROW(role, part, key, over) { (role), #key, AT(part, key), HOW_MANY(part, key), (over) }
static const struct {
    const char *role, *key;
    size_t at, n;
    double over;
} rows[] = {
    ROW("sync-sound", sync, found, -INFINITY),
    ROW("sync-sound", sync, right, 0),
    ROW("sync-sound", sync, score, -INFINITY),
    ROW("sync-sound", sync, sure_ms, 0),
    ROW("sync-sound", sync, wider, 0),
    ROW("mouth-shape", viseme, slope, 0),
    ROW("mouth-shape", viseme, middle, -INFINITY),
    ROW("mouth-shape", viseme, bound, 0),
    ROW("voice-embed", voice, slope, 0),
    ROW("voice-embed", voice, middle, -1),
    ROW("voice-embed", voice, longer, -INFINITY),
    ROW("voice-embed", voice, bound, 0),
    ROW("voice-embed", voice, cluster, -1),
    ROW("face-embed", face, slope, 0),
    ROW("face-embed", face, middle, -1),
    ROW("face-embed", face, bound, 0),
    ROW("voice-joint", voice_sex, even, -INFINITY),
    ROW("voice-joint", voice_sex, slope, 0),
    ROW("voice-joint", voice_sex, pitch, -INFINITY),
    ROW("voice-joint", voice_sex, bound, 0),
    ROW("face-joint", face_sex, even, -INFINITY),
    ROW("face-joint", face_sex, slope, 0),
    ROW("face-joint", face_sex, bound, 0),
    ROW("face-joint", face_sex, match_slope, 0),
    ROW("face-joint", face_sex, match_even, -INFINITY),
    ROW("face-joint", face_sex, match_bound, 0),
    ROW("cross-face", cross, slope, 0),
    ROW("cross-face", cross, middle, -1),
    ROW("cross-face", cross, bound, 0),
    ROW("face-expression", expression, talk, -INFINITY),
    ROW("voice-emotion", coherence, lowest_real, 0),
    ROW("voice-emotion", coherence, slope, 0),
    ROW("voice-emotion", coherence, middle, 0),
    ROW("voice-emotion", coherence, bound, 0),
    ROW("voice-spoof", spoof, slope, 0),
    ROW("voice-spoof", spoof, middle, -INFINITY),
    ROW("voice-spoof", spoof, bound, 0),
    ROW("voice-spoof", spoof, real_99, -INFINITY),
    ROW("voice-spoof", spoof, soft, 0),
    ROW("voice-spoof", spoof, vocoder_at, -INFINITY),
    ROW("voice-person", person, llr_slope, 0),
    ROW("voice-person", person, llr_even, -INFINITY),
    ROW("voice-person", person, llr_bound, 0),
    ROW("voice-person", person, score_bound, 0),
    ROW("splice", splice, at, -INFINITY),
    ROW("splice", splice, soft, 0),
    ROW("background", background, music_at, -INFINITY),
    ROW("background", background, voices_at, -INFINITY),
    ROW("drawn-face", drawn, blend_mean, -INFINITY),
    ROW("drawn-face", drawn, blend_sd, 0),
    ROW("drawn-face", drawn, decoder_mean, -INFINITY),
    ROW("drawn-face", drawn, decoder_sd, 0),
    ROW("drawn-face", drawn, llr_slope, 0),
    ROW("drawn-face", drawn, llr_even, -INFINITY),
    ROW("drawn-face", drawn, llr_low, -INFINITY),
    ROW("drawn-face", drawn, llr_high, 0),
    ROW("drawn-face", drawn, threshold, 0),
    ROW("drawn-face", drawn, least_side, 0),
    ROW("drawn-face", drawn, least_frames, 0),
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* Are the nets that it was fitted with in their roles? */
static int holds(const AvalignModels *m, const char *role)
{
    size_t n = avalign_models_count(m);
    for (size_t i = 0; i < n; i++) {
        AvalignModelInfo other;
        char path[96];
        avalign_models_info(m, i, &other);
        snprintf(path, sizeof path, "calibration.with.%s", other.role);
        const char *fitted = ava_models_text(m, role, path);
        if (fitted && strcmp(fitted, other.sha256))
            return 0;
    }
    return 1;
}

static size_t calibration_place(int row, size_t k) { return rows[row].at + k * sizeof(double); }

void ava_calibration_read(const AvalignModels *m, AvaCalibration *out)
{
    const double none = NAN;
    int fits = 0;
    for (int i = 0; i < N_ROWS; i++) {
        if (!i || strcmp(rows[i].role, rows[i - 1].role)) /* a role's rows stand together */
            fits = holds(m, rows[i].role);
        for (size_t k = 0; k < rows[i].n; k++) {
            char path[64];
            snprintf(path, sizeof path, rows[i].n > 1 ? "calibration.%s.%zu" : "calibration.%s", rows[i].key, k);
            double v = fits ? ava_models_number(m, rows[i].role, path) : NAN;
            memcpy((char *)out + calibration_place(i, k), v > rows[i].over ? &v : &none, sizeof v);
        }
    }
}

int ava_calibrated(const AvaCalibration *c, const char *role)
{
    for (int i = 0; i < N_ROWS; i++)
        for (size_t k = 0; k < rows[i].n && !strcmp(role, rows[i].role); k++) {
            double v;
            memcpy(&v, (const char *)c + calibration_place(i, k), sizeof v);
            if (isnan(v))
                return 0;
        }
    return 1;
}
