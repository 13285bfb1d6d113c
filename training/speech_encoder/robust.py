"""The voice head by length of speech and through channels: clips of ../shared/data/audio, which no head has learned from.

    python robust.py --audio ../../../shared/data/audio --models ../../models [--only "noise 10 dB" ...]

One window of a clip, two of 4 s in the row "8 s" (their mean answers), each through the row's channel. The 150 clips of the antispoofing list give the EER; genuine clips
over .5 are counted over the other lists too (through a channel every fourth of these). The tool itself refuses some channels (8 kHz, low rates, noise): here the head alone answers.
"""
import argparse
import csv
import os

import numpy as np
import openvino as ov
import scipy.signal as ss

import common
import extract
from extract import RATE

extract.CODECS.update({"mp3 96k": ["-c:a", "libmp3lame", "-b:a", "96k", "-f", "mp3"], "aac 48k": ["-c:a", "aac", "-b:a", "48k", "-f", "adts"],
                       "aac 128k": ["-c:a", "aac", "-b:a", "128k", "-f", "adts"], "opus 32k": ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"]})


def noisy(db):
    def add(x, rng):
        n = rng.standard_normal(len(x))
        return x + n * np.sqrt(np.mean(x ** 2)) / n.std() * 10 ** (-db / 20)
    return add


def replayed(x, rng):
    """A small loudspeaker (300 Hz to 6 kHz) in a room that dies away in .4 s, heard from afar, with 25 dB of noise."""
    x = ss.sosfilt(ss.butter(2, [300, 6000], "band", fs=RATE, output="sos"), x)
    n = int(.4 * RATE)
    h = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * .08
    h[0] = 1
    return noisy(25)(ss.oaconvolve(x, h)[:len(x)], rng)


ROWS = [("as it is, 2 s", None, None, 2, 1), ("as it is, 4 s", None, None, 4, 1), ("as it is, 8 s", None, None, 4, 2)]
ROWS += [(c, c, None, 4, 1) for c in ("mp3 128k 44.1", "mp3 64k", "mp3 32k", "aac 128k", "aac 48k", "opus 48k", "opus 32k", "opus 24k", "opus 16k", "mulaw 8k", "gsm 8k")]
ROWS += [("noise 20 dB", None, noisy(20), 4, 1), ("noise 10 dB", None, noisy(10), 4, 1), ("loudspeaker and room", None, replayed, 4, 1)]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--audio", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--only", nargs="*", help="these rows")
    args = p.parse_args()
    with open(os.path.join(args.audio, "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    used = [r for r in ROWS if not args.only or r[0] in args.only]
    spoof, made = np.array([r["task"] == "antispoof" for r in rows]), np.array([r["label"] == "spoof" for r in rows])
    few = [i for i in range(len(rows)) if spoof[i] or i % 4 == 0]
    clips = {i: extract.trimmed(extract.decode(os.path.join(args.audio, rows[i]["path"]))) for i in (range(len(rows)) if any(not (r[1] or r[2]) for r in used) else few)}
    enc = extract.Encoder(os.path.join(args.models, "speech_encoder", "whisper_tiny_en.onnx"), None, "f32")
    head = ov.Core().compile_model(os.path.join(args.models, "authenticity", "voice_person.onnx"), "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    for name, codec, change, seconds, count in used:
        rng, odds = np.random.default_rng(1), np.full(len(rows), np.nan)
        some = [i for i in (few if codec or change else sorted(clips)) if len(clips[i]) >= RATE]
        for b in range(0, len(some), 48):
            at = some[b:b + 48]
            sound = [change(clips[i], rng).astype(np.float32) if change else clips[i] for i in at]
            for i, x in zip(at, extract.coded([extract.level(x) for x in sound], codec) if codec else sound):
                got = [head([enc(w)[0].reshape(1, -1).astype(np.float32)])["odds"][0, 0] for w in extract.plain(x, seconds)[:count] if len(w) >= RATE]
                odds[i] = np.mean(got) if got else np.nan
        ok = np.isfinite(odds)
        real, fake = odds[ok & spoof & ~made], odds[ok & made]
        both, side = np.r_[real, fake], np.r_[np.zeros(len(real)), np.ones(len(fake))]
        low, high = common.interval(lambda k: common.eer(both[k][side[k] == 0], both[k][side[k] == 1]), np.arange(len(both)))
        print("%s: EER %.3f (%.3f to %.3f); genuine over .5: %d of %d of the list, %d of %d others; made %.3f of %d" % (
            name, common.eer(real, fake), low, high, (real > 0).sum(), len(real), (odds[ok & ~spoof & ~made] > 0).sum(), (ok & ~spoof & ~made).sum(), (fake > 0).mean(), len(fake)), flush=True)


if __name__ == "__main__":
    main()
