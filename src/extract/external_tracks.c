/* external_tracks.c -- the caller's face tracking as a JSON document (docs/tracks.schema.json):
 * {"format": 1, "frames": [{"t_s": 0.04, "faces": [{"track": 0, "box": [x,y,w,h],
 *  "landmarks": [[x,y] or [x,y,z], ...]}]}]} */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "extract/external_tracks.h"
#include "util/err.h"

static int external_tracks_bad(AvalignErrorInfo *e, size_t frame, const char *what)
{
    return ava_fail(e, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0, "frame %zu: %s; see docs/tracks.schema.json",
                    frame, what);
}

static int numbers(const json_t *list, size_t n)
{
    if (json_array_size(list) != n)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!json_is_number(json_array_get(list, i)))
            return 0;
    return 1;
}

/* Units that other tools write, told by what no tracking has: frames seconds apart, a face of one pixel. */
static int plausible(const json_t *frames, AvalignErrorInfo *e)
{
    enum { APART_S = 5, PIXELS = 2 };
    size_t n = json_array_size(frames), i, k;
    double first = json_number_value(json_object_get(json_array_get(frames, 0), "t_s")), widest = 0;
    double last = json_number_value(json_object_get(json_array_get(frames, n - 1), "t_s"));
    const json_t *f, *face;
    json_array_foreach(frames, i, f) {
        json_array_foreach(json_object_get(f, "faces"), k, face) {
            const json_t *box = json_object_get(face, "box"), *lm = json_object_get(face, "landmarks"), *p;
            size_t m;
            if (box)
                widest = fmax(widest, fmax(json_number_value(json_array_get(box, 2)), json_number_value(json_array_get(box, 3))));
            json_array_foreach(lm, m, p)
                widest = fmax(widest, fmax(fabs(json_number_value(json_array_get(p, 0))), fabs(json_number_value(json_array_get(p, 1)))));
        }
    }
    if (n > 2 && (last - first) / (double)(n - 1) > APART_S)
        return ava_fail(e, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0, "the frames lie %.0f s apart; \"t_s\" is in seconds, not in milliseconds or frames",
                        (last - first) / (double)(n - 1));
    if (widest > 0 && widest < PIXELS)
        return ava_fail(e, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0,
                        "faces of less than a pixel; boxes and landmarks are in pixels, not in fractions of the picture: multiply them by its width and height");
    return 0;
}

enum { MOST_ID = 1000000 };
static const double PER_SECOND = 52 * 25, FOR_ALL = 16 * 25; /* bytes of series, as ava_evidence_series_bytes() */

/* A few numbers can claim months: what the series of all tracks would need. */
static int check_span(const json_t *frames, uint64_t max_memory, AvalignErrorInfo *e)
{
    size_t n = json_array_size(frames);
    double *until = calloc(MOST_ID + 1, sizeof *until), sum = 0; /* of each track: seconds since the first frame, + 1 */
    if (!until)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "tracks", AVA_NO_TIME, 0, "out of memory");
    double t0 = json_number_value(json_object_get(json_array_get(frames, 0), "t_s")), t = t0;
    for (size_t i = 0; i < n; i++) {
        const json_t *f = json_array_get(frames, i), *faces = json_object_get(f, "faces");
        t = json_number_value(json_object_get(f, "t_s"));
        for (size_t k = 0; k < json_array_size(faces); k++) {
            double *u = &until[json_integer_value(json_object_get(json_array_get(faces, k), "track"))];
            sum += *u > 0 ? t - t0 + 1 - *u : 0;
            *u = t - t0 + 1;
        }
    }
    free(until);
    if (sum * PER_SECOND + (t - t0) * FOR_ALL <= (double)max_memory)
        return 0;
    return ava_fail(e, AVALIGN_ERR_LIMIT, "tracks", AVA_NO_TIME, 0,
                    "%zu frames span %.0f s, whose series need over %llu MB (max_memory); times are in seconds, check their unit", n, t - t0,
                    (unsigned long long)(max_memory >> 20));
}

static int external_tracks_check(const json_t *doc, uint64_t max_memory, AvalignErrorInfo *e)
{
    const json_t *frames = json_object_get(doc, "frames");
    if (json_integer_value(json_object_get(doc, "format")) != 1 || !json_is_array(frames))
        return ava_fail(e, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0,
                        "needs \"format\": 1 and \"frames\"; see docs/tracks.schema.json");
    double last = -INFINITY;
    for (size_t i = 0; i < json_array_size(frames); i++) {
        const json_t *f = json_array_get(frames, i), *faces = json_object_get(f, "faces"), *t = json_object_get(f, "t_s");
        if (!json_is_number(t) || !json_is_array(faces))
            return external_tracks_bad(e, i, "needs \"t_s\" and \"faces\"");
        double s = json_number_value(t);
        if (fabs(s) > 1e7)
            return external_tracks_bad(e, i, "a time over ten million; \"t_s\" is in seconds, not in milli- or microseconds");
        if (!(s > last))
            return external_tracks_bad(e, i, "times must increase");
        last = s;
        for (size_t k = 0; k < json_array_size(faces); k++) {
            const json_t *face = json_array_get(faces, k), *box = json_object_get(face, "box");
            const json_t *lm = json_object_get(face, "landmarks"), *id = json_object_get(face, "track");
            if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) > MOST_ID)
                return external_tracks_bad(e, i, "a face needs a \"track\" number from 0");
            if (!box && !lm)
                return external_tracks_bad(e, i, "a face needs a \"box\" or \"landmarks\"");
            if (box && !numbers(box, 4))
                return external_tracks_bad(e, i, "a box is [x, y, width, height]");
            if (!lm && !(json_number_value(json_array_get(box, 2)) > 0 && json_number_value(json_array_get(box, 3)) > 0))
                return external_tracks_bad(e, i, "a box's width and height are over 0");
            size_t n = json_array_size(lm), dims = json_array_size(json_array_get(lm, 0));
            if (lm && !(n == 68 && (dims == 2 || dims == 3)) && !(n == AVALIGN_LANDMARKS && dims == 3))
                return external_tracks_bad(e, i, "landmarks are 468 [x, y, z] or 68 [x, y]");
            for (size_t p = 0; p < n; p++)
                if (!numbers(json_array_get(lm, p), dims))
                    return external_tracks_bad(e, i, "a landmark is not made of numbers");
        }
    }
    int rc = plausible(frames, e);
    return rc || !json_array_size(frames) ? rc : check_span(frames, max_memory, e);
}

struct AvaExternalTracks {
    json_t *doc;
};

int ava_external_tracks_read(AvaExternalTracks **out, const char *json, size_t size, uint64_t max_memory, AvalignErrorInfo *e)
{
    json_error_t je;
    json_t *doc = json_loadb(json, size, JSON_REJECT_DUPLICATES, &je);
    int rc = doc ? external_tracks_check(doc, max_memory, e) : ava_fail(e, AVALIGN_ERR_ARG, "tracks", AVA_NO_TIME, 0, "line %d: %s", je.line, je.text);
    AvaExternalTracks *t = rc ? NULL : calloc(1, sizeof *t);
    if (!t) {
        json_decref(doc);
        return rc ? rc : ava_fail(e, AVALIGN_ERR_NOMEM, "tracks", AVA_NO_TIME, 0, "out of memory");
    }
    ava_external_tracks_free(out);
    t->doc = doc;
    *out = t;
    return 0;
}

void ava_external_tracks_free(AvaExternalTracks **t)
{
    if (*t)
        json_decref((*t)->doc);
    free(*t);
    *t = NULL;
}

int ava_external_tracks_meet(const AvaExternalTracks *t, int64_t from_us, int64_t to_us, double span_s[2])
{
    const json_t *frames = json_object_get(t->doc, "frames");
    size_t n = json_array_size(frames);
    if (!n)
        return 1;
    span_s[0] = json_number_value(json_object_get(json_array_get(frames, 0), "t_s"));
    span_s[1] = json_number_value(json_object_get(json_array_get(frames, n - 1), "t_s"));
    return span_s[0] * 1e6 <= (double)to_us + 1e6 && span_s[1] * 1e6 >= (double)from_us - 1e6;
}

int ava_external_tracks_feed(const AvaExternalTracks *given, AvaTracker *t, AvalignErrorInfo *e)
{
    const json_t *frames = json_object_get(given->doc, "frames");
    float lm[AVALIGN_LANDMARKS * 3];
    int rc = ava_tracker_give(t, 0, NULL, 0, e); /* no detection, also when no frame has a face */
    for (size_t i = 0; !rc && i < json_array_size(frames); i++) {
        const json_t *f = json_array_get(frames, i), *faces = json_object_get(f, "faces");
        int64_t t_us = llrint(json_number_value(json_object_get(f, "t_s")) * 1e6);
        for (size_t k = 0; !rc && k < json_array_size(faces); k++) {
            const json_t *face = json_array_get(faces, k), *pts = json_object_get(face, "landmarks");
            AvalignFace a = { .track_id = (int)json_integer_value(json_object_get(face, "track")) };
            for (size_t b = 0; b < 4; b++)
                a.box[b] = (float)json_number_value(json_array_get(json_object_get(face, "box"), b));
            a.n_landmarks = json_array_size(pts);
            a.landmark_dims = json_array_size(json_array_get(pts, 0));
            for (size_t p = 0; p < a.n_landmarks; p++)
                for (size_t d = 0; d < a.landmark_dims; d++)
                    lm[p * a.landmark_dims + d] =
                        (float)json_number_value(json_array_get(json_array_get(pts, p), d));
            a.landmarks = a.n_landmarks ? lm : NULL;
            rc = ava_tracker_give(t, t_us, &a, 1, e);
        }
    }
    return rc;
}
