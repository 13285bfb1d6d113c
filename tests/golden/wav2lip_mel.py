"""Makes tests/golden/wav2lip_mel.h: Wav2Lip's mel spectrogram (its audio.py's numbers) of the signal of make.py, by librosa and SciPy.

    pip install librosa; python tests/golden/wav2lip_mel.py > tests/golden/wav2lip_mel.h
"""
import librosa
import numpy as np
from scipy.signal import lfilter

N, SR = 24000, 16000
t = np.arange(N) / SR
s, noise = 12345, np.empty(N)
for i in range(N):
    s = (1103515245 * s + 12345) % 2147483648
    noise[i] = s / 1073741824 - 1
x = .4 * np.sin(2 * np.pi * (200 * t + 400 * t * t)) + .2 * np.sin(2 * np.pi * 1500 * t + 3 * np.sin(2 * np.pi * 5 * t))
x = ((x * (t > .2) + .02 * noise) * 8000).astype(np.float32) / 8000
d = np.abs(librosa.stft(lfilter([1, -.97], [1], x.astype(float)), n_fft=800, hop_length=200, win_length=800, pad_mode="reflect"))
m = 20 * np.log10(np.maximum(1e-5, librosa.filters.mel(sr=SR, n_fft=800, n_mels=80, fmin=55, fmax=7600).astype(float) @ d)) - 20
m = np.clip(8 * (m + 100) / 100 - 4, -4, 4).T[::15]
print("/* wav2lip_mel.h -- made by tests/golden/wav2lip_mel.py with librosa %s: every 15th frame. */" % librosa.__version__)
print("enum { GOLD_W2L_ROWS = %d, GOLD_W2L_COLS = 80 };" % len(m))
print("static const float GOLD_W2L[%d] = {" % m.size)
flat = ["%.7gf" % v if "." in "%.7g" % v or "e" in "%.7g" % v else "%.7g.f" % v for v in m.ravel()]
for i in range(0, len(flat), 10):
    print("    " + ", ".join(flat[i:i + 10]) + ",")
print("};")
