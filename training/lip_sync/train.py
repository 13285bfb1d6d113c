"""Trains the sync nets on the clips of ../shared/data/video/train.

    python train.py --video DIR --features DIR --out nets.pt [--steps 5000] [--hold PERSON,PERSON]

Each moment of the mouth must find its own moment of the sound among all within the window and those of the
other clips of the batch, on its own and averaged over 5 and 15 frames; and the other way round. Every clip but those of
the one studio speaker is shifted by the lag that the net so far finds in it, again and again: sets differ in zero.
"""
import argparse
import os
import pickle
import time

import numpy as np
import torch
import torch.nn.functional as F

import data
import nets

rng = np.random.RandomState(1)
T = 60


def corpus(video, features, cache):
    if os.path.exists(cache):
        return pickle.load(open(cache, "rb"))
    clips = []
    for r in data.index(video):
        d = os.path.join(features, r["dump"])
        c = data.load(d) if os.path.exists(d) else None
        if c:
            clips.append(dict(c, **r))
    for d in sorted(os.listdir(features)):
        if d.startswith("train_grid_s1_"):
            c = data.load(os.path.join(features, d))
            if c:
                clips.append(dict(c, person="grid_s1", split="train", label="real", dataset="GRID", path=d, sync="in-sync",
                                  method="-", seconds="3.0"))
    pickle.dump(clips, open(cache, "wb"), 4)
    return clips


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


def example(c, clips):
    """A window of a clip at a random speed; sound aligned by the clip's known lag."""
    n = len(c["V"])
    f = rng.uniform(.87, 1.15)
    need = int(T * f) + 3
    i = rng.randint(0, max(1, n - need + 1))
    idx = np.clip(np.arange(i, i + need), 0, n - 1)
    v = stretch(c["V"][idx], f, T)
    at = np.clip(np.round(np.arange(T) * f).astype(int) + i, 0, n - 1)
    s = data.PAD // 2 + 4 * i - int(round(c.get("lag", 0) / 10))
    mneed = int(4 * T * f) + 3
    m = c["M"][np.clip(np.arange(s, s + mneed), 0, len(c["M"]) - 1)]
    m = stretch(m, f, 4 * T)
    o = clips[rng.randint(len(clips))]["M"]
    j = rng.randint(0, max(1, len(o) - 4 * T))
    o = np.resize(o[j:j + 4 * T], (4 * T, 40))
    valid = np.arange(T) * f + i < n
    return augment_lips(v), augment_mouth(c["C"][at]), augment_sound(m, o), valid


OFF = torch.arange(2 * T)[None] - 2 * torch.arange(T)[:, None]     # sound step minus own step


def pooled(s, k):
    """Mean of s[b, t + d, j + 2 d] over d: what k frames on end say together."""
    if k == 1:
        return s
    out, cnt = torch.zeros_like(s), torch.zeros_like(s)
    for d in range(-(k // 2), k // 2 + 1):
        a, b = max(0, -d), T - max(0, d)
        ja, jb = max(0, -2 * d), 2 * T - max(0, 2 * d)
        out[:, a:b, ja:jb] += s[:, a + d:b + d, ja + 2 * d:jb + 2 * d]
        cnt[:, a:b, ja:jb] += 1
    return out / cnt


def loss_of(v, a, scale, valid):
    s = torch.einsum("bdt,bds->bts", v, a)
    own = torch.arange(T) * 2
    near = (OFF.abs() <= 2) & (OFF != 0)
    far = torch.einsum("bdt,cds->btcs", v[:, :, ::3], a[:, :, ::6]).flatten(2)          # other clips: harder crowd
    same = torch.eye(len(v), dtype=torch.bool)[:, None].repeat_interleave(a.shape[2] // 6, 2).expand(-1, far.shape[1], -1)
    total = 0
    for k, w in ((1, .5), (5, 1.), (15, .5)):
        z = pooled(s, k) * scale[{1: 0, 5: 1, 15: 2}[k]].exp()
        z = z.masked_fill(near, -1e4)
        zz = z
        if k == 1:
            zz = torch.cat([z[:, ::3], far.masked_fill(same, -1e4) * scale[0].exp()], 2)
            l = F.cross_entropy(zz.flatten(0, 1), own[::3].expand(len(v), -1).reshape(-1), reduction="none")
            l = (l * valid[:, ::3].reshape(-1)).sum() / valid[:, ::3].sum()
        else:
            l = F.cross_entropy(zz.flatten(0, 1), own.expand(len(v), -1).reshape(-1), reduction="none")
            l = (l * valid.reshape(-1)).sum() / valid.sum()
        back = z[:, :, own].transpose(1, 2)
        r = F.cross_entropy(back.flatten(0, 1), torch.arange(T).expand(len(v), -1).reshape(-1), reduction="none")
        total = total + w * (l + (r * valid.reshape(-1)).sum() / valid.sum())
    return total


def embed(model, c):
    lips, mouth, sound, _ = model
    with torch.no_grad():
        v = lips(torch.tensor(c["V"][None, ..., :2]))[0]
        k = mouth(torch.tensor(c["C"][None].astype("f") / 255))[0]
        a = sound(torch.tensor(c["M"][None, data.PAD // 2:data.PAD // 2 + 4 * len(c["V"])]))[0]
    return v.numpy(), k.numpy(), a.numpy()


def curve(v, a, reach=75):
    """Mean similarity per lag in steps of 20 ms, -reach..reach; lag > 0: sound early."""
    s = v.T @ a
    n = v.shape[1]
    out = np.full(2 * reach + 1, -1.)
    for l in range(-reach, reach + 1):
        j = 2 * np.arange(n) - l
        ok = (j >= 0) & (j < a.shape[1])
        if ok.sum() > n // 2:
            out[l + reach] = s[np.arange(n)[ok], j[ok]].mean()
    return out


def report(model, clips, name):
    for m in model[:3]:
        m.eval()
    rows = []
    for c in clips:
        v, k, a = embed(model, c)
        b = v + k
        b /= np.linalg.norm(b, axis=0)
        rows.append([np.argmax(curve(x, a)) * 20 - 1500 for x in (v, k, b)])
    for m in model[:3]:
        m.train()
    if not rows:
        return None
    r = np.abs(np.array(rows))
    if name:
        print("%s: n=%d within 40 ms: lips %.2f mouth %.2f both %.2f; within 80 ms: %.2f %.2f %.2f" %
              (name, len(r), *(r <= 40).mean(0), *(r <= 80).mean(0)), flush=True)
    return np.array(rows)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--video", required=True)
    p.add_argument("--features", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, default=5000)
    p.add_argument("--hold", default="", help="persons kept out, comma-separated")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(a.threads)
    clips = [c for c in corpus(a.video, a.features, os.path.join(a.features, "corpus.pkl")) if c["split"] == "train"]
    hold = a.hold.split(",") if a.hold else []
    held = [c for c in clips if c["person"] in hold]
    clips = [c for c in clips if c["person"] not in hold and len(c["V"]) >= 20]
    people = sorted({c["person"] for c in clips})
    by = {q: [c for c in clips if c["person"] == q] for q in people}
    weight = np.array([min(8, sum(len(c["V"]) for c in by[q]) / 75) if q != "grid_s1" else 0 for q in people])
    weight = weight / weight.sum() * .6
    weight[people.index("grid_s1")] = .4
    print(len(clips), "clips,", len(people), "people", flush=True)
    model = (nets.Lips(), nets.Mouth().to(memory_format=torch.channels_last), nets.Sound(), torch.nn.Parameter(torch.tensor([2.3, 2.7, 3.0])))
    params = [q for m in model[:3] for q in m.parameters()] + [model[3]]
    print("weights:", [sum(q.numel() for q in m.parameters()) for m in model[:3]])
    opt = torch.optim.AdamW(params, 1.5e-3, weight_decay=2e-2)
    t0, step, B = time.time(), 0, 20
    relag = [.35, .6, .8]
    while True:
        done = step / a.steps
        if done >= 1:
            break
        for g in opt.param_groups:
            g["lr"] = 1.5e-3 * min(1, (step + 1) / 100) * (.5 + .5 * np.cos(np.pi * done)) + 1e-5
        batch = [example((lambda l: l[rng.randint(len(l))])(by[people[rng.choice(len(people), p=weight)]]), clips) for _ in range(B)]
        v = model[0](torch.tensor(np.stack([b[0] for b in batch])))
        with torch.autocast("cpu", torch.bfloat16):         # four fifths of the time are this tower's
            k = model[1](torch.stack([b[1] for b in batch]))
        k = F.normalize(k.float(), dim=1)
        s = model[2](torch.tensor(np.stack([b[2] for b in batch])))
        valid = torch.tensor(np.stack([b[3] for b in batch])).float()
        loss = loss_of(v, s, model[3], valid) + loss_of(k, s, model[3], valid) + \
            loss_of(F.normalize(v + k, dim=1), s, model[3], valid)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 5)
        opt.step()
        step += 1
        if step % 100 == 0:
            print(step, "%.3f" % loss.item(), "%.0f s" % (time.time() - t0), flush=True)
            torch.save([m.state_dict() for m in model[:3]], a.out)
        if relag and done > relag[0]:
            relag.pop(0)
            report(model, held, "held out")
            for c in clips:
                if c["dataset"] != "GRID" and len(c["V"]) >= 40:
                    r = report(model, [c], None)
                    if abs(r[0][2]) <= 200:
                        c["lag"] = float(r[0][2])
            print("lags:", {d: [c.get("lag") for c in clips if c["dataset"] == d] for d in {c["dataset"] for c in clips} - {"GRID"}})
    report(model, held, "held out")
    report(model, [c for c in clips if c["person"] != "grid_s1"], "train, others")
    torch.save([m.state_dict() for m in model[:3]], a.out)


if __name__ == "__main__":
    main()
