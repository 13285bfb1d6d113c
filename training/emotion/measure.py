"""The calibrations of face-expression and voice-emotion (on train) and how good it is (on dev).

    python measure.py --avalign build/avalign --models models --video ../shared/data/video --set train|dev

- TALK: what opening the mouth does to the log probabilities of the expression net, within faces, and how far from neutral
  the net calls talking faces with the mouth closed and open, before and after the correction.
- LOWEST_REAL: the agreement of voice and face under which 2 % of real clips lie. LLR_SLOPE, LLR_MIDDLE: logistic regression
  of own against swapped pairs (each voice with every other person's face).
- With --set dev: share of real clips whose emotion_coherence is under .6; AUC of own against swapped pairs.
"""
import argparse
import csv
import json
import os
import subprocess

import numpy as np

CLASSES = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]


def answers(args):
    with open(os.path.join(args.video, args.set, "index.tsv")) as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real"]
    for r in rows:
        p = subprocess.run([args.avalign, "analyze", "--json", "-", "--quiet", "--models", args.models, "--only", "lipsync,emotion",
                            os.path.join(args.video, args.set, r["path"])], capture_output=True, text=True)
        if p.stdout:
            yield r, json.loads(p.stdout)


def views(result):
    """Of each face: mouth opening above rest (the lowest tenth) and log probabilities, at every view."""
    by = {}
    for s in result["series"]:
        by.setdefault(s["track"], {})[s["name"]] = s
    for track in by.values():
        if "face_neutral" not in track:
            continue
        mouth = np.array(track["mouth_open"]["values"], float)
        p = np.array([track["face_" + c]["values"] for c in CLASSES], float).T
        at = np.minimum(np.arange(len(p)) * 5, len(mouth) - 1)
        ok = np.isfinite(p).all(1) & np.isfinite(mouth[at])
        if ok.sum() >= 10:
            yield np.clip(mouth[at][ok] - np.nanquantile(mouth, .1), 0, .4), np.log(p[ok] + 1e-4)


def distance(a, b):
    m = (a + b) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.nansum(a * np.log(a / m)) / 2 + np.nansum(b * np.log(b / m)) / 2
    return np.sqrt(max(0, d))


def auc(a, b):
    return np.mean([(x > y) + .5 * (x == y) for x in a for y in b])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", default="build/avalign")
    p.add_argument("--models", default="models")
    p.add_argument("--video", default="../shared/data/video")
    p.add_argument("--set", default="train")
    p.add_argument("--talk", help="the seven slopes to correct with (default: those measured here)")
    args = p.parse_args()
    faces, pairs = [], []
    for row, result in answers(args):
        faces += views(result)
        s = result["signals"]["emotion"]
        if "agreement" in s:
            w = [x for x in s["windows"] if "face" in x]
            mean = lambda side: np.mean([[x[side][c] for c in CLASSES] for x in w], 0)
            pairs.append((row["person"], mean("voice"), mean("face"), s["agreement"], result["emotion_coherence"]))
    num, den = np.zeros(7), 0
    for open_, logp in faces:
        o = open_ - open_.mean()
        num += o @ (logp - logp.mean(0))
        den += o @ o
    slope = num / den
    slope -= slope.mean()
    print("%d faces. TALK: { %s }" % (len(faces), ", ".join("%.2f" % v for v in slope)))
    use = np.array([float(v) for v in args.talk.split(",")]) if args.talk else slope
    for name, fix in (("before", 0 * use), ("after", use)):
        away = [[], []]
        for open_, logp in faces:
            q = np.exp(logp - open_[:, None] * fix)
            q /= q.sum(1, keepdims=True)
            for k, m in enumerate((open_ <= np.median(open_), open_ > np.median(open_))):
                away[k].append(1 - q[m, 0].mean())
        print("  not neutral %s: mouth closed %.3f, open %.3f; %+.3f by talking" % (name, np.mean(away[0]), np.mean(away[1]), np.mean(away[1]) - np.mean(away[0])))
    own = np.array([a[3] for a in pairs])
    other = np.array([1 - distance(a[1], b[2]) for a in pairs for b in pairs if a[0] != b[0]])
    print("%d clips judged of %d people; agreement own %.3f (lowest %.3f, 2 %% under %.3f), swapped %.3f; AUC %.3f" % (
        len(pairs), len({a[0] for a in pairs}), own.mean(), own.min(), np.quantile(own, .02), other.mean(), auc(own, other)))
    print("emotion_coherence under .6: %d of %d" % (sum(a[4] < .6 for a in pairs), len(pairs)))
    x, y = np.r_[own, other], np.r_[np.ones(len(own)), np.zeros(len(other))]
    weight = np.where(y > 0, .5 / len(own), .5 / len(other))
    w, X = np.zeros(2), np.c_[np.ones(len(x)), x]
    for _ in range(50):
        q = 1 / (1 + np.exp(-X @ w))
        w -= np.linalg.solve((X * (weight * q * (1 - q))[:, None]).T @ X + 1e-3 * np.eye(2), X.T @ (weight * (q - y)) + 1e-3 * w)
    print("LLR_SLOPE %.2f, LLR_MIDDLE %.3f" % (w[1], -w[0] / w[1]))


if __name__ == "__main__":
    main()
