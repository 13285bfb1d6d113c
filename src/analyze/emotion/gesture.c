/* gesture.c -- do pitch and loudness move with head, brows and lids?
 *
 * People nod, raise brows and blink in time with what they stress. Each contour of the voice is held
 * against each of the face at word scale (slower than 160 ms, faster than 2 s), and the correlation against
 * those of the same sound shifted by 2 s and more: what remains is timing, not habit. */
#include <math.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "analyze/emotion/emotion_model.h"

enum { FPS = 25, SHORTEST = 8 * FPS, HALF_SMOOTH = 2, HALF_SLOW = FPS, NULL_FROM = 2 * FPS, NULL_STEP = 13, MAX_NULL = 60 };
enum { ENERGY, PITCH, N_VOICE };
enum { HEAD_SPEED, HEAD_PITCH, BROW, LIDS, N_FACE };

static double mean_around(const double *x, size_t n, size_t i, size_t half)
{
    double s = 0;
    size_t c = 0;
    for (size_t k = i > half ? i - half : 0; k <= i + half && k < n; k++)
        if (!isnan(x[k])) {
            s += x[k];
            c++;
        }
    return c ? s / (double)c : NAN;
}

/* Word scale alone. */
static int band(double *x, size_t n)
{
    double *y = malloc((n + 1) * sizeof *y);
    for (size_t i = 0; y && i < n; i++)
        y[i] = isnan(x[i]) ? NAN : mean_around(x, n, i, HALF_SMOOTH) - mean_around(x, n, i, HALF_SLOW);
    for (size_t i = 0; y && i < n; i++)
        x[i] = y[i];
    free(y);
    return y ? 0 : -1;
}

/* Pearson correlation with the sound's contour moved by shift, round the end. */
static double correlation(const double *voice, const double *face, size_t n, size_t shift)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    size_t c = 0;
    for (size_t i = 0; i < n; i++) {
        double x = voice[(i + shift) % n], y = face[i];
        if (isnan(x) || isnan(y))
            continue;
        sx += x, sy += y, xx += x * x, yy += y * y, xy += x * y;
        c++;
    }
    double vx = xx - sx * sx / (double)c, vy = yy - sy * sy / (double)c;
    return c < SHORTEST / 2 || vx <= 0 || vy <= 0 ? NAN : (xy - sx * sy / (double)c) / sqrt(vx * vy);
}

static void voice_contours(const AvaEvidence *ev, int64_t t0, size_t n, double *const out[N_VOICE])
{
    for (size_t i = 0; i < n; i++) {
        int64_t t = t0 + (int64_t)i * AVA_GRID_US, j = (t - ev->sound_t0_us - 12500) / AVA_ENERGY_US;
        int speech = j >= 0 && j < (int64_t)ev->energy.n && ava_voiced_at(ev, t) > 0.5f;
        out[ENERGY][i] = speech ? ev->energy.at[j] : NAN;
        out[PITCH][i] = speech && j < (int64_t)ev->pitch.n && ev->pitch.at[j] > 0 ? 12 * log2(ev->pitch.at[j] / 100.) : NAN;
    }
}

static void face_contours(const AvaTrackRows *t, int64_t t0, size_t n, double *const out[N_FACE])
{
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < N_FACE; k++)
            out[k][i] = NAN;
    for (size_t r = 0; r < t->row.n; r++) {
        const AvaFaceRow *row = &t->row.at[r], *before = r ? row - 1 : NULL;
        size_t i = (size_t)((row->t_us - t0) / AVA_GRID_US);
        out[HEAD_PITCH][i] = row->pitch;
        out[BROW][i] = row->brow;
        out[LIDS][i] = row->eye_open;
        if (before && row->t_us - before->t_us == AVA_GRID_US)
            out[HEAD_SPEED][i] = hypot(row->yaw - before->yaw, row->pitch - before->pitch);
    }
}

int ava_gesture(const AvaEvidence *ev, const AvaTrackRows *t, AvaGestureResult *out)
{
    *out = (AvaGestureResult){ .seconds = NAN, .mean_square_z = NAN };
    static const char *const voice_name[N_VOICE] = { "loudness", "pitch" };
    static const char *const face_name[N_FACE] = { "head_speed", "head_nod", "brow", "lids" };
    if (t->row.n < SHORTEST || !ev->energy.n)
        return 0;
    int64_t t0 = t->row.at[0].t_us;
    size_t n = (size_t)((t->row.at[t->row.n - 1].t_us - t0) / AVA_GRID_US) + 1;
    double *room = malloc((N_VOICE + N_FACE) * n * sizeof *room), *voice[N_VOICE], *face[N_FACE];
    if (!room)
        return AVALIGN_ERR_NOMEM;
    for (int k = 0; k < N_VOICE; k++)
        voice[k] = room + (size_t)k * n;
    for (int k = 0; k < N_FACE; k++)
        face[k] = room + (size_t)(N_VOICE + k) * n;
    voice_contours(ev, t0, n, voice);
    face_contours(t, t0, n, face);
    int bad = 0;
    for (int k = 0; k < N_VOICE + N_FACE; k++)
        bad |= band(room + (size_t)k * n, n);
    double sum = 0;
    for (int v = 0; v < N_VOICE && !bad; v++)
        for (int f = 0; f < N_FACE; f++) {
            double r = correlation(voice[v], face[f], n, 0), s = 0, q = 0;
            int c = 0;
            for (size_t shift = NULL_FROM; shift + NULL_FROM < n && c < MAX_NULL; shift += NULL_STEP) {
                double x = correlation(voice[v], face[f], n, shift);
                if (!isnan(x)) {
                    s += x, q += x * x;
                    c++;
                }
            }
            double spread = c > 7 ? sqrt(fmax(0, q / c - s / c * s / c)) : 0;
            if (isnan(r) || spread < 1e-3)
                continue;
            double z = (r - s / c) / spread;
            sum += z * z;
            out->pair[out->n++] = (AvaGesturePair){ voice_name[v], face_name[f], r, z };
        }
    free(room);
    if (out->n) {
        out->seconds = (double)t->row.n / FPS;
        out->mean_square_z = sum / (double)out->n; /* 1 by chance, whatever the sign a person's habits have */
    }
    return bad ? AVALIGN_ERR_NOMEM : 0;
}
