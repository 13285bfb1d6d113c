"""Fits sync_confidence and lip_sync_score (src/analyze/sync/lipsync.c) on training people unseen by the scoring nets.

    python calibrate.py --avalign build/avalign --video DIR --work DIR FOLD=PERSON,PERSON ...

Each FOLD is a model directory whose sync nets were trained without the persons named. Their clips are analyzed whole and
cut to 2, 3 and 5 s, with their own sound and with other people's. Right: within 80 ms of the clip's offset (its own lag,
where the set has one: the median over its cuts, when all agree). Prints weights and reliability.
"""
import argparse
import csv
import json
import os
import subprocess

import numpy as np


def analyze(tool, models, clip, seconds):
    args = [tool, "analyze", clip, "--models", models, "--only", "lipsync", "--json", "-"]
    out = subprocess.run(args + (["--max-duration", str(seconds)] if seconds else []), capture_output=True).stdout
    return json.loads(out)["signals"]["lipsync"] if out else {}


def logistic(x, y, ridge=.3):
    w = np.zeros(x.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w)), x.T @ (p - y) + ridge * w)
    return w


def reliability(name, p, y):
    for lo in np.arange(0, 1, .1):
        s = (p >= lo) & (p < lo + .1 + 1e-9)
        if s.any():
            print("  %s %.1f-%.1f: n=%4d share right %.2f" % (name, lo, lo + .1, s.sum(), y[s].mean()))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--avalign", required=True)
    a.add_argument("--video", required=True)
    a.add_argument("--work", required=True)
    a.add_argument("folds", nargs="+")
    a = a.parse_args()
    os.makedirs(a.work, exist_ok=True)
    with open(os.path.join(a.video, "train", "index.tsv")) as f:
        clips = [r for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real"]
    rows, zero = [], {}
    rng = np.random.RandomState(0)
    for fold in a.folds:
        models, persons = fold.split("=")
        mine = [r for r in clips if r["person"] in persons.split(",")]
        for r in mine:
            path = os.path.join(a.video, "train", r["path"])
            cuts = [s for s in (2, 3, 5) if s < float(r["seconds"])] + [0]
            own = [analyze(a.avalign, models, path, s) for s in cuts]
            offsets = [o["offset_ms"] for o in own if "offset_ms" in o]
            if not offsets:
                continue
            lag = 0.
            if "approx" in r["sync"] or "presumed" in r["sync"]:
                lag = offsets[-1] if np.ptp(offsets) < 120 and abs(offsets[-1]) < 200 else None
            for o in own:
                if "offset_ms" in o and lag is not None:
                    rows.append((o, abs(o["offset_ms"] - lag) <= 80, False))
            if r["sync"].startswith("in-sync") and "offset_ms" in own[-1] and own[-1]["confidence"] > .5:
                zero.setdefault(r["dataset"], []).append(own[-1]["offset_ms"])
            others = [q for q in clips if q["person"] != r["person"]]
            for k in range(4):
                q = others[rng.randint(len(others))]
                swap = os.path.join(a.work, "swap.mkv")
                subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", path, "-stream_loop", "-1", "-i",
                                os.path.join(a.video, "train", q["path"]), "-map", "0:v", "-map", "1:a", "-c:v", "copy",
                                "-c:a", "pcm_s16le", "-t", r["seconds"], swap])
                o = analyze(a.avalign, models, swap, cuts[k % len(cuts)])
                if "offset_ms" in o:
                    rows.append((o, False, True))
    json.dump(rows, open(os.path.join(a.work, "rows.json"), "w"))
    get = lambda k: np.array([o[k] for o, _, _ in rows], float)
    right, swapped = np.array([r for _, r, _ in rows], float), np.array([s for _, _, s in rows], bool)
    print("offset of clips in sync, by set:", {k: "%+.0f (%d)" % (np.median(v), len(v)) for k, v in zero.items()})
    centre = np.mean([np.median(v) for v in zero.values()])
    spread = np.concatenate([np.array(v) for v in zero.values()])
    spread = abs(spread[abs(spread) < 200] - centre)
    print("mean of the sets' medians: %+.0f ms; 95 %% of the clips within %.0f ms of it" % (centre, np.percentile(spread, 95)))
    one = np.ones(len(rows))
    x = np.c_[one, get("similarity"), get("prominence"), get("lead"), np.log(np.maximum(get("used_s"), .1))]
    w = logistic(x, right)
    print("%d answers, %d swapped; own sound right: %.3f" % (len(rows), swapped.sum(), right[~swapped].mean()))
    print("confidence: %.2f %+.2f similarity %+.2f prominence %+.2f lead %+.2f log(used_s)" % tuple(w))
    reliability("confidence", 1 / (1 + np.exp(-x @ w)), right)
    x = np.c_[one, get("similarity"), get("prominence")]
    w = logistic(x, 1. - swapped)
    print("score: %.2f %+.2f similarity %+.2f prominence" % tuple(w))
    reliability("score", 1 / (1 + np.exp(-x @ w)), 1. - swapped)
    s = x @ w
    print("AUC own against swapped: %.3f" % np.mean(s[~swapped][:, None] > s[swapped][None]))


if __name__ == "__main__":
    main()
