"""evaluate.py -- tables for the card: AUC of each method against genuine clips re-coded alike, twins, genuine clips flagged, calibration.

Score of a clip: the mean of each expert's log odds over its pictures, less the mean over genuine clips, by their deviation (as the
upper tail has it); the larger of the two. The threshold is the largest genuine score but 1 % (people left out of the heads); the log-likelihood ratio is a line
through the score, fitted on the generated clips of the lists' *train* part (which taught the heads nothing; 12 of its 18 methods are in dev too)."""
import argparse, collections, json, pickle
import numpy as np
import heads


def interval(f, a, b, rng, n=400):
    """Bootstrap over people of a figure of two lists of (value, who)."""
    def draw(x):
        who = sorted({w for _, w in x})
        by = {w: [v for v, k in x if k == w] for w in who}
        return np.concatenate([by[who[i]] for i in rng.randint(len(who), size=len(who))])
    r = [f(draw(a), draw(b)) for _ in range(n)]
    return np.percentile(r, 2.5), np.percentile(r, 97.5)


def logistic(fake, real):
    """Slope and offset to a log10 likelihood ratio, classes weighing alike."""
    x, y = np.concatenate([fake, real]), np.concatenate([np.ones(len(fake)), np.zeros(len(real))])
    w = np.where(y > 0, .5 / len(fake), .5 / len(real))
    k, b = 0., 0.
    for _ in range(100):
        p = 1 / (1 + np.exp(-(k * x + b)))
        g = np.array([(w * (p - y) * x).sum() + 1e-3 * k, (w * (p - y)).sum()])
        s = w * p * (1 - p)
        h = np.array([[(s * x * x).sum() + 1e-3, (s * x).sum()], [(s * x).sum(), s.sum() + 1e-9]])
        d = np.linalg.solve(h, g)
        k, b = k - d[0], b - d[1]
    return k / np.log(10), b / np.log(10)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("scores")
    p.add_argument("--least-side", type=float, default=100, help="abstain under this side of the crop, source pixels")
    p.add_argument("--least-pictures", type=int, default=4)
    p.add_argument("--threshold", type=float, help="default: the genuine score that 1 % exceed")
    p.add_argument("--least-seconds", type=float, default=0, help="generated and re-coded clips shorter than this don't count")
    p.add_argument("--out")
    a = p.parse_args()
    rng = np.random.RandomState(0)
    every = pickle.load(open(a.scores, "rb"))
    side = lambda c: float(np.median(c["side"]))
    clips = [c for c in every if side(c) >= a.least_side and len(c["frames"]) >= a.least_frames]
    real, fake = [c for c in clips if c["label"] == "real"], [c for c in clips if c["label"] == "fake"]
    s = np.array([c["score"] for c in real])
    mean = s.mean(0)
    sd = (np.quantile(s, .98, axis=0) - mean) / 2.054   # the deviation of the upper tail: it is there that a heavy tail would accuse
    for c in every:
        c["z"] = (c["score"] - mean) / sd
        c["f"] = c["z"].max()
    every, clips, real, fake = ([c for c in part if c["seconds"] >= a.least_seconds] for part in (every, clips, real, fake))
    people = lambda cs: len({c["person"] for c in cs})
    print("%d of %d recordings judged; genuine %d of %d people, generated %d" % (len(clips), len(every), len(real), people(real), len(fake)))
    matched = [c for c in real if c["variant"] == "matched"]
    val = lambda cs, e: [(c["f"] if e == 2 else c["z"][e], c["person"]) for c in cs]
    first = lambda x: np.array([v for v, _ in x])
    for part in ("dev", "train"):
        by = collections.defaultdict(list)
        for c in fake:
            if c["split"] == part:
                by[c["method"]].append(c)
        print("\ngenerated clips of the %s part against %d genuine clips of %d people re-coded alike" % (part, len(matched), people(matched)))
        print("| method | clips | blend | decoder | larger | found |\n| --- | --- | --- | --- | --- | --- |")
        limit = a.threshold or np.quantile([c["f"] for c in real], .99)
        for m, cs in sorted(by.items()) + [("all", sum(by.values(), []))]:
            if not cs:
                continue
            row = [heads.auc(first(val(cs, e)), first(val(matched, e))) for e in range(3)]
            line = "| %s | %d | %.2f | %.2f | %.2f" % (m, len(cs), *row)
            if m == "all":
                lo, hi = interval(heads.auc, val(cs, 2), val(matched, 2), rng)
                line += " (%.2f-%.2f)" % (lo, hi)
            print(line + " | %d |" % sum(c["f"] > limit for c in cs))
        if by:
            means = [np.mean([heads.auc(first(val(cs, e)), first(val(matched, e))) for cs in by.values()]) for e in range(3)]
            print("mean over methods: blend %.3f, decoder %.3f, larger %.3f" % tuple(means))
    twin = [c for c in every if c["label"] == "real" and c["variant"] == "native" and c["set"].startswith("VoxCeleb2") and c["split"] == "dev"]
    for m in ("Wav2Lip", "Diff2Lip", "PC-AVS"):
        cs = [c for c in every if c["method"] == m and "Diff2Lip page" in c["set"]]
        if cs and twin:
            print("twins %s: %d clips against %d genuine ones of the page: blend %.2f, decoder %.2f, larger %.2f" % ((m, len(cs), len(twin)) + tuple(heads.auc(first(val(cs, e)), first(val(twin, e))) for e in range(3))))
    limit = a.threshold or np.quantile([c["f"] for c in real], .99)
    print("\nthreshold %.3f (1 %% is %.3f) of %d genuine recordings of %d people" % (limit, np.quantile([c["f"] for c in real], .99), len(real), people(real)))
    who = sorted({c["person"] for c in real})
    by = {w: [c["f"] > limit for c in real if c["person"] == w] for w in who}
    draws = [np.mean(np.concatenate([by[who[i]] for i in rng.randint(len(who), size=len(who))])) for _ in range(1000)]
    print("genuine flagged: %.2f %% (95 %% interval over people %.2f-%.2f)" % (100 * np.mean([c["f"] > limit for c in real]), *np.percentile(draws, [2.5, 97.5]) * 100))
    for v in sorted({c["variant"] for c in real}):
        cs = [c for c in real if c["variant"] == v]
        sub = sorted({c.get("turn", v) for c in cs})
        for t in sub:
            ct = [c for c in cs if c.get("turn", v) == t]
            print("| %s | %d | %d | mean %.2f %.2f | flagged %d |" % (t, len(ct), people(ct), *np.mean([c["z"] for c in ct], 0), sum(c["f"] > limit for c in ct)))
    print("highest genuine:", [(round(float(c["f"]), 2), c["variant"], c["set"], c["person"], round(side(c))) for c in sorted(real, key=lambda c: -c["f"])[:8]])
    for name, part in (("generated", fake), ("genuine", real)):
        print(name, "above 2, 2.5, 3, 3.5, 4:", [sum(c["f"] > t for c in part) for t in (2, 2.5, 3, 3.5, 4)], "of", len(part))
    for lo, hi in ((0, 70), (70, 100), (100, 150), (150, 250), (250, 400), (400, 9999)):
        g = [c["f"] for c in every if c["label"] == "real" and lo <= side(c) < hi]
        b = [c["f"] for c in every if c["label"] == "fake" and lo <= side(c) < hi]
        if g:
            print("crop side %d-%d: genuine %d, mean %.2f, above 2.5: %d; generated %d, mean %.2f" % (lo, hi, len(g), np.mean(g), sum(v > 2.5 for v in g), len(b), np.mean(b) if b else np.nan))
    cal = [c["f"] for c in fake if c["split"] == "train"]
    out = dict(blend_mean=mean[0], blend_sd=sd[0], decoder_mean=mean[1], decoder_sd=sd[1], threshold=limit, least_side=a.least_side, least_frames=a.least_frames)
    if cal:
        k, b = logistic(np.array(cal), np.array([c["f"] for c in matched]))
        out.update(llr_slope=k, llr_offset=b)
    print(json.dumps({k: round(float(v), 4) for k, v in out.items()}))
    if a.out:
        json.dump({k: round(float(v), 4) for k, v in out.items()}, open(a.out, "w"), indent=1)


if __name__ == "__main__":
    main()
