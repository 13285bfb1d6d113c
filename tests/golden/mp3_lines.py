"""Makes tests/golden/mp3_lines.h: lines of MP3's long granule of single samples, from the window as another decoder has it.

    python3 tests/golden/mp3_lines.py FFMPEG/libavcodec/mpegaudiodata.c > tests/golden/mp3_lines.h

In double precision, straight from the formulas of ISO/IEC 11172-3 (C.1.3, 2.4.3.4): every sample of a phase of 32 meets 16 of the window's
512 taps, so the 32 impulses meet them all, each many times over the rounding of single precision.
"""
import re
import sys

import numpy as np

half = [int(x) for x in re.findall(r"-?\d+", re.search(r"ff_mpa_enwindow\[257\]\s*=\s*\{(.*?)\}", open(sys.argv[1]).read(), re.S).group(1))]
assert len(half) == 257
window = np.array([half[i] if i <= 256 else (1 if i % 64 == 0 else -1) * half[512 - i] for i in range(512)]) / (32 * 65536)
BANDS, LINES, AT = 22, 18, [0, 7, 25, 111, 190, 301, 385]


def granule(x):
    band = np.empty((BANDS, 36))
    for t in range(36):
        z = window * x[32 * t:32 * t + 512][::-1]
        y = z.reshape(8, 64).sum(0)
        for i in range(BANDS):
            band[i, t] = sum(np.cos((2 * i + 1) * (k - 16) * np.pi / 64) * y[k] for k in range(64)) * (-1 if i % 2 and t % 2 else 1)
    n, k = np.arange(36), np.arange(LINES)[:, None]
    out = np.stack([(np.sin(np.pi / 36 * (n + .5)) * np.cos(np.pi / 72 * (2 * n + 19) * (2 * k + 1)) * b).sum(1) for b in band]) * 128 / 3
    for i in range(1, BANDS):
        for k, c in enumerate([-.6, -.535, -.33, -.185, -.095, -.041, -.0142, -.0037]):
            cs, ca = 1 / np.sqrt(1 + c * c), c / np.sqrt(1 + c * c)
            u, d = out[i - 1, 17 - k], out[i, k]
            out[i - 1, 17 - k], out[i, k] = u * cs + d * ca, d * cs - u * ca
    return out.ravel()


print("/* mp3_lines.h -- made by tests/golden/mp3_lines.py: lines AT of a granule with a one at sample 640 + i. */")
print("static const int GOLD_MP3_AT[%d] = { %s };" % (len(AT), ", ".join(map(str, AT))))
print("static const double GOLD_MP3[32][%d] = {" % len(AT))
for i in range(32):
    x = np.zeros(3072)
    x[640 + i] = 1
    print("    { " + ", ".join("%.9g" % v for v in granule(x)[AT]) + " },")
print("};")
