"""How well an earlier AAC or MP3 encoding is told, and cuts by it: single and double encodings and cut ones, made from recordings.

    python coding.py --avalign build/avalign --shared ../shared --work DIR [--clips 40] [--coder aac|mp3]

Single: recordings that were never coded (FLAC), and once, by each bit rate. Double: coded, cut at the front by a number of samples that
is no multiple of a frame, and coded again (as AAC, whatever the first), or kept as WAV. Cut: coded, 0.3-1.5 s taken out of the middle, and coded again, or kept.
"""
import argparse
import csv
import json
import os
import random
import shutil
import subprocess

import numpy as np
import soundfile as sf


def ff(*args):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *args], check=True)


def decoded(path):
    x, rate = sf.read(path, dtype="float32")
    return x, rate


def coded(x, rate, kbit, path, coder):
    """x through the coder at kbit/s and back; None: as it is."""
    if not kbit:
        return x
    sf.write(path + ".wav", x, rate, subtype="PCM_16")
    file = path + (".m4a" if coder == "aac" else ".mp3")
    ff("-i", path + ".wav", "-c:a", "aac" if coder == "aac" else "libmp3lame", "-b:a", "%dk" % kbit, file)
    ff("-i", file, "-c:a", "pcm_s16le", path + ".wav")
    y, _ = decoded(path + ".wav")
    os.remove(path + ".wav")
    os.remove(file)
    return y


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", required=True)
    p.add_argument("--shared", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--clips", type=int, default=40)
    p.add_argument("--coder", choices=("aac", "mp3"), default="aac")
    args = p.parse_args()
    rng, base = random.Random(4), os.path.join(args.shared, "data", "audio")
    rows = [r for r in csv.DictReader(open(os.path.join(base, "index.tsv")), delimiter="\t") if list(r.values())[1] in ("speaker", "emotion")]
    rng.shuffle(rows)
    shutil.rmtree(args.work, ignore_errors=True)
    os.makedirs(args.work)
    truth, repeat = {}, 128 if args.coder == "aac" else 576
    rates = (0, 32, 48, 64, 96)
    used = 0
    for r in rows:
        x, rate = decoded(os.path.join(base, list(r.values())[0]))
        if len(x) < 5 * rate:
            continue
        x = x[:10 * rate]
        used += 1
        if used > args.clips:
            break
        for first in rates:
            for second in rates:
                name = "%02d-%d-%d" % (used, first, second)
                path = os.path.join(args.work, name)
                y = coded(x, rate, first, path, args.coder)
                y = y[rng.randrange(200, 900):] if first else y
                kinds = [("whole", y, -1)]
                if first:
                    at, n = rng.randrange(len(y) * 2 // 5, len(y) * 3 // 5), rng.randrange(rate * 3 // 10, rate * 3 // 2)
                    if n % repeat < 16 or n % repeat > repeat - 16:       # falls on the grid by chance
                        n += 64
                    kinds.append(("cut", np.r_[y[:at], y[at + n:]], at / rate))
                for kind, z, at in kinds:
                    out = "%s-%s" % (path, kind)
                    sf.write(out + ".wav", z, rate, subtype="PCM_16")
                    if second:
                        ff("-i", out + ".wav", "-c:a", "aac", "-b:a", "%dk" % second, out + ".m4a")
                        os.remove(out + ".wav")
                    truth[os.path.basename(out)] = (first, second, kind, at)
    subprocess.run([args.avalign, "batch", args.work, "--out", args.work + "/results", "--only", "artifacts", "--quiet"], check=False)
    got = {}
    for folder, _, files in os.walk(args.work + "/results/json"):
        for f in files:
            j = json.load(open(os.path.join(folder, f)))
            got[os.path.splitext(os.path.basename(j["file"] if "file" in j else f))[0].split(".")[0]] = j["signals"]["artifacts"]
    seen, cuts = {}, {}
    for name, (first, second, kind, at) in truth.items():
        a = got.get(name)
        if a is None:
            print("no result for", name)
            continue
        foreign = any(not g["own"] and g["codec"] == args.coder for g in a["frame_grids"])
        jump = [s for s in a["segments"] if s["kind"] == "splice" and args.coder.upper() in s["evidence"]]
        if kind == "whole":
            seen.setdefault((first, second), []).append((foreign, bool(jump)))
        else:
            cuts.setdefault((first, second), []).append((bool(jump), abs((jump[0]["start_s"] + jump[0]["end_s"]) / 2 - at) if jump else np.nan))
    print("\nShare in which an earlier %s encoding is reported (first row: there was none)\n" % args.coder.upper())
    print("| first \\ second | %s |" % " | ".join("none" if not s else "%d kbit/s" % s for s in rates))
    print("| --- |" + " --- |" * len(rates))
    for first in rates:
        print("| %s | %s |" % ("none" if not first else "%d kbit/s" % first, " | ".join("%.2f" % np.mean([v for v, _ in seen[first, s]]) for s in rates)))
    print("\nShare of cuts found by the jump of its frames\n")
    print("| first \\ second | %s |" % " | ".join("none" if not s else "%d kbit/s" % s for s in rates))
    print("| --- |" + " --- |" * len(rates))
    for first in rates[1:]:
        print("| %d kbit/s | %s |" % (first, " | ".join("%.2f" % np.mean([v for v, _ in cuts[first, s]]) for s in rates)))
    whole = [v for k in seen.values() for v in k]
    err = [e for k in cuts.values() for f, e in k if f]
    print("\njumps reported in %d uncut files: %d; median error of the place of a found cut %.2f s" % (len(whole), sum(j for _, j in whole), np.median(err)))
    none = [f for k, v in seen.items() if not k[0] for f, _ in v]
    fair = [f for k, v in seen.items() if k[0] and (not k[1] or k[1] >= k[0]) for f, _ in v]
    print("never coded before: %d of %d said to be; coded before at no higher a rate than now: %d of %d told; balanced accuracy %.3f" % (
        sum(none), len(none), sum(fair), len(fair), (1 - np.mean(none) + np.mean(fair)) / 2))


if __name__ == "__main__":
    main()
