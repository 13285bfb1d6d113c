"""Trains the splice net: log spectrum and what learned filters make of the waveform in, one logit each 10 ms out.

    python train.py --work DIR --models models [--minutes 90]      # checkpoints in DIR/splice.pt; --minutes 0: report and export the last one

A third of each batch is made anew, the rest comes from what went through codecs (data.py, which also says what is held out). Prints, on voices, corpora and
generators held out: EER of "spliced or not" by clip, recall and median location error at the threshold that raises no more than one alarm an
hour of untouched speech, by kind, codec and set. --net: another one, to be judged in the same table.
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
from train import eer  # noqa: E402
import data  # noqa: E402
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "import"))
import onnx_net  # noqa: E402

RATE, HOP, WIN, FFT, BINS, N = 16000, 80, 256, 512, 240, 48000
FRAMES, EDGE = 300, 12


class SpliceNet(nn.Module):
    def __init__(self, deep=72, filters=12):
        super().__init__()
        n, k = np.arange(WIN), np.arange(1, BINS + 1)[:, None]
        w = np.hanning(WIN + 1)[:-1]
        self.register_buffer("basis", torch.tensor(np.concatenate([w * np.cos(2 * np.pi * k * n / FFT), w * np.sin(2 * np.pi * k * n / FFT)])[:, None], dtype=torch.float32))
        self.first = nn.Sequential(nn.Conv2d(1, 16, (7, 7), (4, 2), (3, 3)), nn.BatchNorm2d(16), nn.ReLU(),
                                   nn.Conv2d(16, 24, (5, 5), (3, 1), (2, 2)), nn.BatchNorm2d(24), nn.ReLU())
        self.edges = nn.Conv1d(1, filters, 24, 2, bias=False)      # short filters, whose peaks betray a seam
        self.bands = nn.Conv1d(24 * 20 + 2 * filters, deep, 1)
        self.deep = nn.ModuleList([nn.Sequential(nn.Conv1d(deep, deep, 3, 1, d, d), nn.BatchNorm1d(deep), nn.ReLU()) for d in (1, 2, 4, 8, 16, 32, 48)])
        self.out, self.drop = nn.Conv1d(deep, 1, 1), nn.Dropout(.2)
        with torch.no_grad():                                    # they start as differences of rising order, which see no speech but its breaks
            f = torch.tensor([1.])
            self.edges.weight *= .2
            for i in range(filters):
                if i % 2 == 0:
                    f = F.pad(f, (0, 1)) - F.pad(f, (1, 0))
                self.edges.weight[i, 0] += .5 * F.pad(f / f.abs().sum(), (i % 2 * 5, 24))[:24]

    def forward(self, x):
        # frame k of the answer lies about 10 k ms from the start
        y = F.conv1d(F.pad(x[:, None], (WIN // 2, WIN // 2)), self.basis, stride=HOP)[:, :, :-1]
        s = torch.log(y[:, :BINS] ** 2 + y[:, BINS:] ** 2 + 1e-7)
        s = self.first(s[:, None] / 4 + 1)
        c = torch.abs(self.edges(F.pad(x[:, None], (12, 11))))
        top, usual = F.max_pool1d(c, HOP), F.avg_pool1d(c, HOP)
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


def top(scores, length):
    n = min(FRAMES, int(length * 100)) - EDGE
    return scores[EDGE:n].max(), EDGE + int(scores[EDGE:n].argmax())


def report(ask, pcm, rows, test, full=True):
    """ask: waveforms -> logits. A cut counts as found when some answer within .1 s of it is over the threshold."""
    high, near, err, kind, codec, where = [], [], [], [], [], []
    for i in range(0, len(test), 64):
        some = test[i:i + 64]
        got = ask(pcm[some].astype("f") / 32768)
        for s, k in zip(got, some):
            r = rows[k]
            value, at = top(s, float(r[3]))
            cuts = np.array([float(c) for c in r[2].split(",")])
            high.append(value), kind.append(r[0]), codec.append(r[5]), where.append(r[4].replace("held:", "").split(":")[0])
            err.append(np.abs(at * .01 - cuts).min())
            near.append([s[max(EDGE, int(c * 100) - 10):int(c * 100) + 11].max() for c in cuts] if r[0] != "none" else [])
    high, kind, codec, where, err = np.array(high), np.array(kind), np.array(codec), np.array(where), np.array(err)
    hours = sum(float(rows[k][3]) - 2 * EDGE / 100 for k in test if rows[k][0] == "none") / 3600
    clean = np.sort(high[kind == "none"])[::-1]
    alarm = clean[min(len(clean) - 1, int(hours))]             # one an hour or fewer
    cuts = np.concatenate([n for n in near if n])
    hit = (high > alarm) & (err < .1)
    print("held out: %d clips, %.2f h untouched; EER %.1f %%; threshold for one alarm an hour %.2f: %.1f %% of clips, %.1f %% of %d cuts found" % (
        len(test), hours, 100 * eer(high[kind == "none"], high[kind != "none"]), alarm, 100 * hit[kind != "none"].mean(), 100 * (cuts > alarm).mean(), len(cuts)), flush=True)
    if not full:
        return
    groups = [(k, kind == k) for k in data.KINDS] + [("codec " + c, (kind != "none") & (codec == c)) for c in sorted(set(codec))]
    for name, m in groups + [(w, (kind != "none") & (where == w)) for w in sorted(set(where))]:
        if m.sum() >= 20:
            e = err[m & hit]
            print("  %-40s EER %.1f %%, found %.2f of %d, median error %.1f ms; alarms %d" % (
                name, 100 * eer(high[kind == "none"], high[m]), hit[m].mean(), m.sum(), 1000 * np.median(e) if len(e) else -1, ((high > alarm) & (kind == "none") & (where == name)).sum()))


def by(net):
    def ask(x):
        with torch.no_grad():
            return net.eval()(torch.from_numpy(x)).numpy()
    return ask


def onnx(path):
    import openvino
    net = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1})
    return lambda x: np.stack([net([one[None]])[0][0] for one in x])


def targets(cuts, seconds):
    """One at a cut and beside it, none where neither yes nor no is right."""
    target, weight, n = np.zeros(FRAMES, "f"), np.zeros(FRAMES, "f"), min(FRAMES, int(seconds * 100))
    weight[EDGE:n - EDGE] = 1
    for at in [int(round(c * 100)) for c in cuts if c >= 0]:
        weight[max(0, at - 3):at + 4] = 0
    for at in [int(round(c * 100)) for c in cuts if c >= 0]:
        target[max(0, at - 1):at + 2] = 1
        weight[max(0, at - 1):at + 2] = 25
    return target, weight


def learn(net, pcm, rows, train, test, args, rng, npr):
    pools = data.sources([], os.path.join(args.work, "sources.npy"))[False]
    share = data.weights(pools)
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    start, step, total, done = time.time(), 0, 0., 0.
    while done < 1:
        done = (time.time() - start) / 60 / args.minutes
        step += 1
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1, step / 100) * (.5 + .5 * np.cos(np.pi * min(1, done))) + 1e-5
        pick = sorted(rng.sample(train, 16))
        batch = [(pcm[k].astype("f") / 32768, [float(c) for c in rows[k][2].split(",")], float(rows[k][3])) for k in pick]
        while len(batch) < 24:
            got = data.clip(pools, rng.choices(pools[1], share)[0], rng)
            if got and got[3]:
                batch.append((np.pad(got[0].astype("f"), (0, N - len(got[0]))), got[3], len(got[0]) / RATE))
        x = np.stack([b[0] for b in batch])
        target, weight = map(np.stack, zip(*[targets(b[1], b[2]) for b in batch]))
        for one in x:
            one *= 10 ** (rng.uniform(-12, 10) / 20) * rng.choice([-1, 1])
            if rng.random() < .3:
                one += npr.standard_normal(N).astype("f") * 10 ** (-rng.uniform(55, 80) / 20)
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
        if step % 500 == 0 or done >= 1:
            report(by(net), pcm, rows, test[:1500], False)
            torch.save(net.state_dict(), os.path.join(args.work, "splice.pt"))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--minutes", type=float, default=90)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--net", help="an ONNX file to report on instead")
    p.add_argument("--go-on", action="store_true", help="from the last checkpoint")
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    pcm = np.load(os.path.join(args.work, "splice.npy"), mmap_mode="r")
    with open(os.path.join(args.work, "splice.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    train = [k for k, r in enumerate(rows) if not r[4].startswith("held:")]
    test = [k for k, r in enumerate(rows) if r[4].startswith("held:")]
    if args.net:
        return report(onnx(args.net), pcm, rows, test)
    net, rng, npr = SpliceNet(), random.Random(time.time() if args.go_on else 1), np.random.RandomState(1)
    print("%d weights, %d clips to learn from, %d held out" % (sum(q.numel() for q in net.parameters()), len(train), len(test)), flush=True)
    if args.go_on or not args.minutes:
        net.load_state_dict(torch.load(os.path.join(args.work, "splice.pt")))
    if args.minutes:
        learn(net, pcm, rows, train, test, args, rng, npr)
    report(by(net), pcm, rows, test)
    folder = os.path.join(args.models, "authenticity")
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(Wrapped(net).eval(), torch.zeros(1, 64000), os.path.join(folder, "splice.onnx"), input_names=["waveform"], output_names=["logits"],
                      opset_version=13, dynamic_axes={"waveform": {1: "n"}, "logits": {1: "t"}}, dynamo=False)
    onnx_net.add_row(args.models, "splice", "avalign splices", "authenticity/splice.onnx", "research-only (trained on research sets; see the card)",
                     "trained by this project: training/splice; card models/authenticity/CARD.md",
                     [{"name": "waveform", "shape": [1, -1], "scale": "16 kHz, -26 dBFS"}])


if __name__ == "__main__":
    main()
