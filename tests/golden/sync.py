"""Makes tests/golden/sync.h: the envelope method and the peak of a sync curve as NumPy and SciPy have them.

    python3 tests/golden/sync.py > tests/golden/sync.h

The signals are computed by the same formulas in tests/unit/test_envelope.c. Correlations are numpy.corrcoef over what both sides have, the
band-pass is a Hann window and a running mean written out, the median deviation is scipy.stats.median_abs_deviation.
"""
import numpy as np
from scipy.stats import median_abs_deviation, norm

N, M = 200, 700                                   # mouth at 25 a second, energy at 100; both begin elsewhere
MOUTH_T0, ENERGY_T0 = 130e3, 12.5e3               # microseconds


def noise(n, s):
    out = np.empty(n)
    for i in range(n):
        s = (1664525 * s + 1013904223) % 2 ** 32
        out[i] = s / 2 ** 31 - 1
    return out


def level(t):
    return 1.3 * np.sin(2 * np.pi * 2.9 * t) + np.sin(2 * np.pi * 4.3 * t + 1) + .8 * np.sin(2 * np.pi * 1.7 * t + 2)


mouth = np.float32(.3 + .05 * level((np.arange(N) * .04 + MOUTH_T0 / 1e6) - .09) + .06 * noise(N, 5))
mouth[60:75] = np.nan
energy = np.float32(2 + .8 * level(np.arange(M) * .01 + ENERGY_T0 / 1e6) + .9 * noise(M, 9))
weight = ((np.arange(M) // 90) % 3 != 2).astype(float)


def band_pass(x):
    hann, n, y = .5 - .5 * np.cos(2 * np.pi * np.arange(1, 10) / 10), len(x), np.full(len(x), np.nan)
    for i in range(n):
        lo, hi = max(0, i - 60), min(n, i + 60)
        seen = ~np.isnan(x[lo:hi])
        near = [(hann[k], x[i + k - 4]) for k in range(9) if 0 <= i + k - 4 < n and not np.isnan(x[i + k - 4])]
        if not np.isnan(x[i]) and seen.sum() >= 30:
            y[i] = sum(h * v for h, v in near) / sum(h for h, _ in near) - np.nanmean(x[lo:hi])
    return y


up_t = np.arange(int((N - 1) * 4) + 1) / 4
up = np.array([mouth[int(t)] if t == int(t) else mouth[int(t)] + (mouth[int(t) + 1] - mouth[int(t)]) * (t - int(t)) for t in up_t])
y, x = band_pass(up), band_pass(energy.astype(float))
shift = (ENERGY_T0 - MOUTH_T0) / 1e4
whole, part = int(np.floor(shift)), shift - np.floor(shift)
r = np.full(201, np.nan)
for l in range(201):
    u, v = [], []
    for j in range(M):
        i = j + whole + l - 100
        if weight[j] and 0 <= i and i + 1 < len(y) and not np.isnan(y[i] * (1 - part) + y[i + 1] * part):
            u.append(x[j])
            v.append(y[i] * (1 - part) + y[i + 1] * part)
    if len(u) >= 20:
        r[l] = np.corrcoef(u, v)[0, 1]
    if l == 100:
        used = len(u) * .01
best = int(np.nanargmax(r))
bend = r[best - 1] - 2 * r[best] + r[best + 1]
offset = (best - 100 + .5 * (r[best - 1] - r[best + 1]) / bend) * 10
spread = median_abs_deviation(r[~np.isnan(r)], scale=1.4826 ** -1)
prominence = (r[best] - np.nanmedian(r)) / spread
lead = r[best] - np.nanmax(r[np.abs(np.arange(201) - best) > 15])
z = -7.26 + .45 * prominence + 4.62 * lead + 1.76 * np.log(used) + 4.56 * r[best]
print("/* sync.h -- made by tests/golden/sync.py with NumPy and SciPy. */")
print("static const double GOLD_ENVELOPE[6] = { %s }; /* offset, correlation, prominence, lead, seconds used, confidence */" %
      ", ".join("%.9g" % v for v in (offset, r[best], prominence, lead, used, 1 / (1 + np.exp(-z)))))
print("static const double GOLD_CORRELATION[5] = { %s }; /* at lags -100, -50, 0, 50, 100 */" % ", ".join("%.9g" % r[i] for i in (0, 50, 100, 150, 200)))

# a curve with a weak peak beside a far and higher one, its ends without enough behind them
l = np.arange(301)
weight = 40. + l % 7
weight[:20], weight[290:] = 15, 11
s = .1 * noise(301, 3)
s[163] += .16
s[[162, 164]] += [.11, .13]
s[40] = .5
s[295] = .9
s[10] = .8
s = s[20:290]
at = l[20:290]
near = np.abs((at - 150 + .25) * 20 - 200) <= 300
best = at[near][np.argmax(s[near])]
v = dict(zip(at, s))
bend = v[best - 1] - 2 * v[best] + v[best + 1]
far = s[np.abs(at - best) > 12]
z = (v[best] - far.mean()) / (far.std() + .01)
print("static const double GOLD_PEAK[6] = { %s }; /* offset, similarity, z, lead, seconds, p */" % ", ".join("%.9g" % x for x in (
    (best - 150 + .25 + .5 * (v[best - 1] - v[best + 1]) / bend) * 20, v[best], z, v[best] - s[np.abs(at - best) > 10].max(), 46 * .04, 1 - (1 - norm.sf(z)) ** (len(far) / 5))))
