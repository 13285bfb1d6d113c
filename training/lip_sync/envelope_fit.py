"""Fits the confidence of the envelope method (src/analyze/sync/envelope.c) on training clips.

    python envelope_fit.py --lib build/libavalign.so.1 --features DIR

Right = within 80 ms on clips in sync, alone or several of one person joined; wrong = the rest, and the sound of
another clip. Prints the logistic regression's weights and the reliability by tenths.
"""
import argparse
import ctypes
import os

import numpy as np


class Offset(ctypes.Structure):
    _fields_ = [("offset_ms", ctypes.c_double), ("confidence", ctypes.c_double), ("correlation", ctypes.c_double),
                ("prominence", ctypes.c_double), ("lead", ctypes.c_double), ("used_s", ctypes.c_double),
                ("reason", ctypes.c_char_p)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--lib", required=True)
    p.add_argument("--features", required=True)
    a = p.parse_args()
    lib = ctypes.CDLL(os.path.abspath(a.lib))
    f = ctypes.POINTER(ctypes.c_float)
    lib.avalign_detect_av_offset.argtypes = [f, ctypes.c_size_t, ctypes.c_double, f, ctypes.c_size_t, ctypes.c_int, f,
                                             ctypes.c_size_t, ctypes.c_double, ctypes.POINTER(Offset)]

    def offset(mouth, pcm):
        o = Offset()
        m, s = np.ascontiguousarray(mouth, "f"), np.ascontiguousarray(pcm, "f")
        lib.avalign_detect_av_offset(m.ctypes.data_as(f), len(m), 25., s.ctypes.data_as(f), len(s), 16000, None, 0, 25., o)
        return o
    rng = np.random.RandomState(0)
    clips = {}
    for d in sorted(os.listdir(a.features)):
        t = os.path.join(a.features, d, "track0")
        if not d.startswith("train_") or "fake" in d or not os.path.isdir(t) or "recombined" in d:
            continue
        times, q = np.load(t + "/t_s.npy"), np.load(t + "/quality.npy")
        pcm, t0 = np.load(os.path.join(a.features, d, "speech.npy")), np.load(os.path.join(a.features, d, "speech_t0_s.npy"))[0]
        k = np.round((times - times[0]) * 25).astype(int)
        m = np.full(k[-1] + 1, np.nan, "f")
        m[k] = q[:, 7]
        s = int(round((times[0] - t0) * 16000))
        pcm = np.pad(pcm, (max(0, -s), 0))[max(0, s):][:len(m) * 640]
        if len(m) >= 25 and len(pcm) >= 16000:
            clips.setdefault("grid_s1" if "grid_s1" in d else d, []).append((m[:len(pcm) // 640], pcm[:len(pcm) // 640 * 640]))
    people = list(clips)
    rows = []
    for _ in range(4000):
        who = people[rng.randint(len(people))] if rng.rand() < .6 else "grid_s1"
        n = rng.randint(1, 6) if len(clips[who]) > 5 else 1
        pick = [clips[who][i] for i in rng.choice(len(clips[who]), n, replace=False)]
        mouth, pcm = np.concatenate([c[0] for c in pick]), np.concatenate([c[1] for c in pick])
        swapped = rng.rand() < .4
        if swapped:
            other = clips[people[rng.randint(len(people))]]
            s = other[rng.randint(len(other))][1]
            pcm = np.roll(np.resize(s, len(pcm)), rng.randint(len(pcm)))
        o = offset(mouth, pcm)
        if not o.reason:
            rows.append((o.prominence, o.lead, np.log(o.used_s), o.correlation, not swapped and abs(o.offset_ms) <= 80, swapped))
    rows = np.array(rows, float)
    x, y = np.c_[np.ones(len(rows)), rows[:, :4]], rows[:, 4]
    w = np.zeros(x.shape[1])
    for _ in range(100):                                   # Newton with a little ridge
        p_ = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve((x * (p_ * (1 - p_))[:, None]).T @ x + .1 * np.eye(len(w)), x.T @ (p_ - y) + .1 * w)
    print("right of the clips in sync: %.3f; z = %.2f %+.2f prominence %+.2f lead %+.2f log(used_s) %+.2f correlation" %
          (y[rows[:, 5] == 0].mean(), *w))
    p_ = 1 / (1 + np.exp(-x @ w))
    for lo in np.arange(0, 1, .1):
        s = (p_ >= lo) & (p_ < lo + .1)
        if s.any():
            print("confidence %.1f-%.1f: n=%4d right %.2f" % (lo, lo + .1, s.sum(), y[s].mean()))


if __name__ == "__main__":
    main()
