"""Fits what src/analyze/sync/lipsync.c says of its own answers: confidence, score and the 95 % interval.

    python calibrate.py --video DIR [DIR ...] --features DIR FOLD=SET,SET ... [--check build/avalign] [--dev models]

Each FOLD is a model folder whose sync nets were trained without the sets named (train.py --hold). Their real clips marked in
sync are read whole and cut to 2, 3 and 5 s, with their own sound and with other people's: reading.py reads as the tool does.
Every figure printed is of sets left out: of the nets, and of the fit, one set after the other. Sets weigh alike, and
people within a set.

Found: was the clip's own match read at all, or another peak (logistic regression; own sound within 200 ms, against every other
answer, own and another's sound alike)? That decides whether there is an answer. Confidence: found, times the share of found ones that lie
within 80 ms of the truth, of the people who bear it: what zero is differs by set more than the nets err. Interval: wide enough for 95 % of the answers of sets left out, and more for unsure ones. --check
compares reading.py with the tool itself; --dev applies the result to the dev clips, which fit nothing.
"""
import argparse
import json
import os
import subprocess

import numpy as np

import corpus
import reading

NEAR_MS, FOUND_MS, TOP, LONG_S = 80., 200., .9, 5.     # LONG_S: as in sync_score.c
SHORT_SET = 40                                       # at most so many clips of a set


def clips_of(rows, split, sets=None, rng=None):
    mine = [r for r in rows if r["split"] == split and r["label"] == "real" and r["sync"].startswith("in-sync") and
            (sets is None or r["set"] in sets)]
    if rng is None:
        return mine
    out = []
    for s in sorted({r["set"] for r in mine}):
        of = [r for r in mine if r["set"] == s]
        out += [of[i] for i in rng.permutation(len(of))[:SHORT_SET]]
    return out


def answers(nets, features, rows, rng, swaps=2):
    """One record per clip, cut and sound."""
    loaded = []
    for r in rows:
        d = os.path.join(features, r["dump"])
        c = reading.load(nets, d) if os.path.exists(os.path.join(d, "speech_t0_s.npy")) else None
        if c:
            loaded.append((r, c))
    out = []
    for i, (r, c) in enumerate(loaded):
        length = c["t"][-1] - c["t"][0]
        others = [k for k in range(len(loaded)) if loaded[k][0]["person"] != r["person"] and len(loaded[k][1]["a"]) > len(c["a"]) * .7]
        for cut in [s for s in (2, 3, 5) if s < length - .5] + [None]:
            for sound in [None] + [loaded[k][1] for k in rng.permutation(others)[:swaps]]:
                m, phase = reading.matrix(c, sound, c["t"][0], cut)
                p = reading.peak(*reading.curve(m), phase) if len(m) else None
                if p:
                    out.append(dict(p, repeatable=reading.repeatable(m, p["offset_ms"], phase, rng), swapped=sound is not None,
                                    set=r["set"], person=r["set"] + "/" + r["person"], cut=cut, length=length))
    return out


def weights(rows):
    """Sets alike; people alike within a set; answers alike of one person."""
    people = {}
    for r in rows:
        people.setdefault(r["set"], {}).setdefault(r["person"], []).append(1)
    # a set of one person is a quarter of one of many
    size = {s: np.sqrt(min(len(p), 16)) for s, p in people.items()}
    w = np.array([size[r["set"]] / len(people[r["set"]]) / len(people[r["set"]][r["person"]]) for r in rows])
    return w / w.sum() * len(rows)


def logistic(x, y, w, ridge=1.):
    """Weights of which none but the first is under 0: each number is there because more of it is better. The ridge holds all alike,
    whatever their units, and not the first."""
    size = np.r_[1., x[:, 1:].std(0)]
    use, x = np.ones(x.shape[1], bool), x / size
    while True:
        b, z = np.zeros(use.sum()), x[:, use]
        hold = ridge * np.diag(np.r_[0., np.ones(use.sum() - 1)])
        for _ in range(100):
            p = 1 / (1 + np.exp(-np.clip(z @ b, -30, 30)))
            b -= np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + hold, z.T @ (w * (p - y)) + hold @ b)
        out = np.zeros(x.shape[1])
        out[use] = b
        if (out[1:] >= 0).all():
            return out / size
        use[1 + int(out[1:].argmin())] = False


def design(rows):
    """What found is made of; the score leaves the last one out."""
    get = lambda k: np.array([r[k] for r in rows], float)
    return np.c_[np.ones(len(rows)), get("similarity"), get("weak_quarter"), np.log(np.minimum(get("peak_s"), LONG_S)), get("lead")]


def sure(b, rows):
    return 1 / (1 + np.exp(-design(rows) @ b))


def error(rows):
    return np.array([abs(r["offset_ms"]) for r in rows])


def half(a, b, p, repeatable):
    """Half of the interval: a for a sure answer, more for others, at most all lags."""
    return np.minimum(3000, np.maximum(repeatable, a * np.exp(b * (1 / np.clip(p, .02, 1) - 1))))


def fit_interval(rows, p):
    """The narrowest (a, b) that hold .95, .95 of the sure ones too, weighted."""
    w, e, r = weights(rows), error(rows), np.array([x["repeatable"] for x in rows])
    top = p >= .5
    best = None
    for b in np.arange(0, 4.1, .25):
        for a in np.arange(40, 160, 2.5):
            h = half(a, b, p, r)
            held = e <= h
            if np.average(held, weights=w) >= .95 and np.average(held[top], weights=w[top]) >= .95:
                cost = np.average(np.log(h), weights=w) + np.average(np.log(h[top]), weights=w[top])
                if best is None or cost < best[0]:
                    best = cost, a, b
                break
    return best[1:] if best else (160., 4.)


def even(rows):
    """Weights in which the answers on another's sound count as much as those on the own."""
    w, other = weights(rows), np.array([r["swapped"] for r in rows])
    return np.where(other, w * w[~other].sum() / w[other].sum(), w)


def cap_of(rows, p):
    """Found answers that are right, in people: one more of each kind taken as seen."""
    top = [(r["person"], e <= NEAR_MS) for r, e, q in zip(rows, error(rows), p) if q >= TOP]
    people = sorted({q for q, _ in top})
    share = [np.mean([ok for q, ok in top if q == n]) for n in people]
    return (sum(share) + 1) / (len(people) + 2) if people else .9, len(people)


def reliability(name, p, y, rows):
    w = weights(rows)
    for lo, hi in ((0, .2), (.2, .5), (.5, .7), (.7, .8), (.8, .9), (.9, 1.01)):
        s = (p >= lo) & (p < hi)
        if s.any():
            print("| %s | %.1f-%.1f | %d | %d | %.2f | %.2f |" % (name, lo, min(hi, 1), s.sum(), len({r["person"] for r, k in zip(rows, s) if k}),
                                                             np.average(p[s], weights=w[s]), np.average(y[s], weights=w[s])))


def held_by_set(rows, p, h, what):
    """Coverage and width over answered rows, by set."""
    e = error(rows)
    print("\n| %s | answers | people | median offset ms | within 80 ms | interval holds | median half-width ms |\n| --- | --- | --- | --- | --- | --- | --- |" % what)
    sets = sorted({r["set"] for r in rows})
    got = []
    for s in sets:
        k = np.array([r["set"] == s for r in rows]) & (p >= .5)
        if k.any():
            o = np.array([r["offset_ms"] for r in rows])[k]
            got.append(((e[k] <= NEAR_MS).mean(), (e[k] <= h[k]).mean()))
            print("| %s | %d | %d | %+.0f | %.2f | %.2f | %.0f |" % (s, k.sum(), len({r["person"] for r, q in zip(rows, k) if q}), np.median(o),
                                                             *got[-1], np.median(h[k])))
    k = p >= .5
    print("| all answers | %d | %d | | %.3f | %.3f | %.0f |" % (k.sum(), len({r["person"] for r, q in zip(rows, k) if q}), (e[k] <= NEAR_MS).mean(),
                                                         (e[k] <= h[k]).mean(), np.median(h[k])))
    print("| mean of the sets | | | | %.3f | %.3f | |" % tuple(np.mean(got, 0)))


def widened(rows, p, h):
    """How much wider all intervals must be to hold .93 of the answers of sets left out, and of the mean of those sets."""
    e, k, name = error(rows), p >= .5, np.array([r["set"] for r in rows])
    for wider in np.arange(1, 3, .05):
        held = e <= wider * h
        if held[k].mean() >= .93 and np.mean([held[k & (name == s)].mean() for s in set(name[k])]) >= .93:
            return wider
    return 3.


def check(tool, models, features, rows):
    nets, worst = reading.Nets(models), 0.
    for r in rows:
        d = os.path.join(features, r["dump"])
        c = reading.load(nets, d) if os.path.exists(d) else None
        if c is None:
            continue
        m, phase = reading.matrix(c)
        p = reading.peak(*reading.curve(m), phase)
        out = subprocess.run([tool, "analyze", r["file"], "--models", models, "--only", "lipsync", "--json", "-"], capture_output=True)
        o = json.loads(out.stdout)["signals"]["lipsync"].get("offset_ms") if out.stdout else None
        if p and o is not None:
            worst = max(worst, abs(o - p["offset_ms"]))
    print("reading.py and the tool differ by at most %.2f ms on %d clips" % (worst, len(rows)))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--video", nargs="+", required=True)
    a.add_argument("--features", required=True)
    a.add_argument("--check", help="the tool, to compare with")
    a.add_argument("--dev", help="model folder to apply the result with to dev clips")
    a.add_argument("--out", help="the fitted numbers as JSON, for dev.py")
    a.add_argument("folds", nargs="+")
    a = a.parse_args()
    rng = np.random.RandomState(0)
    index, rows = corpus.index(a.video), []
    for fold in a.folds:
        models, sets = fold.split("=")
        rows += answers(reading.Nets(models), a.features, clips_of(index, "train", sets.split(","), rng), rng)
    own = [r for r in rows if not r["swapped"]]
    sets = sorted({r["set"] for r in own})
    right = np.array([0. if r["swapped"] else float(abs(r["offset_ms"]) <= NEAR_MS) for r in rows])
    found = np.array([0. if r["swapped"] else float(abs(r["offset_ms"]) <= FOUND_MS) for r in rows])
    fit = lambda rs, t: logistic(design(rs), t, even(rs))
    score_design = lambda rs: design(rs)[:, :4]
    # one set after the other left out
    p, h, s, caps = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows))
    swapped = np.array([r["swapped"] for r in rows])
    for name in sets:
        out = np.array([r["set"] == name for r in rows])
        rest = [r for r, k in zip(rows, out) if not k]
        mine = [r for r, k in zip(rows, out) if k]
        b = fit(rest, found[~out])
        rest_own = [r for r in rest if not r["swapped"]]
        q = sure(b, rest_own)
        cap, _ = cap_of(rest_own, q)
        ab = fit_interval(rest_own, q)
        p[out], caps[out] = sure(b, mine), cap
        h[out] = half(*ab, p[out], np.array([r["repeatable"] for r in mine]))
        s[out] = score_design(mine) @ logistic(score_design(rest), 1. - swapped[~out], even(rest))
    print("%d answers of %d people of %d sets, %d with another's sound\n" % (len(rows), len({r["person"] for r in rows}), len(sets), swapped.sum()))
    print("| measure | from-to | answers | people | says | is right |\n| --- | --- | --- | --- | --- | --- |")
    reliability("found", p, found, rows)
    reliability("confidence", caps * p, right, rows)
    reliability("score", 1 / (1 + np.exp(-s)), 1. - swapped, rows)
    print("\nown sound against another's, AUC of the score: %.3f; at %s" % (
        auc(s[~swapped], s[swapped]), ", ".join("%s s %.3f" % (c or "all", auc(s[~swapped & k], s[swapped & k])) for c in (2, 3, 5, None)
                                              for k in [np.array([r["cut"] == c for r in rows])] if (k & swapped).any())))
    long = np.array([(r["cut"] or r["length"]) >= 2.4 for r in rows])
    print("answered of own sound %.3f (2.4 s and more %.3f), of another's %.3f (%.3f)" % tuple((p[k] >= .5).mean() for k in
                                                                                  (~swapped, ~swapped & long, swapped, swapped & long)))
    wider = widened(own, p[~swapped], h[~swapped])
    held_by_set(own, p[~swapped], wider * h[~swapped], "set, left out")
    cap, people = cap_of(own, p[~swapped])
    b = fit(rows, found)
    ab = fit_interval(own, sure(b, own))
    ab = wider * ab[0], ab[1]
    w = logistic(score_design(rows), 1. - swapped, even(rows))
    print("\nfor the calibration of sync-sound in the manifest: found %.2f %+.2f similarity %+.2f weak quarter %+.2f log seconds %+.2f lead; confidence %.2f of it (%d people)" % (*b, cap, people))
    print("for the calibration of sync-sound in the manifest: score %.2f %+.2f similarity %+.2f weak quarter %+.2f log seconds" % tuple(w))
    print("for the calibration of sync-sound in the manifest: interval +-%.0f ms * exp(%.2f (1 / found - 1))" % ab)
    if a.out:
        with open(a.out, "w") as f:
            json.dump(dict(found=list(b), right=cap, score=list(w), interval=list(ab)), f, indent=1)
    if a.dev:
        nets = reading.Nets(a.dev)
        dev = answers(nets, a.features, clips_of(index, "dev"), rng)
        q = sure(b, dev)
        print("\nDev, which fitted nothing:\n\n| measure | from-to | answers | people | says | is right |\n| --- | --- | --- | --- | --- | --- |")
        reliability("confidence", cap * q, np.array([float(not r["swapped"] and abs(r["offset_ms"]) <= NEAR_MS) for r in dev]), dev)
        k = [i for i, r in enumerate(dev) if not r["swapped"]]
        mine = [dev[i] for i in k]
        held_by_set(mine, q[k], half(*ab, q[k], np.array([r["repeatable"] for r in mine])), "dev set")
    if a.check:
        check(a.check, a.dev or a.folds[0].split("=")[0], a.features, clips_of(index, "dev")[::4])


def auc(pos, neg):
    return float(np.mean((pos[:, None] > neg[None]) + .5 * (pos[:, None] == neg[None]))) if len(pos) and len(neg) else np.nan


if __name__ == "__main__":
    main()
