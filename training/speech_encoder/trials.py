"""What else was tried for the voice head: other kernels, and texture of the fine spectrum beside it, on the folds of authenticity.py.

    python trials.py --data DIR --windows DIR [--take 2400] [--models ../../models]

No encoder is needed: the written net holds its training windows' numbers in the plane, in the order of extract.py's voice list, so the windows are drawn again as extract.py does
(and kept in --windows for the texture) and matched by their place. What is learned here of the plane is no class (it is made without labels); everything else is fitted in each fold.
"""
import argparse
import collections
import glob
import os

import numpy as np
import onnx
import scipy.linalg
from onnx import numpy_helper

import authenticity
import common
import extract
import kernel
from extract import RATE

BLOCK, MANY = 48, 480                        # extract.py's block, which draws the channels; so many clips go through a codec together
BINS, PATCH, STRIDE, FILTERS, BANDS = 240, 8, (4, 8), 64, 8


def make_windows(data, out, take):
    """Blocks OUT/NNNNN.npz of rows, codecs, lengths and samples; what is there is kept."""
    rows = common.rows(data)
    keep = extract.chosen("voice", rows)[:take]
    names = [c for c in extract.CODECS if c != "none"]
    weight = np.array([extract.RARE.get(c, 1) for c in names])
    os.makedirs(out, exist_ok=True)
    for first in range(0, len(keep), MANY):
        target = os.path.join(out, "%05d.npz" % first)
        if os.path.exists(target):
            continue
        made, group = [], collections.defaultdict(list)
        for b in range(first, min(first + MANY, len(keep)), BLOCK):
            rng, todo = np.random.default_rng([0, b]), collections.defaultdict(list)
            for i in keep[b:b + BLOCK]:
                x = extract.trimmed(extract.decode(os.path.join(data, rows[i]["split"], rows[i]["path"])))
                if len(x) < RATE:
                    continue
                at = rng.integers(0, max(1, len(x) - 4 * RATE + 1))
                x, _ = extract.channel(x[at:at + 4 * RATE], rng)
                todo[str(rng.choice(names, p=weight / weight.sum())) if rng.random() > .4 else "none"].append((i, x))
            for codec, part in todo.items():
                for i, x in part:
                    made.append([i, codec, None])
                    group[codec].append((x, made[-1]))
        for codec, part in group.items():
            for (_, place), y in zip(part, extract.coded([x for x, _ in part], codec)):
                place[2] = (np.clip(extract.level(y), -1, 1) * 32767).astype(np.int16)
        made = [p for p in made if len(p[2]) >= RATE]
        np.savez(target + ".part.npz", row=[p[0] for p in made], codec=[p[1] for p in made], length=[len(p[2]) for p in made], sound=np.concatenate([p[2] for p in made]))
        os.rename(target + ".part.npz", target)
        print("windows: %d of %d" % (min(first + MANY, len(keep)), len(keep)), flush=True)
    return rows


def known(rows, folder):
    """Of the training windows, in the order of the written net: class, family, group, page, speaker and so on, as authenticity.table() has them; samples' places."""
    meta, place = [], []
    for name in sorted(glob.glob(os.path.join(folder, "?????.npz"))):
        q = np.load(name)
        for k, i in enumerate(q["row"]):
            r = rows[i]
            if r["split"] != "train" or "partial-edit" in r["family"]:
                continue
            owner = r["repo"].split("/")[0]
            real = r["label"] == "bonafide"
            meta.append((dict(bonafide=0, spoof=1, codec=2)[r["label"]], "genuine" if real else r["family"], owner + ":" + r["dataset"] if owner == authenticity.LARGE else owner, owner,
                         "?" if r["speaker"].startswith("unk") else r["speaker"], r["split"], r["system"], False))
            place.append((name, k))
    m = dict(zip(("label", "family", "group", "owner", "speaker", "split", "system", "acted"), (np.array(c) for c in zip(*meta))))
    return m, place


def heard(place):
    """Samples of the windows at their places."""
    out, last = [], None
    for name, k in place:
        if name != last:
            q, last = np.load(name), name
            parts = np.split(q["sound"], np.cumsum(q["length"])[:-1])
        out.append(parts[k].astype(np.float32) / 32767)
    return out


def plane_of(models):
    """Numbers in the plane, and what lies off it, of the net's training windows."""
    net = {t.name: numpy_helper.to_array(t) for t in onnx.load(os.path.join(models, "authenticity", "voice_person.onnx")).graph.initializer}
    z = net["centre16"].T.astype(np.float32)
    return z, np.maximum(net["far"][0] - np.einsum("ij,ij->i", z, z), 0)


class Near:
    """Weighted ridge regression on exp(-(distance / width) ^ power) in the plane; what lies off it counts by its length. turn: a matrix before the distance."""

    def __init__(self, z, off, target, weight, ridge=.2, width=1., power=1., turn=None):
        w = weight / weight.sum() * len(weight)
        self.turn, self.power = turn, power
        self.z, self.far = self.place(z, off)
        few = np.random.default_rng(1).choice(len(z), min(500, len(z)), replace=False)
        self.by = np.float32(1 / (width * np.median(self.far[few, None] + self.far[few] - 2 * self.z[few] @ self.z[few].T)))
        root = np.sqrt(w)[:, None].astype(np.float32)
        self.middle = np.average(target, axis=0, weights=w).astype(np.float32)
        k = self.near(self.z, self.far) * root * root[:, 0]
        k[np.diag_indices_from(k)] += ridge
        self.alpha = root * scipy.linalg.solve(k, root * (target - self.middle).astype(np.float32), assume_a="pos", overwrite_a=True, check_finite=False)

    def place(self, z, off):
        z = z if self.turn is None else z @ self.turn
        return z, np.einsum("ij,ij->i", z, z) + off

    def near(self, z, far):
        return np.exp(-np.maximum(self.by * (far[:, None] + self.far - 2 * z @ self.z.T), 0) ** (self.power / 2))

    def of(self, z, off):
        return self.near(*self.place(z, off)) @ self.alpha + self.middle

    def slopes(self, pick):
        """Outer products of the answer's gradients at rows pick, as a recursive feature machine learns its metric (Radhakrishnan et al. 2024)."""
        d = np.sqrt(np.maximum(self.by * (self.far[pick, None] + self.far - 2 * self.z[pick] @ self.z.T), 1e-9))
        w, g = np.where(d < 1e-3, 0, np.exp(-d) / np.maximum(d, 1e-3)), 0
        for c in (0, 1):
            a = w * self.alpha[:, c]
            s = a.sum(1)[:, None] * self.z[pick] - a @ self.z
            g = g + s.T @ s
        return g


def learned(z, off, target, weight):
    """One step of a learned metric, half of it the plain one."""
    first = Near(z, off, target, weight)
    e, v = np.linalg.eigh(first.slopes(np.random.default_rng(3).choice(len(z), min(1200, len(z)), replace=False)).astype(float))
    half = np.maximum(e, 0) / e.max()                       # the square root of the gradients' products, its square put back by the trace
    part = (v * half) @ v.T * (np.trace(z.T @ z) / np.trace((v * half) @ v.T @ z.T @ z))
    e, v = np.linalg.eigh(.5 * np.eye(len(e)) + .5 * part)
    return Near(z, off, target, weight, turn=((v * np.sqrt(np.maximum(e, 0))) @ v.T).astype(np.float32))


def spectra(x):
    """Log power of 32 ms every 10 ms, 31 Hz to 7.5 kHz, less each band's mean over time: [240, t]."""
    frames = np.lib.stride_tricks.sliding_window_view(x, 512)[::160] * np.hanning(513)[:-1].astype(np.float32)
    s = np.log(np.abs(np.fft.rfft(frames)[:, 1:BINS + 1]) ** 2 + 1e-7).T
    return (s - s.mean(1, keepdims=True)).astype(np.float32)


def patches(s):
    p = np.lib.stride_tricks.sliding_window_view(s, (PATCH, PATCH))
    return p[::STRIDE[0], ::STRIDE[1]].reshape(-1, PATCH * PATCH), p[::STRIDE[0], ::STRIDE[1]].shape[:2]


def dictionary(sounds):
    """Whitened patches of chance as filters (Coates and Ng 2011): matrix and constants."""
    rng = np.random.default_rng(0)
    x = np.concatenate([patches(spectra(s))[0][rng.integers(0, 1400, 30)] for s in sounds if len(s) == 4 * RATE])
    mean = x.mean(0)
    e, v = np.linalg.eigh(np.cov((x - mean).T))
    white = (v[:, -48:] / np.sqrt(e[-48:] + .05 * e.mean())).T
    f = (x - mean)[rng.choice(len(x), FILTERS, replace=False)] @ white.T
    f = f / np.linalg.norm(f, axis=1, keepdims=True) @ white
    by = ((x - mean) @ f.T).std(0)
    return (f / by[:, None]).astype(np.float32), (-(f @ mean) / by).astype(np.float32)


def texture(x, filters, constant):
    """How much of each filter, either sign, is in each of eight bands: mean and deviation over time, [2048]."""
    p, (high, long) = patches(spectra(x))
    y = (p @ filters.T + constant).reshape(high, long, FILTERS)[:high // BANDS * BANDS]
    y = np.concatenate([np.maximum(y - .5, 0), np.maximum(-y - .5, 0)], 2).reshape(BANDS, -1, long, 2 * FILTERS).mean(1)
    return np.concatenate([y.mean(1), y.std(1)]).ravel()


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--data", required=True, help="what collect wrote of the voice list")
    p.add_argument("--windows", required=True)
    p.add_argument("--take", type=int, help="only so many of the list's rows, in its random order")
    p.add_argument("--models", default=os.path.join(common.HERE, "..", "..", "models"))
    args = p.parse_args()
    rows = make_windows(args.data, args.windows, args.take)
    m, place = known(rows, args.windows)
    z, off = (a[:len(place)] for a in plane_of(args.models))
    target, folds = authenticity.targets(m), list(authenticity.folds(m))
    print("%d windows: %d genuine, %d synthetic, %d codec" % (len(z), *((m["label"] == k).sum() for k in (0, 1, 2))))
    key = np.where(m["label"] == 0, m["group"], m["family"])

    def figures(s, at):
        real, made = s[at][m["label"][at] == 0], s[at][m["label"][at] == 1]
        return np.array([common.eer(real, made), (made > np.quantile(real, .98)).mean()])

    def trial(name, fit):
        out = np.full((len(z), 3), np.nan, np.float32)
        for test, keep in folds:
            at = np.flatnonzero(keep)
            out[test] = fit(at, authenticity.weights(m, keep), test)
        show(name, out)
        return out

    def show(name, out, than=None):
        s = authenticity.odds(out)
        at = np.flatnonzero(np.isfinite(s) & (m["label"] < 2))
        per = [common.eer(s[at][m["label"][at] == 0], s[at][key[at] == f]) for f in sorted(set(key[at][m["label"][at] == 1]))]
        more = ""
        if than is not None:
            for k, what in enumerate(("EER", "found")):
                low, high = common.interval(lambda i: figures(s, at[i])[k] - figures(authenticity.odds(than), at[i])[k], key[at], 200)
                more += "; %s less the kernel's %+.3f to %+.3f" % (what, low, high)
        print("%s: EER pooled %.3f, mean over families %.3f; found where 2 %% of genuine lie over %.3f%s" % (name, figures(s, at)[0], np.mean(per), figures(s, at)[1], more), flush=True)

    plain = trial("the kernel", lambda at, w, test: Near(z[at], off[at], target[at], w[at]).of(z[test], off[test]))
    for kind in (dict(ridge=.05), dict(ridge=.6), dict(width=.33), dict(width=3.3), dict(power=.7), dict(power=1.3)):
        trial(str(kind), lambda at, w, test, kind=kind: Near(z[at], off[at], target[at], w[at], **kind).of(z[test], off[test]))
    trial("learned metric", lambda at, w, test: learned(z[at], off[at], target[at], w[at]).of(z[test], off[test]))
    sounds = heard(place)
    filters, constant = dictionary(sounds[:120])
    x = np.stack([texture(s, filters, constant) for s in sounds]).astype(np.float16)
    fine = trial("texture", lambda at, w, test: kernel.Kernel(x, at, target, w, .2, 160).of(x[test]))
    for share in (.15, .3, .45):
        show("the kernel and %.2f of texture" % share, plain + share * fine, plain)


if __name__ == "__main__":
    main()
