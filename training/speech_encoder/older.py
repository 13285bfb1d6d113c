"""Machine voices of before the neural nets, and copies of genuine clips by classical vocoders: families that no page of the lists has.

    python older.py --data DIR [--each 160] [--copies 200]

Writes DIR/older/train/index.tsv beside what ../shared/tools/collect wrote to DIR/voice, with the same columns. Debian packages: espeak-ng flite
festival festvox-kallpc16k festvox-us-slt-hts fortunes fortunes-de fortunes-es fortunes-it; Python package pyworld.
"""
import argparse
import csv
import os
import random
import subprocess
import sys

import numpy as np
import pyworld
import scipy.signal as ss
import soundfile as sf

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "authenticity"))
from generate import texts  # noqa: E402

RATE = 16000


def griffin_lim(x, rng):
    n = rng.choice([512, 1024])
    keep = dict(fs=RATE, nperseg=n, noverlap=n - n // 4)
    mag = np.abs(ss.stft(x, **keep)[2])
    z = mag * np.exp(2j * np.pi * np.random.RandomState(rng.randrange(1 << 30)).rand(*mag.shape))
    for _ in range(rng.choice([16, 32])):
        z = ss.stft(ss.istft(z, **keep)[1][:len(x)], **keep)[2]
        z = mag * np.exp(1j * np.angle(z[:, :mag.shape[1]]))
    return ss.istft(z, **keep)[1][:len(x)]


def world(x, rng):
    d = x.astype("d")
    f0, t = pyworld.dio(d, RATE)
    f0 = pyworld.stonemask(d, f0, t, RATE)
    sp, ap = pyworld.cheaptrick(d, f0, t, RATE), pyworld.d4c(d, f0, t, RATE)
    if rng.random() < .5:                                   # as a parametric voice would: few numbers a frame
        sp = pyworld.decode_spectral_envelope(pyworld.code_spectral_envelope(sp, RATE, rng.choice([24, 40, 60])), RATE, 1024)
    return pyworld.synthesize(f0 * rng.choice([1, 1, .9, 1.12]), sp, ap, RATE)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True)
    p.add_argument("--each", type=int, default=160)
    p.add_argument("--copies", type=int, default=200)
    args = p.parse_args()
    out = os.path.join(args.data, "older", "train")
    os.makedirs(os.path.join(out, "wav"), exist_ok=True)
    index = csv.writer(open(os.path.join(out, "index.tsv"), "w"), delimiter="\t", lineterminator="\n")
    index.writerow("path label family system dataset speaker language seconds sample_rate codec licence repo commit".split())
    rng, tmp = random.Random(7), os.path.join(out, "tmp.wav")
    lines = {lang: texts(lang) for lang in ("en", "de", "es", "it")}

    def add(name, x, rate, family, system, speaker, lang):
        if len(x) < 1.5 * rate or not np.isfinite(x).all() or np.abs(x).max() < 1e-3:
            return
        sf.write(os.path.join(out, "wav", name + ".wav"), np.clip(x / max(1, np.abs(x).max()), -1, 1), rate, "PCM_16")
        index.writerow(["wav/%s.wav" % name, "spoof", family, system, "older", speaker, lang, "%.2f" % (len(x) / rate), rate, "pcm_s16le", "-", "older:" + system, "-"])

    def say(k, family, voice, lang, command, text=None):
        subprocess.run(command, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if os.path.exists(tmp) and os.path.getsize(tmp) > 2000:
            x, rate = sf.read(tmp, dtype="float32")
            add("%s_%d" % (family, k), x[:8 * rate], rate, family, voice, "-", lang)
            os.remove(tmp)
    for k in range(args.each):
        lang = rng.choice(sorted(lines))
        voice = lang + rng.choice(["", "+m1", "+m3", "+m7", "+f1", "+f2", "+f4"])
        say(k, "espeak-ng", voice, lang, ["espeak-ng", "-v", voice, "-s", str(rng.randint(120, 190)), "-p", str(rng.randint(25, 75)), "-w", tmp, rng.choice(lines[lang])])
        voice = rng.choice(["kal16", "awb", "rms", "slt"])
        say(k, "flite", voice, "en", ["flite", "-voice", voice, "-t", rng.choice(lines["en"]), "-o", tmp])
        voice = rng.choice(["kal_diphone", "cmu_us_slt_arctic_hts"])
        say(k, "festival", voice, "en", ["text2wave", "-eval", "(voice_%s)" % voice, "-o", tmp], rng.choice(lines["en"]))
    with open(os.path.join(args.data, "voice", "train", "index.tsv")) as f:
        genuine = [r for r in csv.DictReader(f, delimiter="\t") if r["label"] == "bonafide"]
    for k, r in enumerate(rng.sample(genuine, min(args.copies, len(genuine)))):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", os.path.join(args.data, "voice", "train", r["path"]), "-ac", "1", "-ar", str(RATE), "-t", "6", "-f", "f32le", "-"],
                             capture_output=True).stdout
        x = np.frombuffer(raw, "f4")
        if len(x) > 1.5 * RATE:
            way = (world, griffin_lim)[k % 2]
            add("%s_%d" % (way.__name__, k), way(x, rng), RATE, "copy " + way.__name__, way.__name__, r["speaker"], r["language"])


if __name__ == "__main__":
    main()
