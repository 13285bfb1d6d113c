"""Makes tests/golden/sound.h: pitch, pulses, mains hum and AAC's transform as NumPy and SciPy have them.

    python3 tests/golden/sound.py > tests/golden/sound.h

The signals are computed by the same formulas in tests/unit/test_sound.c. Filters are scipy.signal's, everything else is the formula written out
in double precision.
"""
import numpy as np
from scipy.signal import lfilter


def noise(n, s):
    out = np.empty(n)
    for i in range(n):
        s = (1664525 * s + 1013904223) % 2 ** 32
        out[i] = s / 2 ** 31 - 1
    return out


def voice(f0, loud, rough):
    t = np.arange(640) / 16000
    x = sum(np.sin(2 * np.pi * f0 * k * t + k) / k for k in range(1, 6)) + .3 * np.sin(np.pi * f0 * t)
    return np.float32(loud * (x + rough * noise(640, int(f0)))).astype(float)


def pitch(w):
    """McLeod and Wyvill's normalised square difference at 8 kHz, the first peak that is nearly as high as the best."""
    x = .25 * w[np.maximum(0, np.arange(320) * 2 - 1)] + .5 * w[::2] + .25 * w[1::2]
    x = x - x.mean()
    if (x * x).sum() < 1e-7 * 320:
        return 0
    d = np.array([2 * (x[:320 - l] * x[l:]).sum() / ((x[:320 - l] ** 2).sum() + (x[l:] ** 2).sum()) for l in range(135)])
    peak = [l for l in range(19, 134) if d[l] >= d[l - 1] and d[l] > d[l + 1]]
    best = max([d[l] for l in peak], default=0)
    if best < .6:
        return 0
    l = next(l for l in peak if d[l] >= .85 * best)
    return 8000 / (l + .5 * (d[l - 1] - d[l + 1]) / (d[l - 1] - 2 * d[l] + d[l + 1]))


def butter2(hz, rate, high):
    w, q = 2 * np.pi * hz / rate, 2 ** -.5
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    b = np.array([1 + c, -2 * (1 + c), 1 + c] if high else [1 - c, 2 * (1 - c), 1 - c]) / 2
    return b / (1 + alpha), np.array([1 + alpha, -2 * c, 1 - alpha]) / (1 + alpha)


def envelope(x, lo, hi):
    for f in ((lo, 16000, 1), (hi, 16000, 0)):
        x = lfilter(*butter2(*f), x)
    x = lfilter(*butter2(600, 16000, 0), np.abs(x))[::8]
    for f in ((70, 2000, 1), (400, 2000, 0)):
        x = lfilter(*butter2(*f), x)
    return x


def pulses(x):
    a, b = envelope(x, 250, 900), envelope(x, 1800, 3800)
    sums, weight, per_second = np.zeros(25), 0, []
    for k, at in enumerate(range(0, len(a) - 224 + 1, 100)):
        u, v = a[at + 12:at + 212], b[at:at + 224]
        aa, bb = (u * u).sum(), (v[12:212] ** 2).sum()
        n = np.sqrt(aa * bb)
        sums += np.array([(u * v[l:l + 200]).sum() for l in range(25)]) / n * np.sqrt(n)
        weight += np.sqrt(n)
        if (k + 1) % 20 == 0:
            per_second.append((sums, weight))
            sums, weight = np.zeros(25), 0
    return per_second


row = lambda v: "{ " + ", ".join("%.9g" % x for x in v) + " }"
VOICES = [(62, .1, 0), (80.5, .1, .3), (123.4, .5, 1), (200, .001, .2), (215.3, .1, 2), (333, .1, .5), (405, .1, 1.5), (150, .1, 1.8), (150, .1, 6), (150, 1e-5, 0), (700, .1, 0)]
print("/* sound.h -- made by tests/golden/sound.py with NumPy and SciPy. */")
print("static const double GOLD_VOICES[%d][4] = { /* pulses a second, loudness, noise; pitch */" % len(VOICES))
for v in VOICES:
    print("    " + row(v + (pitch(voice(*v)),)) + ",")
print("};")
n = np.arange(40000)
x = np.float32(.5 * ((n % 131) < 2) + .2 * np.sin(2 * np.pi * 300 * n / 16000) * (n % 131 < 60) + .02 * noise(40000, 4)).astype(float)
print("static const double GOLD_PULSES[2][26] = { /* sums at every lag, weight; of two seconds */")
for s, w in pulses(x)[:2]:
    print("    " + row(list(s) + [w]) + ",")
print("};")
n = np.arange(800)
x = np.float32(.1 * np.sin(2 * np.pi * 50 * n / 8000 + 1) + .05 * np.sin(2 * np.pi * 120 * n / 8000 + 2) + .2 * noise(800, 8)).astype(float)
hann = (1 - np.cos(2 * np.pi * (n + .5) / 800)) / 800
h = [(x * hann * np.exp(-2j * np.pi * f * n / 8000)).sum() for f in (50, 100, 60, 120)]
print("static const double GOLD_HUM[2][4] = { " + row(np.real(h)) + ", " + row(np.imag(h)) + " };")
x = np.float32(noise(3072, 6)).astype(float)
n, AT, out = np.arange(2048), [0, 1, 8, 9, 333, 512, 703, 1022, 1023], []
for off in (0, 341, 1023):
    y = x[off:off + 2048] * np.sin(np.pi / 2048 * (n + .5))
    out.append([(y * np.cos(np.pi / 1024 * (n + .5 + 512) * (k + .5))).sum() for k in AT])
print("static const int GOLD_AAC_AT[%d] = %s;" % (len(AT), row(AT)))
print("static const double GOLD_AAC[3][%d] = { %s }; /* from samples 0, 341, 1023 */" % (len(AT), ", ".join(map(row, out))))

# stereo at 22,050 Hz that ends at 5 kHz: levels, zeros and channels each 10 ms, the end of the spectrum each second
R, N = 22050, 2 * 22050
t = np.arange(N) / R
low = sum(.02 * np.sin(2 * np.pi * f * t + f) for f in range(150, 5000, 97))
left, right = low + 1e-5 * noise(N, 11), .5 * low + .03 * noise(N, 12) * (t < 1)
left[4000:4300] = right[4000:4200] = 0
x = np.float32(np.stack([left, right], 1)).astype(float)
ends = [(k + 1) * R // 100 for k in range(200)]
frames = []
for a, b in zip([0] + ends, ends):
    l, r = x[a:b].T
    frames.append((10 * np.log10(max(np.mean(x[a:b] ** 2), 1e-12)), np.mean(x[a:b] == 0), (l * r).sum() / np.sqrt((l * l).sum() * (r * r).sum()) if min((l * l).sum(), (r * r).sum()) > 0 else 9))
AT = [0, 17, 18, 19, 50, 99, 100, 199]
print("static const int GOLD_FRAMES_AT[%d] = %s;" % (len(AT), row(AT)))
print("static const double GOLD_FRAMES[%d][3] = { /* dB, zeros, correlation (9: none) */" % len(AT))
for k in AT:
    print("    " + row(frames[k]) + ",")
print("};")
mono, window, bands = x.mean(1), .5 - .5 * np.cos(2 * np.pi * np.arange(2048) / 2048), []
power = [np.abs(np.fft.rfft(mono[i:i + 2048] * window)) ** 2 for i in range(0, N - 2047, 2048)]
for s in range(2):
    top = np.max([p for i, p in enumerate(power) if s * R < (i + 1) * 2048 <= (s + 1) * R], 0)
    level = 10 * np.log10(np.maximum([top[1 + 16 * k:17 + 16 * k].mean() / (2048 ** 2 / 16) for k in range(64)], 1e-12))
    step = np.array([level[k] - max(-120, level[k + 2:].max()) if 5 <= k <= 61 else 0 for k in range(64)])
    k = next((k for k in range(5, 62) if step[k] > .7 * step.max()), 0) if step.max() > 20 else None
    bands.append((R / 2 if k is None else (k + 1.2) * R / 2 / 64, step.max() if k is not None else 0, 10 * np.log10(np.mean(x[s * R:(s + 1) * R] ** 2))))
print("static const double GOLD_BANDS[2][3] = { %s }; /* Hz, dB of the step, dB */" % ", ".join(map(row, bands)))
