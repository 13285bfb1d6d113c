"""How much of the pitch is held like a note in speech and in song (media.sound.held_pitch), by the tool.

    python song.py --avalign build/avalign --shared ../shared --work DIR

Speech: the real clips of the video sets and every fourth recording of the audio list. Song: LibriSpeech's clips, every sixth, three times as
slow and set to notes of a scale of 0.4 to 1 s with vibrato (WORLD: pip install pyworld). The threshold of src/analyze/input_quality.c is .22.
"""
import argparse
import csv
import json
import os
import subprocess

import numpy as np
import pyworld
import soundfile as sf

RATE = 16000


def sung(x, rng):
    f0, t = pyworld.harvest(x, RATE, frame_period=5)
    spectrum, noise = pyworld.cheaptrick(x, f0, t, RATE), pyworld.d4c(x, f0, t, RATE)
    f0, spectrum, noise = (np.repeat(a, 3, 0) for a in (f0, spectrum, noise))
    note, i = np.zeros(len(f0)), 0
    while i < len(f0):
        n = rng.randint(80, 200)
        note[i:i + n] = rng.choice([0, 2, 4, 5, 7, 9])
        i += n
    vibrato = .4 * np.sin(2 * np.pi * 5.5 * np.arange(len(f0)) * .005)
    pitch = np.where(f0 > 0, np.median(f0[f0 > 0]) * 2 ** ((np.convolve(note, np.ones(16) / 16, "same") + vibrato) / 12), 0)
    return pyworld.synthesize(pitch, spectrum, noise, RATE, 5)


def held(tool, path):
    out = subprocess.run([tool, "analyze", path, "-q", "--only", "speaker", "--json", "-"], capture_output=True, text=True).stdout
    v = json.loads(out)["media"]["sound"] if out else None
    return v["held_pitch"] if v else None


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for k in ("avalign", "shared", "work"):
        p.add_argument("--" + k, required=True)
    args = p.parse_args()
    os.makedirs(args.work, exist_ok=True)
    base, speech = os.path.join(args.shared, "data"), []
    for part in ("train", "dev"):
        with open(os.path.join(base, "video", part, "index.tsv")) as f:
            speech += [os.path.join(base, "video", part, r["path"]) for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real"]
    with open(os.path.join(base, "audio", "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    speech += [os.path.join(base, "audio", r["path"]) for r in rows if r["label"] != "spoof"][::4]
    rng, songs = np.random.RandomState(2), []
    for r in [r for r in rows if r["task"] == "speaker"][::6]:
        x, _ = sf.read(os.path.join(base, "audio", r["path"]))
        songs.append(os.path.join(args.work, os.path.basename(r["path"])[:-5] + ".wav"))
        sf.write(songs[-1], sung(x[:6 * RATE], rng), RATE)
    for name, files in (("speech", speech), ("song", songs)):
        v = sorted((h for h in (held(args.avalign, f) for f in files) if h is not None), reverse=True)
        print("%s: %d clips with a second of pitch; over .22: %d; highest %s; median %.2f" % (
            name, len(v), sum(h > .22 for h in v), " ".join("%.2f" % h for h in v[:5]), np.median(v)))


if __name__ == "__main__":
    main()
