"""Measures lip sync on the dev clips with the tool itself; prints the tables of docs/accuracy.md.

    python evaluate.py --avalign build/avalign --video ../shared/data/video

Real clips as they are, with known shifts of the sound (multiples of 1 ms within 800 ms), with other people's sound, and
generated clips. Intervals are 95 % bootstraps over people.
"""
import argparse
import csv
import json
import os
import subprocess
import tempfile

import numpy as np

rng = np.random.RandomState(5)


def analyze(tool, clip):
    p = subprocess.run([tool, "analyze", clip, "--only", "lipsync", "--json", "-"], capture_output=True)
    return json.loads(p.stdout) if p.returncode <= 2 else None


def shifted(clip, ms, out):
    """The clip with its sound ms earlier (> 0) or later."""
    af = "adelay=%d:all=1" % -ms if ms < 0 else "atrim=start=%.3f,asetpts=PTS-STARTPTS" % (ms / 1000)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", clip, "-map", "0:v", "-map", "0:a", "-c:v", "copy", "-af",
                    "aresample=16000," + af, "-c:a", "pcm_s16le", out], check=True)


def auc(pos, neg):
    pos, neg = np.array(pos), np.array(neg)
    return (np.mean(pos[:, None] > neg[None]) + .5 * np.mean(pos[:, None] == neg[None])) if len(pos) and len(neg) else np.nan


def by_person(values, people, f=np.mean):
    """95 % bootstrap interval of f over people."""
    names = sorted(set(people))
    groups = [[v for v, q in zip(values, people) if q == n] for n in names]
    draws = [f(np.concatenate([groups[i] for i in rng.randint(len(groups), size=len(groups))])) for _ in range(500)]
    return np.percentile(draws, [2.5, 97.5])


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--avalign", required=True)
    a.add_argument("--video", required=True)
    a.add_argument("--shifts", type=int, default=6)
    a.add_argument("--lr-asd", help="scores of lr_asd.py")
    a = a.parse_args()
    dev = os.path.join(a.video, "dev")
    with open(os.path.join(dev, "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for r in rows:
        r["result"] = analyze(a.avalign, os.path.join(dev, r["path"]))
        r["lip"] = r["result"]["signals"]["lipsync"] if r["result"] else {"absent": "error"}
    real = [r for r in rows if r["label"] == "real"]
    answered = lambda rs: [r for r in rs if "offset_ms" in r["lip"]]

    print("## Real clips as they are\n")
    print("| set | clips | answered | median length s | median offset ms | within 40 ms | within 80 ms | envelope within 80 ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for d in sorted({r["path"].split("/")[1] for r in real}):
        rs = [r for r in real if r["path"].split("/")[1] == d]
        ok = answered(rs)
        zero = 120. if d == "syncnet_example" else 0.
        o = np.array([r["lip"]["offset_ms"] - zero for r in ok])
        e = np.array([r["lip"].get("envelope", {}).get("offset_ms", 1e9) - zero for r in ok])
        print("| %s | %d | %d | %.1f | %+.0f | %.2f | %.2f | %.2f |" % (
            d, len(rs), len(ok), np.median([float(r["seconds"]) for r in rs]), np.median(o) + zero if len(o) else np.nan,
            np.mean(abs(o) <= 40), np.mean(abs(o) <= 80), np.mean(abs(e) <= 80)))

    print("\n## Known shifts\n")
    change, absolute, held, sure, people, people_abs = [], [], [], [], [], []
    env_change = []
    with tempfile.TemporaryDirectory() as t:
        for r in answered(real):
            if float(r["seconds"]) < 5:
                continue
            for ms in rng.randint(-800, 801, size=a.shifts):
                shifted(os.path.join(dev, r["path"]), int(ms), os.path.join(t, "s.mkv"))
                j = analyze(a.avalign, os.path.join(t, "s.mkv"))
                lip = j["signals"]["lipsync"] if j else {}
                d = lip.get("offset_ms", 1e9) - r["lip"]["offset_ms"] - ms
                change.append(d)
                env_change.append(lip.get("envelope", {}).get("offset_ms", 1e9) - r["lip"]["envelope"].get("offset_ms", -1e9) - ms)
                people.append(r["person"])
                if r["sync"].startswith("in-sync"):
                    absolute.append(lip.get("offset_ms", 1e9) - ms)
                    people_abs.append(r["person"])
                    i = lip.get("interval_ms", [1e9, 1e9])
                    held.append(i[0] <= ms <= i[1])
                    sure.append(lip.get("confidence", 0))
    c, ab, ec = abs(np.array(change)), abs(np.array(absolute)), abs(np.array(env_change))
    ci = by_person((c <= 40).astype(float), people)
    print("%d shifted clips of at least 5 s, %d people. Change of the answer within 40 ms of the shift: %.3f [%.2f, %.2f]; "
          "median error %.1f ms. The envelope method: %.2f." % (len(c), len(set(people)), np.mean(c <= 40), *ci, np.median(c), np.mean(ec <= 40)))
    print("On the %d whose clip is marked in sync (%d people), the answer itself: within 80 ms %.3f, within 40 ms %.3f; the 95 %% "
          "interval holds the shift in %.3f." % (len(ab), len(set(people_abs)), np.mean(ab <= 80), np.mean(ab <= 40), np.mean(held)))
    s = np.array(sure)
    for lo, hi in ((0, .5), (.5, .9), (.9, .99), (.99, 1.01)):
        m = (s >= lo) & (s < hi)
        if m.any():
            print("- confidence %.2f-%.2f: n=%d, right within 80 ms %.2f" % (lo, min(hi, 1), m.sum(), np.mean(ab[m] <= 80)))

    print("\n## Real against the rest\n\nClips of at least 2 s; AUC of real clips over each kind.\n")
    ok = [r for r in answered(real) if float(r["seconds"]) >= 2]
    env = lambda r: r["lip"].get("envelope", {}).get("confidence", 0)
    print("| kind | clips | AUC lip_sync_score | AUC similarity | AUC envelope confidence | AUC LR-ASD | median score | answered with confidence >= .5 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    peer = json.load(open(a.lr_asd)) if a.lr_asd else {}
    asd = lambda rs: [peer[r["path"]] for r in rs if r["path"] in peer]
    get = lambda rs, k: [r["lip"][k] for r in rs]
    print("| real | %d | | | | | %.2f | %.2f |" % (len(ok), np.median(get(ok, "score")), np.mean(np.array(get(ok, "confidence")) >= .5)))
    for d in sorted({r["path"].split("/")[1] for r in rows if r["label"] != "real"}):
        rs = [r for r in answered(rows) if r["path"].split("/")[1] == d and float(r["seconds"]) >= 2]
        if rs:
            print("| %s | %d | %.3f | %.3f | %.2f | %.2f | %.2f | %.2f |" % (
                d, len(rs), auc(get(ok, "score"), get(rs, "score")), auc(get(ok, "similarity"), get(rs, "similarity")),
                auc([env(r) for r in ok], [env(r) for r in rs]), auc(asd(ok), asd(rs)), np.median(get(rs, "score")),
                np.mean(np.array(get(rs, "confidence")) >= .5)))


if __name__ == "__main__":
    main()
