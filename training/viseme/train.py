"""Trains the mouth-shape net on the phones of the training clips.

    python train.py --avalign build/avalign --video DIR --features DIR --models models [--init]

Labels: phones aligned to what GRID's speakers say (their sentences are in the file names), and phones the recogniser
hears from everybody else. Input as src/extract/mouth_shape.c feeds it: the sync embedding of each picture (by the nets of
`models`), mouth opening and width. --init only writes an untrained net, so that the tool runs and can align.
Prints, by person held out in turn, how often the right shape is found, then trains on all and writes
models/viseme/shape.onnx and the manifest row's hash.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import openvino
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lip_sync"))
import data  # noqa: E402
import export  # noqa: E402
import rehash  # noqa: E402

SHAPES = ["neutral", "closed", "lip-tuck", "tongue", "teeth", "open", "rounded", "spread"]
FEATURES = 68
GRID = [dict(b="bin", l="lay", p="place", s="set"), dict(b="blue", g="green", r="red", w="white"),
        dict(a="at", b="by", i="in", w="with"), None,
        dict(zip("z123456789", "zero one two three four five six seven eight nine".split())),
        dict(a="again", n="now", p="please", s="soon")]
rng = np.random.RandomState(2)


def grid_sentence(name):
    """The words in a GRID file name such as bbaf2n, or None."""
    m = re.search(r"(?<![a-z0-9])([blps])([bgrw])([abiw])([a-z])([z1-9])([anps])(?![a-z0-9])", os.path.splitext(os.path.basename(name))[0])
    return m and " ".join(g[c] if g else c for g, c in zip(GRID, m.groups()))


def analyze(tool, models, clip, sentence):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write(sentence or "")
        f.flush()
        cmd = [tool, "analyze", clip, "--models", models, "--only", "viseme", "--json", "-", "--threads", "1"]
        r = subprocess.run(cmd + (["--transcript", f.name] if sentence else []), capture_output=True, text=True)
    return json.loads(r.stdout)["signals"]["viseme"] if r.stdout else {}


class Shape(nn.Module):
    """[1, T, 68] -> probabilities [1, T, 8]"""
    def __init__(self, h=64):
        super().__init__()
        c = lambda i, o, k: nn.Sequential(nn.Conv1d(i, o, k, 1, k // 2), nn.BatchNorm1d(o), nn.ReLU())
        self.net = nn.Sequential(nn.Dropout(.1), c(FEATURES, h, 3), nn.Dropout(.2), c(h, h, 3), nn.Dropout(.2),
                                 nn.Conv1d(h, len(SHAPES), 1))

    def logits(self, x):
        return self.net(x.transpose(1, 2)).transpose(1, 2)

    def forward(self, x):
        return F.softmax(self.logits(x), 2)


def save(net, path):
    net.eval()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    torch.onnx.export(net, torch.zeros(1, 60, FEATURES), path, input_names=["x"], output_names=["shape"], opset_version=13,
                      dynamo=False, dynamic_axes={"x": {1: "t"}, "shape": {1: "t"}})
    export.halve(path)


def embeddings(models, core, c):
    """The sync embedding of every picture as the tool computes it."""
    out = 0
    for name, x in (("lips", c["V"][None, ..., :2].reshape(1, -1, 98)), ("mouth", c["C"][None].astype("f") / 255)):
        net = core.setdefault(name, openvino.Core().compile_model(os.path.join(models, "sync", name + ".onnx"), "CPU"))
        out = out + net(np.ascontiguousarray(x, dtype="f"))[0][0].T
    out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    return np.round(out * 127) / 127


def geometry(path, n):
    """Mouth opening and width of every picture of the longest track (src/track/geometry.c)."""
    tracks = [os.path.join(path, d) for d in os.listdir(path) if d.startswith("track")]
    d = max(tracks, key=lambda t: len(np.load(os.path.join(t, "t_s.npy"))))
    lm, q, t = (np.load(os.path.join(d, k + ".npy")) for k in ("landmarks", "quality", "t_s"))
    k = np.round((t - t[0]) * 25).astype(int)
    full = np.searchsorted(k, np.arange(k[-1] + 1)).clip(0, len(k) - 1)
    dist = lambda a, b: np.linalg.norm(lm[:, a] - lm[:, b], axis=1)
    width = dist(61, 291) / np.maximum(dist(33, 263), 1e-3)
    return q[full, 7][:n], width[full][:n], t[0]


def corpus(a):
    """Clips with x [T, 68] and y [T], the shape asked for at each picture (-1: none)."""
    cache = os.path.join(a.features, "viseme.json")
    known = json.load(open(cache)) if os.path.exists(cache) else {}
    rows = [dict(r, clip=os.path.join(r["split"], r["path"])) for r in data.index(a.video) if r["label"] == "real" and r["split"] == "train"]
    rows += [dict(clip="train/grid_s1/" + f, dump="train_grid_s1_" + f, person="grid_s1") for f in sorted(os.listdir(os.path.join(a.video, "train/grid_s1")))]
    clips, core = [], {}
    for r in rows:
        d = os.path.join(a.features, r["dump"])
        c = data.load(d) if os.path.isdir(d) else None
        if not c:
            continue
        sentence = grid_sentence(r["clip"]) if "grid" in r["clip"] else None
        if r["clip"] not in known:
            known[r["clip"]] = analyze(a.avalign, a.models, os.path.join(a.video, r["clip"]), sentence)
            json.dump(known, open(cache, "w"))
        v = known[r["clip"]]
        if not v.get("phones"):
            continue
        x = embeddings(a.models, core, c)
        opening, width, t0 = geometry(d, len(x))
        n = min(len(x), len(opening))
        g = np.stack([opening * 5, (opening - np.quantile(opening, .1)) * 5, width * 5, (width - np.median(width)) * 10], 1)
        y = np.full(n, -1)
        shift = v["offset_used_ms"] / 1000 - t0
        for p in v["phones"]:
            i, j = (int(round((p[k] + shift) * 25)) for k in ("start_s", "end_s"))
            y[max(0, i):max(i + 1, j)] = SHAPES.index(p["viseme"])
        clips.append(dict(x=np.concatenate([x[:n], g[:n]], 1).astype("f"), y=y, person=r["person"], known=bool(sentence)))
    return clips


def fit(clips, steps, seed=0):
    torch.manual_seed(seed)
    net = Shape()
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=.05)
    people = sorted({c["person"] for c in clips})
    by = {p: [c for c in clips if c["person"] == p] for p in people}
    share = np.array([4. if p == "grid_s1" else 1.5 if by[p][0]["known"] else .7 for p in people])
    count = np.bincount(np.concatenate([c["y"][c["y"] >= 0] for c in clips]), minlength=8) + 50
    weight = torch.tensor((count.mean() / count) ** .5).float()
    L, B = 50, 32
    for step in range(steps):
        for g in opt.param_groups:
            g["lr"] = 2e-3 * (.5 + .5 * np.cos(np.pi * step / steps))
        xs, ys = [], []
        for _ in range(B):
            c = by[people[rng.choice(len(people), p=share / share.sum())]]
            c = c[rng.randint(len(c))]
            i = rng.randint(0, max(1, len(c["x"]) - L + 1))
            x, y = c["x"][i:i + L].copy(), c["y"][i:i + L]
            x[:, :64] += rng.randn(*x[:, :64].shape) * .03
            x[:, 64:] *= rng.uniform(.75, 1.3)
            x[:, [64, 66]] += rng.randn(1, 2) * .15
            pad = L - len(x)
            xs.append(np.pad(x, ((0, pad), (0, 0))))
            ys.append(np.pad(y, (0, pad), constant_values=-1))
        z = net.logits(torch.tensor(np.stack(xs)).float())
        loss = F.cross_entropy(z.reshape(-1, 8), torch.tensor(np.stack(ys)).reshape(-1), weight=weight, ignore_index=-1, label_smoothing=.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return net.eval()


def score(net, clips):
    """Recall of each shape, by picture; only clips whose words are known."""
    hit, n = np.zeros(8), np.zeros(8)
    for c in clips:
        with torch.no_grad():
            p = net(torch.tensor(c["x"][None]))[0].argmax(1).numpy()
        for s in range(8):
            n[s] += (c["y"] == s).sum()
            hit[s] += ((c["y"] == s) & (p == s)).sum()
    return hit, n


def main():
    p = argparse.ArgumentParser()
    for k in ("avalign", "video", "features", "models"):
        p.add_argument("--" + k, required=k == "models")
    p.add_argument("--init", action="store_true")
    p.add_argument("--steps", type=int, default=1500)
    p.add_argument("--skip-folds", action="store_true")
    torch.set_num_threads(1)
    a = p.parse_args()
    path = os.path.join(a.models, "viseme", "shape.onnx")
    if a.init:
        torch.manual_seed(0)
        save(Shape(), path)
        return rehash.rehash(a.models)
    clips = corpus(a)
    print(len(clips), "clips,", len({c["person"] for c in clips}), "people")
    hit, n = np.zeros(8), np.zeros(8)
    for person in [] if a.skip_folds else sorted({c["person"] for c in clips if c["known"]}):
        net = fit([c for c in clips if c["person"] != person], a.steps // 2)
        h, m = score(net, [c for c in clips if c["person"] == person])
        print(person, "held out:", " ".join("%s %.2f" % (s, v) for s, v in zip(SHAPES, h / np.maximum(m, 1))), "mean %.3f" % np.mean(h[1:] / np.maximum(m[1:], 1)), flush=True)
        if person != "grid_s1":
            hit, n = hit + h, n + m
    if n.any():
        print("all but grid_s1:", " ".join("%s %.2f" % (s, v) for s, v in zip(SHAPES, hit / np.maximum(n, 1))))
    save(fit(clips, a.steps), path)
    rehash.rehash(a.models)


if __name__ == "__main__":
    main()
