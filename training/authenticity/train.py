"""Trains one view of the authenticity nets.

    python train.py --work DIR --view spectrum|phase|waveform --out DIR/spectrum.pt [--without copy:hifi_gan,tts:piper,...]

Batches: half real cuts (drawn over corpora and voices), half made ones; half of those are copies of the very cuts in the
batch, the rest is drawn over families. Voices whose hash says so are held out (15 %), with all their copies.
"""
import argparse
import collections
import hashlib
import os
import random
import time

import numpy as np
import torch

import nets

N = nets.SAMPLES
CORPORA = ("GRID", "asterisk", "klettres", "ktuberling", "tuxpaint", "fillets", "hedgewars", "prompt")     # all else is a set of videos


class Clips:
    def __init__(self, work):
        self.pcm = np.load(os.path.join(work, "clips.npy"), mmap_mode="r")
        with open(os.path.join(work, "clips.tsv")) as f:
            self.rows = [dict(zip(("at", "n", "real", "family", "of", "voice", "codec", "name"), line.rstrip("\n").split("\t"))) for line in f]
        for r in self.rows:
            r["at"], r["n"], r["real"] = int(r["at"]), int(r["n"]), r["real"] == "1"

    def cut(self, r, rng):
        x = np.asarray(self.pcm[r["at"]:r["at"] + r["n"]], np.float32) / 32768
        if len(x) < N:
            x = np.tile(x, N // len(x) + 1)
        s = rng.randint(0, len(x) - N)
        return x[s:s + N]


def held(voice):
    return int(hashlib.sha256(voice.encode()).hexdigest(), 16) % 100 < 15


def vary(x, rng, npr):
    """A channel of chance: tilt, band limit, noise, room, level. The same on both sides."""
    if rng.random() < .5:
        k = rng.uniform(-.6, .6)
        x = x + k * np.r_[0, x[:-1]]
    if rng.random() < .35:                   # low pass, brick wall
        f = np.fft.rfft(x)
        f[int(rng.uniform(3400, 7600) / 8000 * (len(f) - 1)):] *= rng.choice([0, .03, .1])
        x = np.fft.irfft(f, len(x)).astype("f")
    if rng.random() < .2:                    # a small room
        h = npr.standard_normal(1600).astype("f") * np.exp(-np.arange(1600) / rng.uniform(150, 500)).astype("f") * rng.uniform(.02, .12)
        h[0] = 1
        x = np.fft.irfft(np.fft.rfft(x, len(x) + 1600) * np.fft.rfft(h, len(x) + 1600))[:len(x)].astype("f")
    x = x / (np.sqrt(np.mean(x * x)) + 1e-6)
    if rng.random() < .5:
        noise = npr.standard_normal(len(x)).astype("f")
        if rng.random() < .5:                # towards pink
            noise = np.convolve(noise, np.ones(4, "f") / 2, "same")
        x = x + noise * 10 ** (-rng.uniform(12, 45) / 20)
    return (x * 10 ** (rng.uniform(-35, -15) / 20) * rng.choice([1, -1])).astype("f")


class Sampler:
    def __init__(self, clips, without, seed):
        self.c, self.rng, self.npr = clips, random.Random(seed), np.random.RandomState(seed)
        self.real, self.fake, self.copies = collections.defaultdict(lambda: collections.defaultdict(list)), collections.defaultdict(list), collections.defaultdict(list)
        for r in clips.rows:
            if held(r["voice"]) and (r["real"] or r["of"] != "-"):
                continue
            if r["real"]:
                corpus = r["family"] if r["family"] in CORPORA else "video"
                self.real[corpus][r["voice"]].append(r)
            elif r["family"] not in without:
                self.fake[r["family"]].append(r)
                if r["of"] != "-":
                    self.copies[r["of"]].append(r)

    def batch(self, n):
        rng, rows = self.rng, []
        for i in range(n // 2):
            corpus = rng.choice(sorted(self.real))
            r = rng.choice(self.real[corpus][rng.choice(sorted(self.real[corpus]))])
            rows.append(r)
            twins = self.copies.get(r["name"], [])
            rows.append(rng.choice(twins) if twins and rng.random() < .5 else rng.choice(self.fake[rng.choice(sorted(self.fake))]))
        x = np.stack([vary(self.c.cut(r, rng), rng, self.npr) for r in rows])
        return torch.from_numpy(x), torch.tensor([[0. if r["real"] else 1.] for r in rows])


def eer(real, fake):
    s = np.sort(np.r_[real, fake])
    far, frr = np.array([(real >= t).mean() for t in s]), np.array([(fake < t).mean() for t in s])
    k = np.argmin(np.abs(far - frr))
    return (far[k] + frr[k]) / 2


def scores(net, clips, rows):
    net.eval()
    rng, out = random.Random(0), []
    with torch.no_grad():
        for i in range(0, len(rows), 32):
            out += net(torch.from_numpy(np.stack([clips.cut(r, rng) for r in rows[i:i + 32]])))[:, 0].tolist()
    return np.array(out)


def validate(net, clips, limit=60):
    rng = random.Random(5)
    rows = [r for r in clips.rows if held(r["voice"]) and (r["real"] or r["of"] != "-")]
    tts = [r for r in clips.rows if not r["real"] and r["of"] == "-"]
    by = collections.defaultdict(list)
    for r in rows + tts:
        by["real" if r["real"] else r["family"]].append(r)
    got = {k: scores(net, clips, rng.sample(v, min(limit * (4 if k == "real" else 1), len(v)))) for k, v in by.items()}
    text = " ".join("%s %.0f" % (k.split(":")[-1], 100 * eer(got["real"], v)) for k, v in sorted(got.items()) if k != "real")
    return np.mean([eer(got["real"], v) for k, v in got.items() if k != "real"]), text


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    p.add_argument("--view", choices=sorted(nets.VIEWS), required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--without", default="")
    p.add_argument("--start", help="weights to go on from")
    p.add_argument("--steps", type=int, default=1800)
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    clips = Clips(args.work)
    sampler = Sampler(clips, args.without.split(","), 1)
    net = nets.VIEWS[args.view]()
    if args.start:
        net.load_state_dict(torch.load(args.start))
    print("%s: %d weights; real %s; made %s" % (args.view, sum(p.numel() for p in net.parameters()),
                                              {k: len(v) for k, v in sampler.real.items()}, {k: len(v) for k, v in sampler.fake.items()}), flush=True)
    opt = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-2)
    start, total = time.time(), 0.
    for step in range(1, args.steps + 1):
        done = max(step / args.steps, (time.time() - start) / 60 / args.minutes)
        for g in opt.param_groups:
            g["lr"] = 1e-3 * min(1, step / 100) * (.5 + .5 * np.cos(np.pi * min(1, done))) + 1e-5
        net.train()
        x, y = sampler.batch(32)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y * .94 + .03)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2)
        opt.step()
        total += loss.item()
        if step % 150 == 0 or step == args.steps or done >= 1:
            mean, text = validate(net, clips)
            print("%d, %.0f s: loss %.3f; held-out voices, EER %% mean %.1f: %s" % (step, time.time() - start, total / 150, 100 * mean, text), flush=True)
            total = 0.
            torch.save(net.state_dict(), args.out)
        if done >= 1:
            break


if __name__ == "__main__":
    main()
