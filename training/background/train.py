"""Trains the background net: is there music, is there another voice at the same time? Waveform of 3 s in, two logits out.

    python train.py --work DIR... --music FOLDER... --models models [--minutes 20]     # --minutes 0: export and report the last one

DIR is that of training/authenticity (real voices of many corpora); music comes from games in Debian (`--music`: folders with their
music files; the last one named is held out). Everything is mixed anew for each batch: a voice (or two, one after the other), with
music or one to five other voices over it at -5 to 20 dB, in a room of its own with noise. Voices held out as in training/authenticity.
"""
import argparse
import glob
import os
import random
import subprocess
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

here = os.path.dirname(os.path.abspath(__file__))
for other in ("splice", "import", "authenticity"):
    sys.path.insert(0, os.path.join(here, "..", other))
from train import held, eer  # noqa: E402
from nets import Stft  # noqa: E402
import data  # noqa: E402
import onnx_net  # noqa: E402

RATE, N, HEARD_DB = 16000, 48000, 12


class BackgroundNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stft = Stft()

        def block(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, 1, 1), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))
        self.body = nn.Sequential(nn.Conv2d(1, 12, 5, 2, 2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d((2, 1)), block(12, 20), block(20, 28), block(28, 36))
        self.mix, self.out, self.drop = nn.Conv1d(36 * 7, 64, 3, 1, 1), nn.Linear(128, 2), nn.Dropout(.3)

    def forward(self, x):
        re, im = self.stft(x)
        y = self.body(torch.log(re ** 2 + im ** 2 + 1e-6)[:, None] / 4 + 1)
        y = F.relu(self.mix(self.drop(y.flatten(1, 2))))
        d = y - y.mean(2, keepdim=True)
        return self.out(self.drop(torch.cat([y.mean(2), torch.sqrt((d * d).mean(2) + 1e-5)], 1)))


def music_of(folder, most):
    got = []
    files = sorted(f for e in ("ogg", "mp3", "opus", "flac") for f in glob.glob(os.path.join(folder, "**", "*." + e), recursive=True) if "usic" in f)
    for f in files[:most]:
        raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-ss", "5", "-t", "25", "-i", f, "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"], capture_output=True).stdout
        x = np.frombuffer(raw, "<i2")
        if len(x) > 2 * N and np.abs(x[:N].astype("f")).mean() > 30:
            got.append(x)
    return got


def stretch(x, n, rng):
    """n samples from anywhere in x, repeated if need be."""
    while len(x) < n + 1:
        x = np.r_[x, x]
    at = rng.randrange(len(x) - n)
    return x[at:at + n].astype("f")


def level(x):
    return float(np.sqrt(np.mean(x * x))) + 1e-6


def mixture(pool, voices, music, rng, kind):
    """A clip of the kind (bit 0: music, bit 1: other voices); its ratio to what lies under it in dB."""
    names = rng.sample(voices, 7)
    voice = stretch(rng.choice(pool[names[0]]), N, rng)
    if rng.random() < .25:                                     # two speakers in turn are no overlap
        at = rng.randrange(N // 4, 3 * N // 4)
        other = stretch(rng.choice(pool[names[6]]), N, rng)
        voice[at:] = other[at:] * (level(voice) / level(other))
    x, db = voice, 60.
    if kind & 1:
        db = rng.uniform(-5, 20)
        m = stretch(rng.choice(music), N, rng)
        x = x + m * (level(voice) / level(m) * 10 ** (-db / 20))
    if kind & 2:
        db = rng.uniform(-5, 20)
        b = np.zeros(N, "f")
        for k in range(rng.choice([1, 1, 1, 2, 3, 5])):
            o = stretch(rng.choice(pool[names[1 + k]]), N, rng)
            b += o / level(o)
        x = x + b * (level(voice) / level(b) * 10 ** (-db / 20))
    x = data.recorded(x / (level(x) + 1e-9) * .05, data.room(rng), rng)[:N]
    return (x * (.05 / level(x))).astype("f"), db


def report(net, pool, voices, music, name):
    net.eval()
    rng, rows = random.Random(5), []
    with torch.no_grad():
        for i in range(1200):
            kind = (0, 0, 1, 2)[i % 4]
            x, db = mixture(pool, voices, music, rng, kind)
            rows.append((kind, db, *net(torch.from_numpy(x[None]))[0].tolist()))
    r = np.array(rows)
    none = r[:, 0] == 0
    for k, what in ((1, "music"), (2, "another voice")):
        scores, bar = r[:, 1 + k], np.sort(r[none, 1 + k])[-max(1, int(none.sum() * .01))]
        print("%s, %s: EER %.1f %%; threshold for 1 %% false %.2f" % (name, what, 100 * eer(scores[none], scores[(r[:, 0] == k) & (r[:, 1] <= HEARD_DB)]), bar))
        for lo, hi in ((-5, 0), (0, 5), (5, 10), (10, 15), (15, 20)):
            m = (r[:, 0] == k) & (r[:, 1] >= lo) & (r[:, 1] < hi)
            print("    %3d to %2d dB: found %.2f of %d" % (lo, hi, (scores[m] > bar).mean(), m.sum()))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True, nargs="+")
    p.add_argument("--music", nargs="+", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--minutes", type=float, default=20)
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    pool = {v: x for work in args.work for v, x in data.sources(work, ()).items() if sum(map(len, x)) > 1.5 * RATE}
    taught, apart = sorted(v for v in pool if not held(v)), sorted(v for v in pool if held(v))
    music = [m for folder in args.music[:-1] for m in music_of(folder, 60)]
    other = music_of(args.music[-1], 60)
    net, rng = BackgroundNet(), random.Random(1)
    print("%d weights; %d voices, %d held out; %d pieces of music, %d held out" % (
        sum(q.numel() for q in net.parameters()), len(taught), len(apart), len(music), len(other)), flush=True)
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    path = os.path.join(args.work[0], "background.pt")
    start, step, total, done = time.time(), 0, 0., 0. if args.minutes else 1.
    if done:
        net.load_state_dict(torch.load(path))
    while done < 1:
        done = (time.time() - start) / 60 / args.minutes
        step += 1
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1, step / 100) * (.5 + .5 * np.cos(np.pi * min(1, done))) + 1e-5
        x, y, w = [], [], []
        for i in range(24):
            kind = rng.choice([0, 0, 0, 1, 1, 2, 2, 2, 3])
            clip, db = mixture(pool, taught, music, rng, kind)
            x.append(clip)
            y.append([kind & 1, kind >> 1])
            w.append([1. if db <= HEARD_DB or not kind else 0.] * 2)   # what can hardly be heard is neither
        net.train()
        loss = F.binary_cross_entropy_with_logits(net(torch.from_numpy(np.stack(x))), torch.tensor(y, dtype=torch.float32), weight=torch.tensor(w))
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2)
        opt.step()
        total += loss.item()
        if step % 100 == 0:
            print("%d, %.0f s: loss %.4f" % (step, time.time() - start, total / 100), flush=True)
            total = 0
            torch.save(net.state_dict(), path)
    torch.save(net.state_dict(), path)
    report(net, pool, apart, other, "held-out voices and music")
    folder = os.path.join(args.models, "background")
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(net.eval(), torch.zeros(1, N), os.path.join(folder, "background.onnx"), input_names=["waveform"], output_names=["logits"],
                      opset_version=13, dynamo=False)
    onnx_net.add_row(args.models, "background", "avalign background", "background/background.onnx", "research-only (trained on research sets; see the card)",
                     "trained by this project: training/background; card models/background/CARD.md",
                     [{"name": "waveform", "shape": [1, N], "scale": "16 kHz, -26 dBFS"}])


if __name__ == "__main__":
    main()
