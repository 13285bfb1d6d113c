"""Moves the mouth-shape net to new sync nets, whose embeddings it reads.

    python follow.py --before models_before --models models --video DIR --features DIR

On the training clips the net learns to say on the new embeddings what it said on those of `--before`: nothing need be aligned
or heard anew. train.py learns from the phones themselves, and is the better way where there is time. Prints how often both
name the same shape, on every tenth clip, which is left out.
"""
import argparse
import os

import numpy as np
import openvino
import torch
import torch.nn.functional as F

import train
from train import data, rehash


def clips_of(a):
    core, out = ({}, {}), []
    teacher = openvino.Core().compile_model(os.path.join(a.before, "viseme", "shape.onnx"), "CPU")
    rows = [r["dump"] for r in data.index(a.video) if r["label"] == "real" and r["split"] == "train"]
    rows += ["train_grid_s1_" + f for f in sorted(os.listdir(os.path.join(a.video, "train/grid_s1")))]
    for dump in rows:
        d = os.path.join(a.features, dump)
        c = data.load(d) if os.path.exists(os.path.join(d, "speech_t0_s.npy")) else None
        if not c:
            continue
        opening, width, _ = train.geometry(d, len(c["V"]))
        n = min(len(c["V"]), len(opening))
        g = np.stack([opening * 5, (opening - np.quantile(opening, .1)) * 5, width * 5, (width - np.median(width)) * 10], 1)[:n]
        old, new = (np.concatenate([train.embeddings(m, k, c)[:n], g], 1).astype("f") for m, k in zip((a.before, a.models), core))
        out.append((new, teacher(old[None])[0][0]))
    return out


def main():
    p = argparse.ArgumentParser()
    for k in ("before", "models", "video", "features"):
        p.add_argument("--" + k, required=True)
    p.add_argument("--steps", type=int, default=1500)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.RandomState(2)
    clips = clips_of(a)
    held, clips = clips[::10], [c for i, c in enumerate(clips) if i % 10]
    net, L = train.Shape(), 50
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=.02)
    for step in range(a.steps):
        for g in opt.param_groups:
            g["lr"] = 2e-3 * (.5 + .5 * np.cos(np.pi * step / a.steps))
        xs, ys = [], []
        for _ in range(32):
            x, y = clips[rng.randint(len(clips))]
            i = rng.randint(0, max(1, len(x) - L + 1))
            pad = L - len(x[i:i + L])
            xs.append(np.pad(x[i:i + L], ((0, pad), (0, 0)), mode="edge"))
            ys.append(np.pad(y[i:i + L], ((0, pad), (0, 0)), mode="edge"))
        loss = F.kl_div(F.log_softmax(net.logits(torch.tensor(np.stack(xs))), 2).flatten(0, 1), torch.tensor(np.stack(ys)).flatten(0, 1).clamp(min=1e-5),
                        reduction="batchmean")
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        same = [(net(torch.tensor(x[None]))[0].argmax(1).numpy() == y.argmax(1)) for x, y in held]
    print("%d clips; left out: both name the same shape in %.3f of %d pictures" % (len(clips), np.concatenate(same).mean(), sum(map(len, same))))
    train.save(net, os.path.join(a.models, "viseme", "shape.onnx"))
    rehash.rehash(a.models)


if __name__ == "__main__":
    main()
