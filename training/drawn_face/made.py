"""made.py -- made pictures, each from a genuine one: blends, and copies through decoders.

made.py STILLS... --out DIR --kind base|blend|taef2|OWN: writes DIR/KIND_CHUNK.npz, lists of RGB pictures in the order of the stills.
Everything is drawn from the still's number, so that the kinds of one still share the same base and can be made apart."""
import argparse, os, pickle
import numpy as np
import torch
from torch.nn import functional as F
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import ConvexHull

import common, decoders

CHUNK = 96
OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409]
LOWER = [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 4, 205, 425]


def resize(rgb, h, w):
    x = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float()
    x = F.interpolate(x, (h, w), mode="bicubic", antialias=True)
    return x[0].permute(1, 2, 0).clamp(0, 255).numpy()


def base(still, i):
    """The genuine picture at a size of 120 to 256 (never enlarged by more than 1.15): float RGB and its landmarks."""
    rng = np.random.RandomState(1000003 + i)
    h, w = still["rgb"].shape[:2]
    side = common.square(still["lm"])[2]
    want = np.exp(rng.uniform(np.log(120), np.log(256)))
    k = min(1.15, want / side)
    h2, w2 = max(48, int(h * k) // 8 * 8), max(48, int(w * k) // 8 * 8)
    return resize(still["rgb"], h2, w2), still["lm"] * np.array([w2 / w, h2 / h], "f")


def hull(lm, shape, grow=0.):
    c = lm.mean(0)
    eq = ConvexHull(c + (lm - c) * (1 + grow)).equations
    y, x = np.mgrid[:shape[0], :shape[1]]
    m = np.ones(shape, bool)
    for a, b, d in eq:
        m &= a * x + b * y + d <= 0
    return m.astype("f")


def mask(lm, shape, rng, kinds=("lips", "lower", "face", "box")):
    """A soft, deformed region: lips, lower face, face, or the box of the lower half that mouth generators fill."""
    kind = kinds[rng.randint(len(kinds))]
    side = common.square(lm)[2]
    if kind == "box":
        lo, hi = lm.min(0), lm.max(0)
        y, x = np.mgrid[:shape[0], :shape[1]]
        top = lo[1] + rng.uniform(.35, .6) * (hi[1] - lo[1])
        m = ((x > lo[0] - rng.uniform(-.1, .08) * side) & (x < hi[0] + rng.uniform(-.1, .08) * side) & (y > top) & (y < hi[1] + rng.uniform(-.02, .06) * side)).astype("f")
    else:
        m = hull(lm[dict(lips=LIPS, lower=LOWER, face=OVAL)[kind]], shape, rng.uniform(.1, .7) if kind == "lips" else rng.uniform(-.1, .12))
        f = side * rng.uniform(.02, .06)
        d = [gaussian_filter(rng.randn(*shape), side * .06) for _ in range(2)]
        y, x = np.mgrid[:shape[0], :shape[1]]
        m = map_coordinates(m, [y + d[0] / d[0].std() * f * .5, x + d[1] / d[1].std() * f * .5], order=1)
    m = gaussian_filter(m, side * np.exp(rng.uniform(np.log(.004), np.log(.05))))
    return m[..., None], kind


def shift(img, rng, side, amount=1.):
    """Moved, turned and scaled a little about its middle."""
    a, k = rng.uniform(-.05, .05) * amount, 1 + rng.uniform(-.04, .04) * amount
    dy, dx = rng.uniform(-.02, .02, 2) * side * amount
    h, w = img.shape[:2]
    y, x = np.mgrid[:h, :w]
    y, x = y - h / 2, x - w / 2
    at = [k * (np.cos(a) * y - np.sin(a) * x) + h / 2 + dy, k * (np.sin(a) * y + np.cos(a) * x) + w / 2 + dx]
    return np.stack([map_coordinates(img[..., c], at, order=1, mode="nearest") for c in range(3)], -1)


def blend(img, lm, rng, other=None):
    side = common.square(lm)[2]
    m, kind = mask(lm, img.shape[:2], rng)
    src = img if other is None else other
    if other is None or rng.rand() < .5:
        src = shift(src, rng, side, 1 if other is None else .3)
    if rng.rand() < .75:                     # at the size a generator works in
        inner = rng.choice([64, 96, 96, 96, 128, 192, 256]) * rng.uniform(.9, 1.1)
        k = min(1., inner / (side / 1.5) * (.8 if kind in ("box", "lower", "lips") else 1))
        h, w = img.shape[:2]
        src = resize(resize(src, max(16, int(h * k)), max(16, int(w * k))), h, w)
    if rng.rand() < .4:
        src = src + rng.uniform(.3, 1.2) * (src - gaussian_filter(src, (1.2, 1.2, 0)))
    elif rng.rand() < .5:
        src = gaussian_filter(src, (*[rng.uniform(.3, 1.4)] * 2, 0))
    if rng.rand() < .7:
        src = src * rng.uniform(.93, 1.07, 3) + rng.uniform(-6, 6)
    if rng.rand() < .2:
        src = src + rng.randn(*src.shape) * rng.uniform(1, 4)
    m = m * (1 if rng.rand() < .7 else rng.uniform(.6, 1))
    return np.clip(img * (1 - m) + src * m, 0, 255), kind


def through(img, lm, rng, net):
    """Through a decoder: whole (over half), or face or mouth pasted back."""
    h, w = img.shape[:2]
    x = torch.from_numpy(img.astype("f")).permute(2, 0, 1)[None] / 255
    noise = 0. if rng.rand() < .6 else rng.uniform(.02, .12)
    torch.manual_seed(rng.randint(1 << 30))
    with torch.no_grad():
        if isinstance(net, decoders.Taef2):
            with torch.autocast("cpu", torch.bfloat16):
                z = net.e(x)
                z = net.d[:18](z + noise * z.std() * torch.randn_like(z))
            y = net.d[18:](z.float())
        else:
            y = net(x, noise)
    y = y.clamp(0, 1)[0].permute(1, 2, 0).numpy() * 255
    if rng.rand() < .6:
        return y, "whole"
    m, kind = mask(lm, (h, w), rng, ("lower", "face", "face", "box"))
    return np.clip(img * (1 - m) + y * m, 0, 255), kind


def other_moment(stills, i, img, lm):
    """Another picture of the same clip, laid over this one by the landmarks that speech doesn't move, or None."""
    same = [j for j in range(max(0, i - 9), min(len(stills), i + 10)) if j != i and stills[j]["name"] == stills[i]["name"]]
    if not same:
        return None
    o = stills[same[i % len(same)]]
    rigid = OVAL[:8] + OVAL[-8:] + [33, 133, 362, 263, 168, 6, 4]
    src, dst = o["lm"][rigid], lm[rigid]
    a = np.concatenate([dst, np.ones((len(dst), 1))], 1)
    t = np.linalg.lstsq(a, src, rcond=None)[0]
    y, x = np.mgrid[:img.shape[0], :img.shape[1]]
    at = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], 1) @ t
    k = max(1., np.sqrt(abs(np.linalg.det(t[:2]))))
    pic = gaussian_filter(o["rgb"].astype("f"), (k * .4, k * .4, 0)) if k > 1.2 else o["rgb"]
    return np.stack([map_coordinates(pic[..., c].astype("f"), [at[:, 1], at[:, 0]], order=1, mode="nearest") for c in range(3)], -1).reshape(img.shape)


def load_stills(names):
    return [s for n in names for s in pickle.load(open(n, "rb"))]


def net_of(kind, taef2, own):
    if kind == "taef2":
        return decoders.Taef2(taef2).eval()
    n = decoders.own(kind)
    n.load_state_dict(torch.load(os.path.join(own, kind + ".pt")))
    return n.eval()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("stills", nargs="+")
    p.add_argument("--out", required=True)
    p.add_argument("--kind", nargs="+", required=True)
    p.add_argument("--taef2")
    p.add_argument("--own")
    p.add_argument("--chunks", type=int, default=1 << 30)
    p.add_argument("--first", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(1)
    stills = load_stills(a.stills)
    order = np.random.RandomState(5).permutation(len(stills))
    nets = {k: net_of(k, a.taef2, a.own) for k in a.kind if k not in ("base", "blend")}
    os.makedirs(a.out, exist_ok=True)
    for c in range(a.first, min(a.chunks, (len(stills) + CHUNK - 1) // CHUNK)):
        for kind in a.kind:
            name = os.path.join(a.out, "%s_%03d.pkl" % (kind, c))
            if os.path.exists(name):
                continue
            out, bases = [], os.path.join(a.out, "base_%03d.pkl" % c)
            bases = pickle.load(open(bases, "rb")) if kind != "base" else None
            for n, i in enumerate(order[c * CHUNK:(c + 1) * CHUNK]):
                img, lm = (bases[n]["rgb"].astype("f"), bases[n]["lm"]) if bases else base(stills[i], i)
                rng = np.random.RandomState((sum(map(ord, kind)) * 7919 + i) % (1 << 31))
                how = "base"
                if kind == "blend":
                    o = other_moment(stills, i, img, lm) if rng.rand() < .6 else None
                    img, how = blend(img, lm, rng, o)
                elif kind != "base":
                    img, how = through(img, lm, rng, nets[kind])
                row = dict(rgb=np.clip(img + .5, 0, 255).astype(np.uint8), how=how)
                if kind == "base":
                    row.update(lm=lm, person=stills[i]["person"], set=stills[i]["set"], name=stills[i]["name"])
                out.append(row)
            pickle.dump(out, open(name + ".part", "wb"), 4)
            os.rename(name + ".part", name)


if __name__ == "__main__":
    main()
