"""Trains the background net: is there music, is there another voice at the same time? Waveform of 3 s in, two logits out.

    python train.py --work DIR... --music FOLDER... --effects FOLDER --models models [--minutes 60] [--tune]   # --minutes 0: export and report the last one

DIR is that of training/authenticity (real voices of many corpora). Music comes from games in Debian (fetch_music.sh; the last folder of
`--music` is held out), and so do the short sounds (`--effects`: doors, engines, weather), which are no music. Everything is mixed anew
for each batch: a voice (or two, one after the other), with music or one to five other voices over it at -5 to 20 dB, sometimes with an
effect, in a room of its own with noise, in a third over steady noise at 0 to 25 dB. --tune goes on from models/background/background.onnx, whose
normalisation is part of its convolutions by then and stays as it is. Voices held out as in training/authenticity.
"""
import argparse
import glob
import inspect
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


def sounds_of(folder, music):
    """The music (20 s and longer, 25 s of each) or the short sounds of a folder."""
    got = []
    for f in sorted(f for e in ("ogg", "mp3", "wav") for f in glob.glob(os.path.join(folder, "**", "*." + e), recursive=True) if "speech" not in f):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", f, "-t", "30", "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"], capture_output=True).stdout
        x = np.frombuffer(raw, "<i2")
        if (len(x) > 20 * RATE) == music and len(x) > RATE // 5 and level(x.astype("f")) > 30:
            got.append(x[5 * RATE:] if music else x)
    return got


def stretch(x, n, rng):
    """n samples from anywhere in x, repeated if need be."""
    while len(x) < n + 1:
        x = np.r_[x, x]
    at = rng.randrange(len(x) - n)
    return x[at:at + n].astype("f")


def level(x):
    return float(np.sqrt(np.mean(x * x))) + 1e-6


def steady(rng):
    """Noise of some colour, perhaps with a slow rise and fall: wind, air, tape, a street far off; no music and no voices."""
    f = np.arange(N // 2 + 1) / N + 2e-4
    s = np.random.RandomState(rng.randrange(1 << 30)).standard_normal((2, N // 2 + 1))
    x = np.fft.irfft((s[0] + 1j * s[1]) * f ** -rng.uniform(0, 1.2), N)
    if rng.random() < .4:
        x *= 1 + rng.uniform(0, .8) * np.sin(2 * np.pi * (rng.uniform(.1, 2) * np.arange(N) / RATE + rng.random()))
    return x.astype("f")


def mixture(pool, voices, music, effects, rng, kind):
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
    if effects and rng.random() < .3:
        at, m = rng.randrange(N), rng.choice(effects).astype("f")
        m = np.tile(m, 1 + (N // len(m) if rng.random() < .5 else 0))[:N - at]
        x[at:at + len(m)] += m * (level(voice) / level(m) * 10 ** (-rng.uniform(-5, 20) / 20))
    if rng.random() < .33:
        m, below = steady(rng), rng.uniform(0, 25)
        x = x + m * (level(voice) / level(m) * 10 ** (-below / 20))
        db = 60. if kind and db > below + 6 else db             # what lies under it can hardly be heard
    x = data.recorded(x / (level(x) + 1e-9) * .05, data.room(rng), rng)[:N]
    return (x * (.05 / level(x))).astype("f"), db


def tuned_from(net, path):
    """Takes the weights of an exported net, in the order of its layers; its normalisation becomes none."""
    import onnx
    from onnx import numpy_helper
    g = onnx.load(path).graph
    value = {i.name: numpy_helper.to_array(i) for i in g.initializer}
    layers = [n for n in g.node if n.op_type in ("Conv", "Gemm", "MatMul")][1:]      # the first is the Fourier transform
    mine = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Conv1d, nn.Linear))]
    assert len(layers) == len(mine), "another net"
    with torch.no_grad():
        for n, m in zip(layers, mine):
            m.weight.copy_(torch.tensor(value[n.input[1]]))
            m.bias.copy_(torch.tensor(value[n.input[2]]))
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.running_var.fill_(1 - m.eps)


def report(net, pool, voices, music, effects, name):
    net.eval()
    rng, rows = random.Random(5), []
    with torch.no_grad():
        for i in range(1200):
            kind = (0, 0, 1, 2)[i % 4]
            x, db = mixture(pool, voices, music, effects, rng, kind)
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
    p.add_argument("--effects", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--tune", action="store_true")
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    pool = {v: x for work in args.work for v, x in data.sources(work, ()).items() if sum(map(len, x)) > 1.5 * RATE}
    taught, apart = sorted(v for v in pool if not held(v)), sorted(v for v in pool if held(v))
    music = [m for folder in args.music[:-1] for m in sounds_of(folder, True)]
    other, effects = sounds_of(args.music[-1], True), sounds_of(args.effects, False)
    random.Random(3).shuffle(effects)
    new = len(effects) // 6                                    # the first sixth is held out
    net, rng = BackgroundNet(), random.Random(1)
    print("%d weights; %d voices, %d held out; %d pieces of music, %d held out; %d effects, %d held out" % (
        sum(q.numel() for q in net.parameters()), len(taught), len(apart), len(music), len(other), len(effects) - new, new), flush=True)
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    path = os.path.join(args.work[0], "background.pt")
    if args.tune:
        tuned_from(net, os.path.join(args.models, "background", "background.onnx"))
    peak = 5e-4 if args.tune else 2e-3
    start, step, total, done = time.time(), 0, 0., 0. if args.minutes else 1.
    if done:
        net.load_state_dict(torch.load(path))
    while done < 1:
        done = (time.time() - start) / 60 / args.minutes
        step += 1
        for g in opt.param_groups:
            g["lr"] = peak * min(1, step / 100) * (.5 + .5 * np.cos(np.pi * min(1, done))) + 1e-5
        x, y, w = [], [], []
        for i in range(24):
            kind = rng.choice([0, 0, 0, 1, 1, 2, 2, 2, 3])
            clip, db = mixture(pool, taught, music, effects[new:], rng, kind)
            x.append(clip)
            y.append([kind & 1, kind >> 1])
            w.append([1. if db <= HEARD_DB or not kind else 0.] * 2)   # what can hardly be heard is neither
        net.train()
        for m in net.modules():
            if args.tune and isinstance(m, nn.BatchNorm2d):
                m.eval()
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
    report(net, pool, apart, other, effects[:new], "held-out voices and music")
    folder = os.path.join(args.models, "background")
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(net.eval(), torch.zeros(1, N), os.path.join(folder, "background.onnx"), input_names=["waveform"], output_names=["logits"],
                      opset_version=13, **({"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}))
    onnx_net.add_row(args.models, "background", "avalign background", "background/background.onnx", "research-only (trained on research sets; see the card)",
                     "trained by this project: training/background; card models/background/CARD.md",
                     [{"name": "waveform", "shape": [1, N], "scale": "16 kHz, -26 dBFS"}])


if __name__ == "__main__":
    main()
