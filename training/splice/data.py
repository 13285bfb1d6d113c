"""Spliced and untouched speech with known cuts, from the real clips that training/authenticity/generate.py gathered.

    python data.py --work DIR [--count 8000]      # DIR/wav -> DIR/splice.npy (int16, 3 s each), DIR/splice.tsv

Kinds: delete (a stretch of one cut taken out), same (another cut of the same voice goes on), other (another voice goes on), none.
Every source is first put into a room of its own (tilt, reverberation, noise, mains hum), untouched ones alike; parts of one voice share
it in a third of the cases. Joined edge to edge or with a cross-fade of 2-20 ms, a quarter of them in a pause, the level of the second part
matched or not; then half of all goes through a codec, hundreds at a time. Corpora that are themselves words put together are left out.
splice.tsv: kind, fade in ms, cut in s (or -1), length in s, voice, codec.
"""
import argparse
import collections
import glob
import os
import random
import sys

import numpy as np
import soundfile as sf

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "authenticity"))
import clips as coded  # noqa: E402

RATE, N = 16000, 48000
LEAVE = ("klettres", "ktuberling", "tuxpaint", "fillets", "hedgewars", "prompt")


def quiet(x, rng, lo, hi):
    """A quiet place between lo and hi."""
    e = np.convolve(x ** 2, np.ones(480), "same")[lo:hi:160]
    k = np.argsort(e)[:max(1, len(e) // 10)]
    return lo + 160 * int(rng.choice(list(k)))


def place(x, rng, lo, hi):
    if hi - lo < 320:
        return None
    return quiet(x, rng, lo, hi) if rng.random() < .25 else rng.randint(lo, hi - 1)


def room(rng):
    """Where a recording was made, and with what."""
    return dict(tilt=rng.uniform(-.5, .5), decay=rng.choice([0, 0, rng.uniform(150, 700)]), wet=rng.uniform(.02, .12), seed=rng.randrange(1 << 30),
                noise=10 ** (-rng.uniform(22, 60) / 20), colour=rng.uniform(0, .95), hum=rng.choice([0, 0, 10 ** (-rng.uniform(25, 50) / 20)]),
                mains=rng.choice([50, 60]), top=rng.choice([8000, 8000, 8000, 7000, 5500, 4000]))


def recorded(x, where, rng):
    """x as it sounds there."""
    npr = np.random.RandomState(where["seed"])
    level = np.sqrt(np.mean(x * x)) + 1e-9
    y = x + where["tilt"] * np.r_[0, x[:-1]]
    if where["decay"]:
        h = npr.standard_normal(3200) * np.exp(-np.arange(3200) / where["decay"]) * where["wet"]
        h[0] = 1
        y = np.fft.irfft(np.fft.rfft(y, len(y) + 3200) * np.fft.rfft(h, len(y) + 3200))[:len(x)]
    noise = np.random.RandomState(rng.randrange(1 << 30)).standard_normal(len(x) + 64)
    noise = np.convolve(noise, where["colour"] ** np.arange(64), "same")[:len(x)]
    y = y + noise / (np.sqrt(np.mean(noise ** 2)) + 1e-9) * level * where["noise"]
    if where["hum"]:
        t, phase = np.arange(len(x)) / RATE, rng.uniform(0, 2 * np.pi)
        for k, a in enumerate(npr.uniform(.1, 1, 6) / np.arange(1, 7)):
            y = y + level * where["hum"] * a * np.sin((k + 1) * (2 * np.pi * where["mains"] * t + phase))
    if where["top"] < 8000:
        f = np.fft.rfft(y)
        f[int(where["top"] / 8000 * (len(f) - 1)):] = 0
        y = np.fft.irfft(f, len(y))
    return y


def join(a, b, i, j, fade, match, rng):
    """a up to i, b from j on."""
    left, right = a[:i], b[j:]
    if match:
        r = np.sqrt(np.mean(left[-8000:] ** 2) + 1e-9) / np.sqrt(np.mean(right[:8000] ** 2) + 1e-9)
        right = right * np.clip(r, .25, 4)
    k = int(fade * RATE / 1000)
    if k and len(a) > i + k and len(right) > k:
        w = np.linspace(0, 1, k)
        return np.r_[left, a[i:i + k] * (1 - w) + right[:k] * w, right[k:]], i + k / 2
    return np.r_[left, right], i


def make(kind, x, pool, voice, voices, rng):
    fade = 0 if rng.random() < .5 else rng.uniform(2, 20)
    match = rng.random() < .6
    edge = int(.35 * RATE)
    i = place(x, rng, edge, min(len(x), 2 * RATE) - edge)
    if i is None:
        return None
    here = room(rng)
    there = room(rng) if kind == "other" or rng.random() < .67 else here
    if kind == "delete":
        j = place(x, rng, i + int(.15 * RATE), len(x) - edge)
        b = x
    else:
        b = rng.choice(pool[voice if kind == "same" else rng.choice([v for v in voices if v != voice])])
        j = place(b, rng, int(.1 * RATE), len(b) - edge)
    if j is None or (kind == "same" and b is x):
        return None
    if b is x:
        x = b = recorded(x, here, rng)
    else:
        x, b = recorded(x, here, rng), recorded(b, there, rng)
    y, at = join(x, b, i, j, fade, match, rng)
    return y, fade, at / RATE


def clip(pool, voices, voice, rng):
    """One clip of 3 s or less: samples, kind, fade in ms, cut in s or -1. None when it did not work out."""
    kind = rng.choice(["delete", "same", "other", "none", "none", "none"])
    x = rng.choice(pool[voice])
    got = (recorded(x, room(rng), rng), 0, -1) if kind == "none" else make(kind, x, pool, voice, voices, rng)
    if got is None:
        return None
    y, fade, at = got
    y = y[:N]
    if rng.random() < .15:                       # what is under both parts
        y = y + rng.uniform(.0003, .005) * np.random.RandomState(rng.randrange(1 << 30)).standard_normal(len(y))
    return y, kind, fade, at


def sources(work, leave=LEAVE):
    """Real cuts by voice, -26 dBFS."""
    pool = collections.defaultdict(list)
    for name in sorted(glob.glob(os.path.join(work, "index.tsv.real*"))):
        for line in open(name):
            path, _, family, _, voice = line.rstrip("\n").split("\t")
            if family not in leave:
                x, _ = sf.read(os.path.join(work, path), dtype="float32")
                pool[voice].append(x * (.05 / (np.sqrt(np.mean(x * x)) + 1e-6)))
    return pool


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    p.add_argument("--count", type=int, default=8000)
    args = p.parse_args()
    rng, pool = random.Random(11), sources(args.work)
    voices = sorted(v for v in pool if sum(map(len, pool[v])) > 3 * RATE)
    weight = [min(60, len(pool[v])) for v in voices]
    made = []
    while len(made) < args.count:
        voice = rng.choices(voices, weight)[0]
        got = clip(pool, voices, voice, rng)
        if got:
            made.append([*got, voice, "none"])
    rng.shuffle(made)
    codecs = sorted(c for c in coded.CODECS if "8k" not in c)
    half = made[:len(made) // 2]
    share = (len(half) + len(codecs) - 1) // len(codecs)
    for k, codec in enumerate(codecs):
        part = half[k * share:(k + 1) * share]
        starts, pieces, n = [], [], 0
        for m in part:
            starts.append(n)
            pieces += [m[0], np.zeros(coded.GAP)]
            n += len(m[0]) + coded.GAP
        y = coded.through(np.concatenate(pieces), codec)
        x = part[0][0][:RATE]
        lag = int(np.argmax(np.correlate(y[:len(x) + 4000].astype("f"), x.astype("f"), "valid")))
        for m, s in zip(part, starts):
            z = y[s + lag:s + lag + len(m[0])] / 32768
            if len(z) == len(m[0]):
                m[0], m[5] = z, codec
        print(codec, len(part), "lag", lag, flush=True)
    out = np.zeros((len(made), N), "<i2")
    with open(os.path.join(args.work, "splice.tsv"), "w") as f:
        for k, (y, kind, fade, at, voice, codec) in enumerate(made):
            out[k, :len(y)] = np.clip(y, -1, 1) * 32767
            print(kind, "%.1f" % fade, "%.4f" % at, "%.3f" % (len(y) / RATE), voice, codec, sep="\t", file=f)
    np.save(os.path.join(args.work, "splice.npy"), out)
    print(len(made), collections.Counter(m[1] for m in made))


if __name__ == "__main__":
    main()
