"""Trains the voice's feelings (7 classes, arousal, valence) on the speech encoder's numbers.

    python emotion.py --data DIR --feat DIR [--ridge 3] [--models ../../models]

Windows of list emotion as extract.py wrote them. Corpora count by the root of their size, classes within a corpus alike. Prints what speakers left
out (dev) and whole corpora left out get, and the calibration; --models writes the net of all training speakers. "calm" goes with neutral.
Arousal and valence have no labels of their own in these corpora (but BAVED's arousal and Deeply's valence): they are the usual places of the feelings.
"""
import argparse
import collections
import os

import numpy as np

import common

CLASSES = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]
FOUR = [0, 1, 2, 3]
PLACE = {"neutral": (0, 0), "calm": (-.5, .3), "happiness": (.6, .8), "sadness": (-.5, -.6), "anger": (.8, -.6), "fear": (.6, -.6), "disgust": (.2, -.6),
         "surprise": (.7, .2), "boredom": (-.6, -.3), "arousal_0": (-.6, None), "arousal_1": (0, None), "arousal_2": (.7, None),
         "negative": (None, -.7), "positive": (None, .7)}
LEFT_OUT = ["EMO-DB", "nEMO", "ASED v1", "TESS", "TurEV-DB", "RAVDESS"]


def table(args):
    rows = common.rows(args.data + "/emotion")
    w = common.together([common.windows(os.path.join(args.feat, "emotion_%d" % v)) for v in args.versions if os.path.isdir(os.path.join(args.feat, "emotion_%d" % v))])
    r = [rows[i] for i in w["row"]]
    m = {k: np.array([x[k] for x in r]) for k in ("label", "speaker", "dataset", "split")}
    m["class"] = np.array([CLASSES.index("neutral" if k == "calm" else k) if k in CLASSES or k == "calm" else -1 for k in m["label"]])
    return w, m


def weights(m, keep):
    out = np.zeros(len(keep))
    size = collections.Counter(m["dataset"][keep])
    count = collections.Counter(zip(m["dataset"][keep], m["label"][keep]))
    kinds = collections.Counter(d for d, _ in count)
    for i in np.flatnonzero(keep):
        d = m["dataset"][i]
        out[i] = size[d] ** .5 / kinds[d] / count[d, m["label"][i]]
    return out


def answers(gram, m, keep, test, ridge):
    """Seven scores and arousal, valence of the rows of test, from the rows of keep."""
    f, _ = feelings(gram, m, keep, ridge)
    a = affect(gram, m, keep, ridge * 3)
    t = np.flatnonzero(test)
    return np.c_[f.of(gram, t), np.c_[[n.of(gram, t)[:, 0] for n in a]].T]


def feelings(gram, m, keep, ridge):
    k = keep & (m["class"] >= 0)
    v = weights(m, k)
    total = np.array([v[m["class"] == c].sum() for c in range(7)])
    v *= (total.mean() / np.maximum(total, 1e-9))[m["class"]] ** .7 * (m["class"] >= 0)      # rare feelings (disgust, surprise) count more
    return common.Linear(gram, np.flatnonzero(k), np.eye(7, dtype=np.float32)[m["class"]], v, ridge), k


def affect(gram, m, keep, ridge):
    out = []
    for axis in (0, 1):
        y = np.array([np.nan if PLACE[k][axis] is None else PLACE[k][axis] for k in m["label"]], np.float32)
        k = keep & np.isfinite(y)
        out.append(common.Linear(gram, np.flatnonzero(k), np.nan_to_num(y)[:, None], weights(m, k), ridge))
    return out


def recall(p, y, classes):
    q = p[:, classes]
    return np.mean([np.mean(np.array(classes)[q[y == c].argmax(1)] == c) for c in classes if (y == c).any()])


def soft(z, t):
    p = np.exp((z - z.max(1, keepdims=True)) * t)
    return p / p.sum(1, keepdims=True)


def calibration_error(p, y, bins=10):
    top, hit = p.max(1), p.argmax(1) == y
    b = np.minimum((top * bins).astype(int), bins - 1)
    return sum(abs(top[b == k].mean() - hit[b == k].mean()) * (b == k).mean() for k in range(bins) if (b == k).any())


def temperature(z, y, v):
    grid = np.geomspace(.5, 30, 60)
    return grid[np.argmin([-(v * np.log(soft(z, t)[np.arange(len(y)), y] + 1e-9)).sum() for t in grid])]


def unseen(gram, m, ridge):
    """Every training window by a net that has not heard its speaker: five groups of speakers."""
    import hashlib
    fold = np.array([int(hashlib.md5(s.encode()).hexdigest(), 16) % 5 for s in m["speaker"]])
    out = np.full((len(gram), 9), np.nan, np.float32)
    for f in range(5):
        test = (m["split"] == "train") & (fold == f)
        out[test] = answers(gram, m, (m["split"] == "train") & ~test, test, ridge)
    return out


def write(models, f, a, x, scale, t):
    matrix, constant = f.weights(x)
    sides = [n.weights(x) for n in a]
    width = np.float32(x.shape[1])
    all_ = np.c_[matrix / width * t, sides[0][0] / width, sides[1][0] / width]
    base = np.r_[constant * t, sides[0][1], sides[1][1]]

    def tail(nodes, init):
        n = common.w.node
        init.update({"i0": np.array([0], np.int64), "i7": np.array([7], np.int64), "i9": np.array([9], np.int64), "i1": np.array([1], np.int64)})
        nodes += [n("Slice", ["raw", "i0", "i7", "i1"], ["logits"]), n("Softmax", ["logits"], ["feeling"], axis=1), n("Slice", ["raw", "i7", "i9", "i1"], ["side"]),
                  n("Tanh", ["side"], ["affect"])]
    common.export(os.path.join(models, "emotion", "voice_feeling.onnx"), "voice_feeling", all_, base, scale, tail, [("feeling", 7), ("affect", 2)])
    import onnx_net
    onnx_net.add_row(models, "voice-emotion", "avalign voice emotions, on the speech encoder", "emotion/voice_feeling.onnx", "research-only (trained on research sets; see the card)",
                     "trained by this project: training/speech_encoder; card models/emotion/CARD.md",
                     [{"name": "pooled", "shape": [1, common.WIDTH * common.LAYERS], "scale": "role speech-encoder, output pooled"}], labels=CLASSES)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True)
    p.add_argument("--feat", required=True)
    p.add_argument("--versions", type=int, nargs="+", default=[0, 1, 2, 4, 6, 8])
    p.add_argument("--ridge", type=float, nargs="+", default=[3])
    p.add_argument("--models")
    args = p.parse_args()
    w, m = table(args)
    train, dev = m["split"] == "train", m["split"] == "dev"
    scale = common.Scale(w["pooled"][train])
    x = scale(w["pooled"])
    gram = common.inner(x)
    print("%d windows, %d to learn from: %s" % (len(x), train.sum(), dict(collections.Counter(m["dataset"][train]))), flush=True)
    for ridge in args.ridge:
        got = unseen(gram, m, ridge)
        known = train & (m["class"] >= 0)
        t = temperature(got[known][:, :7], m["class"][known], weights(m, known)[known])
        print("ridge %g: temperature %.2f, calibration error, unseen speakers %.3f" % (ridge, t, calibration_error(soft(got[known][:, :7], t), m["class"][known])))
        own = [recall(got[k][:, :7], m["class"][k], FOUR) for k in (known & (m["dataset"] == d) for d in LEFT_OUT)]
        print("  train, speakers left out, 4 classes: %s" % ", ".join("%s %.2f" % z for z in zip(LEFT_OUT, own)))
        loco = []
        for d in LEFT_OUT:
            test = (m["dataset"] == d) & (m["class"] >= 0)
            z = answers(gram, m, train & (m["dataset"] != d), test, ridge)
            loco.append(recall(z[:, :7], m["class"][test], FOUR))
        print("  corpus left out, 4 classes: %s; mean of the first five %.2f" % (", ".join("%s %.2f" % z for z in zip(LEFT_OUT, loco)), np.mean(loco[:5])))
        z = answers(gram, m, train, dev, ridge)
        for d in sorted(set(m["dataset"][dev])):
            k = (m["dataset"][dev] == d) & (m["class"][dev] >= 0)
            if not k.any():
                continue
            y, q, who = m["class"][dev][k], z[k], m["speaker"][dev][k]
            low, high = common.interval(lambda i: recall(q[i][:, :7], y[i], FOUR), who, 300)
            seven = k & ~((m["label"][dev] == "calm"))
            print("  dev %-46s %3d windows: UAR of 4 %.2f (%.2f to %.2f), of 7 %.2f (without calm %.2f), calibration error %.3f" % (
                d, k.sum(), recall(q[:, :7], y, FOUR), low, high, recall(q[:, :7], y, list(range(7))), recall(z[seven][:, :7], m["class"][dev][seven], list(range(7))), calibration_error(soft(q[:, :7], t), y)))
            place = np.array([PLACE[n] for n in m["label"][dev][k]], float)
            print("      arousal correlates %.2f with the places of the feelings, valence %.2f" % tuple(np.corrcoef(q[:, 7 + i], place[:, i])[0, 1] for i in (0, 1)))
    if args.models:
        f, _ = feelings(gram, m, train, args.ridge[-1])
        write(args.models, f, affect(gram, m, train, args.ridge[-1] * 3), x, scale, t)


if __name__ == "__main__":
    main()
