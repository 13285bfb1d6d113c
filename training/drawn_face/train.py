"""train.py -- the heads: chosen with people and kinds of decoder left out, then taught on all; OUT/heads.npz, and the scores of clips.

Genuine clips are scored by heads that never saw their person; generated clips never teach anything."""
import argparse, glob, itertools, os, pickle
import numpy as np
import heads, net


def columns(which):
    """Indices of the numbers of some regions, with or without the frequencies."""
    regions, freq, dev, last = which
    keep = [np.arange(a, b) for region, place, kind, a, b in net.blocks()
            if region in regions and (freq or place != 8) and (dev or kind != "deviation") and (place <= last or place == 8)]
    return np.concatenate(keep)


CHOICES = {"all": (("all",), 0, 1, 7), "all+f": (("all",), 1, 1, 7), "three": (("all", "upper", "lower"), 0, 1, 7), "three+f": (("all", "upper", "lower"), 1, 1, 7),
           "early": (("all",), 0, 1, 6), "early3": (("all", "upper", "lower"), 0, 1, 6)}


def load(folders, kinds):
    """Rows of pairs: genuine, made, kind, how, person."""
    rows = {k: [] for k in ("genuine", "made", "kind", "how", "person", "set")}
    for name in sorted(f for d in folders for f in glob.glob(os.path.join(d, "[0-9]*.npz"))):
        z = np.load(name)
        for k in kinds:
            if k in z:
                n = len(z[k])
                rows["genuine"].append(z["base"]), rows["made"].append(z[k]), rows["kind"].append(np.full(n, k)), rows["how"].append(z["how_" + k])
                rows["person"].append(z["person"]), rows["set"].append(z["set"])
    return {k: np.concatenate(v) for k, v in rows.items()}


def balance(rows):
    """Weights: kinds alike, then people no more than the root of their pictures."""
    w = np.ones(len(rows["kind"]))
    for part, power in (("person", .5), ("kind", 1)):
        names, inv = np.unique(rows[part], return_inverse=True)
        total = np.bincount(inv, w)
        w /= (total ** power)[inv]
    return w / w.mean()


class Head:
    """w . ((x - mean) / sd) * slope + offset: log odds, by pairs of people left out."""
    def __init__(self, cols, rows, use, more, quiet, ridge, slope=1., offset=0.):
        self.cols, self.slope, self.offset = cols, slope, offset
        g, m = rows["genuine"][use][:, cols].astype("f"), rows["made"][use][:, cols].astype("f")
        still = np.unique(g, axis=0)
        if more is not None:
            rng = np.random.RandomState(0)
            still = np.concatenate([still[rng.permutation(len(still))[:1200]], more[rng.permutation(len(more))[:1500]][:, cols].astype("f")])
        self.w, self.mean, self.sd = heads.fit(g, m, still, balance(rows)[use], quiet, ridge)

    def __call__(self, x):
        z = np.clip((x[:, self.cols].astype("f") - self.mean) / self.sd, -6, 6)
        return z @ self.w * self.slope + self.offset


def pictures(clips, keep):
    c = [c for c in clips if keep(c)]
    return (np.concatenate([v["numbers"] for v in c]), np.concatenate([[v["person"]] * len(v["numbers"]) for v in c])) if c else (None, None)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("numbers", nargs="+", help="folders of extract.py")
    p.add_argument("--clips", help="folder of clips.py")
    p.add_argument("--teach-clips", help="another folder of clips.py, whose genuine train clips keep the heads still (default: --clips)")
    p.add_argument("--decoders", nargs="+", default=["taef2", "sr2"])
    p.add_argument("--columns", nargs="+", default=["three+f"])
    p.add_argument("--quiet", nargs="+", type=float, default=[8])
    p.add_argument("--ridge", nargs="+", type=float, default=[10])
    p.add_argument("--search", action="store_true", help="only print what people and decoders left out say")
    p.add_argument("--out")
    a = p.parse_args()
    variants = {os.path.basename(f)[:-4]: pickle.load(open(f, "rb")) for f in sorted(glob.glob(os.path.join(a.clips, "*.pkl")))} if a.clips else {}
    genuine = [dict(c, variant=v) for v, cs in variants.items() for c in cs if c["label"] == "real"]
    quiet = genuine
    if a.teach_clips:
        quiet = [c for f in sorted(glob.glob(os.path.join(a.teach_clips, "*.pkl"))) for c in pickle.load(open(f, "rb")) if c["label"] == "real"]
    more, more_who = pictures(quiet, lambda c: c["split"] == "train")
    sets = {"blend": load(a.numbers, ["blend"]), "decoder": load(a.numbers, a.decoders)}
    for expert, rows in sets.items():
        rows["fold"] = heads.folds(rows["person"])
        print(expert, len(rows["kind"]), "pairs,", len(set(rows["person"])), "people,", dict(zip(*np.unique(rows["kind"], return_counts=True))), flush=True)
    more_fold = heads.folds(more_who) if more is not None else None
    if a.search:
        for expert, rows in sets.items():
            for name, quiet, ridge in itertools.product(a.columns, a.quiet, a.ridge):
                cols, ok, un, re, line = columns(CHOICES[name]), [], [], [], ""
                for f in range(2):
                    use, out = rows["fold"] != f, rows["fold"] == f
                    h = Head(cols, rows, use, None if more is None else more[more_fold != f], quiet, ridge)
                    s, g = h(rows["made"][out]), h(rows["genuine"][out])
                    ok.append((s > g).mean()), un.append(heads.auc(s, g))
                    if more is not None:
                        re.append((h(more[more_fold == f]).mean() - g.mean()) / g.std())
                kinds = np.unique(rows["kind"])
                for k in kinds if len(kinds) > 1 else []:
                    use, out = (rows["fold"] != 0) & (rows["kind"] != k), (rows["fold"] == 0) & (rows["kind"] == k)
                    h = Head(cols, rows, use, None if more is None else more[more_fold != 0], quiet, ridge)
                    s, g = h(rows["made"][out]), h(rows["genuine"][out])
                    line += "; %s, not taught: order %.3f, AUC %.3f" % (k, (s > g).mean(), heads.auc(s, g))
                print("%-8s %-8s quiet %-5g ridge %-5g people left out: order %.3f, AUC %.3f" % (expert, name, quiet, ridge, np.mean(ok), np.mean(un)) +
                      (", clips shifted %.2f" % np.mean(re) if re else "") + line, flush=True)
        return
    cols, result = columns(CHOICES[a.columns[0]]), {}
    clips = genuine + [dict(c, variant="native") for c in variants.get("native", []) if c["label"] == "fake"]
    score = np.full((len(clips), 2), np.nan)
    frames = [[None, None] for _ in clips]
    fold = np.array([heads.folds([c["person"]])[0] if c["label"] == "real" and c["split"] == "train" else -1 for c in clips])
    for e, (expert, rows) in enumerate(sets.items()):
        left, parts = np.zeros((2, len(rows["fold"]))), {}
        for f in range(3):
            parts[f] = h = Head(cols, rows, rows["fold"] != f, None if more is None else more[more_fold != f], a.quiet[0], a.ridge[0])
            out = rows["fold"] == f
            left[0, out], left[1, out] = h(rows["made"][out]), h(rows["genuine"][out])
        slope, offset = heads.odds(*left)
        print("%s: people left out, order %.3f, AUC %.3f; log odds %.3f x + %.3f" % (expert, (left[0] > left[1]).mean(), heads.auc(*left), slope, offset), flush=True)
        parts[-1] = Head(cols, rows, rows["fold"] >= 0, more, a.quiet[0], a.ridge[0])
        for f, h in parts.items():
            h.slope, h.offset = slope, offset
            for i in np.flatnonzero(fold == f):
                frames[i][e] = h(clips[i]["numbers"])
                score[i, e] = frames[i][e].mean()
            if f == -1:
                result.update({expert + "_w": h.w * slope, expert + "_b": offset, expert + "_mean": h.mean, expert + "_sd": h.sd})
    os.makedirs(a.out, exist_ok=True)
    np.savez(os.path.join(a.out, "heads.npz"), columns=cols, **result)
    for c, s, fr in zip(clips, score, frames):
        c.update(score=s, frames=np.stack(fr, 1))
        del c["numbers"]
    pickle.dump(clips, open(os.path.join(a.out, "scores.pkl"), "wb"), 4)
    print("heads of", len(cols), "numbers;", len(clips), "clips scored")


if __name__ == "__main__":
    main()
