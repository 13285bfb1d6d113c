"""tune.py -- tunes the upper blocks on FER+ votes (and, on a side head, the original labels).

    python tune.py CACHE LITE0 OUT.pt [EPOCHS [ROADS [FROM.pt STEPS]]]

The rate rises and falls once over all epochs; OUT.pt is written after each (1.pt, 2.pt ... beside it, too). With FROM.pt it goes on from
there for so many steps, in which the rate falls to nothing."""
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import common as c

cache, weights, out = sys.argv[1:4]
epochs = int(sys.argv[4]) if len(sys.argv) > 4 else 4
roads = int(sys.argv[5]) if len(sys.argv) > 5 else 3
last = int(sys.argv[7]) if len(sys.argv) > 7 else 0
torch.manual_seed(1)
rng = np.random.default_rng(2)
d, v = np.load(os.path.join(cache, "train.npz")), np.load(os.path.join(cache, "dev.npz"))
x = [np.load(os.path.join(cache, "train%d.npy" % k), mmap_mode="r") for k in range(roads)]
votes, orig = torch.tensor(d["votes"]), torch.tensor(d["orig"])
net = c.Back(weights).to(memory_format=torch.channels_last)
if last:
    net.load_state_dict(torch.load(sys.argv[6], map_location="cpu"))
BATCH, PEAK = 64, 1e-3 if last else 1.5e-3
n, steps = len(orig), last or len(orig) // BATCH * epochs
grow = [p for p in net.parameters() if p.dim() > 1]
optim = torch.optim.AdamW([{"params": grow, "weight_decay": .02}, {"params": [p for p in net.parameters() if p.dim() < 2], "weight_decay": 0}], PEAK)
plan = torch.optim.lr_scheduler.OneCycleLR(optim, PEAK, total_steps=steps, pct_start=.1)


def feed(a):
    return torch.tensor(np.asarray(a, np.float32)).contiguous(memory_format=torch.channels_last)


def judge():
    net.eval()
    with torch.no_grad():
        p, q = [], []
        for name in ("dev.npy",):
            m = np.load(os.path.join(cache, name), mmap_mode="r")
            for i in range(0, len(m), 64):
                a, b = net(feed(m[i:i + 64]))
                p.append(a), q.append(b)
    net.train()
    p, q = torch.cat(p).argmax(1).numpy(), torch.cat(q).argmax(1).numpy()
    ok = ~v["twin"]
    known, o = ok & (v["major"] >= 0), ok & (v["orig"] >= 0)
    return "votes %.3f of %d, original %.3f of %d" % ((p == v["major"])[known].mean(), known.sum(), (q == v["orig"])[o].mean(), o.sum())


net.train()
t, step = time.time(), 0
for epoch in range(epochs):
    order, loss_sum = rng.permutation(n), 0
    for i in range(0, n - BATCH + 1, BATCH):
        j = np.sort(order[i:i + BATCH])
        which = rng.integers(roads, size=BATCH)
        a, b = net(feed(np.stack([x[k][r] for k, r in zip(which, j)])))
        y, o = votes[j], orig[j]
        loss = -(y * F.log_softmax(a, 1)).sum() / BATCH + .5 * F.cross_entropy(b, o, ignore_index=-1, label_smoothing=.05)
        if step == steps:
            break
        optim.zero_grad()
        loss.backward()
        optim.step()
        plan.step()
        loss_sum, step = loss_sum + loss.item(), step + 1
        if step % 20 == 0:
            print(step, steps, "%.3f" % (loss_sum / (i // BATCH + 1)), "%.0f s" % (time.time() - t), flush=True)
    torch.save(net.state_dict(), out)
    torch.save(net.state_dict(), os.path.join(os.path.dirname(out), "%d.pt" % (epoch + 1)))
    print("epoch", epoch, judge(), "%.0f s" % (time.time() - t), flush=True)
