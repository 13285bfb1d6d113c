"""Trains the head that says whether a voice is a person's, synthetic, or a person's that went through a neural codec or restoration.

    python authenticity.py --data DIR --feat DIR [--hidden 192] [--nets 3] [--models ../../models]

DIR of --feat is extract.py's --out (lists voice and, as more genuine speech, emotion). First ten folds: of each fold's families (over all pages)
and genuine corpora, with the small pages, and with the speakers that are known, nothing is heard in training. On these answers the scale and
the place of .5 are fitted: where 2 % of genuine clips of corpora left out lie. With --models the net of all training rows is written (the last --ridge).
"""
import argparse
import collections
import hashlib
import os

import numpy as np

import common

CLASSES = ["person", "synthetic", "codec"]
FOLDS = 10
LARGE = "SpeechResearch"
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
    for name, rows, only in (("voice", common.rows(args.data + "/voice"), None), ("emotion", common.rows(args.data + "/emotion"), "bonafide"),
                             ("older", common.rows(args.data + "/older"), None)):
        for v in args.versions if name == "voice" else [0]:
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
                group = r["dataset"] if only else owner + ":" + r["dataset"] if owner == LARGE else owner
                family = r["family"] if label != "bonafide" else "genuine"
                speaker = r["speaker"] if not r["speaker"].startswith("unk") else "?"
                keep.append(k)
                meta.append((dict(bonafide=0, spoof=1, codec=2)[label], family, group, owner, speaker, r["split"], r.get("system", "-"), r.get("language", "-"), r["path"], bool(only)))
            w["experts"] = w["experts"] if w["experts"].shape[1] else np.full((len(w["row"]), 3), np.nan)
            parts.append({k: v[keep] for k, v in w.items()})
    w = common.together(parts)
    names = ("label", "family", "group", "owner", "speaker", "split", "system", "language", "path", "acted")
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


def left_out(gram, m, ridge):
    """Three logits of every training window by a net that knows neither its family or corpus, nor its speaker; NaN elsewhere."""
    train = m["split"] == "train"
    made = train & (m["label"] > 0)
    family = fold_of(set(m["family"][made]), collections.Counter(m["family"][made]))
    real = train & (m["label"] == 0)
    group = fold_of(set(m["group"][real]), collections.Counter(m["group"][real]))
    out = np.full((len(gram), 3), np.nan, np.float32)
    for f in range(FOLDS):
        fam = np.array([family.get(k, -1) == f for k in m["family"]])
        grp = np.array([group.get(k, -1) == f for k in m["group"]])
        test = train & ((made & fam) | (real & grp))
        heard = {s for s in m["speaker"][train & real & grp] if s != "?"}
        keep = train & ~test & ~(grp & (m["owner"] != LARGE)) & ~(real & np.isin(m["speaker"], list(heard)))
        out[test] = common.Linear(gram, np.flatnonzero(keep), targets(m), weights(m, keep), ridge).of(gram, np.flatnonzero(test))
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


def shares(s, m, at):
    """By genuine corpus: windows, share over .5."""
    for g in sorted(set(m["group"][at & (m["label"] == 0)])):
        k = at & (m["label"] == 0) & (m["group"] == g)
        print("  genuine %-44s %4d windows, %.3f over .5" % (g, k.sum(), (s[k] > 0).mean()))


def calibrated(z, m, at):
    """Scale of the log odds (both sides, families and corpora of equal weight by the root of their size), the bound that 2 % of genuine
    windows of corpora left out pass, the bound on the codec's number that 1 % of them pass, and which log odds above the first bound are even."""
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
        return float(value[only][order][np.searchsorted(np.cumsum(v[only][order]) / v[only].sum(), share)])
    place = bound(s, .02)
    return float(a[0]), place, bound(z[:, 2], .01), -float(a[0] * place + a[1])


def write(models, net, x, scale, slope, bound, codec, even):
    """odds: of synthetic, 0 where 2 % of genuine windows lie; codec: over 0 where 1 % do; both log odds."""
    matrix, constant = net.weights(x)
    matrix = matrix / np.float32(x.shape[1])
    a = np.c_[matrix[:, 1] - matrix[:, 0] - matrix[:, 2], matrix[:, 2]] * slope
    b = np.array([constant[1] - constant[0] - constant[2] - bound, constant[2] - codec]) * slope
    name = os.path.join(models, "authenticity", "voice_person.onnx")

    def tail(nodes, init):
        nodes.append(common.w.node("Identity", ["raw"], ["odds"]))
    common.export(name, "voice_person", a, b, scale, tail, [("odds", 2)])
    import onnx_net
    onnx_net.add_row(models, "voice-person", "avalign synthetic voice, on the speech encoder", "authenticity/voice_person.onnx",
                     "research-only (trained on research sets; see the card)", "trained by this project: training/speech_encoder; card models/authenticity/CARD.md",
                     [{"name": "pooled", "shape": [1, common.WIDTH * common.LAYERS], "scale": "role speech-encoder, output pooled"}], outputs=["synthetic", "codec"],
                     calibration={"llr_slope": 1, "llr_even": round(even, 3), "llr_bound": 1.5, "score_bound": 3, "with": {"speech-encoder": common.sha_of(models, "speech-encoder")}})


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True)
    p.add_argument("--feat", required=True)
    p.add_argument("--versions", type=int, nargs="+", default=[0, 1, 2, 4, 6, 8])
    p.add_argument("--ridge", type=float, nargs="+", default=[100])
    p.add_argument("--families", action="store_true", help="print every family and corpus")
    p.add_argument("--models")
    p.add_argument("--save", help="write the answers left out here")
    args = p.parse_args()
    w, m = table(args)
    train = m["split"] == "train"
    scale = common.Scale(w["pooled"][train])
    x = scale(w["pooled"])
    gram = common.inner(x)
    print("%d windows; person %d, synthetic %d of %d families, codec %d" % (
        len(x), (m["label"] == 0).sum(), (m["label"] == 1).sum(), len(set(m["family"][m["label"] == 1])), (m["label"] == 2).sum()), flush=True)
    for ridge in args.ridge:
        z = left_out(gram, m, ridge)
        ok = np.isfinite(z[:, 0])
        slope, bound, codec, even = calibrated(z, m, ok)
        s = odds(z) - bound
        print("ridge %g: slope %.3f, bound %.3f, even at %.3f, codec bound %.3f (codec families over it: %.3f)" % (ridge, slope, bound, even, codec, (z[ok & (m["label"] == 2), 2] > codec).mean()))
        per = figures(s, m, ok & ~m["acted"], "families and corpora left out")
        print("  genuine over .5: %.3f of the pages, %.3f of the emotional corpora; synthetic over .5: %.3f" % tuple(
            (s[ok & k] > 0).mean() for k in ((m["label"] == 0) & ~m["acted"], m["acted"], m["label"] == 1)))
    e = ok & np.isfinite(w["experts"][:, 0])
    if e.any():
        old = w["experts"] @ [.84844, .95958, .97241] + .47803
        figures(old, m, e, "the present net, the same windows")
        for part in (.1, .2):
            figures(slope * s + part * old, m, e, "both, the present net by %g" % part)
    if args.families:
        for f, v in per.items():
            print("  %-26s %4d windows, EER %.2f, over .5 %.2f" % (f, (ok & (m["family"] == f)).sum(), v, (s[ok & (m["family"] == f)] > 0).mean()))
        shares(s, m, ok)
    for low, high in ((1, 2), (2, 3), (3, 4.01)):
        k = ok & ~m["acted"] & (w["seconds"] >= low) & (w["seconds"] < high)
        if k.sum() > 50:
            figures(s, m, k, "windows of %g to %g s" % (low, high))
    net = common.Linear(gram, np.flatnonzero(train), targets(m), weights(m, train), args.ridge[-1])
    dev = m["split"] == "dev"
    figures(odds(net.of(gram, np.arange(len(x)))) - bound, m, dev, "dev, trained on all of train")
    if args.save:
        np.savez(args.save, z=z, ok=ok, experts=w["experts"], **m)
    if args.models:
        write(args.models, net, x, scale, slope, bound, codec, even)


if __name__ == "__main__":
    main()
