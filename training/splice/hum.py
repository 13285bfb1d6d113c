"""How well cuts are found by the phase of mains hum: recordings with hum put under them, whole and with 0.3-1.5 s taken out.

    python hum.py --avalign build/avalign --shared ../shared --work DIR [--clips 120]
"""
import argparse
import csv
import glob
import json
import os
import random
import shutil
import subprocess

import numpy as np
import soundfile as sf


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", required=True)
    p.add_argument("--shared", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--clips", type=int, default=120)
    args = p.parse_args()
    rng, base = random.Random(1), os.path.join(args.shared, "data", "audio")
    files = [list(r.values())[0] for r in csv.DictReader(open(os.path.join(base, "index.tsv")), delimiter="\t") if list(r.values())[1] == "speaker"]
    shutil.rmtree(args.work, ignore_errors=True)
    os.makedirs(args.work)
    truth, hours = {}, 0
    for i in range(args.clips):
        x, rate = sf.read(os.path.join(base, rng.choice(files)), dtype="float64")
        x, t = x[:14 * rate], np.arange(min(len(x), 14 * rate)) / rate
        mains, db = rng.choice([50, 60]) + rng.uniform(-.04, .04), rng.uniform(-35, -15)
        hum = sum(np.sin(2 * np.pi * k * mains * t + rng.uniform(0, 6)) * rng.uniform(.1, 1) / k for k in range(1, 7))
        y = x + hum * np.sqrt(np.mean(x ** 2)) * 10 ** (db / 20)
        at, n = rng.randrange(len(y) * 2 // 5, len(y) * 3 // 5), rng.randrange(rate * 3 // 10, rate * 3 // 2)
        hours += len(y) / rate / 3600
        for kind, z in (("whole", y), ("cut", np.r_[y[:at], y[at + n:]])):
            name = "%03d-%s" % (i, kind)
            sf.write(os.path.join(args.work, name + ".wav"), z * min(1, .95 / np.abs(z).max()), rate)
            truth[name] = (kind, at / rate, db, abs((mains * n / rate + .5) % 1 - .5) * 360)
    subprocess.run([args.avalign, "batch", args.work, "--out", args.work + "/results", "--only", "artifacts", "--quiet"], check=False)
    rows = []
    for f in glob.glob(args.work + "/results/json/*.json"):
        name = os.path.basename(f).split("-", 1)[1].split(".")[0]
        found = [s for s in json.load(open(f))["signals"]["artifacts"]["segments"] if "hum" in s["evidence"]]
        kind, at, db, turn = truth[name]
        rows.append((kind == "cut", db, turn, max([s["score"] for s in found], default=0), min([abs((s["start_s"] + s["end_s"]) / 2 - at) for s in found], default=np.nan)))
    r = np.array(rows)
    cut, far = r[:, 0] == 1, r[:, 2] > 40
    print("%d files of %d; whole: %d named, %d of these at .5 and more (%.2f hours)" % (len(r), len(truth), (r[~cut, 3] > 0).sum(), (r[~cut, 3] >= .5).sum(), hours))
    for lo in (-35, -30, -25, -20):
        m = cut & far & (r[:, 1] >= lo) & (r[:, 1] < lo + 5)
        print("hum %d to %d dB under the voice, jump over 40 degrees: %.2f named, %.2f at .5 and more, of %d" % (-lo, -lo - 5, (r[m, 3] > 0).mean(), (r[m, 3] >= .5).mean(), m.sum()))
    print("median error of the place %.2f s" % np.nanmedian(r[cut, 4]))


if __name__ == "__main__":
    main()
