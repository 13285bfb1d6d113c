"""Trains the mouth-shape net on the phones that the speech encoder hears in the training clips.

    python train.py --corpus corpus.pkl --lags lags.json --features DIR --models models [--init]

CORPUS, LAGS, FEATURES: of training/lip_sync/run.sh (all clips of the video lists, how far each set's sound is off, the tool's dumps).
Phones: roles speech-encoder and speech-phones on the dump's sound, in windows of 4 s; clips of which the net is not sure (other languages,
music) are left out. Input as src/extract/mouth_shape.c feeds it: the sync embedding of each picture (by the nets of `models`), mouth
opening and width. --init only writes an untrained net. Prints, on a sixth of the people and on whole sets left out, how often the right
shape is found, then trains on all and writes models/viseme/shape.onnx and the manifest's hashes.
"""
import argparse
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile

import numpy as np
import openvino
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", d) for d in ("lip_sync", "speech_encoder")]
from halve import halve  # noqa: E402
import rehash  # noqa: E402
from log_mel import log_mel  # noqa: E402

SHAPES = ["neutral", "closed", "lip-tuck", "tongue", "teeth", "open", "rounded", "spread"]
OF_SHAPE = ["SIL D G HH K L N NG T", "P B M", "F V", "TH DH", "S Z SH ZH CH JH", "AA AE AH AY AW", "AO OW OY UH UW W R ER", "IY IH EY EH Y"]   # src/evidence/viseme_map.c
PHONES = ("SIL AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH").split()
SHAPE = np.array([next(k for k, names in enumerate(OF_SHAPE) if p in names.split()) for p in PHONES])
FEATURES, RATE = 68, 16000
HELD_SETS = ("lrs2_lrs3", "celebv_dub", "tcdtimit_robustl2s")
FOREIGN = ("lrw_ar", "mtedx")   # the phones are English
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
    """The tool's own answer on a clip (evaluate.py)."""
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
    halve(path)


class Nets:
    """The shipped nets that this one builds on."""
    def __init__(self, models):
        core = openvino.Core()
        self.lips, self.mouth = (core.compile_model(os.path.join(models, "sync", n + ".onnx"), "CPU", {"INFERENCE_NUM_THREADS": 1}) for n in ("lips", "mouth"))
        self.encoder, self.phones = (core.compile_model(os.path.join(models, "speech_encoder", n), "CPU", {"INFERENCE_NUM_THREADS": 1})
                                     for n in ("whisper_tiny_en.onnx", "phones.onnx"))

    def embeddings(self, c):
        """The sync embedding of every picture as the tool computes it."""
        out = 0
        for net, x in ((self.lips, c["V"][None, ..., :2].reshape(1, -1, 98)), (self.mouth, c["C"][None].astype("f") / 255)):
            out = out + net(np.ascontiguousarray(x, dtype="f"))[0][0].T
        out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        return np.round(out * 127) / 127

    def heard(self, pcm):
        """Log probabilities [n, 40] of the phones, 50 a second; no number where there is no sound."""
        out = np.full((len(pcm) // 320, 40), np.nan, np.float32)
        for at in range(0, len(pcm) - RATE, 4 * RATE):
            x = pcm[at:at + 4 * RATE]
            x = x[:len(x) // 320 * 320]
            power = np.sqrt(np.mean(x ** 2))
            if power < 1e-4 or len(x) < RATE:
                continue
            frames = self.encoder([log_mel(x * (.05 / power))[None]])["frames"].reshape(6, -1, 384)[2:5]
            n = frames.shape[1]
            out[at // 320:at // 320 + n] = self.phones([np.pad(frames, ((0, 0), (0, 200 - n), (0, 0)))])[0][:n]
        return out


def geometry(path, track, n):
    """Mouth opening and width of every picture of the track (src/track/geometry.c)."""
    d = os.path.join(path, track)
    lm, q, t = (np.load(os.path.join(d, k + ".npy")) for k in ("landmarks", "quality", "t_s"))
    k = np.round((t - t[0]) * 25).astype(int)
    full = np.searchsorted(k, np.arange(k[-1] + 1)).clip(0, len(k) - 1)
    dist = lambda a, b: np.linalg.norm(lm[:, a] - lm[:, b], axis=1)
    width = dist(61, 291) / np.maximum(dist(33, 263), 1e-3)
    return q[full, 7][:n], width[full][:n]


def corpus(a):
    """Clips with x [T, 68] and y [T], the shape asked for at each picture (-1: nobody knows)."""
    with open(a.corpus, "rb") as f:
        clips = [c for c in pickle.load(f) if c["split"] == "train" and c["label"] == "real"]
    with open(a.lags) as f:
        lags = json.load(f)
    nets, out, taken = Nets(a.models), [], {}
    rng.shuffle(clips)
    for c in clips:
        key = c["set"] + "/" + c["person"]
        if c["set"] in FOREIGN or c["dump"] in lags["drop"] or key in lags["drop"] or taken.get(key, 0) >= a.each:
            continue
        d = os.path.join(a.features, c["dump"])
        pcm, t0 = np.load(os.path.join(d, "speech.npy")), float(np.load(os.path.join(d, "speech_t0_s.npy"))[0])
        p = nets.heard(pcm[:40 * RATE])
        lag = lags["person"].get(key, lags["set"].get(c["set"], 0.)) / 1000
        n = len(c["V"])
        at = np.round((c["t0"] + np.arange(n) / 25 - lag - t0) * 50).astype(int)
        there = (at >= 0) & (at < len(p))
        q = np.where(there[:, None], p[at.clip(0, max(0, len(p) - 1))] if len(p) else np.nan, np.nan)
        known = np.isfinite(q[:, 0])
        sure = np.exp(np.where(known[:, None], q, -99).max(1))
        if known.sum() < 25 or sure[known].mean() < .7:
            continue
        y = np.where(known & (sure > .5), SHAPE[np.where(known[:, None], q, 0).argmax(1)], -1)
        x = nets.embeddings(c)
        opening, width = geometry(d, c["track"], n)
        n = min(n, len(opening))
        g = np.stack([opening * 5, (opening - np.quantile(opening, .1)) * 5, width * 5, (width - np.median(width)) * 10], 1)
        out.append(dict(x=np.concatenate([x[:n], g[:n]], 1).astype("f"), y=y[:n], person=key, set=c["set"]))
        taken[key] = taken.get(key, 0) + 1
        if len(out) % 200 == 0:
            print(len(out), "clips", flush=True)
    return out


def fit(clips, steps, seed=0):
    torch.manual_seed(seed)
    net = Shape()
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=.05)
    people = sorted({c["person"] for c in clips})
    by = {p: [c for c in clips if c["person"] == p] for p in people}
    share = np.array([min(len(by[p]), 16) ** .5 for p in people])
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
    """Recall of each shape, by picture."""
    hit, n = np.zeros(8), np.zeros(8)
    for c in clips:
        with torch.no_grad():
            p = net(torch.tensor(c["x"][None]))[0].argmax(1).numpy()
        for s in range(8):
            n[s] += (c["y"] == s).sum()
            hit[s] += ((c["y"] == s) & (p == s)).sum()
    r = hit / np.maximum(n, 1)
    return " ".join("%s %.2f" % (s, v) for s, v in zip(SHAPES, r)) + " mean %.3f" % r[1:].mean()


def main():
    p = argparse.ArgumentParser()
    for k in ("corpus", "lags", "features", "models", "cache"):
        p.add_argument("--" + k, required=k == "models")
    p.add_argument("--init", action="store_true")
    p.add_argument("--each", type=int, default=300, help="at most so many clips of a person")
    p.add_argument("--steps", type=int, default=3000)
    torch.set_num_threads(1)
    a = p.parse_args()
    path = os.path.join(a.models, "viseme", "shape.onnx")
    if a.init:
        torch.manual_seed(0)
        save(Shape(), path)
        return rehash.rehash(a.models)
    if a.cache and os.path.exists(a.cache):
        with open(a.cache, "rb") as f:
            clips = pickle.load(f)
    else:
        clips = corpus(a)
        if a.cache:
            with open(a.cache, "wb") as f:
                pickle.dump(clips, f, 4)
    people = sorted({c["person"] for c in clips if c["set"] not in HELD_SETS})
    print(len(clips), "clips,", len({c["person"] for c in clips}), "people", flush=True)
    held = set(people[::6])
    net = fit([c for c in clips if c["person"] not in held and c["set"] not in HELD_SETS], a.steps // 2)
    before = openvino.Core().compile_model(path, "CPU")
    print("the net before, which may have seen them:", score(lambda x: [torch.tensor(before(x.numpy())[0][0])], [c for c in clips if c["person"] in held or c["set"] in HELD_SETS]))
    print("all that is left out:", score(net, [c for c in clips if c["person"] in held or c["set"] in HELD_SETS]), flush=True)
    print("%d people left out:" % len(held), score(net, [c for c in clips if c["person"] in held]), flush=True)
    for name in HELD_SETS:
        print("set %s left out:" % name, score(net, [c for c in clips if c["set"] == name]), flush=True)
    save(fit(clips, a.steps), path)
    rehash.rehash(a.models)


if __name__ == "__main__":
    main()
