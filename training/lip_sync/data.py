"""Clips as the C extractor dumped them (`avalign features`), ready for the sync nets.

A clip: V float32 [T, P, 3], frontal face coordinates in eye distances, 25 fps; C uint8 [T, 48, 48], mouth
crops; M float32 [4 T + PAD, 40], log-mel at 100 Hz, frame PAD/2 + 4 i centred on picture i.
"""
import csv
import os

import numpy as np

LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
        78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415]
EXTRA = [152, 148, 377, 1, 4, 205, 425, 50, 280]
POINTS = LIPS + EXTRA                       # src/nets/sync.c has the same list
# the same points seen in a mirror
MIRROR = {61: 291, 146: 375, 91: 321, 181: 405, 84: 314, 185: 409, 40: 270, 39: 269, 37: 267,
          78: 308, 95: 324, 88: 318, 178: 402, 87: 317, 191: 415, 80: 310, 81: 311, 82: 312,
          148: 377, 205: 425, 50: 280}
MIRROR.update({b: a for a, b in list(MIRROR.items())})
FLIP = [POINTS.index(MIRROR.get(p, p)) for p in POINTS]
PAD = 400                                   # mel frames kept on both sides together: +-2 s


def mel_bank():
    """The 40 triangular bands of avalign_log_mel()."""
    mel = lambda f: 2595 * np.log10(1 + f / 700)
    hz = lambda m: 700 * (10 ** (m / 2595) - 1)
    edges = hz(np.linspace(mel(60), mel(7600), 42))
    f = np.arange(257) * 16000 / 512
    lo, mid, hi = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.maximum(0, np.minimum((f - lo) / (mid - lo), (hi - f) / (hi - mid))).astype("f")


BANK = mel_bank()
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)).astype("f")


def log_mel(pcm):
    """avalign_log_mel() in NumPy: frame i is centred on sample 160 i + 200."""
    n = (len(pcm) - 400) // 160 + 1
    frames = np.lib.stride_tricks.as_strided(pcm, (n, 400), (pcm.strides[0] * 160, pcm.strides[0]))
    power = np.abs(np.fft.rfft(frames * HANN, 512)) ** 2
    return np.log(power @ BANK.T + 1e-6).astype("f")


def frontal(lm):
    """Landmarks [T, 468, 3] to [T, P, 3]: head turned to the front, nose bridge at 0, per eye distance.
    src/nets/sync.c does the same."""
    right = (lm[:, 33] + lm[:, 133]) / 2
    left = (lm[:, 263] + lm[:, 362]) / 2
    top = (lm[:, 10] + lm[:, 151] + lm[:, 9]) / 3
    low = (lm[:, 195] + lm[:, 5] + lm[:, 197]) / 3
    x = left - right
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = low - top
    y -= (y * x).sum(1, keepdims=True) * x
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    z = np.cross(x, y)
    eye = np.linalg.norm(lm[:, 263] - lm[:, 33], axis=1)
    eye = np.convolve(np.pad(eye, 12, mode="edge"), np.ones(25) / 25, "valid")     # a second's mean
    p = (lm[:, POINTS] - (lm[:, 168:169] + lm[:, 6:7]) / 2) / eye[:, None, None]
    return np.stack([(p * a[:, None]).sum(-1) for a in (x, y, z)], -1).astype("f")


def load(path):
    """The longest track of a dump, or None."""
    best = None
    for name in os.listdir(path):
        if name.startswith("track"):
            n = len(np.load(os.path.join(path, name, "t_s.npy"), mmap_mode="r"))
            if best is None or n > best[0]:
                best = (n, os.path.join(path, name))
    if best is None or best[0] < 15:
        return None
    get = lambda what: np.load(os.path.join(best[1], what + ".npy"))
    t, lm, mouth, quality = get("t_s"), get("landmarks"), get("mouth"), get("quality")
    k = np.round((t - t[0]) * 25).astype(int)
    if k[-1] + 1 > len(k) * 1.1:            # too many holes
        return None
    full = np.searchsorted(k, np.arange(k[-1] + 1)).clip(0, len(k) - 1)
    lm, mouth = lm[full], mouth[full]
    pcm = np.load(os.path.join(path, "speech.npy"))
    t0 = float(np.load(os.path.join(path, "speech_t0_s.npy"))[0])
    start = int(round((t[0] - t0) * 16000)) - 200 - PAD // 2 * 160
    need = start + (4 * len(lm) + PAD) * 160 + 400
    pcm = np.pad(pcm, (max(0, -start), max(0, need - len(pcm))))
    m = log_mel(np.ascontiguousarray(pcm[max(0, start):]))[:4 * len(lm) + PAD]
    c = mouth.reshape(len(mouth), 48, 2, 48, 2).mean((2, 4)).astype(np.uint8)
    return dict(V=frontal(lm.astype("f")), C=c, M=m, yaw=np.abs(quality[:, 1]).mean(), track=os.path.basename(best[1]), t0=t[0])


def index(video_dir):
    """index.tsv rows of train and dev with the name of their dump."""
    rows = []
    for split in ("train", "dev"):
        with open(os.path.join(video_dir, split, "index.tsv")) as f:
            for r in csv.DictReader(f, delimiter="\t"):
                r["split"] = split
                r["dump"] = (split + "/" + r["path"]).replace("/", "_")
                rows.append(r)
    return rows
