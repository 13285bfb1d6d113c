"""Whisper's front end in NumPy: 16 kHz samples to the log-mel spectrogram [80, t], t = samples / 160; the reference of the C version."""
import numpy as np

RATE, FFT, HOP, BANDS = 16000, 400, 160, 80


def filters():
    """Slaney's triangles from 0 to 8 kHz, each of area one: [80, 201]."""
    def mel(f):
        return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1e-9) / 1000) * 27 / np.log(6.4))

    def hertz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    edges = hertz(np.linspace(0, mel(np.float64(RATE / 2)), BANDS + 2))
    f = np.linspace(0, RATE / 2, FFT // 2 + 1)
    up = (f[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - f[None]) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]


MEL = filters().astype(np.float32)
WINDOW = (.5 - .5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)).astype(np.float32)


def log_mel(x):
    """x: float32 in [-1, 1], at least 400 samples. Ends are mirrored; the last frame (centre at the end) is dropped, as Whisper does."""
    x = np.asarray(x, np.float32)
    y = np.pad(x, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(y, FFT)[::HOP][:len(x) // HOP]
    power = np.abs(np.fft.rfft(frames * WINDOW)).astype(np.float32) ** 2
    z = np.log10(np.maximum(MEL @ power.T, 1e-10))
    z = np.maximum(z, z.max() - 8)
    return ((z + 4) / 4).astype(np.float32)
