"""The baseline of docs/accuracy.md: emotions from pitch and loudness, on RAVDESS actors.

    python train.py --avalign build/avalign --models models --audio ../shared/data/audio

A logistic regression over the eight numbers of ava_prosody() (as `avalign analyze` gives them), classes and actors of
equal weight. Prints what each actor's clips get from a net that has not heard the actor, in 7 and in 4 classes, the
calibration error, and the temperature that the net is written with. "calm" is left out.
"""
import argparse
import csv
import json
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lip_sync"), os.path.join(HERE, "..", "..", "setup")]
import onnx_writer  # noqa: E402
import rehash  # noqa: E402

CLASSES = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]
FOUR = ["neutral", "happiness", "sadness", "anger"]
WIDTH = 8


def write(path, mean, scale, w, b):
    n = onnx_writer
    with open(path, "wb") as f:
        f.write(n.model("voice-emotion", [n.node("Sub", ["x", "mean"], ["c"]), n.node("Mul", ["c", "scale"], ["s"]),
                                          n.node("Gemm", ["s", "weight", "bias"], ["l"]), n.node("Softmax", ["l"], ["feeling"], axis=1)],
                        [n.value("x", [1, WIDTH])], [n.value("feeling", [1, len(CLASSES)])],
                        {"mean": np.float32(mean), "scale": np.float32(scale), "weight": np.float32(w), "bias": np.float32(b)}))


def softmax(l):
    p = np.exp(l - l.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def fit(x, y, weight, ridge, steps=4000, rate=.5):
    """Multinomial logistic regression, ridge on the weights, plain gradient descent."""
    w, b = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1])
    for _ in range(steps):
        d = (softmax(x @ w + b) - y) * weight[:, None]
        w -= rate * (x.T @ d + ridge * w)
        b -= rate * d.sum(0)
    return w, b


def balance(label, actor):
    pair = list(zip(label, actor))
    s = np.array([1 / pair.count(p) for p in pair])
    return s / s.sum()


def uar(label, p, classes):
    of = np.array([CLASSES.index(c) for c in classes])
    said = of[p[:, of].argmax(1)]
    return np.mean([(said[label == k] == k).mean() for k in of if (label == k).any()])


def ece(label, p, bins=8):
    top, sure = p.argmax(1), p.max(1)
    edge = np.quantile(sure, np.linspace(0, 1, bins + 1))
    at = np.clip(np.searchsorted(edge, sure, "right") - 1, 0, bins - 1)
    return sum((at == k).mean() * abs((top == label)[at == k].mean() - sure[at == k].mean()) for k in range(bins) if (at == k).any())


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", default="build/avalign")
    p.add_argument("--models", default="models")
    p.add_argument("--audio", default="../shared/data/audio")
    args = p.parse_args()
    path = os.path.join(args.models, "emotion", "voice.onnx")
    if not os.path.exists(path):                # something to run the front end with
        write(path, np.zeros(WIDTH), np.ones(WIDTH), np.zeros((WIDTH, 7)), np.zeros(7))
        rehash.rehash(args.models)
    with open(os.path.join(args.audio, "index.tsv")) as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["task"] == "emotion" and r["label"] in CLASSES]
    x, label, actor = [], [], []
    for r in rows:
        out = subprocess.run([args.avalign, "analyze", "--json", "-", "--models", args.models, "--only", "emotion", os.path.join(args.audio, r["path"])],
                             capture_output=True, text=True).stdout
        for w in json.loads(out)["signals"]["emotion"]["windows"][:1]:
            x.append(w["prosody"])
            label.append(CLASSES.index(r["label"]))
            actor.append(r["speaker"])
    x, label, actor = np.array(x), np.array(label), np.array(actor)
    y = np.eye(7)[label]
    print("%d of %d clips have a second of speech; actors %s" % (len(x), len(rows), " ".join(sorted(set(actor)))))

    def train(keep, ridge):
        mean, scale = x[keep].mean(0), 1 / (x[keep].std(0) + 1e-6)
        w, b = fit((x[keep] - mean) * scale, y[keep], balance(label[keep], actor[keep]), ridge)
        return mean, scale, w, b
    best = None
    for ridge in (.03, .1, .3):
        held = np.zeros((len(x), 7))
        for a in set(actor):
            mean, scale, w, b = train(actor != a, ridge)
            held[actor == a] = ((x[actor == a] - mean) * scale) @ w + b
        loss = -np.mean(np.log(softmax(held)[np.arange(len(x)), label]))
        print("ridge %g: actors left out: log loss %.3f (chance %.3f)" % (ridge, loss, np.log(7)))
        if best is None or loss < best[0]:
            best = (loss, ridge, held)
    _, ridge, held = best
    temperature = min(np.arange(.5, 3, .05), key=lambda t: -np.mean(np.log(softmax(held / t)[np.arange(len(x)), label])))
    p7 = softmax(held / temperature)
    four = np.isin(label, [CLASSES.index(c) for c in FOUR])
    print("temperature %.2f; actors left out: UAR 7 classes %.3f (chance .143), 4 classes %.3f (chance .25), calibration error %.3f" % (
        temperature, uar(label, p7, CLASSES), uar(label[four], p7[four], FOUR), ece(label, p7)))
    for a in sorted(set(actor)):
        m = actor == a
        print("  %s: 7 classes %.2f, 4 classes %.2f" % (a, uar(label[m], p7[m], CLASSES), uar(label[m & four], p7[m & four], FOUR)))
    print("said (columns) of meant (rows), %s" % " ".join(c[:4] for c in CLASSES))
    for k, c in enumerate(CLASSES):
        print("  %-10s %s" % (c, " ".join("%3d" % (p7[label == k].argmax(1) == j).sum() for j in range(7))))
    mean, scale, w, b = train(np.ones(len(x), bool), ridge)
    write(path, mean, scale, w / temperature, b / temperature)
    rehash.rehash(args.models)


if __name__ == "__main__":
    main()
