"""coherence.py -- RAVDESS: does the agreement of voice and face tell a take from one whose emotion was swapped?

    python coherence.py VOICES.jsonl SUMMARY.csv

VOICES.jsonl: what `avalign emotion voice` says of the takes; SUMMARY.csv: the same takes' faces, py-feat's means over each (list
emotion_av_summary). Swapped: the voice of a take with the face of another of the same actor, another emotion ("calm" is neutral).
Each side is tempered and freed of what the net says of everybody (p ** sharp / usual ** prior), fitted on actors 1-16, judged on 17-20."""
import csv
import json
import re
import sys

import numpy as np

SEVEN = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]
CODE = {"01": 0, "02": 0, "03": 1, "04": 2, "05": 3, "06": 4, "07": 5, "08": 6}


def agreement(a, b):
    m = (a + b) / 2
    kl = lambda p: (p * np.log(np.maximum(p, 1e-12) / np.maximum(m, 1e-12))).sum(-1) / 2
    return 1 - np.sqrt(np.maximum(0, kl(a) + kl(b)))


def auc(a, b):
    return (a[:, None] > b[None]).mean() + .5 * (a[:, None] == b[None]).mean()


def main():
    voice = {}
    for line in open(sys.argv[1]):
        r = json.loads(line)
        take = re.search(r"(03(?:[-_]\d\d){6})\.wav", r["file"])
        if take and "probabilities" in r:
            voice[take[1][2:].replace("_", "-")] = [r["probabilities"][k] for k in SEVEN]
    takes = []
    for r in csv.DictReader(open(sys.argv[2])):
        key = r["file"][2:-4]
        if key in voice:
            p = key.split("-")
            takes.append((int(p[6]), CODE[p[2]], voice[key], [float(r[k + "_mean"]) for k in SEVEN]))
    actor, feeling = np.array([t[0] for t in takes]), np.array([t[1] for t in takes])
    v, f = np.array([t[2] for t in takes]), np.array([t[3] for t in takes])
    v, f = v / v.sum(1, keepdims=True), f / f.sum(1, keepdims=True)
    dev = actor > 16
    print("%d takes; right: voice %.3f and %.3f, face %.3f and %.3f (actors 1-16, 17-20)" % (
        len(takes), *((x.argmax(1) == feeling)[w].mean() for x in (v, f) for w in (~dev, dev))))
    i, j = np.nonzero((actor[:, None] == actor[None]) & (feeling[:, None] != feeling[None]))

    def fix(x, sharp, prior):
        usual = np.exp(np.log(x[~dev] + 1e-3).mean(0))
        y = (x + 1e-3) ** sharp / usual ** prior
        return y / y.sum(1, keepdims=True)

    def both(vs, vp, fs, fp, who):
        a, b = fix(v, vs, vp), fix(f, fs, fp)
        w = who[i]
        return auc(agreement(a, b)[who], agreement(a[i[w]], b[j[w]]))
    print("as they are: AUC %.3f and %.3f" % (both(1, 0, 1, 0, ~dev), both(1, 0, 1, 0, dev)))
    grid = [(a, b, c, d) for a in (.5, 1, 1.5) for b in (0, .5, 1) for c in (.5, 1, 1.5) for d in (0, .5, 1)]
    best = max(grid, key=lambda g: both(*g, ~dev))
    print("fitted: voice sharp %g, prior %g; face sharp %g, prior %g: AUC %.3f and %.3f" % (*best, both(*best, ~dev), both(*best, dev)))
    per = [auc(agreement(*(fix(x, *k) for x, k in ((v, best[:2]), (f, best[2:]))))[actor == a],
               agreement(fix(v, *best[:2])[i[actor[i] == a]], fix(f, *best[2:])[j[actor[i] == a]])) for a in (17, 18, 19, 20)]
    print("by actor 17-20: " + ", ".join("%.2f" % x for x in per))
    hot = np.eye(7)[feeling]
    same = lambda x, y, who: auc((x * y).sum(1)[who], (x[i[who[i]]] * y[j[who[i]]]).sum(1))
    print("were the voice always right, with this face: AUC %.3f; were the face: %.3f" % (same(hot, f, dev), same(v, hot, dev)))


if __name__ == "__main__":
    main()
