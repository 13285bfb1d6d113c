"""The tool's reading of a clip (src/nets/sync.c, src/analyze/sync/) in NumPy, so that thousands of cuts, shifts and swapped
voices can be read off one dump of `avalign features` with any nets. `calibrate.py --check` compares it with the tool.
"""
import os

import numpy as np
import openvino

import data

STEP, REACH, WIDE, VAD_HOP, NEAR, DRAWS, PART = 20., 150, 12, 512, 25, 200, 12


class Nets:
    """The nets of a model folder."""
    def __init__(self, models):
        core = openvino.Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
        load = lambda path: core.compile_model(os.path.join(models, path), "CPU")
        self.lips, self.mouth, self.sound = (load("sync/%s.onnx" % n) for n in ("lips", "mouth", "sound"))
        self.vad = load("third_party/silero_vad_16k_sequence.onnx")


def speech(nets, pcm):
    """Voice per 32 ms."""
    n = -(-len(pcm) // VAD_HOP)
    x = np.concatenate([np.zeros(64, "f"), pcm, np.zeros(n * VAD_HOP - len(pcm), "f")])
    h, c, out = np.zeros((1, 1, 128), "f"), np.zeros((1, 1, 128), "f"), []
    for a in range(0, n, 32):
        w = min(32, n - a)
        cut = np.stack([x[i * VAD_HOP:i * VAD_HOP + VAD_HOP + 64] for i in range(a, a + w)])
        p, h, c = list(nets.vad([cut, h, c]).values())
        out.append(np.ravel(p))
    return np.concatenate(out) if out else np.zeros(0)


def windows(x, net, size, margin, keep, shape):
    """Runs a net over long series as the tool does: windows overlap, edges come from the neighbour that sees both sides."""
    out, start, done, per = [], 0, 0, 2 if shape == "sound" else 1
    while True:
        end = min(start + size, len(x))
        last = end == len(x)
        part = x[start:end]
        y = net(np.ascontiguousarray(part[None]))[0][0].T                      # [t, DIM]
        to = len(part) if last else size - margin
        out.append(y[(done - start) // per:to // per])
        done = start + to
        if last:
            return np.concatenate(out)
        start = end - keep


def quantised(v):
    return np.round(np.clip(v * 127, -127, 127)).astype(np.int8)


def load(nets, folder):
    """A clip's vectors, or None: rows (t_s, int8 vector, usable) of its longest track; sound (t0, int8 vectors, speech)."""
    best = None
    for name in os.listdir(folder):
        if name.startswith("track"):
            n = len(np.load(os.path.join(folder, name, "t_s.npy"), mmap_mode="r"))
            if best is None or n > best[0]:
                best = (n, os.path.join(folder, name))
    pcm = np.load(os.path.join(folder, "speech.npy"))
    if best is None or best[0] < 12 or len(pcm) < 4000:
        return None
    get = lambda what: np.load(os.path.join(best[1], what + ".npy"))
    t, lm, mouth, quality = get("t_s"), get("landmarks").astype("f"), get("mouth"), get("quality")
    crop = mouth.reshape(len(mouth), 48, 2, 48, 2).astype(np.uint16).sum((2, 4)) // 4
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(t) > .041) + 1, [len(t)]])
    vectors = []
    for a, b in zip(cuts, cuts[1:]):
        lips = data.frontal(lm[a:b])[..., :2].reshape(b - a, -1)
        v = windows(lips, nets.lips, 150, 20, 100, "lips") + windows(crop[a:b].astype("f") / 255, nets.mouth, 150, 20, 100, "mouth")
        vectors.append(quantised(v / np.linalg.norm(v, axis=1, keepdims=True)))
    mel = data.log_mel(np.ascontiguousarray(pcm))
    sound = quantised(windows(mel[:len(mel) // 2 * 2], nets.sound, 1000, 40, 400, "sound"))
    voiced, flag = speech(nets, pcm), np.zeros(len(sound), bool)
    for i in np.flatnonzero(voiced > .5):
        a, b = int((i * .032 - .0125 - .25) / .02), int(((i + 1) * .032 - .0125 + .25) / .02)
        flag[max(0, a):b + 1] = True
    return dict(t=t, v=np.concatenate(vectors), usable=(np.abs(quality[:, 1]) < 60) & (quality[:, 6] < .6),
                t0=float(np.load(os.path.join(folder, "speech_t0_s.npy"))[0]), a=sound, speech=flag)


def matrix(c, sound=None, start=0., seconds=None):
    """Similarity of every picture to the sound at every lag, NaN where there is none: [pictures, 2 REACH + 1]; and the phase
    of the picture grid within the sound's steps. `sound`: another clip, whose sound is laid under from its own start on;
    `start`, `seconds`: the cut of the clip that is looked at, sound included."""
    s = sound or c
    t = c["t"]
    keep = c["usable"] & (t >= start) & (t < start + (seconds or 1e9))
    at = (t[keep] - c["t0"] - .0125) / .02
    base = np.floor(at + 1e-6).astype(int)
    phase = max(0., float((at - base)[-1])) if keep.any() else 0.
    first = 0 if sound else max(0, int((start - c["t0"]) / .02))
    a, flag = s["a"], s["speech"]
    if seconds:
        a, flag = a[:first + int(seconds / .02)], flag[:first + int(seconds / .02)]
    j = base[:, None] - (np.arange(2 * REACH + 1)[None] - REACH)
    ok = (j >= first) & (j < len(a))
    jj = j.clip(0, max(0, len(a) - 1))
    ok &= flag[jj]
    g = c["v"][keep].astype("f") @ a.astype("f").T / (127. * 127.)
    return np.where(ok, np.take_along_axis(g, jj, 1), np.nan), phase


def curve(m):
    """Sum and number at every lag, and the same of every half second."""
    at = np.arange(0, len(m), PART)
    sums, counts = np.add.reduceat(np.nan_to_num(m), at), np.add.reduceat((~np.isnan(m)).astype(float), at)
    return sums.sum(0), counts.sum(0), sums, counts


def lower_quartile(sums, counts, mean):
    """As lower_quartile() in sync_curve.c."""
    part = (sums / np.maximum(counts, 1))[counts >= PART // 2]
    spread = len(part) * part.var() if len(part) else 0.
    return (part.mean() if len(part) else mean) - .67 * np.sqrt((spread + 2 * .1 ** 2) / (len(part) + 1))


def peak(total, weight, sums, counts, phase):
    """ava_sync_curve_peak(): None, or offset_ms, similarity, prominence z, lead, weak_quarter, peak_s, used_s."""
    most = weight.max() if len(weight) else 0
    s = np.where((weight >= .4 * most) & (weight >= 12), total / np.maximum(weight, 1), np.nan)
    if np.isnan(s).all():
        return None
    best = int(np.nanargmax(s))
    gap = np.abs(np.arange(len(s)) - best)
    rival = s[(gap > 10) & ~np.isnan(s)]
    far = s[(gap > WIDE) & ~np.isnan(s)]
    if len(far) < 20:
        return None
    frac = 0.
    if 0 < best < len(s) - 1 and not np.isnan(s[best - 1]) and not np.isnan(s[best + 1]):
        bend = s[best - 1] - 2 * s[best] + s[best + 1]
        frac = float(np.clip(.5 * (s[best - 1] - s[best + 1]) / bend, -1, 1)) if bend < 0 else 0.
    return dict(offset_ms=(best + frac - REACH + phase) * STEP, similarity=float(s[best]), z=float((s[best] - far.mean()) / (far.std() + .01)),
                lead=float(s[best] - max(-1., rival.max())), used_s=float(most * .04),
                weak_quarter=float(lower_quartile(sums[:, best], counts[:, best], s[best]) - far.mean()), peak_s=float(weight[best] * .04))


def repeatable(m, offset_ms, phase, rng):
    """Half of the bootstrap's interval, ms: blocks of a second drawn anew."""
    n = len(m)
    size = 12 if n < 100 else 25
    mid = int(round(offset_ms / STEP - phase)) + REACH
    lo, hi = max(0, mid - NEAR), min(m.shape[1], mid + NEAR + 1)
    x = m[:, lo:hi]
    cut = np.arange(0, n, size)
    s = np.add.reduceat(np.nan_to_num(x), cut)
    w = np.add.reduceat((~np.isnan(x)).astype(float), cut)
    s, w = s[w.sum(1) > 0], w[w.sum(1) > 0]
    if len(s) < 2:
        return NEAR * STEP
    pick = rng.randint(len(s), size=(DRAWS, len(s)))
    y = s[pick].sum(1) / np.maximum(w[pick].sum(1), 1e-9)
    b = y.argmax(1)
    i = b.clip(1, y.shape[1] - 2)
    r = np.arange(DRAWS)
    bend = y[r, i - 1] - 2 * y[r, i] + y[r, i + 1]
    at = b + np.where((b == i) & (bend < 0), .5 * (y[r, i - 1] - y[r, i + 1]) / np.where(bend < 0, bend, -1), 0)
    lo, hi = np.percentile(at, (2.5, 97.5))
    return float(hi - lo) / 2 * STEP
