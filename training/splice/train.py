"""Trains the splice net: log spectrum and curvature of the waveform in, one logit each 10 ms out.

    python train.py --work DIR --models models [--minutes 40]      # checkpoints in DIR/splice.pt; --minutes 0: export the last one

Half of each batch is made anew, the other half comes from what went through codecs. Voices held out as in training/authenticity. Prints, on them: EER of "spliced or not" by clip, recall and median location error at the
threshold that raises no more than one alarm an hour of untouched speech, by kind and codec.
"""
import argparse
import os
import random
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "authenticity"))
from train import held, eer  # noqa: E402
import data  # noqa: E402
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "import"))
import onnx_net  # noqa: E402

RATE, HOP, WIN, FFT, BINS, N = 16000, 80, 256, 512, 240, 48000
FRAMES = 300


class SpliceNet(nn.Module):
    def __init__(self):
        super().__init__()
        n, k = np.arange(WIN), np.arange(1, BINS + 1)[:, None]
        w = np.hanning(WIN + 1)[:-1]
        self.register_buffer("basis", torch.tensor(np.concatenate([w * np.cos(2 * np.pi * k * n / FFT), w * np.sin(2 * np.pi * k * n / FFT)])[:, None], dtype=torch.float32))
        self.register_buffer("bend", torch.tensor([[[1., -2., 1.]]]))
        self.first = nn.Sequential(nn.Conv2d(1, 16, (7, 7), (4, 2), (3, 3)), nn.BatchNorm2d(16), nn.ReLU(),
                                   nn.Conv2d(16, 20, (5, 5), (3, 1), (2, 2)), nn.BatchNorm2d(20), nn.ReLU())
        self.bands = nn.Conv1d(20 * 20 + 2, 48, 1)
        self.deep = nn.ModuleList([nn.Sequential(nn.Conv1d(48, 48, 3, 1, d, d), nn.BatchNorm1d(48), nn.ReLU()) for d in (1, 2, 4, 8, 16, 32)])
        self.out, self.drop = nn.Conv1d(48, 1, 1), nn.Dropout(.2)

    def forward(self, x):
        # frame k of the answer lies about 10 k ms from the start
        y = F.conv1d(F.pad(x[:, None], (WIN // 2, WIN // 2)), self.basis, stride=HOP)[:, :, :-1]
        s = torch.log(y[:, :BINS] ** 2 + y[:, BINS:] ** 2 + 1e-7)
        s = self.first(s[:, None] / 4 + 1)
        c = torch.abs(F.conv1d(F.pad(x[:, None], (1, 1)), self.bend))
        top, usual = F.max_pool1d(c, 2 * HOP), F.avg_pool1d(c, 2 * HOP)
        c = torch.cat([torch.log(top + 1e-5), torch.log(usual + 1e-5)], 1) / 4 + 1
        h = F.relu(self.bands(torch.cat([s.flatten(1, 2), c], 1)))
        for layer in self.deep:
            h = h + layer(h)
        return self.out(self.drop(h))[:, 0]


class Wrapped(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, waveform):
        return self.net(waveform)


def peak(scores, length):
    n = min(FRAMES, int(length * 100)) - 12
    return scores[12:n].max(), 12 + int(scores[12:n].argmax())


def report(net, pcm, rows, test):
    net.eval()
    got = []
    with torch.no_grad():
        for i in range(0, len(test), 64):
            x = torch.from_numpy(pcm[test[i:i + 64]].astype("f") / 32768)
            got += [peak(s, float(rows[k][3])) for s, k in zip(net(x).numpy(), test[i:i + 64])]
    top = np.array([g[0] for g in got])
    kind, codec = np.array([rows[k][0] for k in test]), np.array([rows[k][5] for k in test])
    cut, at = np.array([float(rows[k][2]) for k in test]), np.array([g[1] * .01 for g in got])
    hours = sum(float(rows[k][3]) - .24 for k in test if rows[k][0] == "none") / 3600
    clean = np.sort(top[kind == "none"])[::-1]
    alarm = clean[min(len(clean) - 1, int(hours))]             # one an hour or fewer
    print("held-out voices: %d clips, %.2f h untouched; EER %.1f %%; threshold for one alarm an hour %.2f" % (
        len(test), hours, 100 * eer(top[kind == "none"], top[kind != "none"]), alarm))
    hit = (top > alarm) & (np.abs(at - cut) < .1)
    for name, m in [(k, kind == k) for k in ("delete", "same", "other")] + [("codec " + c, (kind != "none") & (codec == c)) for c in sorted(set(codec))]:
        if m.any():
            e = np.abs(at - cut)[m & hit]
            print("  %-20s EER %.1f %%, found %.2f of %d, median error %.1f ms" % (
                name, 100 * eer(top[kind == "none"], top[m]), hit[m].mean(), m.sum(), 1000 * np.median(e) if len(e) else -1))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--minutes", type=float, default=40)
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    pcm = np.load(os.path.join(args.work, "splice.npy"), mmap_mode="r")
    with open(os.path.join(args.work, "splice.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    train = [k for k, r in enumerate(rows) if not held(r[4])]
    test = [k for k, r in enumerate(rows) if held(r[4])]
    pool = {v: x for v, x in data.sources(args.work).items() if not held(v)}
    voices = sorted(v for v in pool if sum(map(len, pool[v])) > 3 * RATE)
    share = [min(60, len(pool[v])) for v in voices]
    net, rng, npr = SpliceNet(), random.Random(1), np.random.RandomState(1)
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    print("%d weights, %d clips to learn from, %d held out" % (sum(q.numel() for q in net.parameters()), len(train), len(test)), flush=True)
    start, step, total, done = time.time(), 0, 0., 0. if args.minutes else 1.
    if done:
        net.load_state_dict(torch.load(os.path.join(args.work, "splice.pt")))
        report(net, pcm, rows, test)
    while done < 1:
        done = (time.time() - start) / 60 / args.minutes
        step += 1
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1, step / 100) * (.5 + .5 * np.cos(np.pi * min(1, done))) + 1e-5
        pick = sorted(rng.sample(train, 12))
        batch = [(pcm[k].astype("f") / 32768, float(rows[k][2]), float(rows[k][3])) for k in pick]
        while len(batch) < 24:
            got = data.clip(pool, voices, rng.choices(voices, share)[0], rng)
            if got:
                batch.append((np.pad(got[0].astype("f"), (0, N - len(got[0]))), got[3], len(got[0]) / RATE))
        x = np.stack([b[0] for b in batch])
        target, weight = np.zeros((len(batch), FRAMES), "f"), np.zeros((len(batch), FRAMES), "f")
        for i, (_, cut, seconds) in enumerate(batch):
            n = min(FRAMES, int(seconds * 100))
            weight[i, 12:n - 12] = 1
            cut *= 100
            if cut >= 0:
                at = int(round(cut))
                weight[i, max(0, at - 3):at + 4] = 0             # neither yes nor no
                target[i, max(0, at - 1):at + 2] = 1
                weight[i, max(0, at - 1):at + 2] = 25
            x[i] *= 10 ** (rng.uniform(-12, 10) / 20)
            if rng.random() < .3:
                x[i] += npr.standard_normal(N).astype("f") * 10 ** (-rng.uniform(55, 80) / 20)
        net.train()
        loss = F.binary_cross_entropy_with_logits(net(torch.from_numpy(x)), torch.from_numpy(target), weight=torch.from_numpy(weight))
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2)
        opt.step()
        total += loss.item()
        if step % 100 == 0:
            print("%d, %.0f s: loss %.4f" % (step, time.time() - start, total / 100), flush=True)
            total = 0.
        if step % 400 == 0 or done >= 1:
            report(net, pcm, rows, test)
            torch.save(net.state_dict(), os.path.join(args.work, "splice.pt"))
    folder = os.path.join(args.models, "authenticity")
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(Wrapped(net).eval(), torch.zeros(1, 64000), os.path.join(folder, "splice.onnx"), input_names=["waveform"], output_names=["logits"],
                      opset_version=13, dynamic_axes={"waveform": {1: "n"}, "logits": {1: "t"}}, dynamo=False)
    onnx_net.add_row(args.models, "splice", "avalign splices", "authenticity/splice.onnx", "research-only (trained on research sets; see the card)",
                     "trained by this project: training/splice; card models/authenticity/CARD.md",
                     [{"name": "waveform", "shape": [1, -1], "scale": "16 kHz, -26 dBFS"}])


if __name__ == "__main__":
    main()
