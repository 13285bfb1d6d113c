"""Lip sync on the dev clips, read off dumps of `avalign features`: the tables of docs/accuracy.md.

    python dev.py --models models --calibration calibration.json --video DIR [DIR ...] --features DIR

Real clips as they are, known shifts, other people's voices, and generated clips, by method. calibration.json is
`calibrate.py --out`. reading.py reads as the tool does (`calibrate.py --check`); evaluate.py measures the tool itself, slower.
Intervals are 95 % bootstraps over people.
"""
import argparse
import json
import os

import numpy as np

import calibrate
import corpus
import reading

rng = np.random.RandomState(5)


def by_person(values, people):
    names = sorted(set(people))
    groups = [np.array([v for v, q in zip(values, people) if q == n], float) for n in names]
    draws = [np.concatenate([groups[i] for i in rng.randint(len(groups), size=len(groups))]).mean() for _ in range(500)]
    return tuple(np.percentile(draws, (2.5, 97.5)))


def main():
    p = argparse.ArgumentParser()
    for k in ("models", "calibration", "features"):
        p.add_argument("--" + k, required=True)
    p.add_argument("--video", nargs="+", required=True)
    p.add_argument("--shifts", type=int, default=6)
    a = p.parse_args()
    cal = json.load(open(a.calibration))
    nets, clips = reading.Nets(a.models), []
    for r in corpus.index(a.video):
        d = os.path.join(a.features, r["dump"])
        c = reading.load(nets, d) if r["split"] == "dev" and os.path.exists(os.path.join(d, "speech_t0_s.npy")) else None
        if c:
            clips.append((r, c))
    found = lambda q: float(calibrate.sure(np.array(cal["found"]), [q])[0])
    score = lambda q: float(calibrate.design([q])[0, :4] @ np.array(cal["score"]))

    def read(c, sound=None, seconds=None, shift=0.):
        c = dict(c, t0=c["t0"] - shift / 1000)
        m, phase = reading.matrix(c, sound, c["t"][0], seconds)
        q = reading.peak(*reading.curve(m), phase) if len(m) else None
        return (dict(q, m=m, phase=phase, found=found(q), logit=score(q)) if q else None)

    real = [(r, c, read(c)) for r, c in clips if r["label"] == "real"]
    print("### Real clips as they are\n\n| set | clips | people | answered | median offset ms | within 40 ms | within 80 ms |\n| --- | --- | --- | --- | --- | --- | --- |")
    for s in sorted({r["set"] for r, _, _ in real}):
        mine = [(r, q) for r, _, q in real if r["set"] == s]
        o = np.array([q["offset_ms"] - (120 if s == "syncnet_example" else 0) for r, q in mine if q and q["found"] >= .5])
        print("| %s | %d | %d | %d | %s | %.2f | %.2f |" % (s, len(mine), len({r["person"] for r, _ in mine}), len(o), "%+.0f" % np.median(o) if len(o) else "-",
                                                        (abs(o) <= 40).mean() if len(o) else np.nan, (abs(o) <= 80).mean() if len(o) else np.nan))
    for name, keep in (("studio sets", lambda r: corpus.studio(r["set"])), ("all marked in sync", lambda r: True),
                       ("all but the lectures", lambda r: r["set"] != "lip2wav_robustl2s")):
        mine = [(r, q) for r, _, q in real if q and q["found"] >= .5 and r["sync"].startswith("in-sync") and keep(r)]
        if mine:
            ok = [abs(q["offset_ms"]) <= 80 for _, q in mine]
            print("\n%s: %d answers of %d people, within 80 ms %.3f [%.2f, %.2f]" % (name, len(ok), len({r["person"] for r, _ in mine}), np.mean(ok),
                                                                              *by_person(ok, [r["person"] for r, _ in mine])))

    print("\n### Known shifts\n")
    for what, longest, seconds in (("5 s and longer", 5, None), ("cut to 2.5 s", 3, 2.5)):
        change, people, held, width, confidence, right = [], [], [], [], [], []
        for r, c, _ in real:
            if c["t"][-1] - c["t"][0] < longest - .1 or r["set"] == "lip2wav_robustl2s":
                continue
            first = read(c, seconds=seconds)
            if not first or first["found"] < .5:
                continue
            for ms in rng.randint(-800, 801, size=a.shifts):
                q = read(c, seconds=seconds, shift=float(ms))
                change.append(q["offset_ms"] - first["offset_ms"] - ms if q else 1e9)
                people.append(r["person"])
                if q and r["sync"].startswith("in-sync"):
                    e = abs(q["offset_ms"] - ms)
                    h = float(calibrate.half(*cal["interval"], q["found"], reading.repeatable(q["m"], q["offset_ms"], q["phase"], rng)))
                    held.append(e <= h), width.append(h), confidence.append(cal["right"] * q["found"]), right.append(e <= 80)
        ch = abs(np.array(change))
        print("Clips %s, %d of %d people: change within 40 ms %.3f [%.2f, %.2f], median %.1f ms. Of those marked in sync within 80 ms %.3f; the interval "
              "holds %.3f, median half-width %.0f ms." % (what, len(ch), len(set(people)), (ch <= 40).mean(), *by_person(ch <= 40, people), np.median(ch),
                                                        np.mean(right), np.mean(held), np.median(width)))
        for lo, hi in ((0, .5), (.5, .7), (.7, .8), (.8, .9), (.9, 1.01)):
            k = (np.array(confidence) >= lo) & (np.array(confidence) < hi)
            if k.any():
                print("- confidence %.1f-%.1f: %d, right within 80 ms %.2f" % (lo, min(1, hi), k.sum(), np.array(right)[k].mean()))

    print("\n### Real against the rest\n\n| kind | clips | AUC score | AUC similarity | answered |\n| --- | --- | --- | --- | --- |")
    ok = [(r, c, q) for r, c, q in real if q and c["t"][-1] - c["t"][0] >= 2]
    base = np.array([q["logit"] for _, _, q in ok]), np.array([q["similarity"] for _, _, q in ok])
    print("| real | %d | | | %.2f |" % (len(ok), np.mean([q["found"] >= .5 for _, _, q in ok])))
    for seconds in (None, 5, 2.4):
        qs, own, draw = [], [], np.random.RandomState(9)          # the same voices whatever is answered above
        for r, c, _ in ok:
            if seconds and c["t"][-1] - c["t"][0] < seconds:
                continue
            others = [k for k in range(len(ok)) if ok[k][0]["person"] != r["person"] and len(ok[k][1]["a"]) > .7 * len(c["a"])]
            q = read(c, seconds=seconds)
            own += [q] if q else []
            qs += [x for x in (read(c, ok[k][1], seconds) for k in draw.permutation(others)[:12]) if x]
        if qs:
            print("| another's voice, %s | %d | %.3f | %.3f | %.2f |" % ("cut to %g s" % seconds if seconds else "whole", len(qs),
                  *(calibrate.auc(np.array([q[k] for q in own]), np.array([q[k] for q in qs])) for k in ("logit", "similarity")), np.mean([q["found"] >= .5 for q in qs])))
    for s in sorted({r["set"] for r, _ in clips if r["label"] != "real"}):
        qs = [q for q in (read(c) for r, c in clips if r["label"] != "real" and r["set"] == s and c["t"][-1] - c["t"][0] >= 2) if q]
        if qs:
            print("| %s | %d | %.3f | %.3f | %.2f |" % (s, len(qs), calibrate.auc(base[0], np.array([q["logit"] for q in qs])),
                                                   calibrate.auc(base[1], np.array([q["similarity"] for q in qs])), np.mean([q["found"] >= .5 for q in qs])))


if __name__ == "__main__":
    main()
