"""Trains the head that says whether a voice is a person's, synthetic, or a person's that went through a neural codec or restoration.

    python authenticity.py --data DIR --feat DIR [--linear] [--curve 10 20 40 80] [--models ../../models]

DIR of --feat is extract.py's --out (lists voice and older and, as more genuine speech, genuine and emotion). First ten folds: of each fold's families (over all pages)
and genuine corpora, with the small pages, and with the speakers that are known, nothing is heard in training. On these answers the scale and
the place of .5 are fitted: where 1 % of genuine clips of corpora left out lie. With --models the net of all training rows is written.
"""
import argparse
import collections
import hashlib
import os

import numpy as np

import common
import kernel

CLASSES = ["person", "synthetic", "codec"]
FOLDS = 10
LARGE = "SpeechResearch"
SHARE = .01                                     # of genuine windows of corpora left out, over .5
ACTED = .3                                      # weight of the emotional corpora beside the genuine clips of the pages


def fold_of(names, sizes):
    """Names to folds, the large ones first, each to the fold that is smallest by the roots of sizes; the order of equals is by hash."""
    load, out = [0.] * FOLDS, {}
    for n in sorted(names, key=lambda n: (-sizes[n], hashlib.md5(n.encode()).hexdigest())):
        k = load.index(min(load))
        out[n] = k
        load[k] += sizes[n] ** .5
    return out


def table(args):
    """All windows with what is known of them: class, family, group of genuine speech, page, speaker, split."""
    parts, meta = [], []
    for name, only in (("voice", None), ("emotion", "bonafide"), ("older", None), ("genuine", None)):
        rows = common.rows(os.path.join(args.data, name))
        for v in args.versions:
            folder = os.path.join(args.feat, "%s_%d" % (name, v))
            if not os.path.isdir(folder):
                continue
            w = common.windows(folder)
            keep = []
            for k, i in enumerate(w["row"]):
                r = rows[i]
                label = only or r["label"]
                if "partial-edit" in r.get("family", "") or (r["split"] == "dev" and name == "emotion"):
                    continue
                owner = r["repo"].split("/")[0]
                group = owner + ":" + r["dataset"] if owner == LARGE else owner
                family = r["family"] if label != "bonafide" else "genuine"
                speaker = r["speaker"] if not r["speaker"].startswith("unk") else "?"
                keep.append(k)
                meta.append((dict(bonafide=0, spoof=1, codec=2)[label], family, group, owner, speaker, r["split"], r.get("system", "-"), r.get("language", "-"), r.get("sex", "-"), r["dataset"],
                             bool(only), name))
            w["experts"] = w["experts"] if w["experts"].shape[1] else np.full((len(w["row"]), 3), np.nan)
            parts.append({k: v[keep] for k, v in w.items()})
    w = common.together(parts)
    names = ("label", "family", "group", "owner", "speaker", "split", "system", "language", "sex", "dataset", "acted", "list")
    return w, dict(zip(names, (np.array(c) for c in zip(*meta))))


def weights(m, keep):
    """Person .45, synthetic .40, codec .15; within a class families (genuine: corpora) by the root of their size, half of that again by system."""
    weight = np.zeros(len(keep))
    for c, share in ((0, .45), (1, .40), (2, .15)):
        at = keep & (m["label"] == c)
        if not at.any():
            continue
        key = np.where(m["label"] == 0, m["group"], m["family"])
        count = collections.Counter(key[at])
        v = np.array([count[k] ** -.5 for k in key[at]])
        pair = [a + "|" + b for a, b in zip(key[at], m["system"][at])]
        inner = collections.Counter(pair)
        v *= np.array([inner[k] ** -.25 for k in pair])
        v *= np.where(m["acted"][at], ACTED, 1)
        weight[at] = share * v / v.sum()
    return weight


def targets(m):
    return np.eye(3, dtype=np.float32)[m["label"]]


def odds(z):
    """How much more synthetic than a person's, from three numbers; codecs count as a person's."""
    return z[:, 1] - z[:, 0] - z[:, 2]


def folds(m):
    """Of each fold the windows to judge (families, genuine corpora) and those to learn from: none of these families or corpora, of their small pages, of their known speakers."""
    train = m["split"] == "train"
    made = train & (m["label"] > 0)
    family = fold_of(set(m["family"][made]), collections.Counter(m["family"][made]))
    real = train & (m["label"] == 0)
    group = fold_of(set(m["group"][real]), collections.Counter(m["group"][real]))
    for f in range(FOLDS):
        fam = np.array([family.get(k, -1) == f for k in m["family"]])
        grp = np.array([group.get(k, -1) == f for k in m["group"]])
        test = train & ((made & fam) | (real & grp))
        heard = {s for s in m["speaker"][train & real & grp] if s != "?"}
        yield np.flatnonzero(test), train & ~test & ~(grp & (m["owner"] != LARGE)) & ~(real & np.isin(m["speaker"], list(heard)))


def left_out(m, answer, few=None):
    """Three numbers of every training window by a net that knows neither its family or corpus, nor its speaker; NaN elsewhere. few: so many families, drawn by chance, are taught."""
    out = np.full((len(m["label"]), 3), np.nan, np.float32)
    for k, (test, keep) in enumerate(folds(m)):
        if few:
            names = sorted(set(m["family"][keep & (m["label"] == 1)]))
            keep = keep & ((m["label"] != 1) | np.isin(m["family"], np.random.default_rng([few, k]).permutation(names)[:few]))
        out[test] = answer(np.flatnonzero(keep), weights(m, keep), test)
    return out


def figures(s, m, at, name):
    real, made, codec = at & (m["label"] == 0), at & (m["label"] == 1), at & (m["label"] == 2)
    key = np.where(real, m["group"], m["family"])
    idx = np.flatnonzero(real | made)
    low, high = common.interval(lambda k: common.eer(s[idx[k]][m["label"][idx[k]] == 0], s[idx[k]][m["label"][idx[k]] == 1]), key[idx], 200)
    per = {f: common.eer(s[real], s[made & (m["family"] == f)]) for f in sorted(set(m["family"][made]))}
    print("%s: EER pooled %.3f (%.3f to %.3f), mean over %d families %.3f; genuine %d, synthetic %d%s" % (
        name, common.eer(s[real], s[made]), low, high, len(per), np.mean(list(per.values())), real.sum(), made.sum(),
        "; codec over .5: %.3f of %d" % ((s[codec] > 0).mean(), codec.sum()) if codec.any() else ""))
    return per


def shares(s, m, w, at):
    """Genuine windows over .5 by corpus, language, sex and codec; and EER with synthetic ones by codec."""
    real = at & (m["label"] == 0)
    for name, key in (("corpus", np.char.add(np.char.add(m["group"], " | "), m["dataset"])), ("language", m["language"]), ("sex", m["sex"]), ("codec", w["codec"]), ("list", m["list"])):
        got = sorted(((s[real & (key == g)] > 0).sum(), (real & (key == g)).sum(), g) for g in set(key[real]))
        some = [(n, k, g) for n, k, g in got[::-1] if n or name != "corpus"]
        print("genuine over .5 by %s: %s%s" % (name, "; ".join("%s %d of %d (%.1f %%)" % (g, n, k, 100 * n / k) for n, k, g in some),
                                              "; %d others (%d windows) none" % (len(got) - len(some), sum(k for n, k, _ in got if not n)) if len(some) < len(got) else ""))
    for c in sorted(set(w["codec"])):
        k = at & (w["codec"] == c) & (m["list"] != "emotion")
        print("  %-16s EER %.3f" % (c, common.eer(s[k & (m["label"] == 0)], s[k & (m["label"] == 1)])))


def calibrated(z, m, at):
    """Scale of the log odds (both sides, families and corpora of equal weight by the root of their size), the bound that at most 1 % of genuine
    windows of corpora left out pass (counted so, and as they are), the bound on the codec's number that 1 % of them pass, and which log odds above the first bound are even."""
    s = odds(z)
    key = np.where(m["label"] == 0, m["group"], m["family"])
    v = np.zeros(len(s))
    for part in (at & (m["label"] == 0), at & (m["label"] == 1)):
        count = collections.Counter(key[part])
        u = np.array([count[k] ** -.5 for k in key[part]])
        v[part] = u / u.sum()
    a, x, y = np.zeros(2), np.c_[s, np.ones(len(s))][at], (m["label"] == 1)[at].astype(float)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ a))
        a += np.linalg.solve((x * (v[at] * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (v[at] * (y - p)))
    only = at & (m["label"] == 0) & ~m["acted"]

    def bound(value, share):
        order = np.argsort(-value[only])
        return max(float(value[only][order][np.searchsorted(np.cumsum(v[only][order]) / v[only].sum(), share)]), float(np.quantile(value[only], 1 - share)))
    place = bound(s, SHARE)
    return float(a[0]), place, bound(z[:, 2], .01), -float(a[0] * place + a[1])


def write(models, net, slope, bound, codec, even):
    """odds: of synthetic, 0 where 1 % of genuine windows lie; codec: over 0 where 1 % do; both log odds."""
    matrix = np.array([[-1, 0], [1, 0], [-1, 1]], np.float32) * np.float32(slope)
    net.export(os.path.join(models, "authenticity", "voice_person.onnx"), "voice_person", matrix, np.array([-bound, -codec], np.float32) * np.float32(slope), "odds")
    import onnx_net
    onnx_net.add_row(models, "voice-person", "avalign synthetic voice, on the speech encoder", "authenticity/voice_person.onnx",
                     "research-only (trained on research sets; see the card)", "trained by this project: training/speech_encoder; card models/authenticity/CARD.md",
                     [{"name": "pooled", "shape": [1, common.WIDTH * common.LAYERS], "scale": "role speech-encoder, output pooled"}], outputs=["synthetic", "codec"],
                     calibration={"llr_slope": 1, "llr_even": round(even, 3), "llr_bound": 1.5, "score_bound": 3, "with": {"speech-encoder": common.sha_of(models, "speech-encoder")}})


def judge(z, m, w, name, detail):
    ok = np.isfinite(z[:, 0])
    slope, bound, codec, even = calibrated(z, m, ok)
    s = odds(z) - bound
    page = ok & ((m["list"] == "voice") | (m["label"] > 0))
    per = figures(s, m, page, name + ", genuine of the pages")
    figures(s, m, ok & ~m["acted"], name + ", all genuine but acted")
    print("  slope %.3f, bound %.3f, even at %.3f; codec bound %.3f (codec families over it: %.3f)" % (slope, bound, even, codec, (z[ok & (m["label"] == 2), 2] > codec).mean()))
    print("  over .5: genuine of the pages %.3f, of the other lists %.3f, acted %.3f; synthetic %.3f, mean over families %.3f" % (
        *((s[ok & k & (m["label"] == 0)] > 0).mean() for k in (m["list"] == "voice", m["list"] == "genuine", m["acted"])), (s[ok & (m["label"] == 1)] > 0).mean(),
        np.mean([(s[ok & (m["family"] == f)] > 0).mean() for f in per])), flush=True)
    if detail:
        print("families of ten and more windows, EER (over .5): " + ", ".join("%s %.2f (%.2f)" % (f, v, (s[ok & (m["family"] == f)] > 0).mean())
                                                                             for f, v in sorted(per.items(), key=lambda q: q[1]) if (ok & (m["family"] == f)).sum() >= 10))
        shares(s, m, w, ok)
        for low, high in ((1, 2), (2, 3), (3, 4.01)):
            k = page & (w["seconds"] >= low) & (w["seconds"] < high)
            if k.sum() > 50:
                figures(s, m, k, "windows of %g to %g s" % (low, high))
    return slope, bound, codec, even


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True)
    p.add_argument("--feat", required=True)
    p.add_argument("--versions", type=int, nargs="+", default=[0, 2, 4, 6, 8])
    p.add_argument("--ridge", type=float, default=.2)
    p.add_argument("--plane", type=int, default=384)
    p.add_argument("--centres", type=int, default=0, help="compare with so many windows; 0: all")
    p.add_argument("--linear", action="store_true", help="also the linear head, and the present net, on the same windows")
    p.add_argument("--curve", type=int, nargs="*", default=[], help="also with so many families taught")
    p.add_argument("--models")
    p.add_argument("--save", help="write the answers left out here")
    args = p.parse_args()
    w, m = table(args)
    x, train = w["pooled"], m["split"] == "train"
    print("%d windows; person %d, synthetic %d of %d families, codec %d" % (
        len(x), (m["label"] == 0).sum(), (m["label"] == 1).sum(), len(set(m["family"][m["label"] == 1])), (m["label"] == 2).sum()), flush=True)
    goal = targets(m)
    if args.linear:
        gram = common.inner(common.Scale(x[train])(x))
        judge(left_out(m, lambda rows, weight, test: common.Linear(gram, rows, goal, weight, 3).of(gram, test)), m, w, "linear", False)
        del gram

    def fit(rows, weight):
        return kernel.Kernel(x, rows, goal, weight, args.ridge, args.plane, args.centres)
    z = left_out(m, lambda rows, weight, test: fit(rows, weight).of(x[test]))
    if args.save:
        np.savez(args.save, z=z, seconds=w["seconds"], codec=w["codec"], experts=w["experts"], **m)
    slope, bound, codec, even = judge(z, m, w, "kernel", True)
    e = np.isfinite(z[:, 0]) & np.isfinite(w["experts"][:, 0])
    if args.linear and e.any():
        old = w["experts"] @ [.84844, .95958, .97241] + .47803
        figures(old, m, e & ~m["acted"], "the experts, the same windows")
        figures(slope * (odds(z) - bound) + .2 * old, m, e & ~m["acted"], "kernel and the experts by .2")
    for few in args.curve:
        y = left_out(m, lambda rows, weight, test: fit(rows, weight).of(x[test]), few)
        figures(odds(y), m, np.isfinite(y[:, 0]) & ((m["list"] == "voice") | (m["label"] > 0)), "%d families taught" % few)
    net = fit(np.flatnonzero(train), weights(m, train))
    dev = m["split"] == "dev"
    if dev.any():
        figures(odds(net.of(x)) - bound, m, dev, "dev, trained on all of train")
    if args.models:
        write(args.models, net, slope, bound, codec, even)


if __name__ == "__main__":
    main()
