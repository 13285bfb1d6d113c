"""What each set calls zero: its lag beside the studio sets, and what had better be left out of training.

    python lags.py --corpus corpus.pkl --init models/sync --out lags.json [--steps 400]

A net of landmarks and sound goes on from `--init` on studio sets alone (corpus.STUDIO), so every other set is read by a net
that was not trained on it (but by `--init`, if that was). All clips of a person give one curve; a set's lag is the median of its
people's, drawn towards 0 where they are few, and halved: the reading by strangers to the set is itself uncertain by tens of
ms, so half way between the set's word and the net's is the better guess. Where people of a set come from different cameras
(`approx`, `unknown`, `presumed`, broadcast presenters) theirs is what they differ by besides. Left out: clips whose own lag
disagrees, and those in which nothing stands out.
"""
import argparse
import json
import pickle

import numpy as np
import torch

import corpus
import nets
import train

OWN = ("approx", "unknown", "presumed")


def read(model, clips):
    """{(set, person): (lag ms, prominence, seconds)} and {dump: (lag, prominence)} of the clips of 2 s and more."""
    for m in model:
        m and m.eval()
    pooled, single = {}, {}
    for c in clips:
        e = train.embed(model, c)
        out, cnt = train.curve(e[2], e[3])
        if len(c["V"]) >= 50:
            single[c["dump"]] = train.peak(out, cnt)
        p = pooled.setdefault((c["set"], c["person"]), [0, 0, 0])
        p[0], p[1], p[2] = p[0] + out, p[1] + cnt, p[2] + len(c["V"]) / 25
    return {k: (*train.peak(o, n), s) for k, (o, n, s) in pooled.items()}, single


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--corpus", required=True)
    p.add_argument("--init", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--net", help="read with this net (an earlier OUT.pt) instead of training one")
    p.add_argument("--steps", type=int, default=400)
    a = p.parse_args()
    clips = [c for c in pickle.load(open(a.corpus, "rb")) if c["split"] == "train" and c["label"] == "real"]
    web = sorted({c["set"] for c in clips if not corpus.studio(c["set"])})
    if a.net:
        model = [nets.Lips(), None, nets.Sound()]
        for m, state in zip(model, torch.load(a.net)):
            m and m.load_state_dict(state)
    else:
        model = train.fit(clips, web, a.steps, a.out + ".pt", "lips", init=a.init)
    people, single = read(model, clips)
    lags = dict(set={}, person={}, drop=[])
    print("| set | people | seconds | lag ms | quartiles over people |\n| --- | --- | --- | --- | --- |")
    for s in sorted({k[0] for k in people}):
        mine = {k[1]: v for k, v in people.items() if k[0] == s}
        sure = np.array([v[0] for v in mine.values() if v[1] > 4 and abs(v[0]) < 200])
        lag = float(np.median(sure)) * len(sure) / (len(sure) + 2) if len(sure) else 0.
        print("| %s | %d | %.0f | %+.0f | %s |" % (s, len(mine), sum(v[2] for v in mine.values()), lag,
                                                  ", ".join("%+.0f" % q for q in np.percentile(sure, (25, 75))) if len(sure) else "-"))
        if corpus.studio(s):
            continue
        lags["set"][s] = round(lag / 2, 1)
        for q, (at, z, seconds) in mine.items():
            if q.startswith("presenter_") and z > 5 and seconds >= 8 and abs(at) < 200:
                lags["person"][s + "/" + q] = round(float(at) - lag / 2, 1)
        own = {c["person"] for c in clips if c["set"] == s and c["sync"].startswith(OWN)}
        for q in own:
            if mine[q][1] > 5 and abs(mine[q][0]) < 300:
                lags["person"][s + "/" + q] = round(float(mine[q][0]), 1)
            else:
                lags["drop"].append(s + "/" + q)
    for c in clips:
        if c["dump"] in single and not corpus.studio(c["set"]):
            at, z = single[c["dump"]]
            lag = lags["person"].get(c["set"] + "/" + c["person"], lags["set"].get(c["set"], 0))
            if (z > 4 and abs(at - lag) > 160) or (z < 3 and len(c["V"]) >= 100):
                lags["drop"].append(c["dump"])
    print("%d clips or people left out" % len(lags["drop"]))
    with open(a.out, "w") as f:
        json.dump(lags, f, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
