"""Fits the fusion of policies/calibrated.json on results of dev, and says how good it is on people left out.

    avalign eval ../shared/data/video/dev/index.tsv --results A
    avalign eval ../data/video/dev/index.tsv --results B        # what ../shared/tools/collect makes of the video list
    python fit.py --index ../shared/data/video/dev/index.tsv ../data/video/dev/index.tsv --results A B --out policies/calibrated.json

Logistic regression with a ridge over the terms below; a weight may only have the sign that its meaning gives it. Each term is held
within its clip about a neutral value (the middle between the classes), so that an absent signal is worth nothing. Left out by person
in ten folds: AUC of each method, Cllr, and the share of real clips flagged at the policy's threshold, which is put where no left-out
real clip of another fold was. Needs NumPy alone.
"""
import argparse
import csv
import glob
import hashlib
import json
import os

import numpy as np

# lipsync.confidence and .prominence correlate with the score by .99 and are left out
TERMS = [("lipsync.score", "logit", -1), ("lipsync.offset_ms", "size", 1), ("viseme.llr", "value", -1), ("speaker.llr", "value", -1), ("emotion.llr", "value", -1), ("authenticity.llr", "value", -1), ("artifacts.worst", "value", 1), ("mouth.llr", "value", -1)]
# generators are made to be in sync, and drawn faces often pass for genuine: that a mouth is in sync, or looks filmed, must not excuse it
ONLY_AGAINST = ("lipsync.score", "mouth.llr")
RIDGE, BOUND = 1.0, 3.0


def number(doc, path):
    for key in path.split("."):
        doc = doc.get(key) if isinstance(doc, dict) else None
    return float(doc) if isinstance(doc, (int, float)) and not isinstance(doc, bool) else np.nan


def shaped(x, form):
    if form == "logit":
        return np.log(np.maximum(x, 1e-3) / np.maximum(1 - x, 1e-3))
    return np.abs(x) if form == "size" else x


def kind(method):
    """What was manipulated. The kinds count alike, however many clips of each there are: nobody knows which one a file will be."""
    return "sound replaced" if method.startswith("audio_swap") else "voice made" if method.startswith("lip2speech") or "TTS" in method else "picture drawn"


def scale(x, y):
    """Neutral value and clip of each term. What may only speak against says nothing where a fifth of the real clips are worse."""
    neutral, clip = np.zeros(x.shape[1]), np.ones(x.shape[1])
    for k in range(x.shape[1]):
        a, b = x[(y == 0) & np.isfinite(x[:, k]), k], x[(y == 1) & np.isfinite(x[:, k]), k]
        if len(a) > 3 and len(b) > 3:
            neutral[k] = np.quantile(a * TERMS[k][2], .8) * TERMS[k][2] if TERMS[k][0] in ONLY_AGAINST else (a.mean() + b.mean()) / 2
            clip[k] = max(1e-3, 1.5 * np.r_[a, b].std())
    return neutral, clip


def prepared(x, neutral, clip):
    z = np.where(np.isfinite(x), np.clip(x - neutral, -clip, clip), 0) / clip
    for k, (name, _, sign) in enumerate(TERMS):
        if name in ONLY_AGAINST:
            z[:, k] = np.maximum(0, z[:, k] * sign) * sign
    return z


def fit(z, y, method, sign):
    """Weights per clip and bias at even prior odds and even kinds, by projected gradient steps."""
    w, b = np.zeros(z.shape[1]), 0.
    kinds = np.array([kind(m) if f else "" for m, f in zip(method, y)])
    share = {k: np.mean(kinds == k) * len(y) for k in set(kinds)}
    c = np.array([.5 / share[k] / (1 if k == "" else len(share) - ("" in share)) for k in kinds])
    for _ in range(6000):
        g = c * (1 / (1 + np.exp(-(z @ w + b))) - y)
        w = w - .5 * (z.T @ g + RIDGE * w / len(y))
        w = np.where(w * sign < 0, 0, w)
        b -= .5 * g.sum()
    return w, b


def auc(real, fake):
    return np.mean((fake[:, None] > real[None]) + .5 * (fake[:, None] == real[None])) if len(real) and len(fake) else np.nan


def cllr(real, fake):
    return (np.mean(np.log1p(np.exp(real))) + np.mean(np.log1p(np.exp(-fake)))) / 2 / np.log(2)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--index", required=True, nargs="+")
    p.add_argument("--results", required=True, nargs="+", help="of each index, in its order")
    p.add_argument("--out", required=True)
    args = p.parse_args()
    rows = []
    for index, results in zip(args.index, args.results):
        with open(index) as f:
            rows += [(glob.glob(os.path.join(glob.escape(results), "%05d-*.json" % i)), r) for i, r in enumerate(csv.DictReader(f, delimiter="\t"))]
    x, y, seed, method, person, judged = [], [], [], [], [], 0
    for got, r in rows:
        if not got:
            continue
        doc = json.load(open(got[0]))
        v = np.array([number(doc["signals"], t[0]) for t in TERMS])
        judged += np.isfinite(v).any()
        x.append([shaped(a, t[1]) for a, t in zip(v, TERMS)])
        y.append(float(r["label"] == "fake"))
        seed.append(number(doc["signals"], "verdict.sum"))
        method.append(r["method"])
        person.append(r["person"] or r["path"])
    x, y, seed, method = np.array(x), np.array(y), np.nan_to_num(np.array(seed)), np.array(method)
    fold = np.array([int(hashlib.sha256(q.encode()).hexdigest(), 16) % 10 for q in person])
    sign = np.array([t[2] for t in TERMS])
    out = np.zeros(len(y))
    for k in range(10):
        a = fold != k
        if (~a).any():
            neutral, clip = scale(x[a], y[a])
            w, b = fit(prepared(x[a], neutral, clip), y[a], method[a], sign)
            out[~a] = np.clip(prepared(x[~a], neutral, clip) @ w + b, -BOUND, BOUND)
    score = 1 / (1 + np.exp(-out))
    real = y == 0
    at = min(.95, np.ceil(100 * np.max(score[real]) + 1) / 100)
    hits = [np.mean(score[real & (fold == k)] >= max(score[real & (fold != k)]) + .01) for k in range(10) if (real & (fold == k)).any()]
    print("%d real and %d fake of %d people; with any term %d" % (real.sum(), (~real).sum(), len(set(person)), judged))
    print("left out by person: AUC %.3f (seed sum %.3f), Cllr %.3f" % (auc(out[real], out[~real]), auc(seed[real], seed[~real]), cllr(out[real], out[~real])))
    for k in sorted({kind(m) for m in method[~real]}):
        f = ~real & np.array([kind(m) == k for m in method])
        print("  %-20s %3d clips: AUC %.2f, seed sum %.2f; flagged %.2f" % (k, f.sum(), auc(out[real], out[f]), auc(seed[real], seed[f]), np.mean(score[f] >= at)))
    for m in sorted(set(method[~real])):
        f = ~real & (method == m)
        print("  %-60s %3d  AUC %.2f, seed sum %.2f; flagged at %.2f: %.2f, by the seed sum at .5: %.2f" % (
            m, f.sum(), auc(out[real], out[f]), auc(seed[real], seed[f]), at, np.mean(score[f] >= at), np.mean(seed[f] >= .5)))
    print("real flagged at the threshold of the other folds: %.3f; by the seed sum at .5: %.3f" % (np.mean(hits), np.mean(seed[real] >= .5)))
    neutral, clip = scale(x, y)
    z = prepared(x, neutral, clip)
    w, b = fit(z, y, method, sign)
    print("correlation of terms within the classes (where both are there):")
    for i in range(len(TERMS)):
        line = []
        for j in range(i):
            c = []
            for cls in (0, 1):
                m = (y == cls) & np.isfinite(x[:, i]) & np.isfinite(x[:, j])
                if m.sum() > 5 and z[m, i].std() > 0 and z[m, j].std() > 0:
                    c.append(np.corrcoef(z[m, i], z[m, j])[0, 1])
            line.append("%5.2f" % np.mean(c) if c else "    -")
        print("  %-22s %s" % (TERMS[i][0], " ".join(line)))
    doc = {"format": 1, "name": "calibrated", "score": "fusion", "flag_at": round(float(at), 2),
           "fusion": {"fitted": "training/verdict/fit.py on %d real and %d fake dev clips of %d people" % (real.sum(), (~real).sum(), len(set(person))),
                      "bias": round(float(b), 4), "bound": BOUND, "cllr": round(float(cllr(out[real], out[~real])), 3),
                      "terms": [{"signal": t[0], "as": t[1], "neutral": round(float(neutral[k]), 4), "clip": round(float(clip[k]), 4), "weight": round(float(w[k] / clip[k]), 5), **({"only_against": True} if t[0] in ONLY_AGAINST else {})}
                                for k, t in enumerate(TERMS) if w[k] != 0]}}
    with open(args.out, "w") as f:
        json.dump(doc, f, indent=2)
        f.write("\n")


if __name__ == "__main__":
    main()
