"""How good the synthetic-voice answer is, by the tool itself, on material it was not taught on.

    python evaluate.py --avalign build/avalign --models models --audio ../shared/data/audio [--video ../shared/data/video] [--jobs 2]

Prints the EER on the antispoofing list, by family and pooled, and the share of real clips under the threshold of .5, by corpus,
over that list, the other lists of real speech and (with --video) the real dev videos; and what was not judged. --robust runs the
antispoofing list again through codecs, noise and telephone bandwidth. Another --models (training/import/aasist.py) gives the baseline.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import os
import subprocess
import tempfile

import numpy as np

VARIANTS = {"mp3 128k": ["-b:a", "128k", "x.mp3"], "mp3 64k": ["-b:a", "64k", "x.mp3"], "mp3 32k": ["-b:a", "32k", "x.mp3"],
            "aac 128k": ["-c:a", "aac", "-b:a", "128k", "x.m4a"], "aac 48k": ["-c:a", "aac", "-b:a", "48k", "x.m4a"],
            "opus 32k": ["-c:a", "libopus", "-b:a", "32k", "x.ogg"], "opus 16k": ["-c:a", "libopus", "-b:a", "16k", "x.ogg"],
            "noise 20 dB": ["-filter_complex", "anoisesrc=a=.02:r=16000:d=60[n];[0:a]aresample=16000,dynaudnorm=f=500:g=31[a];[a][n]amix=duration=first:normalize=0", "x.wav"],
            "8 kHz": ["-ar", "8000", "-c:a", "pcm_mulaw", "x.wav"]}


def eer(real, fake):
    s = np.sort(np.r_[real, fake])
    far, frr = np.array([(real >= t).mean() for t in s]), np.array([(fake < t).mean() for t in s])
    k = np.argmin(np.abs(far - frr))
    return (far[k] + frr[k]) / 2


def answer(args, path, variant=None):
    with tempfile.TemporaryDirectory() as tmp:
        if variant:
            out = os.path.join(tmp, VARIANTS[variant][-1])
            subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vn", *VARIANTS[variant][:-1], out], check=True)
            path = out
        p = subprocess.run([args.avalign, "analyze", "--json", "-", "--quiet", "--threads", "1", "--models", args.models, "--only", "authenticity", path],
                           capture_output=True, text=True)
    if not p.stdout:
        raise SystemExit(p.stderr.strip())
    r = json.loads(p.stdout)
    s = r["signals"]["authenticity"]
    return r["voice_authenticity"], s.get("odds"), s.get("absent"), s.get("experts", {})


def report(rows, got):
    ok = np.array([g[1] is not None for g in got])
    odds = np.array([g[1] if g[1] is not None else np.nan for g in got])
    made = np.array([r["made"] for r in rows])
    family = np.array([r["family"] for r in rows])
    real = ok & ~made & np.array([r["task"] == "antispoof" for r in rows])
    if real.any() and (ok & made).any():
        print("EER, antispoofing list: pooled %.3f of %d made and %d real; %s" % (
            eer(odds[real], odds[ok & made]), (ok & made).sum(), real.sum(),
            ", ".join("%s %.3f" % (f, eer(odds[real], odds[ok & (family == f)])) for f in sorted(set(family[made])))))
        for k in sorted(got[int(np.flatnonzero(ok)[0])][3]):
            x = np.array([g[3].get(k, np.nan) for g in got], float)
            print("  expert %-9s pooled %.3f; %s" % (k, eer(x[real], x[ok & made]), ", ".join(
                "%s %.3f" % (f, eer(x[real], x[ok & (family == f)])) for f in sorted(set(family[made])))))
    by = collections.defaultdict(list)
    for r, g in zip(rows, got):
        by[("made " if r["made"] else "real ") + r["corpus"]].append(g)
    for k, v in sorted(by.items()):
        judged = [g[0] for g in v if g[0] is not None]
        why = collections.Counter(g[2] for g in v if g[2])
        print("%-40s %3d clips, %.3f judged, %.3f of these under .5%s" % (
            k, len(v), len(judged) / len(v), np.mean(np.array(judged) < .5) if judged else 0, "; " + str(dict(why)) if why else ""))
    for name, side in (("real", False), ("made", True)):
        v = [g for r, g in zip(rows, got) if r["made"] == side]
        judged = [g[0] for g in v if g[0] is not None]
        if v:
            print("all %s: %d clips, %.3f judged, %.3f of these under .5" % (name, len(v), len(judged) / len(v), np.mean(np.array(judged) < .5)))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--audio", required=True)
    p.add_argument("--video")
    p.add_argument("--robust", nargs="*", choices=VARIANTS, help="these variants; none named: all")
    p.add_argument("--jobs", type=int, default=2)
    args = p.parse_args()
    with open(os.path.join(args.audio, "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for r in rows:
        r.update(path=os.path.join(args.audio, r["path"]), made=r["label"] == "spoof", corpus=r["dataset"] or r["task"])
    if args.video:
        with open(os.path.join(args.video, "dev", "index.tsv")) as f:
            rows += [dict(path=os.path.join(args.video, "dev", r["path"]), made=False, corpus="video, real", task="video", family="")
                     for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real"]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        if args.robust is not None:
            rows = [r for r in rows if r["task"] == "antispoof"]
            for v in args.robust or VARIANTS:
                print("--", v)
                report(rows, list(pool.map(lambda r: answer(args, r["path"], v), rows)))
            return
        report(rows, list(pool.map(lambda r: answer(args, r["path"]), rows)))


if __name__ == "__main__":
    main()
