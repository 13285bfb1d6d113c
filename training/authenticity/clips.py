"""Every clip once more through a codec of chance, real and made alike, so that codecs tell nothing.

    python clips.py --work DIR       # wav/*.wav -> clips.npy (int16, one after the other) and clips.tsv

clips.tsv: offset, samples, real, family, of, voice, codec. Silence around a clip is cut off and its level evened out. Clips
are coded hundreds at a time, with half a second of silence between them.
"""
import argparse
import glob
import os
import random
import subprocess

import numpy as np
import soundfile as sf

RATE, GAP, LONGEST = 16000, 8000, 5 * 16000
CODECS = {"mp3 32k": ["-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3"], "mp3 64k": ["-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"],
          "mp3 128k 44.1": ["-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"],
          "aac 48k": ["-c:a", "aac", "-b:a", "48k", "-f", "adts"], "aac 96k 44.1": ["-ar", "44100", "-c:a", "aac", "-b:a", "96k", "-f", "adts"],
          "opus 16k": ["-c:a", "libopus", "-b:a", "16k", "-f", "ogg"], "opus 32k": ["-c:a", "libopus", "-b:a", "32k", "-f", "ogg"],
          "vorbis": ["-c:a", "libvorbis", "-q:a", "1", "-f", "ogg"], "g722": ["-c:a", "g722", "-f", "g722"], "gsm-like 8k": ["-ar", "8000", "-c:a", "pcm_mulaw", "-f", "wav"]}


def trimmed(x):
    """Without the silence at both ends, -26 dBFS."""
    e = np.sqrt(np.convolve(x ** 2, np.ones(320) / 320, "same"))
    loud = np.flatnonzero(e > e.max() * .03)
    x = x[max(0, loud[0] - 800):loud[-1] + 800] if len(loud) else x
    return x * (.05 / max(1e-6, np.sqrt(np.mean(x ** 2))))


def through(x, codec):
    raw = (np.clip(x, -1, 1) * 32767).astype("<i2").tobytes()
    ff = ["ffmpeg", "-v", "error", "-nostdin"]
    coded = subprocess.run(["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", *CODECS[codec], "-"], input=raw, capture_output=True).stdout
    kind = ["-f", "g722"] if codec == "g722" else []
    pcm = subprocess.run(ff[:-1] + kind + ["-i", "-", "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"], input=coded, capture_output=True).stdout
    return np.frombuffer(pcm, "<i2")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    args = p.parse_args()
    rng, rows = random.Random(3), []
    for name in sorted(glob.glob(os.path.join(args.work, "index.tsv.*"))):
        with open(name) as f:
            rows += [line.rstrip("\n").split("\t") for line in f]
    clips = []
    for r in rows:
        x, _ = sf.read(os.path.join(args.work, r[0]), dtype="float32")
        x = trimmed(x)[:LONGEST]
        if len(x) > RATE:
            clips.append((x, r))
    print(len(clips), "clips")
    out, index, at = [], [], 0

    def keep(x, r, codec):
        nonlocal at
        out.append(x.astype("<i2") if x.dtype.kind == "i" else (np.clip(x, -1, 1) * 32767).astype("<i2"))
        index.append((at, len(x), r[1], r[2], r[3] if r[3] == "-" else os.path.basename(r[3]), r[4], codec, os.path.basename(r[0])))
        at += len(x)
    for x, r in clips:
        keep(x, r, "none")
    rng.shuffle(clips)
    share = (len(clips) + len(CODECS) - 1) // len(CODECS)
    for k, codec in enumerate(sorted(CODECS)):
        part = clips[k * share:(k + 1) * share]
        starts, pieces, n = [], [], 0
        for x, _ in part:
            starts.append(n)
            pieces += [x, np.zeros(GAP, "f")]
            n += len(x) + GAP
        y = through(np.concatenate(pieces), codec)
        lag = 0
        if len(part):                       # a codec's delay, by the first clip
            x = part[0][0][:RATE]
            seg = y[:len(x) + 4000].astype("f")
            c = np.correlate(seg, x, "valid") if len(seg) > len(x) else np.zeros(1)
            lag = int(np.argmax(c))
        print(codec, len(part), "lag", lag, flush=True)
        for (x, r), s in zip(part, starts):
            z = y[s + lag:s + lag + len(x)]
            if len(z) > RATE:
                keep(z, r, codec)
    np.save(os.path.join(args.work, "clips.npy"), np.concatenate(out))
    with open(os.path.join(args.work, "clips.tsv"), "w") as f:
        for row in index:
            print(*row, sep="\t", file=f)


if __name__ == "__main__":
    main()
