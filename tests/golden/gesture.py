"""Makes tests/golden/gesture.h: correlations of voice and face at word scale, and their deviations from those of shifted sound, by NumPy.

    python3 tests/golden/gesture.py > tests/golden/gesture.h

The series are computed by the same formulas in tests/unit/test_emotion.c: 400 pictures at 25 a second, sound that began 70 ms earlier.
"""
import numpy as np

N = 400


def noise(n, s):
    out = np.empty(n)
    for i in range(n):
        s = (1664525 * s + 1013904223) % 2 ** 32
        out[i] = s / 2 ** 31 - 1
    return out


def walk(n, s):
    out, v = np.empty(n), 0.
    for i, x in enumerate(noise(n, s)):
        v = .9 * v + x
        out[i] = v
    return out


energy, pitch = np.float32(walk(1700, 1)), np.float32(150 + 10 * walk(1700, 2))
pitch[::7] = 0
yaw, nod, brow, lids = (np.float32(k * walk(N, s)) for k, s in ((3, 3), (2, 4), (.02, 5), (.03, 6)))
at = (np.arange(N) * 40000 + 70000 - 12500) // 10000             # the energy's step of each picture
nod += np.float32(2) * energy[at]
brow[100:130] = np.nan
speech = np.ones(N, bool)
speech[(np.arange(N) * 40 + 70) // 32 % 250 >= 200] = False      # the voice's frames of 32 ms
voice = [np.where(speech, energy[at], np.nan).astype(float), np.where(speech & (pitch[at] > 0), 12 * np.log2(np.maximum(pitch[at], 1) / 100.), np.nan)]
speed = np.full(N, np.nan)
speed[1:] = np.hypot(np.diff(yaw), np.diff(nod))
face = [speed, nod.astype(float), brow.astype(float), lids.astype(float)]


def around(x, i, half):
    w = x[max(0, i - half):i + half + 1]
    return np.nanmean(w)


band = lambda x: np.array([np.nan if np.isnan(v) else around(x, i, 2) - around(x, i, 25) for i, v in enumerate(x)])


def r(x, y, shift):
    x = np.roll(x, -shift)
    ok = ~np.isnan(x) & ~np.isnan(y)
    return np.corrcoef(x[ok], y[ok])[0, 1] if ok.sum() >= 100 else np.nan


pairs = []
for v in map(band, voice):
    for f in map(band, face):
        null = np.array([r(v, f, s) for s in range(50, N - 50, 13)])
        null = null[~np.isnan(null)]
        pairs.append((r(v, f, 0), (r(v, f, 0) - null.mean()) / null.std()))
print("/* gesture.h -- made by tests/golden/gesture.py with NumPy. */")
print("static const double GOLD_GESTURE[8][2] = { %s }; /* correlation, deviations */" % ", ".join("{ %.9g, %.9g }" % p for p in pairs))
