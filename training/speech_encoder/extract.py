"""Clips of a list, each through a channel of chance, to what the speech encoder says of a window: what heads.py learns from.

    python extract.py --list voice --data DIR --version 0 --encoder ../../models/speech_encoder/whisper_tiny_en.onnx --out DIR [--spoof ../../models/authenticity/voice_spoof.onnx]

DIR of --data is what ../shared/tools/collect wrote (train/index.tsv, dev/index.tsv); list audio: ../shared/data/audio, to judge by. The chain of channels knows nothing of a clip's label: room,
noise, tilt, band, codec, level. Even versions: windows of 4 s, two fifths without codec; odd ones: windows of 1.5 to 4 s, always a codec. --plain: no
channel at all, all of a clip in windows of --seconds (to judge by). Writes blocks OUT/LIST_VERSION/NNNN.npz (pooled [n, 6, 768] in half precision,
row numbers, seconds, channel, and with --spoof the experts of the present detector); starts again where it stopped.
"""
import argparse
import collections
import csv
import os
import random
import subprocess

import numpy as np
import openvino as ov
import scipy.signal as ss
import soundfile as sf

from log_mel import RATE, log_mel

GAP = 6400
CODECS = {"none": None, "mp3 32k": ["-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3"], "mp3 64k": ["-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"],
          "mp3 128k 44.1": ["-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"],
          "aac 32k": ["-c:a", "aac", "-b:a", "32k", "-f", "adts"], "aac 96k 44.1": ["-ar", "44100", "-c:a", "aac", "-b:a", "96k", "-f", "adts"],
          "opus 16k": ["-c:a", "libopus", "-b:a", "16k", "-f", "ogg"], "opus 24k": ["-c:a", "libopus", "-b:a", "24k", "-f", "ogg"],
          "opus 48k": ["-c:a", "libopus", "-b:a", "48k", "-f", "ogg"], "vorbis": ["-c:a", "libvorbis", "-q:a", "1", "-f", "ogg"],
          "speex": ["-c:a", "libspeex", "-f", "ogg"], "mulaw 8k": ["-ar", "8000", "-c:a", "pcm_mulaw", "-f", "wav"],
          "gsm 8k": ["-ar", "8000", "-c:a", "libgsm", "-f", "gsm"]}
RARE = {"mulaw 8k": .6, "gsm 8k": .4}
CAPS = {"RAVDESS": 99, "EMO-DB": 99, "nEMO": 16, "ASED v1": 4, "TESS": 30, "TurEV-DB": 25, "KR emotional TTS open DB (Selvas AI / KAIST)": 99,
        "Indian EmoSpeech Command": 3, "BAVED": 2, "Deeply Korean Read Speech (sample)": 30}


def chosen(name, rows):
    """A fixed random choice: no family of one page, no speaker's feeling counts more than a cap."""
    if name in ("audio", "older", "genuine"):
        return list(range(len(rows)))
    count, keep = collections.Counter(), []
    order = list(range(len(rows)))
    random.Random(name).shuffle(order)
    for i in order:
        r = rows[i]
        if name == "voice":
            key, cap = ("b", i), 1
            if r["label"] == "spoof":
                key, cap = (r["family"], r["repo"]), 40
        else:
            key, cap = (r["dataset"], r["speaker"], r["label"]), CAPS[r["dataset"]]
        count[key] += 1
        if count[key] <= cap:
            keep.append(i)
    return keep


def decode(path, seconds=14):
    try:
        with sf.SoundFile(path) as f:
            rate, x = f.samplerate, f.read(int(seconds * f.samplerate), dtype="float32", always_2d=True)
        x = x.mean(1)
        if rate != RATE:
            k = np.gcd(RATE, rate)
            x = ss.resample_poly(x, RATE // k, rate // k).astype(np.float32)
    except Exception:
        raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-t", str(seconds), "-i", path, "-vn", "-ar", str(RATE), "-ac", "1", "-f", "f32le", "-"], capture_output=True).stdout
        x = np.frombuffer(raw, np.float32)
    return np.nan_to_num(x)


def trimmed(x):
    """Without the silence at both ends (below 3 % of the loudest 20 ms; 50 ms are left), -26 dBFS."""
    e = np.sqrt(ss.oaconvolve(x ** 2, np.ones(320, np.float32) / 320, "same").clip(0)) if len(x) > 640 else np.zeros(1)
    loud = np.flatnonzero(e > max(1e-5, e.max() * .03))
    if not len(loud):
        return x[:0]
    return level(x[max(0, loud[0] - 800):loud[-1] + 800])


def level(x):
    return (x * (.05 / max(1e-6, np.sqrt(np.mean(x ** 2))))).astype(np.float32)


def room(x, rng):
    n = int(rng.uniform(.08, .5) * RATE)
    h = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(.02, .12)
    h[0] = 1
    return ss.oaconvolve(x, h)[:len(x)]


def noise(x, rng):
    n = rng.standard_normal(len(x))
    colour = rng.choice(["white", "pink", "brown", "hum"])
    if colour != "white":
        b = {"pink": ([.05, -.096, .051, -.0044], [1, -2.495, 2.017, -.522]), "brown": ([.05], [1, -.98]), "hum": ([.05], [1, -.95])}[colour]
        n = ss.lfilter(*b, n)
    if colour == "hum":
        t = np.arange(len(x)) / RATE
        n = n / n.std() + sum(np.sin(2 * np.pi * 50 * k * t + k) / k for k in (1, 2, 3, 5))
    return x + n * (np.sqrt(np.mean(x ** 2)) / max(1e-9, n.std()) * 10 ** (-rng.uniform(12, 40) / 20))


def tilt(x, rng):
    a = rng.uniform(-.35, .35)
    return ss.lfilter([1, a], [1], x)


def band(x, rng):
    cut = rng.choice([3400, 4000, 5500, 6500, 7000, 7400], p=[.08, .07, .15, .2, .25, .25])
    x = ss.sosfilt(ss.cheby1(8, .5, cut, "low", fs=RATE, output="sos"), x)
    return ss.sosfilt(ss.butter(2, rng.uniform(60, 320), "high", fs=RATE, output="sos"), x) if rng.random() < .4 else x


def channel(x, rng):
    did = []
    for f, p in ((room, .22), (noise, .4), (tilt, .35), (band, .55)):
        if rng.random() < p:
            x = f(x, rng)
            did.append(f.__name__)
    x = level(np.asarray(x))
    if rng.random() < .05:
        did.append("clip")
        x = np.clip(x, -.15, .15)
    return x, did


def coded(clips, codec):
    """Clips one after the other through a codec and back; its delay is measured on the first."""
    if CODECS[codec] is None:
        return clips
    raw = np.concatenate([np.r_[x, np.zeros(GAP, np.float32)] for x in clips])
    pcm = (np.clip(raw, -1, 1) * 32767).astype("<i2").tobytes()
    bits = subprocess.run(["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", *CODECS[codec], "-"], input=pcm, capture_output=True).stdout
    kind = ["-f", "gsm"] if codec.startswith("gsm") else []
    y = subprocess.run(["ffmpeg", "-v", "error", *kind, "-i", "-", "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"], input=bits, capture_output=True).stdout
    y = np.frombuffer(y, "<i2").astype(np.float32) / 32768
    first = clips[0][:RATE]
    seg = y[:len(first) + 4000]
    lag = int(np.argmax(ss.correlate(seg, first, "valid"))) if len(seg) > len(first) else 0
    out, at = [], lag
    for x in clips:
        out.append(y[at:at + len(x)])
        at += len(x) + GAP
    return out


class Encoder:
    def __init__(self, path, spoof, hint):
        core = ov.Core()
        set_up = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": hint}
        self.net = core.compile_model(path, "CPU", set_up)
        self.spoof = core.compile_model(spoof, "CPU", dict(set_up, INFERENCE_PRECISION_HINT="f32")) if spoof else None

    def __call__(self, x):
        x = level(x)
        p = self.net([log_mel(x)[None]])["pooled"]
        return p, self.spoof([np.resize(x, (1, 48000))])[0][0] if self.spoof else np.zeros(0, np.float32)


def plain(clip, seconds):
    """All of a clip in windows; the last one ends with the clip."""
    n = int(seconds * RATE)
    starts = list(range(0, max(1, len(clip) - n + 1), n))
    if len(clip) > n and starts[-1] + n < len(clip) - RATE:
        starts.append(len(clip) - n)
    return [clip[s:s + n] for s in starts]


def block(rows, args, rng, enc):
    todo = collections.defaultdict(list)
    out = {"row": [], "seconds": [], "codec": [], "did": [], "pooled": [], "experts": []}

    def keep(i, x, codec, did):
        if len(x) < RATE:
            return
        p, s = enc(x)
        for k, v in zip(out, (i, len(x) / RATE, codec, "+".join(did), p.astype(np.float16), s)):
            out[k].append(v)
    for i, r in rows:
        x = trimmed(decode(os.path.join(args.data, r["split"], r["path"])))
        if len(x) < RATE:
            continue
        if args.plain:
            for piece in plain(x, args.seconds)[:args.windows]:
                keep(i, piece, "none", [])
            continue
        n = int((4 if args.version % 2 == 0 else rng.uniform(1.5, 4)) * RATE)
        at = rng.integers(0, max(1, len(x) - n + 1))
        x, did = channel(x[at:at + n], rng)
        codec = "none"
        if args.version % 2 or rng.random() > .4:
            names = [c for c in CODECS if c != "none"]
            weight = np.array([RARE.get(c, 1) for c in names])
            codec = str(rng.choice(names, p=weight / weight.sum()))
        todo[codec].append((i, x, did))
    for codec, part in todo.items():
        for (i, _, did), y in zip(part, coded([x for _, x, _ in part], codec)):
            keep(i, y, codec, did)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--list", required=True, choices=["voice", "emotion", "older", "genuine", "audio"])
    p.add_argument("--data", required=True)
    p.add_argument("--encoder", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--spoof")
    p.add_argument("--version", type=int, default=0)
    p.add_argument("--plain", action="store_true")
    p.add_argument("--split", choices=["train", "dev"])
    p.add_argument("--seconds", type=float, default=4)
    p.add_argument("--windows", type=int, default=3, help="with --plain: at most so many of a clip")
    p.add_argument("--block", type=int, default=48, help="clips read, coded and written together")
    p.add_argument("--dataset", help="this corpus alone")
    p.add_argument("--skip", type=int, default=0, help="leave out the first of the chosen rows")
    p.add_argument("--take", type=int, help="stop after so many of the chosen rows")
    p.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    args = p.parse_args()
    rows = []
    for split in {"audio": (".",), "older": ("train",), "genuine": ("train",)}.get(args.list, ("train", "dev")):
        with open(os.path.join(args.data, split, "index.tsv")) as f:
            rows += [dict(r, split=split) for r in csv.DictReader(f, delimiter="\t")]
    keep = [i for i in chosen(args.list, rows)[args.skip:args.take] if args.split in (None, rows[i]["split"]) and args.dataset in (None, rows[i]["dataset"])]
    name = "%s_%s" % (args.list, "plain%g%s" % (args.seconds, args.split or "") if args.plain else args.version)
    folder = os.path.join(args.out, name)
    os.makedirs(folder, exist_ok=True)
    enc = Encoder(args.encoder, args.spoof, args.precision)
    for b in range(0, len(keep), args.block):
        target = os.path.join(folder, "%05d.npz" % (b // args.block))
        if os.path.exists(target):
            continue
        out = block([(i, rows[i]) for i in keep[b:b + args.block]], args, np.random.default_rng([args.version, b]), enc)
        np.savez(target + ".part.npz", **{k: np.array(v) for k, v in out.items()})
        os.rename(target + ".part.npz", target)
        print("%s: %d of %d" % (name, min(b + args.block, len(keep)), len(keep)), flush=True)


if __name__ == "__main__":
    main()
