"""What the pulses of the voice measure (src/dsp/pulses.h) on recordings and on what was made of them.

    python pulses.py --avalign build/avalign --shared ../shared --work DIR [--clips 60]

Recordings of the shared lists; copies by Griffin-Lim (NumPy; 60 iterations) from magnitudes of 32 and 64 ms windows; an all-pass chain that delays
the high band by some 3 ms, all along and from the middle on; rooms (decaying noise; the reverberant part 12 dB under the direct one and as strong);
noise at 20 and 10 dB; Opus at 16 kbit/s. Needs numpy, soundfile, ffmpeg.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess

import numpy as np
import soundfile as sf

RATE = 16000


def stft(x, n):
    w = np.hanning(n + 1)[:-1]
    x = np.pad(x, n)
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(x, n)[::n // 4] * w, axis=1)


def istft(s, n, length):
    w = np.hanning(n + 1)[:-1]
    y, norm = np.zeros((len(s) - 1) * n // 4 + n), np.zeros((len(s) - 1) * n // 4 + n)
    for i, f in enumerate(np.fft.irfft(s, n, axis=1)):
        y[i * n // 4:i * n // 4 + n] += f * w
        norm[i * n // 4:i * n // 4 + n] += w * w
    y /= np.maximum(norm, 1e-6)
    return np.pad(y, (0, max(0, length + n - len(y))))[n:n + length]


def griffin_lim(x, n, rng):
    m = np.abs(stft(x, n))
    s = m * np.exp(2j * np.pi * rng.rand(*m.shape))
    for _ in range(60):
        s = stft(istft(s, n, len(x)), n)
        s = m * np.exp(1j * np.angle(s[:len(m)]))
    return istft(s, n, len(x))


def all_pass(x, ms=3.):
    """High frequencies later by ms: a phase that bends between 1 and 1.6 kHz, where little of either band lies."""
    s = np.fft.rfft(np.pad(x, (0, RATE)))
    f = np.fft.rfftfreq(len(x) + RATE, 1 / RATE)
    delay = ms / 1e3 * np.clip((f - 1000) / 600, 0, 1)
    phase = -2 * np.pi * np.cumsum(delay) * (f[1] - f[0])
    return np.fft.irfft(s * np.exp(1j * phase), len(x) + RATE)[:len(x)]


def room(x, rt, drr_db, rng):
    t = np.arange(int(RATE * rt))
    h = rng.randn(len(t)) * 10 ** (-3 * t / len(t))
    h[:RATE // 200] = 0
    h *= np.sqrt(10 ** (-drr_db / 10) / (h * h).sum())
    h[0] = 1
    n = 1 << (len(x) + len(h)).bit_length()
    return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(h, n), n)[:len(x)]


def noise(x, db, rng):
    return x + rng.randn(len(x)) * np.sqrt((x * x).mean() * 10 ** (-db / 10))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", required=True)
    p.add_argument("--shared", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--clips", type=int, default=60)
    args = p.parse_args()
    shutil.rmtree(args.work, ignore_errors=True)
    os.makedirs(args.work)
    base, files = os.path.join(args.shared, "data"), []
    with open(os.path.join(base, "audio", "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    files += [os.path.join(base, "audio", r["path"]) for r in rows if r["task"] == "speaker" or r["label"] == "bonafide"]
    for part in ("train", "dev"):
        with open(os.path.join(base, "video", part, "index.tsv")) as f:
            files += [os.path.join(base, "video", part, r["path"]) for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real"]
    rng, used = np.random.RandomState(3), 0
    rng.shuffle(files)
    for f in files:
        raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", f, "-vn", "-ac", "1", "-ar", str(RATE), "-t", "10", "-f", "f32le", "-"], capture_output=True).stdout
        x = np.frombuffer(raw, "f").astype("d")
        if len(x) < 3 * RATE or used >= args.clips:
            continue
        used += 1
        half = len(x) // 2
        made = {"as it is": x, "Griffin-Lim, 32 ms": griffin_lim(x, 512, rng), "Griffin-Lim, 64 ms": griffin_lim(x, 1024, rng), "all-pass, 3 ms": all_pass(x),
                "all-pass from the middle on": np.r_[x[:half], all_pass(x)[half:]], "room 0.3 s, 12 dB": room(x, .3, 12, rng), "room 0.3 s, 0 dB": room(x, .3, 0, rng),
                "room 0.8 s, 12 dB": room(x, .8, 12, rng), "room 0.8 s, 0 dB": room(x, .8, 0, rng), "noise 20 dB": noise(x, 20, rng), "noise 10 dB": noise(x, 10, rng), "Opus 16 kbit/s": x}
        for k, (name, y) in enumerate(made.items()):
            out = os.path.join(args.work, "%02d-%02d" % (k, used))
            sf.write(out + ".wav", y / max(1, np.abs(y).max()), RATE, subtype="PCM_16")
            if name.startswith("Opus"):
                subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", out + ".wav", "-b:a", "16k", out + ".opus"], check=True)
                os.remove(out + ".wav")
    names = list(made)
    subprocess.run([args.avalign, "batch", args.work, "--out", args.work + "/results", "--only", "artifacts", "--quiet"], check=False)
    got = {k: [] for k in range(len(names))}
    for folder, _, found in os.walk(args.work + "/results/json"):
        for f in found:
            with open(os.path.join(folder, f)) as file:
                a = json.load(file)["signals"]["artifacts"]
            got[int(f.split("-")[1])].append((a["pulses"], [s for s in a["segments"] if "pulses" in s["evidence"]],
                                                      [s for s in a["segments"] if "high sounds" in s["evidence"]]))
    print("| | clips | coherence, 5 / 50 / 95 % | delay ms, 5 / 50 / 95 % | fall in 20 ms, dB | pulses named / over .5 | delay named |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for k, name in enumerate(names):
        r = [g for g in got[k] if g[0]]
        c, d, f = ([g[0][key] for g in r if g[0][key] is not None] for key in ("coherence", "delay_ms", "decay_db"))
        at = lambda v: "%.2f / %.2f / %.2f" % tuple(np.percentile(v, [5, 50, 95]))
        print("| %s | %d | %s | %s | %.1f | %d / %d | %d |" % (name, len(r), at(c), at(d), np.median(f), sum(bool(g[1]) for g in r),
                                                          sum(any(s["score"] >= .5 for s in g[1]) for g in r), sum(bool(g[2]) for g in r)))


if __name__ == "__main__":
    main()
