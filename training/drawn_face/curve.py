"""curve.py -- the learning curve: AUC and order, a quarter of the people left out, by number of pairs, and each kind of decoder taught or not."""
import argparse, os, pickle
import numpy as np
import heads, train


def main():
    p = argparse.ArgumentParser()
    p.add_argument("numbers", nargs="+")
    p.add_argument("--clips", required=True)
    p.add_argument("--columns", default="three+f")
    p.add_argument("--quiet", type=float, default=8)
    p.add_argument("--ridge", type=float, default=10)
    a = p.parse_args()
    clips = [c for v in ("native", "matched", "turn") for c in pickle.load(open(os.path.join(a.clips, v + ".pkl"), "rb"))]
    more, who = train.pictures(clips, lambda c: c["label"] == "real" and c["split"] == "train")
    more = more[heads.folds(who) != 0]
    cols, rng = train.columns(train.CHOICES[a.columns]), np.random.RandomState(3)

    def line(name, rows, teach, judge):
        h = train.Head(cols, rows, teach, more, a.quiet, a.ridge)
        s, g = h(rows["made"][judge]), h(rows["genuine"][judge])
        print("| %s | %d | %d | %.3f | %.3f |" % (name, teach.sum(), len(set(rows["person"][teach])), (s > g).mean(), heads.auc(s, g)), flush=True)

    print("| taught | pairs | people | order | AUC |\n| --- | --- | --- | --- | --- |")
    for expert, kinds in (("blend", ["blend"]), ("taef2", ["taef2"]), ("sr2", ["sr2"])):
        rows = train.load(a.numbers, kinds)
        out = heads.folds(rows["person"]) == 0
        part = rng.rand(len(out))
        for share in (.15, .4, 1) if expert != "sr2" else (1,):
            line("%s, judged on %s" % (expert, expert), rows, ~out & (part < share), out)
    rows = train.load(a.numbers, ["taef2", "sr2"])
    out = heads.folds(rows["person"]) == 0
    for k in ("taef2", "sr2"):
        line("the other decoder only, judged on " + k, rows, ~out & (rows["kind"] != k), out & (rows["kind"] == k))
        line("both decoders, judged on " + k, rows, ~out, out & (rows["kind"] == k))


if __name__ == "__main__":
    main()
