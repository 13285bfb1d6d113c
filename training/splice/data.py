"""Spliced and untouched speech with known cuts, from the genuine clips of the lists.

    python data.py --sources DIR ... --work DIR [--count 15000]   # DIR/*/index.tsv of ../shared/tools/collect -> work/splice.npy (int16, 3 s each), work/splice.tsv

Kinds: delete (a stretch of one clip taken out), same (another clip of the same voice goes on), other (another voice goes on), move (words of the
same clip put in elsewhere), insert (words of another clip of the voice), swap (words of another voice), made (words that a generator of the voice
list spoke), none. The last four have two cuts. Every source is first put into a room of its own (tilt, reverberation, noise, mains hum), untouched
ones alike; parts of one voice share it in a third of the cases. Joined edge to edge or with a cross-fade of 2-20 ms, a quarter of them in a pause, the
level of the second part matched or not; clicks and changes of gain, which are no cuts, over all kinds alike; then half of all goes through a codec, hundreds
at a time. Corpora that are single words, cut or mixed sound are left out.
splice.tsv: kind, fade in ms, cuts in s (with commas, or -1), length in s, voice, codec.

Held out, to be judged on: the dev rows of the lists, the corpora of LEFT_OUT, and by hash one voice in seven; generators likewise (MADE_OUT).
"""
import argparse
import collections
import csv
import hashlib
import os
import random
import subprocess
import sys

import numpy as np
import soundfile as sf
import soxr

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "authenticity"))
import clips as coded  # noqa: E402

RATE, N = 16000, 48000
KINDS = ["delete", "same", "other", "move", "insert", "swap", "made"]
UNFIT = ("words", "film crops", "digits", "Real-Life", "reallife", "singing", "codec", "noisy", "mixed", "separation", "dspspeech", "wakeword", "wake-word", "precise", "LRW-AR", "denoispeech", "Nonverbal", "lip2speech", "souvik", "mp3")
LEFT_OUT = ("EMO-DB", "emodb", "nEMO", "nemo", "LRS3")
MADE_OUT = ("valle", "naturalspeech2", "make-a-voice", "hifigan", "fastspeech2", "yourtts", "ppg-tts", "parallel-wavegan")
EACH = 75  # seconds of a voice


def held(voice):
    """Judged on: by hash one voice in seven."""
    return int(hashlib.sha256(voice.encode()).hexdigest(), 16) % 100 < 15


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


def join(a, b, i, j, fade, match):
    """a up to i, b from j on, and where they meet."""
    left, right = a[:i], b[j:]
    if match:
        r = np.sqrt(np.mean(left[-8000:] ** 2) + 1e-9) / np.sqrt(np.mean(right[:8000] ** 2) + 1e-9)
        right = right * np.clip(r, .25, 4)
    k = int(fade * RATE / 1000)
    if k and len(a) > i + k and len(right) > k:
        w = np.linspace(0, 1, k)
        return np.r_[left, a[i:i + k] * (1 - w) + right[:k] * w, right[k:]], i + k / 2
    return np.r_[left, right], i


def words(b, rng, edge):
    """From and to: a stretch of .2 to 1.2 s."""
    n = int(rng.uniform(.2, 1.2) * RATE)
    j = place(b, rng, edge, len(b) - n - edge)
    return None if j is None else (j, j + n)


def stretch(x, rng, seconds=6):
    """Some of a long clip, as samples."""
    at = rng.randrange(0, max(1, len(x) - int(seconds * RATE)))
    return x[at:at + int(seconds * RATE)].astype("f") / 32768


def make(kind, pools, voice, rng):
    """A spliced clip: samples, fade in ms, cuts in s."""
    pool, voices, made = pools
    x = stretch(rng.choice(pool[voice]), rng)
    fade = 0 if rng.random() < .5 else rng.uniform(2, 20)
    match, edge = rng.random() < .6, int(.35 * RATE)
    here = room(rng)
    there = room(rng) if kind in ("other", "swap", "made") and rng.random() < .7 or rng.random() < .67 else here
    two = kind in ("move", "insert", "swap", "made")
    i = place(x, rng, edge, min(len(x), 2 * RATE) - edge)
    if i is None:
        return None
    if kind in ("delete", "move"):
        b = x
    else:
        b = rng.choice(pool[voice] if kind in ("same", "insert") else made if kind == "made" else pool[rng.choice([v for v in voices if v != voice])])
        b = stretch(b, rng)
    if kind in ("delete", "move"):
        x = b = recorded(x, here, rng)
    else:
        x, b = recorded(x, here, rng), recorded(b, there, rng)
    if two:
        span = words(b, rng, int(.1 * RATE))
        if span is None or (kind == "move" and abs(span[0] - i) < .1 * RATE):
            return None
        y, at = join(x, b[:span[1] + int(.03 * RATE)], i, span[0], fade, match)
        end = int(at) + span[1] - span[0]
        on = i if rng.random() < .5 else min(len(x) - edge, i + span[1] - span[0])  # put in, or put over what was there
        if on < .1 * RATE:
            return None
        z, to = join(y, x, min(end, len(y) - 1), on, fade, match)
        return z, fade, [at / RATE, to / RATE]
    j = place(b, rng, i + int(.15 * RATE), len(b) - edge) if kind == "delete" else place(b, rng, int(.1 * RATE), len(b) - edge)
    if j is None:
        return None
    y, at = join(x, b, i, j, fade, match)
    return y, fade, [at / RATE]


def disturbed(y, rng):
    """Clicks and changes of gain: no cuts."""
    if rng.random() < .12:
        n = rng.randint(1, 60)
        k = rng.randrange(0, len(y) - 64)
        y[k:k + n] += rng.uniform(-1, 1) * .2 * np.exp(-np.arange(n) / rng.uniform(1, 20))
    if rng.random() < .12:
        k, n = rng.randrange(0, len(y)), int(rng.uniform(.03, .4) * RATE)
        y = y * np.interp(np.arange(len(y)), [k, k + n], [1, 10 ** (rng.uniform(-9, 9) / 20)])
    if rng.random() < .15:                       # what is under all parts
        y = y + rng.uniform(.0003, .005) * np.random.RandomState(rng.randrange(1 << 30)).standard_normal(len(y))
    return y


def clip(pools, voice, rng):
    """One clip of 3 s or less: samples, kind, fade in ms, cuts in s or [-1]. None when it did not work out."""
    kind = rng.choice(KINDS) if rng.random() < .5 else "none"
    if kind == "none":
        got = recorded(stretch(rng.choice(pools[0][voice]), rng, 3.2), room(rng), rng), 0, [-1]
    else:
        got = make(kind, pools, voice, rng)
    if got is None or len(got[0]) < 1.2 * RATE:
        return None
    y, fade, at = got
    cut = 0
    if kind != "none" and len(y) > N:            # the first cut anywhere in the three seconds
        cut = rng.randint(max(0, int(at[0] * RATE) - N + 6400), max(0, int(at[0] * RATE) - 6400))
        cut = min(cut, len(y) - N)
    at = [a - cut / RATE for a in at]
    y = disturbed(np.array(y[cut:cut + N]), rng)
    return y, kind, fade, [a for a in at if .15 < a < len(y) / RATE - .15] if kind != "none" else [-1]


def read(path):
    try:                                         # a process for each file costs more than reading it
        x, rate = sf.read(path, dtype="float32", always_2d=True)
        x = x.mean(1)[:14 * rate]
        x = x if rate == RATE else soxr.resample(x, rate, RATE)
        return x * (.05 / (np.sqrt(np.mean(x * x)) + 1e-6)) if len(x) else x
    except sf.LibsndfileError:
        pass
    raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-vn", "-ac", "1", "-ar", str(RATE), "-t", "14", "-f", "s16le", "-"], capture_output=True).stdout
    x = np.frombuffer(raw, "<i2").astype("f") / 32768
    return x * (.05 / (np.sqrt(np.mean(x * x)) + 1e-6)) if len(x) else x


def indexes(folders):
    for top in folders:
        for where, _, files in os.walk(top):
            if "index.tsv" in files:
                with open(os.path.join(where, "index.tsv")) as f:
                    for r in csv.DictReader(f, delimiter="\t"):
                        yield os.path.basename(where), os.path.join(where, r["path"]), r


def sources(folders, cache):
    """{held out or not: (clips by voice, voices, clips of generators)}, -26 dBFS, int16; kept in cache."""
    if not os.path.exists(cache):
        rows, seconds = list(indexes(folders)), collections.Counter()
        random.Random(4).shuffle(rows)
        keep = []
        for split, path, r in rows:
            if r["label"] == "spoof":
                who, out, most = "made:" + r["family"], r["family"] in MADE_OUT, 150
            else:
                who = r["dataset"] + ":" + (r.get("speaker") or r["person"])
                out, most = split == "dev" or held(who) or any(s in r["dataset"] for s in LEFT_OUT), EACH
                if r["label"] in ("codec", "fake") or any(s in r["dataset"] for s in UNFIT) or any(s in r["repo"] for s in UNFIT):
                    continue
            if seconds[who] > most:
                continue
            x = read(path)
            if len(x) < 1.3 * RATE:
                continue
            seconds[who] += len(x) / RATE
            keep.append((out, who, (np.clip(x, -1, 1) * 32767).astype("<i2")))
        np.save(cache, np.array(keep, object), allow_pickle=True)
    got = {}
    everything = np.load(cache, allow_pickle=True)
    for side in (False, True):
        pool, made = collections.defaultdict(list), []
        for out, who, x in everything:
            if out == side:
                (made if who.startswith("made:") else pool[who]).append(x)
        voices = sorted(v for v in pool if sum(map(len, pool[v])) > 3 * RATE)
        got[side] = pool, voices, made
        print("held out" if side else "to learn from", len(voices), "voices of", len({v.split(":")[0] for v in voices}), "sets,", sum(map(len, pool.values())), "clips,",
              "%.1f h," % (sum(len(x) for v in pool.values() for x in v) / RATE / 3600), len(made), "generated", flush=True)
    return got


def weights(pools):
    """Voices by the root of what they say."""
    return [sum(map(len, pools[0][v])) ** .5 for v in pools[1]]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--sources", nargs="+", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--count", type=int, default=15000, help="a third of them to judge on")
    args = p.parse_args()
    rng, pools = random.Random(11), sources(args.sources, os.path.join(args.work, "sources.npy"))
    made = []
    for side, count in ((False, args.count * 2 // 3), (True, args.count // 3)):
        share, n = weights(pools[side]), 0
        while n < count:
            voice = rng.choices(pools[side][1], share)[0]
            got = clip(pools[side], voice, rng)
            if got and got[3]:
                made.append([np.clip(got[0] * 32767, -32768, 32767).astype("<i2"), *got[1:], ("held:" if side else "") + voice, "none"])
                n += 1
        print(n, flush=True)
    rng.shuffle(made)
    codecs = sorted(c for c in coded.CODECS if "8k" not in c)
    half = made[:len(made) // 2]
    for k in range(0, len(half), 300):
        part, codec = half[k:k + 300], codecs[k // 300 % len(codecs)]
        starts, pieces, n = [], [], 0
        for m in part:
            starts.append(n)
            pieces += [m[0].astype("f") / 32768, np.zeros(coded.GAP)]
            n += len(m[0]) + coded.GAP
        y = coded.through(np.concatenate(pieces), codec)
        x = part[0][0][:RATE].astype("f")
        lag = int(np.argmax(np.correlate(y[:len(x) + 4000].astype("f"), x, "valid")))
        for m, s in zip(part, starts):
            z = y[s + lag:s + lag + len(m[0])]
            if len(z) == len(m[0]):
                m[0], m[5] = z, codec
    rng.shuffle(made)
    out = np.zeros((len(made), N), "<i2")
    with open(os.path.join(args.work, "splice.tsv"), "w") as f:
        for k, (y, kind, fade, at, voice, codec) in enumerate(made):
            out[k, :len(y)] = y
            print(kind, "%.1f" % fade, ",".join("%.4f" % a for a in at), "%.3f" % (len(y) / RATE), voice, codec, sep="\t", file=f)
    np.save(os.path.join(args.work, "splice.npy"), out)
    print(len(made), collections.Counter(m[1] for m in made))


if __name__ == "__main__":
    main()
