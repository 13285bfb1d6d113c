"""Trains the sync nets on the corpus of corpus.py.

    python train.py --corpus corpus.pkl --out nets.pt [--steps 5000] [--lags lags.json] [--hold SET,SET] [--only lips]

Each moment of the mouth must find its own moment of the sound among all within the window and those of the other clips of
the batch, alone and over 5, 15 and 25 pictures on end; and the other way round. Every third batch is of short windows. Sets
are drawn first, then people, then clips. What counts as zero comes from lags.json (lags.py): the lag of each set, or of each
person where cameras differ, taken out before. The weights written are a running mean of those of the last steps.
"""
import argparse
import copy
import json
import os
import pickle
import time

import numpy as np
import torch
import torch.nn.functional as F

import corpus
import data
import nets

rng = np.random.RandomState(1)
LONG, SHORT = 60, 30
CONTEXTS = ((1, .5), (5, 1.), (15, .8))
HALF = torch.ops.mkldnn._is_mkldnn_bf16_supported()     # emulated, half precision takes six times as long


def smooth_noise(n, k, scale):
    x = rng.randn(n // k + 3, 1)
    at = np.linspace(0, len(x) - 1.001, n)
    i = at.astype(int)
    return (x[i] + (x[i + 1] - x[i]) * (at - i)[:, None]) * scale


def stretch(x, f, n):
    """n rows of x read at speed f, linear."""
    at = np.arange(n) * f
    i = np.minimum(at.astype(int), len(x) - 2)
    w = (at - i).reshape((-1,) + (1,) * (x.ndim - 1)).astype("f")
    return x[i] * (1 - w) + x[i + 1] * w


def augment_lips(v):
    a, b = np.radians(rng.uniform(-20, 20)), np.radians(rng.uniform(-15, 15))
    ry = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    rx = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    v = v @ (ry @ rx).T
    if rng.rand() < .5:
        v = v[:, data.FLIP] * [-1, 1, 1]
    v = v * np.array([rng.uniform(.8, 1.25), rng.uniform(.8, 1.25), 1])
    mean = v.mean(0)
    v = mean + (v - mean) * rng.uniform(.6, 1.5)
    p = v[..., :2]
    p = p + rng.randn(*p.shape) * rng.choice([.001, .003, .006, .012])
    if rng.rand() < .3:                                    # head-wide jitter of the tracker
        p = p + rng.randn(len(p), 1, 2) * .006
    if rng.rand() < .25:                                   # low frame rates, interpolated
        f = rng.uniform(1.05, 2.2)
        p = stretch(stretch(p, f, int(len(p) / f)), 1 / f, len(p))
    if rng.rand() < .2:                                    # soft tracking
        k = rng.choice([2, 3])
        p = np.stack([np.convolve(q, np.ones(k) / k, "same") for q in p.reshape(len(p), -1).T], 1).reshape(p.shape)
    return p.astype("f")


def augment_mouth(c):
    c = c.astype("f") / 255
    if rng.rand() < .5:
        c = c[:, :, ::-1]
    c = c * rng.uniform(.5, 1.6) + rng.uniform(-.2, .2)
    c = np.clip(c, 0, 1) ** rng.uniform(.6, 1.6)
    th, s = np.radians(rng.uniform(-12, 12)), rng.uniform(.85, 1.2)
    sy = s * rng.uniform(.9, 1.1)
    g = torch.tensor([[s * np.cos(th), -s * np.sin(th), rng.uniform(-.15, .15)],
                      [sy * np.sin(th), sy * np.cos(th), rng.uniform(-.15, .15)]], dtype=torch.float32)
    grid = F.affine_grid(g[None], (1, 1, 48, 48), align_corners=False)
    x = F.grid_sample(torch.from_numpy(np.ascontiguousarray(c))[None], grid, align_corners=False, padding_mode="border")[0]
    if rng.rand() < .35:
        k = int(rng.choice([16, 20, 28]))
        x = F.interpolate(F.interpolate(x[None], (k, k), mode="area"), (48, 48), mode="bilinear", align_corners=False)[0]
    x = x + torch.randn_like(x) * rng.choice([0, .01, .03])
    if rng.rand() < .2:
        y0, x0 = rng.randint(0, 36, 2)
        x[:, y0:y0 + 14, x0:x0 + 14] = x.mean()
    return x


def augment_sound(m, other):
    p = np.exp(m)
    if rng.rand() < .6:                                    # babble, music, noise at 0-25 dB
        n = np.exp(other) if rng.rand() < .5 else np.exp(rng.randn(1, 40) * .7 + smooth_noise(len(m), 30, .5))
        p = p + n * (p.mean() / (n.mean() + 1e-9)) * 10 ** (-rng.uniform(0, 25) / 10)
    if rng.rand() < .4:                                    # reverberation as decaying power
        k = np.exp(-np.arange(30) / rng.uniform(2, 10)) * rng.uniform(.05, .4)
        k[0] = 1
        p = np.stack([np.convolve(q, k)[:len(p)] for q in p.T], 1)
    m = np.log(p * 10 ** rng.uniform(-2, 1) + 1e-6)
    m = m + np.interp(np.arange(40), np.linspace(0, 39, 6), rng.randn(6) * .6)
    if rng.rand() < .3:
        m[:, rng.randint(18, 40):] = m.min()               # band limit
    b = rng.randint(0, 36)
    m[:, b:b + rng.randint(0, 6)] = m.mean()
    if rng.rand() < .3:
        i = rng.randint(0, len(m) - 12)
        m[i:i + rng.randint(2, 12)] = m.min()
    return m.astype("f")


def example(c, clips, T):
    """A window of a clip at a random speed; sound aligned by the clip's known lag."""
    n = len(c["V"])
    f = rng.uniform(.87, 1.15)
    need = int(T * f) + 3
    i = rng.randint(0, max(1, n - need + 1))
    idx = np.clip(np.arange(i, i + need), 0, n - 1)
    v = stretch(c["V"][idx], f, T)
    at = np.clip(np.round(np.arange(T) * f).astype(int) + i, 0, n - 1)
    s = data.PAD // 2 + 4 * i - c.get("lag", 0) / 10
    mneed = int(4 * T * f) + 4
    k = int(np.floor(s))
    m = c["M"][np.clip(np.arange(k, k + mneed), 0, len(c["M"]) - 1)]
    m = m[:-1] * (1 - (s - k)) + m[1:] * (s - k) if s > k else m
    m = stretch(m, f, 4 * T)
    o = clips[rng.randint(len(clips))]["M"]
    j = rng.randint(0, max(1, len(o) - 4 * T))
    o = np.resize(o[j:j + 4 * T], (4 * T, 40))
    valid = np.arange(T) * f + i < n
    return augment_lips(v), c["C"][at], augment_sound(m, o), valid


def by_lag(s, reach):
    """s[b, t, j] as z[b, t, l]: lag l - reach steps of 20 ms before the picture's own sound; and where there is any."""
    T = s.shape[1]
    j = 2 * torch.arange(T)[:, None] - (torch.arange(2 * reach + 1)[None] - reach)
    ok = (j >= 0) & (j < s.shape[2])
    return s.gather(2, j.clamp(0, s.shape[2] - 1).expand(len(s), -1, -1)), ok


def pooled(z, ok, k):
    """Mean of k pictures on end, places at which fewer than half have a partner left out."""
    if k == 1:
        return z, ok
    o = ok.float()
    n = F.avg_pool1d(o.T[None], k, 1, k // 2)[0].T
    m = F.avg_pool1d((z * o).transpose(1, 2), k, 1, k // 2).transpose(1, 2) / n.clamp(min=1e-3)
    return m, ok & (n * k > k / 2)


def crowd(v, a, k):
    """Similarity of k pictures on end (at some places) to stretches of the other clips' sound: [B, places, others]."""
    h, T = k // 2, v.shape[2]
    at = torch.arange(h, T - h, 3 if k < 15 else 6)
    to = torch.arange(2 * h, 2 * T - 2 * h, 7 if k < 15 else 14)
    d = torch.arange(-h, h + 1)
    x = v[:, :, (at[:, None] + d)].permute(0, 2, 3, 1).flatten(2)             # [B, places, k * DIM]
    y = a[:, :, (to[:, None] + 2 * d)].permute(0, 2, 3, 1).flatten(2)
    s = torch.einsum("bpx,cqx->bpcq", x, y) / k
    own = torch.eye(len(v), dtype=torch.bool)[:, None, :, None]
    return at, s.masked_fill(own, -1e4 / 20).flatten(2)


def loss_of(v, a, scale, valid, contexts=CONTEXTS):
    T, reach = v.shape[2], v.shape[2]
    z, there = by_lag(torch.einsum("bdt,bds->bts", v, a), reach)
    lag = torch.arange(-reach, reach + 1)
    near = (lag.abs() <= 2) & (lag != 0)
    total = 0
    for i, (k, w) in enumerate(CONTEXTS):
        if (k, w) not in contexts:
            continue
        e = scale[i].exp()
        m, ok = pooled(z, there, k)
        m = (m * e).masked_fill(~ok | near, -1e4)
        at, far = crowd(v, a, k)
        use = valid[:, at].reshape(-1)
        x = torch.cat([m[:, at], far * e], 2).flatten(0, 1)
        l = F.cross_entropy(x, torch.full((len(x),), reach), reduction="none")
        # the other way round: one moment of sound among all pictures
        t = torch.arange(T)
        gap = 2 * (t[None] - t[::3, None])
        back = m[:, t[None], (gap + reach).clamp(0, 2 * reach)].masked_fill(gap.abs() > reach, -1e4)
        r = F.cross_entropy(back.flatten(0, 1), t[::3].expand(len(v), -1).reshape(-1), reduction="none")
        ok_r = valid[:, ::3].reshape(-1)
        total = total + w * ((l * use).sum() / use.sum() + (r * ok_r).sum() / ok_r.sum())
    return total


def warm_start(model, models, clips):
    """Continues from exported nets. Their normalisation is folded into the convolutions: each layer's is set so that it
    changes nothing on the clips given, and goes on from there."""
    import onnx
    from onnx import numpy_helper
    for m, name in zip(model, ("lips", "mouth", "sound")):
        if m is None:
            continue
        g = onnx.load(os.path.join(models, name + ".onnx")).graph
        value = {t.name: numpy_helper.to_array(t).astype("f") for t in g.initializer}
        value.update({n.output[0]: value[n.input[0]] for n in g.node if n.op_type == "Cast" and n.input[0] in value})
        layers = [x for x in m.modules() if isinstance(x, (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Linear))]
        nodes = [n for n in g.node if n.op_type in ("Conv", "Gemm")]
        assert len(layers) == len(nodes)
        with torch.no_grad():
            for x, n in zip(layers, nodes):
                x.weight.copy_(torch.tensor(value[n.input[1]]))
                x.bias.copy_(torch.tensor(value[n.input[2]]))

        def pass_through(norm, x):
            dims = [d for d in range(x[0].dim()) if d != 1]
            with torch.no_grad():
                mean, var = x[0].float().mean(dims), x[0].float().var(dims)
                norm.running_mean.copy_(mean), norm.running_var.copy_(var)
                norm.weight.copy_((var + norm.eps).sqrt()), norm.bias.copy_(mean)
        hooks = [x.register_forward_pre_hook(pass_through) for x in m.modules() if isinstance(x, torch.nn.modules.batchnorm._BatchNorm)]
        m.eval()
        n = min(len(c["V"]) for c in clips)
        cut = {"lips": lambda c: c["V"][:n, :, :2], "mouth": lambda c: c["C"][:n].astype("f") / 255,
               "sound": lambda c: c["M"][data.PAD // 2:data.PAD // 2 + 4 * n]}[name]
        with torch.no_grad():
            m(torch.tensor(np.stack([cut(c) for c in clips])))
        for h in hooks:
            h.remove()
        m.train()


def embed(model, c):
    """Unit vectors of lips and mouth (25 a second) and of the sound (50 a second), 2 s of it on either side."""
    with torch.no_grad():
        v = model[0](torch.tensor(c["V"][None, ..., :2]))[0]
        k = model[1](torch.tensor(c["C"][None].astype("f") / 255))[0] if model[1] else v
        a = model[2](torch.tensor(c["M"][None]))[0]
    b = F.normalize(v + k, dim=0)
    return v.numpy(), k.numpy(), b.numpy(), a.numpy()


def curve(v, a, reach=75):
    """Similarity summed per lag in steps of 20 ms, -reach..reach, and how many pictures; lag > 0: sound early."""
    s, n, first = v.T @ a, v.shape[1], data.PAD // 4
    out, cnt = np.zeros(2 * reach + 1), np.zeros(2 * reach + 1)
    for l in range(-reach, reach + 1):
        j = first + 2 * np.arange(n) - l
        ok = (j >= 0) & (j < a.shape[1])
        out[l + reach], cnt[l + reach] = s[np.arange(n)[ok], j[ok]].sum(), ok.sum()
    return out, cnt


def peak(out, cnt):
    """Lag in ms of the highest mean similarity, between the steps, and how far it stands out."""
    m = out / np.maximum(cnt, 1)
    reach = len(m) // 2
    b = int(np.argmax(m))
    bend = m[b - 1] - 2 * m[b] + m[b + 1] if 0 < b < len(m) - 1 else 0
    f = .5 * (m[b - 1] - m[b + 1]) / bend if bend < 0 else 0
    far = m[np.abs(np.arange(len(m)) - b) > 12]
    return (b + f - reach) * 20, (m[b] - far.mean()) / (far.std() + .01)


def report(model, clips, name):
    for m in model[:3]:
        m and m.eval()
    rows = []
    for c in clips:
        e = embed(model, c)
        rows.append([peak(*curve(x, e[3]))[0] - c.get("lag", 0) for x in e[:3]])
    for m in model[:3]:
        m and m.train()
    r = np.abs(np.array(rows))
    print("%s: n=%d within 40 ms: lips %.2f mouth %.2f both %.2f; within 80 ms: %.2f %.2f %.2f" %
          (name, len(r), *(r <= 40).mean(0), *(r <= 80).mean(0)), flush=True)


class Draw:
    """Draws clips: a set by the root of its speech (studio speech at most a third), a person of it, a clip by its length."""
    def __init__(self, clips, least):
        self.sets = {}
        for c in clips:
            if len(c["V"]) >= least:
                self.sets.setdefault(c["set"], {}).setdefault(c["person"], []).append(c)
        self.names = sorted(self.sets)
        w = np.array([sum(min(250, sum(len(c["V"]) for c in p)) for p in self.sets[s].values()) ** .75 for s in self.names])
        s1 = np.array([s == "grid_s1" for s in self.names])
        w[s1] = 0
        w = w / w.sum() * (1 - .25 * s1.any())
        w[s1] = .25
        self.weight = w

    def __call__(self):
        s = self.sets[self.names[rng.choice(len(self.names), p=self.weight)]]
        names = sorted(s)
        p = s[names[rng.randint(len(names))]]
        n = np.array([len(c["V"]) for c in p], float)
        return p[rng.choice(len(p), p=n / n.sum())]


def clean(clips, lags):
    """Clips with their lag: a person's own where lags.json has one, else the set's; what disagrees is left out."""
    out = []
    for c in clips:
        key = c["set"] + "/" + c["person"]
        if c["dump"] in lags["drop"] or key in lags["drop"]:
            continue
        c["lag"] = lags["person"].get(key, lags["set"].get(c["set"], 0.))
        out.append(c)
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--corpus", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, default=5000)
    p.add_argument("--until", type=int, help="end at this step of the schedule (default: its last)")
    p.add_argument("--lags", help="lags.json of lags.py")
    p.add_argument("--hold", default="", help="sets kept out, comma-separated")
    p.add_argument("--only", choices=("lips",), help="train without the mouth net")
    p.add_argument("--init", help="folder of exported nets to go on from")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    clips = [c for c in pickle.load(open(a.corpus, "rb")) if c["split"] == "train" and (c["label"] == "real" or c["method"].startswith("lip2speech"))]
    clips = clean(clips, json.load(open(a.lags))) if a.lags else clips
    hold = a.hold.split(",") if a.hold else []
    fit(clips, hold, a.steps, a.out, a.only, a.threads, a.init, a.until)


def fit(clips, hold, steps, out, only=None, threads=1, init=None, until=None):
    """Trains on the clips whose set is not in `hold`; the state dicts go to `out`."""
    rng.seed(1)
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    held = [c for c in clips if c["set"] in hold and len(c["V"]) >= 50]
    clips = [c for c in clips if c["set"] not in hold and len(c["V"]) >= 20]
    long, short = Draw(clips, 45), Draw(clips, 24)
    print("%d clips, %d people, %d sets, %.0f s" % (len(clips), len({c["person"] for c in clips}), len(short.names), sum(len(c["V"]) for c in clips) / 25))
    print("weights of the sets:", {s: round(float(w), 3) for s, w in zip(short.names, short.weight)}, flush=True)
    scale = torch.nn.Parameter(torch.tensor([2.3, 2.7, 3.0]))
    model = [nets.Lips(), None if only else nets.Mouth().to(memory_format=torch.channels_last), nets.Sound()]
    parts = [m for m in model if m]
    if init:
        warm_start(model, init, [long() for _ in range(24)])
    params = [q for m in parts for q in m.parameters()] + [scale]
    mean = copy.deepcopy(parts)
    print("weights:", [sum(q.numel() for q in m.parameters()) for m in parts])
    opt = torch.optim.AdamW(params, 1.5e-3, weight_decay=2e-2)
    save = lambda: torch.save([m.state_dict() for m in mean] if not only else [mean[0].state_dict(), None, mean[1].state_dict()], out)
    t0, top = time.time(), 8e-4 if init else 1.5e-3
    for step in range(min(steps, until or steps)):
        for g in opt.param_groups:
            g["lr"] = top * min(1, (step + 1) / 100) * (.5 + .5 * np.cos(np.pi * step / steps)) + 1e-5
        brief = step % 3 == 2
        T, draw, B = (SHORT, short, 36) if brief else (LONG, long, 18)
        batch = [example(draw(), clips, T) for _ in range(B)]
        valid = torch.tensor(np.stack([b[3] for b in batch])).float()
        n = B // 2 if model[1] else 0                       # the mouth net is four fifths of the time: it sees half
        with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
            v = model[0](torch.tensor(np.stack([b[0] for b in batch]))).float()
            s = model[2](torch.tensor(np.stack([b[2] for b in batch]))).float()
            k = model[1](torch.stack([augment_mouth(b[1]) for b in batch[:n]])).float() if n else None
        v, s = F.normalize(v, dim=1), F.normalize(s, dim=1)
        loss = loss_of(v, s, scale, valid, CONTEXTS if only else CONTEXTS[1:2])
        if n:
            k, v, s, valid = F.normalize(k, dim=1), v[:n], s[:n], valid[:n]
            loss = loss + loss_of(k, s, scale, valid, CONTEXTS[1:2]) + loss_of(F.normalize(v + k, dim=1), s, scale, valid)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 5)
        opt.step()
        keep = min(.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for m, q in zip(mean, parts):
                for x, y in zip(m.state_dict().values(), q.state_dict().values()):
                    x.copy_(x * keep + y * (1 - keep)) if x.is_floating_point() else x.copy_(y)
        if (step + 1) % 100 == 0:
            print(step + 1, "%.3f" % loss.item(), "%.0f s" % (time.time() - t0), flush=True)
        if (step + 1) % 500 == 0:
            save()
            report(mean if not only else [mean[0], None, mean[1]], held, "held out") if held else None
    save()
    return mean if not only else [mean[0], None, mean[1]]


if __name__ == "__main__":
    main()
